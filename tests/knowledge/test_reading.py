"""What staff upload becomes Markdown, and what is lost is told."""

import io
import zipfile

import pytest

from knowledge.findings import KnowledgeError
from knowledge.reading import read

docx = pytest.importorskip("docx")


def word() -> bytes:
    made = docx.Document()
    made.add_heading("Guía", 0)
    made.add_heading("Uno", 1)
    paragraph = made.add_paragraph("hola ")
    paragraph.add_run("neg").bold = True
    paragraph.add_run("rita ").bold = True
    paragraph.add_run("fin *")
    for style in ("List Number", "List Number", "List Bullet"):
        made.add_paragraph("punto", style=style)
    made.add_heading("Dos", 2)
    table = made.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells), "AB|d", strict=True):
        cell.text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def test_word_keeps_headings_lists_and_tables() -> None:
    reading = read(word(), "guia.docx")
    assert reading.title == "Guía"
    assert reading.markdown == (
        "# Guía\n\n# Uno\n\nhola **negrita** fin \\*\n\n1. punto\n2. punto\n\n- punto\n\n## Dos\n\n"
        "| A | B |\n| --- | --- |\n| \\| | d |\n"
    )


def test_a_web_page_keeps_its_main_content() -> None:
    main = "<h2>Qué</h2><p>a <a href='javascript:x'>b</a></p><ol start=3><li>c</ol>"
    page = f"<html><body><nav>menú</nav>{main}</body></html>"
    reading = read(page.encode(), "a.html")
    assert reading.markdown == "## Qué\n\na b\n\n3. c\n"
    assert {loss.code for loss in reading.lost} == {"page_parts", "links"}
    assert all(loss.words("es") != loss.words("en") for loss in reading.lost)


def zipped(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/") + ".xml", text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.docx", "file_empty"),
        (b"hola", "a.docx", "upload_broken"),
        (b"PK\x03\x04abc", "a.docx", "upload_broken"),
        (b"%PDF-1.7 nada", "a.pdf", "upload_broken"),
        (b"%PDF-1.7", "a.docx", "upload_mismatch"),
        (b"x", "a.doc", "upload_old"),
        (b"x", "a.docm", "upload_macros"),
        (b"x", "a.exe", "suffix_unknown"),
        (b" " * 25_000_001, "a.txt", "file_too_large"),
        (zipped(word__document="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "a.docx", "upload_dtd"),
        (zipped(word__document=" " * 70_000_000), "a.docx", "upload_bomb"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, name: str, code: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read(content, name)
    assert [f.code for f in refused.value.findings] == [code]


def test_another_encoding_is_told() -> None:
    reading = read("¿Qué año?".encode("cp1252"), "a.txt")
    assert reading.markdown == "¿Qué año?" and [loss.code for loss in reading.lost] == ["encoding"]
