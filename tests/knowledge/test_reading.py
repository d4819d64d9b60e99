"""What staff upload becomes Markdown, and what is lost is told."""

import io
import zipfile
import zlib

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from knowledge.findings import KnowledgeError
from knowledge.reading import apart, read
from knowledge.reading.apart import read_apart
from knowledge.reading.reader import OLE

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


XXE = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
ODF = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table"))
WORD_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def repeating() -> bytes:
    """15 KB that ask for two thousand million cells."""
    cell = '<table:table-cell table:number-columns-repeated="200"><text:p>a</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="200">{cell}</table:table-row>' * 25_000
    body = f"<office:body><office:text><table:table>{rows}</table:table></office:text></office:body>"
    return zipped(content=f"<office:document-content {SPACES}>{body}</office:document-content>")


def wide() -> bytes:
    row = '<w:tr><w:trPr><w:gridBefore w:val="900000000"/></w:trPr><w:tc><w:p/></w:tc></w:tr>' * 2_000
    return zipped(word__document=f"<w:document {WORD_SPACE}><w:body><w:tbl>{row}</w:tbl></w:body></w:document>")


def scanned() -> bytes:
    """A page of a PDF that is a picture only."""
    target = io.BytesIO()
    page = Canvas(target)
    page.drawInlineImage(Image.new("L", (40, 60), 200), 0, 0, 500, 700)
    page.save()
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
        (zipped(content=f"{XXE}<a>&b;</a>"), "a.odt", "upload_dtd"),
        (zipped(xl__workbook="<a/>", xl__sharedStrings=f"{XXE}<a>&b;</a>"), "a.xlsx", "upload_dtd"),
        (zipped(word__document=" " * 70_000_000), "a.docx", "upload_bomb"),
        (repeating(), "a.odt", "upload_bomb"),
        (wide(), "a.docx", "upload_bomb"),
        (scanned(), "a.pdf", "upload_scan"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "upload_encrypted"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, name: str, code: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read(content, name)
    assert [f.code for f in refused.value.findings] == [code]


def test_what_reads_well_reads_the_same_in_a_process_of_its_own() -> None:
    assert read_apart(word(), "guía.docx") == read(word(), "guía.docx")
    with pytest.raises(KnowledgeError) as refused:
        read_apart(b"hola", "a.docx")
    assert [f.code for f in refused.value.findings] == ["upload_broken"]


def test_a_pdf_that_explodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """700 MB of blanks in 700 KB, which the PDF library would unpack at once."""
    monkeypatch.setattr(apart, "MOST_MEMORY", 700_000_000)
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(700)) + packer.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed),
    ]
    content = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % (n, p) for n, p in enumerate(parts, 1))
    with pytest.raises(KnowledgeError) as refused:
        apart.read_apart(content + b"trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF", "a.pdf")
    assert [f.code for f in refused.value.findings] == ["upload_bomb"]


def test_another_encoding_is_told() -> None:
    reading = read("¿Qué año?".encode("cp1252"), "a.txt")
    assert reading.markdown == "¿Qué año?" and [loss.code for loss in reading.lost] == ["encoding"]
