"""Documents as staff write them: Markdown with front matter, cut into sections, paragraphs and sentences.

What is in the file stays as it is; `plain` makes of it what people are shown. Judging a translation is the checker's
work. Files are `documents/<document>/<language>.md`; their form is in docs/knowledge.md.
"""

import datetime
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import yaml

from knowledge import sentences, tables
from knowledge.files import read_text
from knowledge.findings import Finding, KnowledgeError, finding, has_errors

REQUIRED = ("title", "source", "date", "language", "permission", "status")
OTHER_NAMES = frozenset({"licence", "license"})
FIELDS = (*REQUIRED, "reviewed_by", "reviewed_on")
STATUSES = ("original", "draft", "reviewed")
PENDING = "pending"
DIGEST_LENGTH = 12
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
LANGUAGE = re.compile(r"[a-z]{2,3}")
SECTION_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
HASH = re.compile(rf"[0-9a-f]{{{DIGEST_LENGTH}}}|{PENDING}")
HEADING = re.compile(r"(?P<marks>#{1,6})(?P<space>\s*)(?P<title>.*?)\s*(?P<attributes>\{[^{}]*\})?\s*#*\s*")
ATTRIBUTES = re.compile(r"\{\s*#(?P<id>[^\s}]*)(?:\s+source=(?P<source>[^\s}]*))?\s*\}")
UNDERLINE = re.compile(r"(=+|-{3,})\s*")
DIGIT_DATE = re.compile(r"[\d\s./-]+")

Status = Literal["original", "draft", "reviewed"]

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:|tel:)[^\s<>]+|[\w.+-]+@[\w.-]+)>")
_LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(\s*<?([^\s()<>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_EMPHASIS = (
    re.compile(r"(?<!\d)(\*\*\*|\*\*|\*)(?=\S)(.+?)(?<=\S)\1(?!\d)", re.DOTALL),
    re.compile(r"(?<!\w)(___|__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL),
    re.compile(r"(``|`)(.+?)\1", re.DOTALL),
)
_HARD_BREAK = re.compile(r"(?:\\| +)(?=\n)")
_SHIELD = 0xE000


@dataclass(frozen=True)
class Paragraph:
    """`text` is exactly what stands in the file, from `line` on; `sentences` joined are exactly `text`.

    A row of a table is a sentence.
    """

    text: str
    line: int
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading of level 2 or deeper and what stands under it.

    `part` is the title of the level-1 heading above it. `source` is, in a translation, the digest of the original
    section that was translated, or "pending".
    """

    id: str
    title: str
    part: str | None
    paragraphs: tuple[Paragraph, ...]
    line: int
    source: str | None = None

    @property
    def digest(self) -> str:
        """12 hex digits of the title and the paragraphs; white space and Unicode forms do not change it."""
        texts = (self.title, *(p.text for p in self.paragraphs))
        normal = "\n\n".join(unicodedata.normalize("NFC", " ".join(text.split())) for text in texts)
        return hashlib.sha256(normal.encode()).hexdigest()[:DIGEST_LENGTH]


@dataclass(frozen=True)
class Document:
    """One language of one document. `id` is its folder's name; `date` is as written, since not all are dated."""

    id: str
    language: str
    title: str
    source: str
    date: str
    permission: str
    status: Status
    reviewed_by: str | None
    reviewed_on: datetime.date | None
    path: Path
    sections: tuple[Section, ...]

    def section(self, id: str) -> Section | None:
        return next((s for s in self.sections if s.id == id), None)


def read_document(path: Path) -> Document:
    """The document in `path`. Raises KnowledgeError, with every fault of its form, where it has any."""
    document, findings = examine(Path(path))
    if document is None or has_errors(findings):
        raise KnowledgeError(findings)
    return document


def read_folder(folder: Path) -> list[Document]:
    """All documents of `folder`, which holds `<document>/<language>.md`, in the order of their paths.

    Raises KnowledgeError with the faults of all files together.
    """
    examined = [examine(path) for path in document_paths(folder)]
    findings = [f for _, faults in examined for f in faults]
    if has_errors(findings):
        raise KnowledgeError(findings)
    return [document for document, _ in examined if document is not None]


def document_paths(folder: Path) -> list[Path]:
    return sorted(path for path in Path(folder).glob("*/*.md") if not path.name.startswith((".", "~")))


def examine(path: Path) -> tuple[Document | None, list[Finding]]:
    """As much of the document as can be understood, and every fault of its form; None where nothing can be read."""
    try:
        lines = read_text(path).split("\n")
    except KnowledgeError as error:
        return None, error.findings
    fields, start, findings = _front_matter(path, lines)
    sections, faults = _sections(path, lines, start)
    status = fields["status"] if fields.get("status") in STATUSES else "draft"
    document = Document(
        id=path.parent.name,
        language=fields.get("language", path.stem),
        title=fields.get("title", ""),
        source=fields.get("source", ""),
        date=fields.get("date", ""),
        permission=fields.get("permission", ""),
        status=cast(Status, status),
        reviewed_by=fields.get("reviewed_by") or None,
        reviewed_on=parse_date(fields.get("reviewed_on", "")),
        path=path,
        sections=tuple(sections),
    )
    return document, findings + faults


def plain(text: str) -> str:
    """`text` as people are shown it: without Markdown's escapes, emphasis and brackets around links.

    A link keeps its address, in brackets after its words; a line break stays one; a table is told row by row.
    """
    text = tables.told(text)
    text = _ESCAPE.sub(lambda m: _shield(m[1]), text)
    text = _AUTOLINK.sub(lambda m: _shield(re.sub("^(?:mailto|tel):", "", m[1])), text)
    text = _LINK.sub(_link_words, text)
    text = _ADDRESS.sub(lambda m: _shield(m[0]), text)
    for pattern in _EMPHASIS:
        text = pattern.sub(r"\2", text)
    text = _HARD_BREAK.sub("", text)
    return "".join(chr(ord(c) - _SHIELD) if _SHIELD <= ord(c) < _SHIELD + 128 else c for c in text)


def parse_date(text: str) -> datetime.date | None:
    """The day written as 2026-11-23, or None."""
    try:
        return datetime.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether `text` is a day, a month or a year: 2026-11-23, 2026-11 or 2026."""
    return bool(DATE.fullmatch(text)) and parse_date((text + "-01-01")[:10]) is not None


def _link_words(match: re.Match[str]) -> str:
    picture, words, address = match.groups()
    address = re.sub("^(?:mailto|tel):", "", address)
    if picture:
        return words
    return _shield(address) if words in ("", address) else f"{words} ({_shield(address)})"


def _shield(text: str) -> str:
    return "".join(chr(ord(c) + _SHIELD) if ord(c) < 128 and not c.isalnum() else c for c in text)


def _front_matter(path: Path, lines: list[str]) -> tuple[dict[str, str], int, list[Finding]]:
    """The fields, the index of the first line after them, and their faults."""
    if lines[0].rstrip() != "---":
        return {}, 0, [finding("front_matter_missing", path, 1)]
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return {}, 1, [finding("front_matter_open", path, 1)]
    try:
        loaded = yaml.load("\n".join(lines[1:end]), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return {}, end + 1, [finding("front_matter_unreadable", path, mark.line + 2 if mark else 1)]
    if not isinstance(loaded, dict):
        return {}, end + 1, [finding("front_matter_unreadable", path, 2)]
    for name in OTHER_NAMES.intersection(loaded):
        loaded.setdefault("permission", loaded.pop(name))
    fields = {key: value.strip() for key, value in loaded.items() if isinstance(key, str) and isinstance(value, str)}
    return fields, end + 1, _field_faults(path, lines[:end], loaded, fields)


def _field_faults(path: Path, lines: list[str], loaded: dict, fields: dict[str, str]) -> list[Finding]:
    findings = []

    def line_of(key: str) -> int:
        return next((i for i, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)

    def fault(code: str, key: str, **values: object) -> None:
        findings.append(finding(code, path, line_of(key), field=key, value=fields.get(key, ""), **values))

    for key in loaded:
        if key not in FIELDS:
            fault("field_unknown", str(key), known=", ".join(FIELDS))
        elif key not in fields:
            fault("field_not_text", key)
        elif sum(line.startswith(f"{key}:") for line in lines) > 1:
            fault("field_twice", key)
    for key in REQUIRED:
        if not fields.get(key) and (key in fields or key not in loaded):
            fault("field_missing", key)
    status, language, written, reviewed_on = (fields.get(k, "") for k in ("status", "language", "date", "reviewed_on"))
    if status and status not in STATUSES:
        fault("status_unknown", "status")
    if language and not LANGUAGE.fullmatch(language):
        fault("language_code", "language")
    elif language and language != path.stem:
        fault("language_differs", "language", file=path.name)
    if written and DIGIT_DATE.fullmatch(written) and not is_date(written):
        fault("date_wrong", "date")
    if reviewed_on and parse_date(reviewed_on) is None:
        fault("date_wrong", "reviewed_on")
    if status == "reviewed":
        for key in ("reviewed_by", "reviewed_on"):
            if not fields.get(key):
                fault("review_unsigned", "status", missing=key)
    return findings


def _sections(path: Path, lines: list[str], start: int) -> tuple[list[Section], list[Finding]]:
    headings = [(i, match) for i in range(start, len(lines)) if (match := HEADING.fullmatch(lines[i]))]
    ends = [*(i for i, _ in headings[1:]), len(lines)]
    sections: list[Section] = []
    findings = [finding("heading_underlined", path, i + 1) for i in range(start, len(lines)) if _underlined(lines[i])]
    if outside := _paragraphs(lines, start, headings[0][0] if headings else len(lines)):
        findings.append(finding("text_outside", path, outside[0].line))
    part = None
    for (number, heading), end in zip(headings, ends, strict=False):
        line, title = number + 1, heading["title"]
        paragraphs = _paragraphs(lines, line, end)
        if not heading["space"]:
            findings.append(finding("heading_space", path, line, heading=lines[number][:40]))
        if len(heading["marks"]) == 1:
            part = title
            if heading["attributes"]:
                findings.append(finding("part_with_id", path, line, title=title))
            if paragraphs:
                findings.append(finding("text_outside", path, paragraphs[0].line))
            if end == len(lines) or not lines[end].startswith("##"):
                findings.append(finding("part_empty", path, line, title=title))
            continue
        id, source, faults = _attributes(path, line, heading, {s.id for s in sections})
        findings += faults
        if not any(plain(paragraph.text).strip() for paragraph in paragraphs):
            findings.append(finding("section_empty", path, line, title=title))
        sections.append(Section(id, title, part, paragraphs, line, source))
    if not sections:
        findings.append(finding("no_sections", path, start + 1))
    return sections, findings


def _underlined(line: str) -> bool:
    return bool(UNDERLINE.fullmatch(line))


def _attributes(
    path: Path, line: int, heading: re.Match[str], taken: set[str]
) -> tuple[str, str | None, list[Finding]]:
    """The id and the source in a heading's braces, and their faults."""
    findings = []
    title = heading["title"]
    if not title:
        findings.append(finding("title_missing", path, line))
    if not heading["attributes"]:
        return "", None, [*findings, finding("id_missing", path, line, title=title)]
    match = ATTRIBUTES.fullmatch(heading["attributes"])
    if match is None:
        return "", None, [*findings, finding("attributes_wrong", path, line, attributes=heading["attributes"])]
    id, source = match["id"], match["source"]
    if not SECTION_ID.fullmatch(id):
        findings.append(finding("id_shape", path, line, id=id))
    elif id in taken:
        findings.append(finding("id_twice", path, line, id=id))
    if source is not None and not HASH.fullmatch(source):
        findings.append(finding("source_shape", path, line, source=source))
    return id, source, findings


def _paragraphs(lines: list[str], start: int, end: int) -> tuple[Paragraph, ...]:
    paragraphs = []
    number = start
    while number < end:
        last = number
        while last < end and lines[last].strip():
            last += 1
        if last > number:
            text = "\n".join(lines[number:last])
            paragraphs.append(Paragraph(text, number + 1, tables.sentences(text, sentences.split)))
        number = last + 1
    return tuple(paragraphs)
