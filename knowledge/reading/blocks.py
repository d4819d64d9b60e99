"""The parts that every format is read into, and the Markdown that they become."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import quote

MOST_CELLS = 100_000
_MARKS = re.compile(r"([\\`*_\[\]<>{}])")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+\s*$|-{3,}\s*$|~{3,}|\d+[.)](?=\s|$))")
_SAFE = re.compile(r"(https?://|mailto:|tel:)", re.I)
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
_BOLD = re.compile(r"\*\*[^*].*\*\*")
_SPACES = re.compile(r"[ \t\u00a0\u2007\u202f]+")


@dataclass(frozen=True)
class Run:
    """A piece of text in one look; `text` may hold line feeds."""

    text: str
    bold: bool = False
    italic: bool = False
    address: str = ""


@dataclass
class Block:
    """`kind` is heading, paragraph, item or table; `level` counts from 1 for headings, from 0 for items.

    `number` is an ordered item's mark such as "3.", `rows` the Markdown cells of a table.
    """

    kind: str
    text: str = ""
    level: int = 0
    number: str = ""
    rows: list[list[str]] | None = None


class TooLarge(Exception):
    """A table that repeats itself into more cells than anybody reads."""


class Grid:
    """The rows of a table as they are read; `add` raises TooLarge, for a small file can ask for millions."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._cells = 0

    def add(self, row: list[str], times: int = 1) -> None:
        self._cells += max(len(row), 1) * times
        if self._cells > MOST_CELLS:
            raise TooLarge
        self.rows += [row] * times


def safe_address(address: str) -> bool:
    return bool(_SAFE.match(address.strip()))


def clean(text: str) -> str:
    return _UNWANTED.sub("", text).replace("\u2011", "-").replace("\r", "")


def escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", clean(text))


def inline(runs: Iterable[Run], heading: bool = False) -> str:
    """Markdown of runs: equal neighbours joined, spaces outside the marks. A heading is one line and never bold."""
    if heading:
        runs = [replace(run, text=run.text.replace("\n", " "), bold=False) for run in runs]
    parts: list[str] = []
    for address, linked in groupby(runs, key=lambda r: r.address):
        words = "".join(_looks(list(linked)))
        if address and safe_address(address) and words.strip():
            target = quote(address.strip(), safe=":/?#@!$&'*+,;=%~-._")
            lead, core, tail = _bounds(words)
            words = f"{lead}[{core}]({target}){tail}".replace("\n", " ")
        parts.append(words)
    text = _SPACES.sub(" ", "".join(parts))
    lines = [line.strip() for line in text.strip().split("\n")]
    return "\n".join(line if heading else _LINE_START.sub(_guard, line) for line in lines if line)


def plain(runs: Iterable[Run]) -> str:
    return " ".join(clean("".join(r.text for r in runs)).split())


def _guard(match: re.Match[str]) -> str:
    mark = match[2]
    return match[1] + (mark[:-1] + "\\" + mark[-1] if mark[0].isdigit() else "\\" + mark)


def _bounds(text: str) -> tuple[str, str, str]:
    core = text.strip()
    start = text.index(core)
    return text[:start], core, text[start + len(core) :]


def _looks(runs: list[Run]) -> list[str]:
    blank_joined: list[Run] = []
    for run in runs:
        if blank_joined and not run.text.strip() and "\n" not in run.text:
            last = blank_joined[-1]
            run = Run(run.text, last.bold, last.italic, run.address)
        blank_joined.append(run)
    parts = []
    for (bold, italic), same in groupby(blank_joined, key=lambda r: (r.bold, r.italic)):
        mark = "**" * bold + "*" * italic
        for number, line in enumerate("".join(r.text for r in same).split("\n")):
            if number:
                parts.append("\n")
            text = escaped(line)
            if not mark or not any(c.isalnum() for c in text):
                parts.append(text)
                continue
            lead, core, tail = _bounds(text)
            parts.append(f"{lead}{mark}{core}{mark}{tail}")
    return parts


def table(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    lines = []
    for number, row in enumerate(rows):
        cells = [" ".join(cell.replace("|", "\\|").split()) for cell in row] + [""] * (width - len(row))
        lines.append("| " + " | ".join(cells) + " |")
        if number == 0:
            lines.append("|" + " --- |" * width)
    return "\n".join(lines)


def joined(found: list[Block]) -> str:
    """The blocks of a cell as one line."""
    parts = []
    for block in found:
        if block.rows:
            parts.append("; ".join(", ".join(c for c in row if c) for row in block.rows))
        else:
            parts.append(f"{block.number or '•'} {block.text}" if block.kind == "item" else block.text)
    return " ".join(p for p in parts if p).replace("\n", " ")


def tidy_table(rows: list[list[str]]) -> Block | None:
    """A table without empty rows and columns and with plain headings; None where nothing is left.

    One of a single cell is a paragraph.
    """
    width = max((len(row) for row in rows), default=0)
    filled = [row + [""] * (width - len(row)) for row in rows if any(c.strip() for c in row)]
    kept = [i for i in range(width) if any(row[i].strip() for row in filled)]
    if not filled or not kept:
        return None
    if len(filled) == 1 and len(kept) == 1:
        return Block("paragraph", filled[0][kept[0]])
    if all(not row or _BOLD.fullmatch(row) for row in filled[0]):
        filled[0] = [cell.replace("**", "") for cell in filled[0]]
    return Block("table", rows=[[row[i] for i in kept] for row in filled])


def markdown(blocks: list[Block]) -> str:
    parts: list[str] = []
    before, numbered = "", False
    indents: list[int] = []
    for block in blocks:
        if block.kind == "item":
            mark = (block.number or "-") + " "
            other = before == "item" and not block.level and bool(block.number) != numbered
            numbered = bool(block.number) if not block.level else numbered
            del indents[block.level if before == "item" else 0 :]
            lead = " " * sum(indents)
            indents.append(len(mark))
            text = block.text.replace("\n", "\n" + lead + " " * len(mark))
            parts.append(("\n" if before == "item" and not other else "\n\n") + lead + mark + text)
        elif block.kind == "table" and block.rows:
            parts.append("\n\n" + table(block.rows))
        elif block.text:
            heading = block.kind == "heading"
            words = "#" * min(block.level, 6) + " " + " ".join(block.text.split()) if heading else block.text
            parts.append("\n\n" + words)
        else:
            continue
        before = block.kind
    return "".join(parts).strip() + "\n"
