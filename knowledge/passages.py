"""Passages: what the index finds and an answer shows.

A passage is a paragraph of the original; neighbours too short to be understood alone are joined, and one too long to be
read on a phone is cut between sentences. It keeps the words of the original, to be quoted, beside each translation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from knowledge import tables
from knowledge.documents import Document, Paragraph, Section, plain
from knowledge.sentences import split
from knowledge.terms import WORD

FEWEST_WORDS = 20
MOST_WORDS = 260

Status = Literal["original", "draft", "reviewed"]


@dataclass(frozen=True)
class Version:
    """One language of a passage: its section's title, and its text and sentences as people are shown them.

    `markdown` is what the text was made of, where a table is in it.
    """

    language: str
    title: str
    text: str
    status: Status
    sentences: tuple[str, ...] = ()
    markdown: str = ""


@dataclass(frozen=True)
class KnownQuestion:
    """One that a passage answers. `sentence` is the place, from 0, of the original's sentence that does, if any."""

    text: str
    sentence: int | None = None


@dataclass(frozen=True)
class Passage:
    """`quote` is the original, verbatim. `id` is document/section/number, counted from 1."""

    document: str
    section: str
    number: int
    quote: str
    original: str
    versions: dict[str, Version] = field(default_factory=dict)
    questions: tuple[KnownQuestion, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.document}/{self.section}/{self.number}"

    def version(self, language: str) -> Version:
        """In `language` if there is a translation that is not stale, else the original."""
        return self.versions.get(language) or self.versions[self.original]


def cut(documents: Iterable[Document]) -> list[Passage]:
    """The passages of all documents, in reading order. A translation that is stale or misaligned is left out."""
    groups: dict[str, list[Document]] = {}
    for document in documents:
        groups.setdefault(document.id, []).append(document)
    passages: list[Passage] = []
    for group in groups.values():
        original = next((d for d in group if d.status == "original"), group[0])
        for section in original.sections:
            translations = [
                (d, t) for d in group if d is not original and (t := d.section(section.id)) and _fits(t, section)
            ]
            passages += _section_passages(original, section, translations)
    return passages


def _fits(translation: Section, section: Section) -> bool:
    return len(translation.paragraphs) == len(section.paragraphs) and translation.source == section.digest


def _section_passages(
    original: Document, section: Section, translations: list[tuple[Document, Section]]
) -> Iterator[Passage]:
    number = 0
    for first, last in _joined(section):
        total = _sentences(section, first, last)
        for start, end in _pieces(section, first, last):
            quote = _text(section, first, last, start, end, total)
            versions = {
                document.language: _version(document, part, _text(part, first, last, start, end, total, whole=True))
                for document, part in [(original, section), *translations]
            }
            versions = {language: version for language, version in versions.items() if version.text}
            if original.language not in versions:
                continue
            number += 1
            yield Passage(original.id, section.id, number, quote, original.language, versions)


def _version(document: Document, section: Section, markdown: str) -> Version:
    text = plain(markdown)
    tabular = markdown if tables.head(markdown)[1] else ""
    return Version(document.language, plain(section.title), text, document.status, _read_apart(text), tabular)


def _joined(section: Section) -> Iterator[tuple[int, int]]:
    """Ranges of paragraphs, each with enough words; a short rest joins the range before."""
    ranges: list[tuple[int, int]] = []
    start, count = 0, 0
    for index, paragraph in enumerate(section.paragraphs):
        count += _words(paragraph.text)
        if count >= FEWEST_WORDS:
            ranges.append((start, index + 1))
            start, count = index + 1, 0
    if start < len(section.paragraphs):
        if ranges and not any(_words(p.text) >= FEWEST_WORDS for p in section.paragraphs[start:]):
            ranges[-1] = (ranges[-1][0], len(section.paragraphs))
        else:
            ranges.append((start, len(section.paragraphs)))
    return iter(ranges)


def _read_apart(text: str) -> tuple[str, ...]:
    lines = [(line,) if line.startswith(tables.BULLET) else split(line) for line in text.split("\n")]
    return tuple(s.strip() for line in lines for s in line if s.strip())


def _sentences(section: Section, first: int, last: int) -> int:
    return sum(len(p.sentences) for p in section.paragraphs[first:last])


def _words(text: str) -> int:
    return len(WORD.findall(text))


def _pieces(section: Section, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Ranges of sentences within the paragraphs, about equally long; one range unless there are too many words."""
    lengths = [_words(s) for p in section.paragraphs[first:last] for s in p.sentences]
    target = sum(lengths) / max(-(-sum(lengths) // MOST_WORDS), 1)
    start, count = 0, 0
    for index, length in enumerate(lengths):
        if count and (count + length > MOST_WORDS or count >= target):
            yield start, index
            start, count = index, 0
        count += length
    yield start, len(lengths)


def _text(section: Section, first: int, last: int, start: int, end: int, expected: int, whole: bool = False) -> str:
    """Sentences `start` to `end` of the paragraphs; all of them where the sentences don't match one to one.

    With `whole`, rows that have lost the headings of their table get them again.
    """
    paragraphs = section.paragraphs[first:last]
    if _sentences(section, first, last) != expected:
        return "\n\n".join(p.text for p in paragraphs)
    kept, position = [], 0
    for paragraph in paragraphs:
        places = range(max(start - position, 0), min(end - position, len(paragraph.sentences)))
        position += len(paragraph.sentences)
        if places:
            chosen = "".join(paragraph.sentences[i] for i in places).strip()
            kept.append((_headings(paragraph, places.start) if whole else "") + chosen)
    return "\n\n".join(kept)


def _headings(paragraph: Paragraph, start: int) -> str:
    """The headings of the table whose rows go on at sentence `start`; empty where they are not above it."""
    headings = tables.head(paragraph.text)[1]
    return headings if headings and any(headings in s for s in paragraph.sentences[:start]) else ""
