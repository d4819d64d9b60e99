"""Proposing and publishing changes of knowledge files: the plain stand-in for `knowledge.publication`.

It has the names that the console calls. It checks, compares, tries golden questions on the draft and publishes. What
stood before is noted in `var` until a publication is whole: one that was cut off is taken back at the next start.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import yaml

from knowledge import figures, index
from knowledge.checker import check
from knowledge.documents import Document, document_paths, examine
from knowledge.findings import Finding, KnowledgeError, finding, has_errors
from knowledge.hotlines import read_hotlines
from knowledge.index import Index
from knowledge.passages import cut
from knowledge.search import answering, search

GOLDEN = "golden.yml"
PARTS = ("documents", "urgent")
FILES = ("hotlines.yml", GOLDEN)
Judge = Callable[[str, str], str]


@dataclass(frozen=True)
class Change:
    """`path` is relative to the knowledge folder; `text` None deletes; `base` is the sha256 of what it came from."""

    path: str
    text: str | None
    base: str | None


@dataclass(frozen=True)
class SectionChange:
    """`kind` is added, removed or changed; `numbers` are those that only one side has: (before, after)."""

    path: str
    section: str
    title: str
    kind: str
    before: str
    after: str
    numbers: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True)
class Outcome:
    """A golden question or urgent case tried on the draft. `wanted` and `got` are sections or yes, maybe, no."""

    question: str
    language: str
    wanted: tuple[str, ...]
    got: str
    before: str
    passed: bool
    urgent: bool = False
    shown: str = ""
    shown_before: str = ""
    lacks: str = ""

    @property
    def differs(self) -> bool:
        return self.shown != self.shown_before


@dataclass
class Proposal:
    changes: list[Change]
    findings: list[Finding] = field(default_factory=list)
    sections: list[SectionChange] = field(default_factory=list)
    stale: list[tuple[str, str]] = field(default_factory=list)
    hotlines: list[tuple[str, str]] = field(default_factory=list)
    golden: list[Outcome] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    @property
    def publishable(self) -> bool:
        return not (has_errors(self.findings) or self.conflicts or any(not o.passed for o in self.golden))


@dataclass(frozen=True)
class Version:
    """`files` maps each path to its text before and after."""

    id: str
    at: datetime
    who: str
    why: str
    files: Mapping[str, tuple[str | None, str | None]]


class History(Protocol):
    def add(self, version: Version) -> None: ...
    def all(self) -> list[Version]: ...
    def get(self, id: str) -> Version | None: ...


class Workshop:
    """`judge(text, language)` is how urgent a text is: yes, maybe or no; `routed` the section that answers it."""

    def __init__(self, folder: Path, var: Path, encoder: Any, history: History, judge: Judge | None = None):
        self.folder, self.var, self.encoder, self.past, self.judge = folder, var, encoder, history, judge
        self.publishing = threading.Lock()
        self.journal = var / "publication.json"
        if self.journal.is_file():
            self._take_back()

    def propose(self, changes: Iterable[Change], today: Any = None) -> Proposal:
        """What the changes would do; the published files are not touched."""
        proposal = Proposal(list(changes))
        proposal.conflicts = [c.path for c in proposal.changes if _digest(self.read(c.path)) != c.base]
        with self.drafted(proposal.changes) as draft:
            findings = check(draft, today)
            proposal.findings = [_at(f, draft, self.folder) for f in findings]
            proposal.sections = list(_section_changes(self.folder, draft, proposal.changes))
            proposal.stale = sorted(
                (str(f.path.relative_to(draft)), str(f.values.get("id", "")))
                for f in findings
                if "stale" in f.code or f.code in ("source_pending", "source_differs", "translation_stale")
            )
            proposal.hotlines = list(_hotline_changes(self.folder, draft))
            if not has_errors(findings):
                proposal.golden = self._tried(draft)
        return proposal

    def publish(self, proposal: Proposal, who: str, why: str) -> Version:
        """Raises KnowledgeError where it may not be published any more."""
        with self.publishing:
            return self._publish(proposal, who, why)

    def _publish(self, proposal: Proposal, who: str, why: str) -> Version:
        fresh = self.propose(proposal.changes)
        if not fresh.publishable:
            raise KnowledgeError(fresh.findings)
        files = {c.path: (self.read(c.path), c.text) for c in fresh.changes}
        version = Version(_new_id(), datetime.now(UTC).replace(tzinfo=None), who, why, files)
        note = {"id": version.id, "files": {path: before for path, (before, _) in files.items()}}
        self._write(self.journal, json.dumps(note))
        try:
            self._put({path: after for path, (_, after) in files.items()})
            self.build()
        except BaseException:
            self._put({path: before for path, (before, _) in files.items()})
            self.journal.unlink()
            raise
        self.past.add(version)
        self.journal.unlink()
        return version

    def undo(self, id: str, who: str, why: str) -> Version:
        """Put back what stood before a version. Raises KnowledgeError where a file was changed again since."""
        version = self.past.get(id)
        if version is None:
            raise KeyError(id)
        changes = [Change(path, before, _digest(after)) for path, (before, after) in version.files.items()]
        proposal = self.propose(changes)
        if proposal.conflicts:
            raise KnowledgeError([])
        return self.publish(proposal, who, why)

    def history(self) -> list[Version]:
        return self.past.all()

    def content(self, id: str) -> Mapping[str, tuple[str | None, str | None]]:
        version = self.past.get(id)
        return version.files if version else {}

    def read(self, path: str) -> str | None:
        try:
            return (self.folder / path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return None

    def build(self) -> None:
        documents = [d for p in document_paths(self.folder / "documents") if (d := examine(p)[0])]
        index.build(cut(documents), self.encoder, self.var / "index")

    def drafted(self, changes: Iterable[Change]) -> "Drafted":
        """A temporary folder with the knowledge as it would be, for a `with`."""
        return Drafted(self.folder, list(changes))

    def draft_index(self, draft: Path) -> Index:
        """The index of a folder, built beside the published one; unchanged texts keep their vectors."""
        with tempfile.TemporaryDirectory(prefix="yanapay-index-") as place:
            if (self.var / "index").is_dir():
                shutil.copytree(self.var / "index", place, dirs_exist_ok=True)
            documents = [d for p in document_paths(draft / "documents") if (d := examine(p)[0])]
            index.build(cut(documents), self.encoder, Path(place))
            return index.load(Path(place))

    def _tried(self, draft: Path) -> list[Outcome]:
        rows = golden_rows((draft / GOLDEN).read_text("utf-8")) if (draft / GOLDEN).is_file() else []
        if not rows or self.encoder is None:
            return []
        new, old = self.draft_index(draft), index.load(self.var / "index")
        return [self._outcome(row, new, old) for row in rows]

    def _outcome(self, row: dict[str, Any], new: Index, old: Index) -> Outcome:
        question, language = str(row.get("question", "")), str(row.get("language", "es"))
        if "urgent" in row:
            got = self.judge(question, language) if self.judge else "?"
            wanted: tuple[str, ...] = (_word(row["urgent"]),)
            return Outcome(question, language, wanted, got, got, got == "?" or got == wanted[0], True)
        sections = row.get("section") or row.get("sections") or []
        wanted = tuple([sections] if isinstance(sections, str) else map(str, sections))
        vector = self.encoder.encode([question])[0]
        found, before = (answering(search(i, question, vector, language, 2)) for i in (new, old))
        shown, shown_before = ("\n\n".join(p.version(language).text for p in ps) for ps in (found, before))
        got, got_before = (", ".join(dict.fromkeys(p.section for p in ps)) for ps in (found, before))
        fact = str(row.get("fact") or "")
        lacks = fact if fact.casefold() not in shown.casefold() else ""
        passed = any(p.section in wanted for p in found) and not lacks
        return Outcome(question, language, wanted, got, got_before, passed, False, shown, shown_before, lacks)

    def _put(self, files: Mapping[str, str | None]) -> None:
        for path, text in files.items():
            place = self.folder / path
            if text is None:
                place.unlink(missing_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            self._write(place, text)

    def _take_back(self) -> None:
        """The files as they were before a publication that did not get into the history."""
        note = json.loads(self.journal.read_text("utf-8"))
        if self.past.get(note["id"]) is None:
            self._put(note["files"])
            if self.encoder is not None:
                self.build()
        self.journal.unlink()

    @staticmethod
    def _write(place: Path, text: str) -> None:
        temporary = place.with_name(f".{place.name}.new")
        with temporary.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)


class Drafted:
    def __init__(self, folder: Path, changes: list[Change]):
        self.folder, self.changes = folder, changes

    def __enter__(self) -> Path:
        self.place = tempfile.TemporaryDirectory(prefix="yanapay-draft-")
        draft = Path(self.place.name)
        for name in PARTS:
            if (self.folder / name).is_dir():
                shutil.copytree(self.folder / name, draft / name)
        for name in FILES:
            if (self.folder / name).is_file():
                shutil.copyfile(self.folder / name, draft / name)
        for change in self.changes:
            place = draft / change.path
            if change.text is None:
                place.unlink(missing_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(change.text.encode())
        return draft

    def __exit__(self, *raised: object) -> None:
        self.place.cleanup()


def golden_rows(text: str) -> list[dict[str, Any]]:
    """The rows of golden.yml. Raises ValueError where it is none."""
    try:
        loaded = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    rows = loaded.get("questions") or [] if isinstance(loaded, dict) else loaded
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("no list of questions")
    return rows


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _new_id() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _at(found: Finding, draft: Path, folder: Path) -> Finding:
    path = folder / found.path.relative_to(draft) if found.path.is_relative_to(draft) else found.path
    try:
        return finding(found.code, path, found.line, **found.values)
    except KeyError:
        return found


def _section_changes(folder: Path, draft: Path, changes: Iterable[Change]) -> Iterable[SectionChange]:
    for change in changes:
        if not change.path.startswith("documents/"):
            continue
        before, after = (_sections(place / change.path) for place in (folder, draft))
        for id in dict.fromkeys([*before, *after]):
            numbers: tuple[tuple[str, ...], tuple[str, ...]]
            (old_title, old), (title, new) = before.get(id, ("", "")), after.get(id, ("", ""))
            if (old_title, old) == (title, new):
                continue
            kind = "added" if id not in before else "removed" if id not in after else "changed"
            mine, other = (Counter(n for n, _ in figures.numbers(t)) for t in (old, new))
            numbers = (tuple((mine - other).elements()), tuple((other - mine).elements()))
            yield SectionChange(change.path, id, title or old_title, kind, old, new, numbers)


def _sections(path: Path) -> dict[str, tuple[str, str]]:
    document: Document | None = examine(path)[0] if path.is_file() else None
    found = document.sections if document else ()
    return {s.id: (s.title, "\n\n".join(p.text for p in s.paragraphs)) for s in found}


def _hotline_changes(folder: Path, draft: Path) -> Iterable[tuple[str, str]]:
    try:
        before, after = ({line.id: line for line in read_hotlines(p / "hotlines.yml")} for p in (folder, draft))
    except KnowledgeError:
        return
    for id in dict.fromkeys([*before, *after]):
        if before.get(id) != after.get(id):
            yield id, "added" if id not in before else "removed" if id not in after else "changed"
