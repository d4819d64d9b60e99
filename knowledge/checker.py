"""The strict check of everything that staff edit, before it is published: documents, translations, help lines,
golden questions, questions that people ask, urgent examples.

It only looks; the one thing that it ever writes is the digest of the original in a translation's headings (`stamp`).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from knowledge import figures
from knowledge.documents import PENDING, Document, Paragraph, Section, document_paths, examine, parse_date
from knowledge.files import read_text, write
from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.golden import NAME as GOLDEN
from knowledge.golden import check_golden
from knowledge.hotline_checker import check_hotlines
from knowledge.hotlines import load
from knowledge.passages import cut
from knowledge.questions import check_questions
from knowledge.urgent import check_examples

FOLDER = Path(__file__).parent
DOCUMENTS = "documents"
HOTLINES = "hotlines.yml"
LONG_PARAGRAPH = 2500
TAG = re.compile(r"</?[a-z][a-z0-9-]*(?=[\s/>]|$)|<!--|<!doctype|javascript:|&#?\w+;", re.IGNORECASE)
INVISIBLE = ("Cc", "Cf", "Co", "Cn")
REPLACEMENT = "\ufffd"
DOCUMENT_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
PENDING_HEADING = re.compile(rf"(?m)^(#{{2,6}}[^\n]*\{{\s*#(?P<id>[^\s}}]+)\s+source=){PENDING}(?=\s*\}}\s*#*\s*$)")


def check(folder: Path = FOLDER, today: date | None = None) -> list[Finding]:
    """All findings for `folder`, which holds `documents/`, `hotlines.yml` and, if anybody
    wrote them, `golden.yml`, `questions/` and `urgent/`, in the order of path and line.

    `today` decides what has expired; without it, the clock. Raises nothing for what is wrong in a file.
    """
    folder, today = Path(folder), today or date.today()
    findings: list[Finding] = list(_strays(folder / DOCUMENTS))
    grouped: dict[str, list[Document]] = defaultdict(list)
    paths = document_paths(folder / DOCUMENTS)
    if not paths:
        findings.append(finding("no_documents", folder / DOCUMENTS, 0))
    for path in paths:
        document, faults = examine(path)
        findings += faults
        if document is not None:
            grouped[document.id].append(document)
            text = read_text(path)
            findings += _text_faults(path, text)
            findings += _document_faults(document, text, today)
    hotlines = folder / HOTLINES
    phones = _phones(hotlines)
    for documents in grouped.values():
        findings += _language_faults(documents, phones)
    languages = sorted({document.language for documents in grouped.values() for document in documents})
    findings += check_hotlines(hotlines, today, languages)
    if hotlines.is_file():
        findings += _text_faults(hotlines, hotlines.read_text("utf-8-sig", errors="replace"))
    originals = [d for documents in grouped.values() for d in documents if d.status == "original"]
    findings += check_golden(folder / GOLDEN, {s.id for d in originals for s in d.sections})
    findings += check_questions(folder, cut(originals))
    findings += check_examples(folder)
    return sorted(findings, key=lambda f: (str(f.path), f.line))


def stamp(folder: Path = FOLDER) -> list[Path]:
    """Replace `source=pending` in every translation's headings by the digest of the original section as it is now.

    Says, in effect, that somebody has compared the two. Nothing else in a file changes. Returns the files changed.
    Raises KnowledgeError where an original has faults.
    """
    examined = [examine(path) for path in document_paths(Path(folder) / DOCUMENTS)]
    originals = {d.id: (d, f) for d, f in examined if d is not None and d.status == "original"}
    changed = []
    for document, _ in examined:
        if document is None or document.status == "original" or document.id not in originals:
            continue
        original, faults = originals[document.id]
        if errors := [f for f in faults if f.severity == "error"]:
            raise KnowledgeError(errors)
        if _stamp(document.path, {section.id: section.digest for section in original.sections}):
            changed.append(document.path)
    return changed


def _stamp(path: Path, digests: dict[str, str]) -> bool:
    before = path.read_bytes().decode("utf-8")
    after = PENDING_HEADING.sub(lambda m: m[1] + digests.get(m["id"], PENDING), before)
    if after == before:
        return False
    write(path, after)
    return True


def _strays(folder: Path) -> Iterator[Finding]:
    """Files that nobody reads, such as an `es.docx` beside `es.md`, and folders with a name of the wrong form."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if any(part.startswith((".", "~")) for part in path.relative_to(folder).parts):
            continue
        depth = len(path.relative_to(folder).parts)
        if path.is_dir() and depth == 1 and not DOCUMENT_ID.fullmatch(path.name):
            yield finding("document_id", path, 0, name=path.name)
        elif path.is_file() and (depth != 2 or path.suffix != ".md"):
            yield finding("file_stray", path, 0, name=path.name)


def _text_faults(path: Path, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        for tag in TAG.findall(line):
            yield finding("html", path, number, tag=tag)
        for character in dict.fromkeys(line):
            if character == REPLACEMENT or (character != "\t" and unicodedata.category(character) in INVISIBLE):
                yield finding("control_character", path, number, code=f"U+{ord(character):04X}")


def _document_faults(document: Document, text: str, today: date) -> Iterator[Finding]:
    lines = text.split("\n")
    for field, day in (("reviewed_on", document.reviewed_on), ("date", parse_date(document.date))):
        if day is not None and day > today:
            line = next((i for i, written in enumerate(lines, 1) if written.startswith(f"{field}:")), 1)
            yield finding("date_future", document.path, line, field=field, value=day)
    for section in document.sections:
        for paragraph in section.paragraphs:
            if len(paragraph.text) > LONG_PARAGRAPH:
                yield finding(
                    "paragraph_long", document.path, paragraph.line, length=len(paragraph.text), limit=LONG_PARAGRAPH
                )
        if document.status == "original" and section.source is not None:
            yield finding("source_in_original", document.path, section.line, id=section.id)


def _language_faults(documents: list[Document], phones: frozenset[str]) -> Iterator[Finding]:
    originals = [d for d in documents if d.status == "original"]
    if len(originals) != 1:
        for document in originals[1:]:
            yield finding("originals_many", document.path, 1, other=originals[0].path.name)
        if not originals:
            yield finding("original_missing", documents[0].path.parent, 0, id=documents[0].id)
        return
    for document in documents:
        if document is not originals[0]:
            yield from _translation_faults(originals[0], document, phones)


def _translation_faults(original: Document, translation: Document, phones: frozenset[str]) -> Iterator[Finding]:
    path, file = translation.path, original.path.name
    line = 1
    for section in original.sections:
        if (translated := translation.section(section.id)) is not None:
            line = translated.line
        elif section.id:
            yield finding("section_missing", path, line, id=section.id, title=section.title, file=file)
    order = {section.id: i for i, section in enumerate(original.sections)}
    parts, own_parts = _part_numbers(original), _part_numbers(translation)
    last = -1
    for section in translation.sections:
        source = original.section(section.id) if section.id else None
        if source is None:
            if section.id:
                yield finding("section_unknown", path, section.line, id=section.id, file=file)
            continue
        if order[section.id] < last:
            yield finding("section_order", path, section.line, id=section.id, file=file)
        last = max(last, order[section.id])
        if parts[section.id] != own_parts[section.id]:
            yield finding("part_differs", path, section.line, id=section.id, part=source.part or "—", file=file)
        yield from _section_faults(path, source, section, phones)


def _section_faults(path: Path, original: Section, section: Section, phones: frozenset[str]) -> Iterator[Finding]:
    values = {"id": section.id, "digest": original.digest}
    if section.source in (None, PENDING):
        yield finding("source_pending", path, section.line, **values)
    elif section.source != original.digest:
        yield finding("translation_stale", path, section.line, **values)
    counts = {"count": len(section.paragraphs), "expected": len(original.paragraphs)}
    if counts["count"] != counts["expected"]:
        if section.paragraphs:
            yield finding("paragraph_count", path, section.line, id=section.id, **counts)
        return
    for source, paragraph in zip(original.paragraphs, section.paragraphs, strict=True):
        yield from _paragraph_faults(path, source, paragraph, phones)


def _paragraph_faults(
    path: Path, original: Paragraph, paragraph: Paragraph, known: frozenset[str]
) -> Iterator[Finding]:
    line = paragraph.line
    if len(original.sentences) != len(paragraph.sentences):
        counts = {"count": len(paragraph.sentences), "expected": len(original.sentences)}
        yield finding("sentence_count", path, line, **counts)
    ours, theirs = figures.addresses(paragraph.text), figures.addresses(original.text)
    for address in sorted(theirs - ours):
        yield finding("address_missing", path, line, address=address)
    for address in sorted(ours - theirs):
        yield finding("address_added", path, line, address=address)
    lost = figures.phones(original.text, known) - figures.phones(paragraph.text, known)
    for phone in sorted(lost):
        yield finding("phone_missing", path, line, phone=phone)
    for phone in sorted(figures.phones(paragraph.text) - figures.phones(original.text)):
        yield finding("phone_added", path, line, phone=phone)
    for number in dict.fromkeys(figures.missing(original.text, paragraph.text)):
        if re.sub(r"\D", "", number) not in lost:
            yield finding("number_missing", path, line, number=number)


def _part_numbers(document: Document) -> dict[str, int]:
    """For each section, how many level-1 titles with sections stand before it."""
    numbers: dict[str, int] = {}
    count, last = 0, None
    for section in document.sections:
        if section.part != last:
            count, last = count + 1, section.part
        numbers[section.id] = count
    return numbers


def _phones(path: Path) -> frozenset[str]:
    try:
        entries: Iterable[tuple[int, dict]] = load(path)[1]
    except KnowledgeError:
        return frozenset()
    return frozenset(str(entry.get("phone")) for _, entry in entries if entry.get("phone"))
