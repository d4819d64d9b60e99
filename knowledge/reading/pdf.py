"""PDF: lines of letters rejoined into paragraphs, headings by size, lists by their marks, ruled tables as tables."""

import io
import re
from collections import Counter
from itertools import pairwise

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.reading.blocks import Block, escaped, tidy_table
from knowledge.reading.losses import Losses
from knowledge.reading.package import refusal
from knowledge.reading.pdf_lines import Line, lines

EDGE = 0.1
BULLET = re.compile(r"^(?:\(cid:127\)|[•◦▪‣●○■□–\uf0b7\uf0a7·o-])\s+(?=\S)")
LETTER = re.compile(r"^(?=[a-zA-Z][.)]\s+\S)")
LEADERS = re.compile(r"(?:\s?[.…·_]){4,}\s*\d{1,4}$")
FEWEST_ENTRIES = 3
FOOTNOTE = re.compile(r"^\(?(\d{1,3})(?:\) |(?=[^\W\d_]))")
NUMBER = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
PAGE_NUMBER = re.compile(r"(?:p[áa]g(?:ina|\.)?|page)?\s*[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:de|of|/)\s*\d{1,4})?", re.I)


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The title and the blocks of a PDF with a text layer. Raises KnowledgeError."""
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            found = lines(pdf, name, lost)
            title = str((pdf.metadata or {}).get("Title") or "")
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, MemoryError):
            raise cause from None
        locked = isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError)
        raise refusal("upload_encrypted" if locked else "upload_broken", name) from None
    if not found:
        raise refusal("upload_scan", name)
    lost.add("pdf_layout")
    kept = _without_contents(_without_edges(found, lost), lost)
    return ("" if title.lower() in ("untitled", "(anonymous)") else title), _blocks(kept)


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


def _without_contents(lines: list[Line], lost: Losses) -> list[Line]:
    """Without the lines of a table of contents, which lead by dots to a page, and without its heading."""
    led = [i for i, line in enumerate(lines) if LEADERS.search(line.text)]
    if len(led) < FEWEST_ENTRIES:
        return lines
    lost.add("contents")
    gone = set(led) | {i + 1 for i, following in pairwise(led) if following == i + 2}
    if led[0] and lines[led[0] - 1].size > lines[led[0]].size:
        gone.add(led[0] - 1)
    return [line for i, line in enumerate(lines) if i not in gone]


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

    heads = [x for x in lines if head(x)]
    looks = Counter((x.size, x.bold) for x in heads)
    ranks = sorted(looks, reverse=True)
    second = next((x for x in heads if (x.size, x.bold) != (heads[0].size, heads[0].bold)), None)
    subtitle = second if second and looks[second.size, second.bold] == 1 and not second.bold else None
    if subtitle:
        ranks.remove((subtitle.size, subtitle.bold))
    found: list[Block] = []
    before: Line | None = None
    lefts: list[float] = []
    for line in lines:
        last = found[-1] if found else None
        together = before is not None and (before.page, before.column) == (line.page, line.column)
        gap = line.top - before.bottom if before and together else None
        bullet, number = BULLET.match(line.text) or LETTER.match(line.text), NUMBER.match(line.text)
        note = FOOTNOTE.match(line.text) if line.size < body else None
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
        elif head(line) and not bullet and line is not subtitle:
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
        elif note:
            found.append(Block("paragraph", f"({note[1]}) {escaped(line.text[note.end() :])}"))
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
    right = before.edge or right
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
