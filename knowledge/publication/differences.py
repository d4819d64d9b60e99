"""What a change of knowledge files changes, for people to read: sections, numbers, help lines, translations."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge import figures
from knowledge.documents import examine
from knowledge.findings import Finding, KnowledgeError
from knowledge.hotlines import Hotline, read_hotlines

STALE = ("source_pending", "translation_stale")


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


def section_changes(before: Path, after: Path, paths: Iterable[str]) -> Iterator[SectionChange]:
    """Of two knowledge folders, the sections of documents that differ."""
    for path in paths:
        if not path.startswith("documents/"):
            continue
        old, new = (_sections(folder / path) for folder in (before, after))
        for id in dict.fromkeys([*old, *new]):
            (old_title, was), (title, now) = old.get(id, ("", "")), new.get(id, ("", ""))
            if (old_title, was) == (title, now):
                continue
            kind = "added" if id not in old else "removed" if id not in new else "changed"
            yield SectionChange(path, id, title or old_title, kind, was, now, _numbers(was, now))


def hotline_changes(before: Path, after: Path) -> Iterator[tuple[str, str]]:
    """The ids of help lines that differ between two folders, each with added, removed or changed."""
    old, new = (_hotlines(folder / "hotlines.yml") for folder in (before, after))
    if old is None or new is None:
        return
    for id in dict.fromkeys([*old, *new]):
        if old.get(id) != new.get(id):
            yield id, "added" if id not in old else "removed" if id not in new else "changed"


def stale_sections(findings: Iterable[Finding], folder: Path) -> list[tuple[str, str]]:
    """The translated sections that no longer fit the original: path and id."""
    stale = [f for f in findings if f.code in STALE]
    return sorted((f.path.relative_to(folder).as_posix(), str(f.values.get("id", ""))) for f in stale)


def _sections(path: Path) -> dict[str, tuple[str, str]]:
    document = examine(path)[0] if path.is_file() else None
    found = document.sections if document else ()
    return {s.id: (s.title, "\n\n".join(p.text for p in s.paragraphs)) for s in found}


def _hotlines(path: Path) -> dict[str, Hotline] | None:
    try:
        return {line.id: line for line in read_hotlines(path)}
    except KnowledgeError:
        return None


def _numbers(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old, new = (Counter(number for number, _ in figures.numbers(text)) for text in (before, after))
    return tuple((old - new).elements()), tuple((new - old).elements())
