"""Markdown tables: found in a paragraph, cut into rows, and told as lines where no table can be shown."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_ROW = re.compile(r"\s*\|.*\|\s*")
_BAR = re.compile(r"(?<!\\)\|")
BULLET = "• "


@dataclass(frozen=True)
class Table:
    """Cells are Markdown; each row has as many as there are headings, which may be empty."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def head(paragraph: str) -> tuple[str, str, str]:
    """What stands before a table, its headings with the line of dashes, and its rows; the last two empty without one.

    Joined they are the paragraph.
    """
    lines = paragraph.splitlines(keepends=True)
    for number, line in enumerate(lines[1:], 1):
        if "|" in line and "|" in lines[number - 1] and _RULE.fullmatch(line):
            start = number - 1
            return "".join(lines[:start]), "".join(lines[start : number + 1]), "".join(lines[number + 1 :])
    return paragraph, "", ""


def table(paragraph: str) -> Table | None:
    """The table that a paragraph is or ends with."""
    _, top, rows = head(paragraph)
    if not top:
        return None
    headings = _cells(top.splitlines()[0])
    return Table(headings, tuple(_fitted(_cells(row), len(headings)) for row in rows.splitlines()))


def told(text: str) -> str:
    """Markdown with each table as lines such as "• Trámite: Duplicado; Costo: S/ 22", also where its headings are
    missing because the text begins in its middle."""
    return "\n\n".join(map(_told, text.split("\n\n")))


def sentences(paragraph: str, split: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """The sentences of a paragraph; of a table its rows, the first together with the headings."""
    before, top, rows = head(paragraph)
    if not top:
        return split(paragraph)
    first, *others = rows.splitlines(keepends=True) or [""]
    return (*(split(before) if before.strip() else ()), top + first, *others)


def parts(markdown: str) -> Iterator[str | Table]:
    """Paragraphs and tables, in order."""
    for paragraph in markdown.split("\n\n"):
        found = table(paragraph)
        text = head(paragraph)[0] if found else paragraph
        if text.strip():
            yield text
        if found:
            yield found


def _told(paragraph: str) -> str:
    found = table(paragraph)
    if found:
        rows = found.rows or (found.headings,)
        headings = found.headings if found.rows else ()
        before = head(paragraph)[0]
        return before + "\n".join(line for row in rows if (line := _line(headings, row)))
    lines = paragraph.split("\n")
    return "\n".join(_line((), _cells(line)) if _ROW.fullmatch(line) else line for line in lines)


def _line(headings: tuple[str, ...], row: tuple[str, ...]) -> str:
    parts = []
    for number, cell in enumerate(row):
        heading = headings[number] if number < len(headings) else ""
        if cell:
            parts.append(f"{heading}{' ' if heading.endswith((':', '?')) else ': '}{cell}" if heading else cell)
    joined = "".join(p + (" " if p.endswith((".", ";", ":", "?", "!")) else "; ") for p in parts[:-1])
    return BULLET + joined + parts[-1] if parts else ""


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if re.search(r"(?<!\\)\|$", inner) else inner
    return tuple(cell.strip() for cell in _BAR.split(inner))


def _fitted(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))
