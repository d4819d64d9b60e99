"""The lines of a PDF's pages in reading order: columns one after the other, ruled tables in their place."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from knowledge.reading.blocks import escaped
from knowledge.reading.losses import Losses
from knowledge.reading.package import refusal
from knowledge.reading.pdf_columns import zones

MOST_PAGES = 200
MOST_SECONDS = 60.0
DEEPEST_COLUMNS = 3
RAISED = 0.8
NOTE = re.compile(r"\d")
UNIT = re.compile(r"(?<![^\W\d_])[cdkm]?m$")


@dataclass
class Line:
    """Distances in points from the page's upper left; `size` of its letters, `table` where it stands for one.

    `column` names the column that it stands in, and `edge` is how far to the right its lines go; whole lines have
    neither.
    """

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool
    height: float
    table: list[list[str]] | None = None
    column: tuple[float, ...] = ()
    edge: float = 0.0


def lines(pdf: Any, name: str, lost: Losses) -> list[Line]:
    """Of an open PDF. Raises KnowledgeError where that takes too long."""
    began, found = time.monotonic(), []
    pages = pdf.pages
    if len(pages) > MOST_PAGES:
        lost.add("pages_left", len(pages), limit=MOST_PAGES)
    for number, page in enumerate(pages[:MOST_PAGES]):
        if time.monotonic() - began > MOST_SECONDS:
            raise refusal("upload_slow", name)
        images = len(page.images)
        tables = _tables(page, number)
        lost.add("pdf_tables", len(tables))
        boxes = [(t.left, t.top, t.right, t.bottom) for t in tables]
        rest = page.filter(lambda o, boxes=boxes: not _within(o, boxes)) if boxes else page
        own = list(_in_order(rest, number, float(page.height), lost))
        lost.add("pdf_columns", int(any(line.column for line in own)))
        lost.add("links", sum(bool(link.get("uri")) for link in page.hyperlinks))
        lost.add(
            "scanned_pages" if images and not own and not tables else "images",
            max(images, 1) if not own and images else images,
        )
        found += sorted([*own, *tables], key=lambda x: (*x.column, x.top))
        page.close()
    return found


def _in_order(part: Any, number: int, height: float, lost: Losses, column: tuple[float, ...] = ()) -> Iterator[Line]:
    """The lines of a part of a page, those in columns one column after the other."""
    raw = part.extract_text_lines(return_chars=True)
    found = zones(raw) if len(column) < 2 * DEEPEST_COLUMNS else []
    for zone in found:
        middle = sum(zone.gap) / 2
        for place, (left, right) in enumerate(((zone.left, middle), (middle, zone.right))):
            box = (left - 1, zone.top, right + 1, zone.bottom)
            inner = part.filter(lambda thing, box=box: _within(thing, [box]))
            yield from _in_order(inner, number, height, lost, (*column, zone.top, place))
    boxes = [(zone.left - 1, zone.top, zone.right + 1, zone.bottom) for zone in found]
    if boxes:
        raw = part.filter(lambda thing: not _within(thing, boxes)).extract_text_lines(return_chars=True)
    edge = max((line["x1"] for line in raw), default=0.0) if column else 0.0
    for one in raw:
        line = _line(one, number, height, lost)
        if line.text:
            line.column, line.edge = column, edge
            yield line


def _line(raw: dict[str, Any], page: int, height: float, lost: Losses) -> Line:
    chars = [c for c in raw["chars"] if c["text"].strip()] or raw["chars"]
    sizes = Counter(round(c["size"] * 2) / 2 for c in chars)
    heavy = sum(bool(re.search("bold|black|heavy", c["fontname"], re.I)) for c in chars)
    size = sizes.most_common(1)[0][0]
    text = " ".join(_with_notes(raw["text"], chars, size, lost).split())
    return Line(text, page, raw["x0"], raw["x1"], raw["top"], raw["bottom"], size, heavy > 0.8 * len(chars), height)


def _with_notes(text: str, chars: list[dict[str, Any]], size: float, lost: Losses) -> str:
    """The text with raised numbers in brackets, lest "47.10" with a note become "47.101"."""
    foot = max(c["bottom"] for c in chars)
    small = [bool(NOTE.fullmatch(c["text"])) and c["size"] < RAISED * size for c in chars]
    raised = [is_small and c["bottom"] < foot - 0.1 * size for c, is_small in zip(chars, small, strict=True)]
    if not any(raised) or "".join(text.split()) != "".join("".join(c["text"] for c in chars).split()):
        return text
    marks = iter([mark for c, mark in zip(chars, raised, strict=True) for _ in c["text"].strip()])
    parts: list[tuple[str, bool]] = []
    for letter in text:
        mark = not letter.isspace() and next(marks)
        if parts and parts[-1][1] == mark:
            parts[-1] = (parts[-1][0] + letter, mark)
        else:
            parts.append((letter, mark))
    shown = ""
    for words, mark in parts:
        note = mark and not UNIT.search(shown)
        lost.add("pdf_notes", int(note and bool(shown)))
        shown += f" ({words}) " if note else words
    return re.sub(r"\) (?=[,.;:)])", ")", shown)


def _tables(page: Any, number: int) -> list[Line]:
    found = []
    for table in page.find_tables():
        rows = [[escaped(" ".join((c or "").split())) for c in row] for row in table.extract()]
        if len(rows) > 1 and max(map(len, rows)) > 1 and any(any(row) for row in rows):
            left, top, right, bottom = table.bbox
            found.append(Line("", number, left, right, top, bottom, 0, False, float(page.height), rows))
    return found


def _within(thing: dict[str, Any], boxes: list[tuple[float, float, float, float]]) -> bool:
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)
