"""The documents as the console lists and shows them: languages, states, translations that no longer fit."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from bot.staff import drafts, sheets
from bot.staff.drafts import Standing
from bot.staff.models import DraftRow
from knowledge.documents import Document, Section, examine
from knowledge.publication import Version

ORIGINAL = "original"
LOWEST = 6


@dataclass(frozen=True)
class Shelved:
    """One language of a document. `stale` are the ids of sections that no longer fit the original; `missing` lack."""

    document: str
    language: str
    title: str
    status: str
    stale: tuple[str, ...]
    missing: tuple[str, ...]
    draft: DraftRow | None
    last: Version | None

    @property
    def path(self) -> str:
        return f"documents/{self.document}/{self.language}.md"


def document(text: str, path: Path) -> Document | None:
    """A text as the document that it would be at `path`."""
    with tempfile.TemporaryDirectory(prefix="yanapay-sheet-") as place:
        file = Path(place, path.parent.name, path.name)
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
        return examine(file)[0]


def paths(folder: Path, rows: list[DraftRow]) -> list[str]:
    files = {f"documents/{p.parent.name}/{p.name}" for p in (folder / "documents").glob("*/*.md")}
    return sorted(p for p in files | {row.path for row in rows} if p.startswith("documents/") and drafts.allowed(p))


def shelf(session: Session, folder: Path, history: list[Version]) -> list[Shelved]:
    """Every document as it stands with the drafts, the original first."""
    found = []
    standings = [drafts.standing(session, folder, path) for path in paths(folder, drafts.listed(session))]
    read = {s.path: document(s.text, Path(s.path)) for s in standings if s.text is not None}
    originals = {d.id: d for d in read.values() if d and d.status == ORIGINAL}
    for standing in standings:
        one = read.get(standing.path)
        _, name, file = standing.path.split("/")
        stale, missing = lacks(originals.get(name), one) if one else ((), ())
        last = next((v for v in history if standing.path in v.files), None)
        found.append(
            Shelved(
                name,
                file.removesuffix(".md"),
                one.title if one else "",
                one.status if one else "deleted",
                stale,
                missing,
                standing.draft,
                last,
            )
        )
    return sorted(found, key=lambda s: (s.document, s.status != ORIGINAL, s.language))


def sections(session: Session, folder: Path) -> dict[str, str]:
    """The titles of all sections by their ids, as the originals stand with the drafts."""
    standings = [drafts.standing(session, folder, path) for path in paths(folder, drafts.listed(session))]
    read = [document(s.text, Path(s.path)) for s in standings if s.text is not None]
    return {section.id: section.title for d in read if d and d.status == ORIGINAL for section in d.sections}


def lacks(original: Document | None, translation: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of stale sections and of missing ones."""
    if original is None or translation.status == ORIGINAL or original.id != translation.id:
        return (), ()
    own = {s.id: s for s in translation.sections}
    stale = tuple(s.id for s in original.sections if s.id in own and own[s.id].source != s.digest)
    return stale, tuple(s.id for s in original.sections if s.id not in own)


def original_of(session: Session, folder: Path, name: str, language: str) -> tuple[Standing, Document] | None:
    """The original beside a translation, with its draft, if there is one; None for the original itself."""
    for path in paths(folder, drafts.listed(session)):
        _, id, file = path.split("/")
        if id != name or file == f"{language}.md":
            continue
        standing = drafts.standing(session, folder, path)
        one = document(standing.text, Path(path)) if standing.text is not None else None
        if one and one.status == ORIGINAL:
            return standing, one
    return None


def as_translated(history: list[Version], published: str | None, path: str, id: str, digest: str | None) -> str | None:
    """The text of an original's section that a translation was made from, from the history; None where it is lost."""
    texts = [published, *(text for v in history if path in v.files for text in v.files[path])]
    for text in texts:
        one = document(text, Path(path)) if text else None
        section = one.section(id) if one else None
        if section and section.digest == digest:
            return section_text(section)
    return None


def section_text(section: Section) -> str:
    return "\n\n".join(p.text for p in section.paragraphs)


def blank(title: str, language: str, status: str, body: str = "") -> str:
    """A new file's text; front matter that it already has is kept where it can be.

    A part, which has no text, that has text becomes a section, and what is under it goes one level down with it. A
    heading without text that only stands above others becomes a part.
    """
    sheet = sheets.read(body)
    fields = {"title": title, "source": "", "date": "", "language": language, "permission": "", "status": status}
    kept = {**fields, **{k: v for k, v in sheet.fields.items() if v}, "reviewed_by": "", "reviewed_on": ""}
    kept.update(title=title, language=language, status=status)
    lower = 0
    for block in sheet.blocks:
        if block.level == 1:
            lower = int(bool(block.body))
        block.level = min(block.level + lower, LOWEST)
        block.title = block.title or title
    return sheets.write(sheets.Sheet(kept, _grouped(sheet.blocks) or [sheets.Block(2, title)]))


def _grouped(blocks: list[sheets.Block]) -> list[sheets.Block]:
    """Headings without text as parts; several in a row as one, since a part has sections under it."""
    kept: list[sheets.Block] = []
    for number, block in enumerate(blocks):
        under = blocks[number + 1].level if number + 1 < len(blocks) else 0
        if not block.body and under > block.level:
            block.level, block.id = 1, ""
            if kept and kept[-1].level == 1:
                kept[-1].title += f": {block.title}"
                continue
        kept.append(block)
    return kept
