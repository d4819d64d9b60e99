"""A Spanish guide of sixteen pages as Word, OpenDocument and PDF: every heading, list and table as it was written."""

import io
import re
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

import docx
import pdfplumber
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Table

from knowledge.reading import Reading, read

TITLE = "Guía de orientación para personas migrantes"
CHAPTERS = (
    "Quiénes somos", "Regularización migratoria", "Salud y seguro", "Educación", "Trabajo y contratos", "Vivienda",
    "Niñas, niños y adolescentes", "Refugio", "Violencia de género", "Trata de personas", "Inclusión financiera",
    "Emprendimiento", "Transporte", "Emergencias y desastres", "Retorno voluntario", "Directorio",
)  # fmt: skip
PROSE = (
    "Toda persona tiene derecho a recibir información clara, gratuita y en su idioma, sea cual sea su situación "
    "migratoria; si en una oficina le piden dinero por orientarla, puede avisar. "
)
BULLETS = ((0, "Pasaporte o cédula vigente"), (0, "Comprobante de domicilio"), (1, "recibo de luz"), (0, "Una foto"))
STEPS = ("Pida una cita en línea", "Pague la tasa", "Acuda con sus documentos")
ROWS = (("Trámite", "Costo", "Plazo"), ("Carné nuevo", "S/ 49.90", "30 días"), ("Duplicado", "S/ 22.00", "3 días"))
Structure = list[tuple[str, int, str]]


def written() -> Structure:
    """Kind, depth and text of everything but the prose."""
    found: Structure = [("heading", 1, TITLE)]
    for number, chapter in enumerate(CHAPTERS, 1):
        found += [("heading", 2, f"{number}. {chapter}"), ("heading", 3, f"Qué llevar ({chapter.lower()})")]
        found += [("bullet", depth, text) for depth, text in BULLETS]
        found += [("heading", 3, "Pasos a seguir"), *(("number", 0, text) for text in STEPS)]
        found += [("row", 0, " / ".join(row)) for row in ROWS]
    return found


def understood(reading: Reading) -> Structure:
    found: Structure = []
    for line in reading.markdown.replace("\\", "").split("\n"):
        if match := re.fullmatch(r"(#+) (.+)", line):
            found.append(("heading", len(match[1]), match[2]))
        elif match := re.fullmatch(r"( *)- (.+)", line):
            found.append(("bullet", len(match[1]) // 2, match[2]))
        elif match := re.fullmatch(r"\d+\. (.+)", line):
            found.append(("number", 0, match[1]))
        elif line.startswith("| ") and "---" not in line:
            found.append(("row", 0, " / ".join(cell.strip() for cell in line.strip("|").split("|"))))
    return found


def word() -> bytes:
    made = docx.Document()
    made.styles["Heading 1"].element.set(docx.oxml.ns.qn("w:styleId"), "Ttulo1")
    made.sections[0].header.paragraphs[0].text = "Guía 2026"
    made.add_paragraph(TITLE, style="Title")
    for number, chapter in enumerate(CHAPTERS, 1):
        made.add_heading(f"{number}. {chapter}", 2)
        prose = made.add_paragraph()
        for part in re.split(r"(\bderecho\b)", PROSE * 12):
            prose.add_run(part).bold = part == "derecho"
        made.add_heading(f"Qué llevar ({chapter.lower()})", 3)
        for depth, text in BULLETS:
            made.add_paragraph(text, style="List Bullet 2" if depth else "List Bullet")
        made.add_heading("Pasos a seguir", 3)
        for text in STEPS:
            made.add_paragraph(text, style="List Number")
        table = made.add_table(len(ROWS), len(ROWS[0]), "Table Grid")
        for row, texts in zip(table.rows, ROWS, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        made.add_page_break()
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def open_document() -> bytes:
    """As LibreOffice writes it: styles of its own for each look, lists in lists, text:s for spaces."""
    names = ("office", "style", "text", "table", "fo:xsl-fo-compatible")
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{n.split(":")[0]}="{urn}:{n.split(":")[-1]}:1.0"' for n in names)
    parts = [f'<text:h text:style-name="P1" text:outline-level="1">{TITLE}</text:h>']
    for number, chapter in enumerate(CHAPTERS, 1):
        parts.append(f'<text:h text:style-name="P2" text:outline-level="2">{number}.<text:s/>{chapter}</text:h>')
        prose = escape(PROSE * 12).replace("derecho", '<text:span text:style-name="T1">derecho</text:span>')
        parts.append(f'<text:p text:style-name="P3">{prose}<text:soft-page-break/></text:p>')
        parts.append(f'<text:h text:outline-level="3">Qué llevar ({chapter.lower()})</text:h>')
        parts.append('<text:list text:style-name="L1">')
        for depth, text in BULLETS:
            inner = f"<text:p>{text}</text:p>"
            if depth:
                parts[-1] = parts[-1].removesuffix("</text:list-item>")
                parts.append(f"<text:list><text:list-item>{inner}</text:list-item></text:list></text:list-item>")
            else:
                parts.append(f"<text:list-item>{inner}</text:list-item>")
        parts.append(
            '</text:list><text:h text:outline-level="3">Pasos a seguir</text:h><text:list text:style-name="L2">'
        )
        parts += [f"<text:list-item><text:p>{text}</text:p></text:list-item>" for text in STEPS]
        parts.append('</text:list><table:table><table:table-column table:number-columns-repeated="3"/>')
        for row in ROWS:
            cells = "".join(f"<table:table-cell><text:p>{escape(c)}</text:p></table:table-cell>" for c in row)
            parts.append(f"<table:table-row>{cells}</table:table-row>")
        parts.append("</table:table>")
    styles = (
        '<style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
        '<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>'
        '<text:list-level-style-bullet text:level="2" text:bullet-char="◦"/></text:list-style>'
        '<text:list-style style:name="L2"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        "</text:list-style>"
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{''.join(parts)}"
        "</office:text></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
    return target.getvalue()


def printed() -> bytes:
    styles = getSampleStyleSheet()
    parts = [Paragraph(TITLE, styles["Title"])]
    for number, chapter in enumerate(CHAPTERS, 1):
        parts += [Paragraph(f"{number}. {chapter}", styles["Heading1"]), Paragraph(PROSE * 12, styles["BodyText"])]
        parts.append(Paragraph(f"Qué llevar ({chapter.lower()})", styles["Heading2"]))
        items = [Paragraph(text, styles["BodyText"]) for _, text in BULLETS]
        parts += [ListFlowable(items, bulletType="bullet"), Paragraph("Pasos a seguir", styles["Heading2"])]
        parts += [Table(ROWS, style=[("GRID", (0, 0), (-1, -1), 1, "black")]), PageBreak()]

    def foot(canvas, page) -> None:
        canvas.drawString(60, 30, f"Guía 2026 - página {page.page}")

    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=A4).build(parts, onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


@pytest.mark.parametrize(("make", "name"), [(word, "guia.docx"), (open_document, "guia.odt")])
def test_every_heading_list_and_table(make: Callable[[], bytes], name: str) -> None:
    reading = read(make(), name)
    assert understood(reading) == written()
    assert reading.title == TITLE
    bold = PROSE.strip().replace("derecho", "**derecho**")
    assert reading.markdown.count(bold) == 12 * len(CHAPTERS)


def test_a_pdf_keeps_text_and_headings_and_says_what_is_lost() -> None:
    content = printed()
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) >= 16
    reading = read(content, "guia.pdf")
    headings = [text for kind, _, text in understood(reading) if kind == "heading"]
    assert headings == [text for kind, _, text in written() if kind == "heading"]
    assert [t for kind, _, t in understood(reading) if kind == "row"] == [
        t for kind, _, t in written() if kind == "row"
    ]
    assert reading.markdown.count(PROSE.strip()) == 12 * len(CHAPTERS)
    assert "página" not in reading.markdown
    assert {"pdf_layout", "pdf_tables", "headers"} <= {loss.code for loss in reading.lost}
