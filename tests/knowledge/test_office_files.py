"""Files that LibreOffice saved: a guide with all that such guides have, read as it was written.

`guides/guia.*` are one guide of 16 pages, `guia-breve.pdf` three chapters of it. Each `.md` was compared with what the
guide was written from.
"""

import re
from pathlib import Path

import pytest

from knowledge.reading import read

GUIDES = Path(__file__).parent / "guides"
LOST = {"images", "contents", "text_boxes", "merged_cells", "footnotes", "changes", "headers"}
LOST_IN_PDF = {"images", "contents", "pdf_notes", "pdf_tables", "pdf_columns", "pdf_layout", "links", "headers"}


@pytest.mark.parametrize("name", ["guia.odt", "guia.docx"])
def test_a_guide_of_an_office_program_is_read_as_it_was_written(name: str) -> None:
    reading = read((GUIDES / name).read_bytes(), name)
    assert reading.markdown == (GUIDES / "guia.md").read_text("utf-8")
    assert {loss.code for loss in reading.lost} == LOST


def test_the_same_as_pdf_keeps_headings_and_text_and_tells_the_rest() -> None:
    reading = read((GUIDES / "guia-breve.pdf").read_bytes(), "guia-breve.pdf")
    assert reading.markdown == (GUIDES / "guia-breve.md").read_text("utf-8")
    assert {loss.code for loss in reading.lost} == LOST_IN_PDF


def test_what_was_written_is_in_the_golden_texts() -> None:
    """The golden texts themselves, so that nobody renews them with a fault in them."""
    whole, brief = ((GUIDES / f"{name}.md").read_text("utf-8") for name in ("guia", "guia-breve"))
    assert len(re.findall(r"^# ", whole, re.M)) == 16 and len(re.findall(r"^#{2,3} ", whole, re.M)) == 40
    assert len(re.findall(r"^\|(?: --- \|)+$", whole, re.M)) == 10
    assert "  - en soles;" in whole and "    - en soles;" in whole and "   2. elija el día y la hora." in whole
    assert "es para quien **acaba de llegar** y" in whole and "y durante todo el año; la atención es por la" in whole
    assert "| Contacto |" in whole and "Inicial \\| Primaria" in whole
    for chapter in ("1. Antes de empezar", "2. Entrar y quedarse en el país", "7. Trabajo"):
        assert f"\n# {chapter}\n" in whole and f"\n## {chapter}\n" in brief
    assert "derecho a recibir información clara, gratuita y en su idioma" in brief.split("7.2 ")[1]
    assert "(1) Decreto Legislativo 1350" in brief and ". . ." not in brief
