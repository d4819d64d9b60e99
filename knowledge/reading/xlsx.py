"""Excel workbooks: each visible sheet a section with its table, values as they are shown."""

import datetime
import io
import zipfile
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.reading.blocks import Block, escaped, tidy_table
from knowledge.reading.losses import Losses
from knowledge.reading.package import Package, refusal

MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_MERGED = 10_000


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The sheets of an .xlsx. Raises KnowledgeError."""
    package = Package(content, name)
    package.measure()
    for part in package.names:
        data = package.part(part) if part.endswith((".xml", ".rels")) else None
        if data and b"<!DOCTYPE" in data:
            raise refusal("upload_dtd", name)
    lost.add("images", sum(part.startswith("xl/media/") for part in package.names))
    lost.add("objects", sum(part.startswith("xl/charts/chart") for part in package.names))
    lost.add("comments", sum(part.startswith("xl/comments") for part in package.names))
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError):
        raise refusal("upload_broken", name) from None
    found: list[Block] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            lost.add("hidden_sheets")
            continue
        made = tidy_table(_rows(sheet, formulas[sheet.title], lost))
        if made:
            found += [Block("heading", escaped(sheet.title), 2), made]
    for part in package.names:
        if part.startswith("xl/worksheets/sheet"):
            data = package.part(part) or b""
            lost.add("merged_cells", min(data.count(b"<mergeCell "), MOST_MERGED))
            lost.add("hidden_rows", data.count(b' hidden="1"'))
    return "", found


def _rows(sheet: Any, formulas: Any, lost: Losses) -> list[list[str]]:
    rows: list[list[str]] = []
    for values, written in zip(
        sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS),
        formulas.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True),
        strict=False,
    ):
        if len(rows) == MOST_ROWS:
            lost.add("rows_left", limit=MOST_ROWS)
            break
        row = []
        for cell, source in zip(values, written, strict=False):
            if isinstance(source, str) and source.startswith("="):
                lost.add("formulas" if cell.value is not None else "formulas_empty")
            row.append(escaped(shown(cell.value, cell.number_format if cell.value is not None else "")))
        rows.append(row)
    return rows


def shown(value: Any, form: str) -> str:
    """A cell's value nearly as the program shows it: dates by their parts, numbers with their decimals and percent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%d/%m/%Y" if midnight else "%d/%m/%Y %H:%M")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, int | float):
        return _number(value, form.split(";")[0])
    return " ".join(str(value).split())


def _number(value: int | float, form: str) -> str:
    percent = "%" if "%" in form else ""
    value = value * 100 if percent else value
    digits = form.rsplit(".", 1)[1] if "." in form else ""
    decimals = len(digits) - len(digits.lstrip("0"))
    if form in ("", "General", "@"):
        return f"{value:.10g}"
    money = next((mark for mark in ("S/", "US$", "$", "€") if mark in form), "")
    return f"{money}{' ' if money == 'S/' else ''}{value:{',' if ',' in form else ''}.{decimals}f}{percent}"
