"""PDF: lines of letters rejoined into paragraphs, headings by size, lists by their marks, ruled tables as tables."""

import io
import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.reading.blocks import Block, escaped, tidy_table
from knowledge.reading.losses import Losses
from knowledge.reading.package import refusal

MOST_PAGES = 200
MOST_SECONDS = 60.0
EDGE = 0.1
BULLET = re.compile(r"^(?:\(cid:127\)|[•◦▪‣●○■□–\uf0b7\uf0a7·o-])\s+(?=\S)")
NUMBER = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
PAGE_NUMBER = re.compile(r"(?:p[áa]g(?:ina|\.)?|page)?\s*[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:de|of|/)\s*\d{1,4})?", re.I)


@dataclass
class Line:
    """Distances in points from the page's upper left; `size` of its letters, `table` where it stands for one."""

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


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The title and the blocks of a PDF with a text layer. Raises KnowledgeError."""
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            lines = _lines(pdf, name, lost)
            title = str((pdf.metadata or {}).get("Title") or "")
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        locked = isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError)
        raise refusal("upload_encrypted" if locked else "upload_broken", name) from None
    if not lines:
        raise refusal("upload_scan", name)
    lost.add("pdf_layout")
    return ("" if title.lower() in ("untitled", "(anonymous)") else title), _blocks(_without_edges(lines, lost))


def _lines(pdf: Any, name: str, lost: Losses) -> list[Line]:
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
        own = [_line(raw, number, float(page.height)) for raw in rest.extract_text_lines(return_chars=True)]
        own = [line for line in own if line.text]
        lost.add(
            "scanned_pages" if images and not own and not tables else "images",
            max(images, 1) if not own and images else images,
        )
        found += sorted([*own, *tables], key=lambda x: x.top)
        page.close()
    return found


def _line(raw: dict[str, Any], page: int, height: float) -> Line:
    chars = [c for c in raw["chars"] if c["text"].strip()] or raw["chars"]
    sizes = Counter(round(c["size"] * 2) / 2 for c in chars)
    heavy = sum(bool(re.search("bold|black|heavy", c["fontname"], re.I)) for c in chars)
    text = " ".join(raw["text"].split())
    size = sizes.most_common(1)[0][0]
    return Line(text, page, raw["x0"], raw["x1"], raw["top"], raw["bottom"], size, heavy > 0.8 * len(chars), height)


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


def _without_edges(lines: list[Line], lost: Losses) -> list[Line]:
    """Without page numbers, and without lines that stand at the same edge of many pages."""
    pages = len({line.page for line in lines})

    def key(line: Line) -> str:
        return re.sub(r"\d+", "#", line.text)

    texts = Counter(line.text for line in lines)
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0]

    def edge(line: Line) -> bool:
        upper, lower = line.top < EDGE * line.height, line.bottom > (1 - EDGE) * line.height
        heading = line.size > body * 1.1 and texts[line.text] < 3
        return not line.table and (lower or (upper and not heading))

    seen = Counter(k for k, _ in {(key(line), line.page) for line in lines if edge(line)})
    gone = [
        x
        for x in lines
        if edge(x) and (PAGE_NUMBER.fullmatch(x.text) or (seen[key(x)] >= 3 and seen[key(x)] > 0.3 * pages))
    ]
    lost.add("headers", len(gone))
    left_out = {id(line) for line in gone}
    return [line for line in lines if id(line) not in left_out]


def _blocks(lines: list[Line]) -> list[Block]:
    letters: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        letters[line.size, line.bold] += len(line.text)
    body, usual_bold = letters.most_common(1)[0][0] if letters else (10.0, False)
    right = max((line.right for line in lines), default=0)

    def head(line: Line) -> bool:
        larger = line.size >= body * 1.1 and not BULLET.match(line.text)
        return (
            not line.table
            and any(c.isalpha() for c in line.text)
            and (larger or (line.bold and not usual_bold and line.size >= body and len(line.text) < 100))
        )

    ranks = sorted({(x.size, x.bold) for x in lines if head(x)}, reverse=True)
    found: list[Block] = []
    before: Line | None = None
    lefts: list[float] = []
    for line in lines:
        last = found[-1] if found else None
        gap = line.top - before.bottom if before and before.page == line.page else None
        bullet, number = BULLET.match(line.text), NUMBER.match(line.text)
        if line.table:
            if made := tidy_table(line.table):
                if (
                    last
                    and last.rows
                    and made.rows
                    and before
                    and before.page != line.page
                    and last.rows[0] == made.rows[0]
                ):
                    last.rows += made.rows[1:]
                else:
                    found.append(made)
        elif head(line) and not bullet:
            level = min(ranks.index((line.size, line.bold)) + 1, 6)
            if last and last.kind == "heading" and last.level == level and before and _one_heading(line, before, gap):
                last.text += " " + escaped(line.text)
            else:
                found.append(Block("heading", escaped(line.text), level))
        elif bullet or number:
            lefts = [x for x in lefts if x < line.left - 3] if last and last.kind == "item" else []
            text = line.text[(bullet or number).end() :]  # type: ignore[union-attr]
            found.append(Block("item", escaped(text), len(lefts), f"{number[1]}." if number else ""))
            lefts.append(line.left)
        elif last and before and last.kind in ("paragraph", "item") and _goes_on(line, before, last, gap, right):
            last.text = _rejoined(last.text, escaped(line.text))
        else:
            found.append(Block("paragraph", escaped(line.text)))
        before = line
    return found


def _one_heading(line: Line, before: Line, gap: float | None) -> bool:
    """Whether a heading goes on in this line: near the line before, and at its left or its middle."""
    aligned = abs(line.left - before.left) < 3 or abs(line.left + line.right - before.left - before.right) < 6
    return aligned and gap is not None and gap < line.size * 0.6


def _goes_on(line: Line, before: Line, last: Block, gap: float | None, right: float) -> bool:
    if before.table or line.size != before.size:
        return False
    if last.kind == "item" and line.left < before.left - 3:
        return False
    ended = last.text.endswith((".", ":", "?", "!", "…", ".”", ".»"))
    if gap is None:
        return not ended and before.right > right * 0.7
    return gap < line.size * 0.55 and not (ended and before.right < right * 0.8)


def _rejoined(text: str, following: str) -> str:
    if text.endswith("\u00ad"):
        return text[:-1] + following
    if re.search(r"[a-záéíóúüñ]{2}-$", text) and re.match(r"[a-záéíóúüñ]{2}", following):
        return text[:-1] + following
    return f"{text} {following}"
