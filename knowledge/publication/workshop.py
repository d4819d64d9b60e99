"""Where changes of knowledge files are tried, published and undone.

What is published is what stands in `var/published`, a copy of the files as they were when they were last published: so
that an edit of the files themselves is a change like any other.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge import golden, index
from knowledge.checker import check
from knowledge.documents import document_paths, examine
from knowledge.findings import Finding, KnowledgeError, finding, has_errors
from knowledge.golden import Expect, Judge, Outcome
from knowledge.index import Index
from knowledge.passages import Passage, cut
from knowledge.publication import journal
from knowledge.publication.changes import Change, different, digest, drafted, put, read, texts, writable
from knowledge.publication.differences import SectionChange, hotline_changes, section_changes, stale_sections
from knowledge.publication.history import FILES, History, Version
from knowledge.questions import read_questions, with_questions
from nlu.encoder.encoder import Encoder

Files = Mapping[str, tuple[str | None, str | None]]
Judging = Callable[[Path], Judge]
"""How urgent texts are with the examples of a knowledge folder."""
TIMES = 3


@dataclass
class Proposal:
    """What changes would do. `files` maps each path that would differ to its text before and after.

    `generation` is the index that was built for it, None where the files cannot be read.
    """

    changes: list[Change]
    files: Files = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sections: list[SectionChange] = field(default_factory=list)
    stale: list[tuple[str, str]] = field(default_factory=list)
    hotlines: list[tuple[str, str]] = field(default_factory=list)
    golden: list[Outcome] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    generation: str | None = None

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.golden if not outcome.passed]

    @property
    def sound(self) -> bool:
        """Whether the files can be read, and nobody else changed them meanwhile."""
        return not has_errors(self.findings) and not self.conflicts

    @property
    def publishable(self) -> bool:
        return self.sound and not self.failed


class Refused(KnowledgeError):
    """It may not be published; `proposal` says why."""

    def __init__(self, proposal: Proposal):
        super().__init__(proposal.findings)
        self.proposal = proposal


class Workshop:
    """`folder` is the knowledge folder, `var` holds the index. A publication that was cut off is carried on here.

    Without `encoder` changes can be looked at, but not published; without `judging` urgent cases are not tried.
    `expect` is what the golden questions are asked with.
    """

    def __init__(
        self,
        folder: Path,
        var: Path,
        encoder: Encoder | None,
        history: History,
        judging: Judging | None = None,
        expect: Expect | None = None,
    ):
        self.folder, self.var, self.encoder, self.past = folder, var, encoder, history
        self.judging, self.expect = judging, expect
        self.published, self.index = var / journal.PUBLISHED, var / journal.INDEX
        self.refused: Proposal | None = None
        self._known: tuple[str, Index] | None = None
        with journal.alone(var):
            journal.carry_on(folder, var, history)
            if not self.published.is_dir():
                put(self.published, texts(folder))

    def propose(self, changes: Iterable[Change] = (), today: date | None = None) -> Proposal:
        """What the changes would do, with what was edited in the files; the published ones are not touched."""
        with journal.alone(self.var):
            return self._propose(list(changes), today)

    def publish(self, changes: Iterable[Change], who: str, why: str) -> Version:
        """Publish the changes, with what was edited in the files. Raises Refused."""
        with journal.alone(self.var):
            return self._publish(list(changes), who, why)

    def take_in(self) -> Proposal | None:
        """Publish what was edited in the files, if anything was; the proposal of it, which may have been refused."""
        if not different(texts(self.published), texts(self.folder)):
            self.refused = None
            return None
        with journal.alone(self.var):
            if not different(texts(self.published), texts(self.folder)):
                return None
            proposal = self._propose([])
            self.refused = None if proposal.publishable else proposal
            if proposal.publishable:
                self._publish([], FILES, "")
            return proposal

    def undo(self, id: str, who: str, why: str = "") -> Version:
        """Put back what stood before a version; golden questions that it fails do not keep it back.

        Without a reason, that of the version stands after an arrow.

        Raises KeyError, and Refused where a file was changed again since.
        """
        version = self.past.get(id)
        if version is None:
            raise KeyError(id)
        changes = [Change(path, before, digest(after)) for path, (before, after) in version.files.items()]
        with journal.alone(self.var):
            return self._publish(changes, who, why or f"↶ {version.why or id}", undoing=True)

    def build(self) -> Path:
        """Build the index from the files as they are and call them published. Raises KnowledgeError."""
        if self.encoder is None:
            raise RuntimeError("no encoder")
        with journal.alone(self.var):
            generation = index.build(_passages(self.folder), self.encoder, self.index)
            after = texts(self.folder)
            put(self.published, {path: after.get(path) for path in different(texts(self.published), after)})
            return generation

    def history(self) -> list[Version]:
        """The newest first."""
        return self.past.all()

    def content(self, id: str) -> Files:
        version = self.past.get(id)
        return version.files if version else {}

    def drafted_index(self, draft: Path) -> Index | None:
        """The index of a folder, built beside the published one; None without an encoder."""
        if self.encoder is None:
            return None
        with journal.alone(self.var):
            return index.load(self.index, self._stage(draft))

    def _propose(self, changes: list[Change], today: date | None = None, asking: bool = True) -> Proposal:
        """`asking`: with the golden questions."""
        proposal = Proposal(changes)
        proposal.conflicts = [c.path for c in changes if digest(read(self.folder, c.path)) != c.base]
        with drafted(self.folder, changes) as draft:
            proposal.files = different(texts(self.published), texts(draft))
            findings = check(draft, today)
            proposal.findings = [_at(f, draft, self.folder) for f in findings]
            proposal.sections = list(section_changes(self.published, draft, proposal.files))
            proposal.stale = stale_sections(findings, draft)
            proposal.hotlines = list(hotline_changes(self.published, draft))
            if self.encoder and not has_errors(findings):
                proposal.generation = self._stage(draft)
                proposal.golden = list(self._outcomes(draft, proposal.generation)) if asking else []
        return proposal

    def _publish(self, changes: list[Change], who: str, why: str, undoing: bool = False) -> Version:
        if self.encoder is None:
            raise RuntimeError("no encoder")
        for _ in range(TIMES):
            standing = texts(self.folder)
            proposal = self._propose(changes, asking=not undoing)
            allowed = proposal.sound if undoing else proposal.publishable
            if not allowed or not proposal.files:
                raise Refused(proposal)
            if texts(self.folder) == standing:
                break
        if locked := [path for path in proposal.files if not writable(self.folder / path)]:
            proposal.findings += [finding("file_locked", self.folder / path, 0) for path in locked]
            raise Refused(proposal)
        at = datetime.now(UTC).replace(tzinfo=None)
        version = Version(f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", at, who, why, proposal.files)
        journal.enter(self.var, journal.Entry(version, proposal.generation))
        journal.carry_on(self.folder, self.var, self.past)
        return version

    def _stage(self, draft: Path) -> str:
        """Build the index of a folder beside the published one; what nobody published before goes."""
        assert self.encoder
        name = index.stage(_passages(draft), self.encoder, self.index)
        index.prune(self.index, {name, index.current(self.index)})
        return name

    def _outcomes(self, draft: Path, generation: str) -> Iterator[Outcome]:
        assert self.encoder
        questions = golden.read_golden(draft / golden.NAME)
        if any(question.sections for question in questions):
            new, old = index.load(self.index, generation), self._current()
            yield from (golden.ask_sections(q, new, old, self.encoder, self.expect) for q in questions if q.sections)
        if self.judging and any(question.urgent for question in questions):
            after, before = self.judging(draft), self.judging(self.published)
            yield from (golden.ask_urgency(q, after, before) for q in questions if q.urgent)

    def _current(self) -> Index | None:
        name = index.current(self.index)
        if name and (self._known is None or self._known[0] != name):
            self._known = (name, index.load(self.index, name))
        return self._known[1] if name and self._known else None


def _passages(folder: Path) -> list[Passage]:
    documents = (document for path in document_paths(folder / "documents") if (document := examine(path)[0]))
    return with_questions(cut(documents), read_questions(folder))


def _at(found: Finding, draft: Path, folder: Path) -> Finding:
    return found.at(folder / found.path.relative_to(draft)) if found.path.is_relative_to(draft) else found
