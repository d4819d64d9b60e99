"""The check: nothing to say about what is published, and for each rule one small broken file, its code and its line."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from knowledge.checker import FOLDER, check, stamp
from knowledge.findings import MESSAGES, KnowledgeError, finding, has_errors

TODAY = date(2026, 11, 23)
ORIGINAL = """---
title: Ayuda
source: OIM
date: sin fecha
language: es
permission: De la OIM
status: original
reviewed_by:
reviewed_on:
---

## Cifras {#figures}

Son 3,5 millones de personas. Fue en 2015.

Hay 8,400 empleados.

# Parte

## Contacto {#contact}

Llame al 1818 o al (01) 200-1000.
Escriba a iomperu@iom.int / <http://www.oimperu.org/>
"""
TRANSLATION = """---
title: Help
source: OIM
date: undated
language: en
permission: IOM's
status: draft
reviewed_by:
reviewed_on:
---

## Figures {#figures source=4d4653fbc34b}

They are 3.5 million people. It was in 2015.

There are 8400 employees.

# Part

## Contact {#contact source=54173d4fd4e0}

Call 1818 or (01) 200-1000.
Write to iomperu@iom.int / <http://www.oimperu.org/>
"""
HOTLINES = (FOLDER / "hotlines.yml").read_text("utf-8")
QUESTIONS = """- question: ¿Cuántos empleados hay?
  language: es
  section: figures
- question: estoy encerrada
  language: es
  urgent: yes
"""
EXAMPLES = """urgent:
- no me dejan bajar del bus
calm:
- tengo un examen urgente
"""
PEOPLE_ASK = """"8,400  Empleados":
- how many people work there
- staff
"""
FIGURES, CONTACT = "4d4653fbc34b", "54173d4fd4e0"
SPANISH, ENGLISH, LINES = "documents/a/es.md", "documents/a/en.md", "hotlines.yml"
GOLDEN, URGENT, ASKED = "golden.yml", "urgent/es.yml", "questions/en.yml"


class Case(NamedTuple):
    """`old` made `new`, once, in `edited` must give `code` at `line` of `found`."""

    code: str
    edited: str
    line: int
    old: str
    new: str
    severity: str = "error"
    found: str | None = None


BROKEN = [
    # the fields at the top
    Case("front_matter_missing", SPANISH, 1, "---\ntitle", "title"),
    Case("front_matter_open", SPANISH, 1, "reviewed_on:\n---\n", "reviewed_on:\n"),
    Case("front_matter_unreadable", SPANISH, 2, "title: Ayuda", "title: Ayuda: ya"),
    Case("field_missing", SPANISH, 3, "source: OIM", "source:"),
    Case("field_missing", SPANISH, 1, "permission: De la OIM\n", ""),
    Case("field_unknown", SPANISH, 3, "source: OIM", "souce: x\nsource: OIM", severity="warning"),
    Case("field_not_text", SPANISH, 2, "title: Ayuda", "title: [Ayuda]"),
    Case("field_twice", SPANISH, 2, "source: OIM", "title: Otra\nsource: OIM"),
    Case("status_unknown", ENGLISH, 7, "status: draft", "status: listo"),
    Case("language_code", ENGLISH, 5, "language: en", "language: English"),
    Case("language_differs", ENGLISH, 5, "language: en", "language: pt"),
    Case("date_wrong", SPANISH, 4, "date: sin fecha", "date: 23/11/2026"),
    Case("date_wrong", ENGLISH, 9, "reviewed_on:", "reviewed_on: ayer"),
    Case("date_future", ENGLISH, 9, "reviewed_on:", "reviewed_on: 2026-11-24"),
    Case("review_unsigned", ENGLISH, 7, "status: draft", "status: reviewed"),
    # headings and sections
    Case("id_missing", SPANISH, 12, " {#figures}", ""),
    Case("id_shape", SPANISH, 12, "{#figures}", "{#Cifras-1}"),
    Case("id_twice", SPANISH, 20, "{#contact}", "{#figures}"),
    Case("attributes_wrong", SPANISH, 12, "{#figures}", "{figures}"),
    Case("source_shape", ENGLISH, 12, "source=4d4653fbc34b", "source=abc"),
    Case("title_missing", SPANISH, 12, "## Cifras {", "## {"),
    Case("heading_space", SPANISH, 12, "## Cifras", "##Cifras"),
    Case("heading_underlined", SPANISH, 15, "2015.\n", "2015.\n---\n"),
    Case("section_empty", SPANISH, 12, "\n## Cifras", "\n## Nada {#nothing}\n\n## Cifras"),
    Case("text_outside", SPANISH, 12, "\n## Cifras", "\nHola.\n\n## Cifras"),
    Case("text_outside", SPANISH, 20, "# Parte\n", "# Parte\n\nHola.\n"),
    Case("part_with_id", SPANISH, 18, "# Parte", "# Parte {#part}"),
    Case("part_empty", SPANISH, 18, "# Parte", "# Nada\n\n# Parte", severity="warning"),
    Case("no_sections", SPANISH, 11, ORIGINAL[ORIGINAL.index("\n## Cifras") :], "Hola.\n"),
    # text
    Case("html", SPANISH, 16, "Hay 8", "Hay <b>8"),
    Case("html", SPANISH, 16, "Hay 8", "Hay <script src=x 8"),
    Case("html", SPANISH, 16, "Hay 8", "[x](javascript:y) 8"),
    Case("control_character", SPANISH, 14, "Son", "S\u200bon"),
    Case("control_character", SPANISH, 14, "Son", "S\x07on"),
    Case("control_character", SPANISH, 14, "Son", "S\u202eon"),
    Case("control_character", SPANISH, 2, "Ayuda", "Ayud\ufffd"),
    Case("paragraph_long", SPANISH, 16, "empleados.", "y empleados" * 250 + ".", severity="warning"),
    # a translation beside its original
    Case("original_missing", SPANISH, 0, "status: original", "status: draft", found="documents/a"),
    Case("originals_many", ENGLISH, 1, "status: draft", "status: original", found=SPANISH),
    Case("source_in_original", SPANISH, 12, "{#figures}", "{#figures source=0123456789ab}"),
    Case("section_missing", ENGLISH, 12, TRANSLATION[TRANSLATION.index("\n# Part") :], ""),
    Case("section_unknown", ENGLISH, 20, "{#contact", "{#kontact"),
    Case("part_differs", ENGLISH, 18, "# Part\n\n", ""),
    Case("source_pending", ENGLISH, 12, "source=4d4653fbc34b", "source=pending"),
    Case("source_pending", ENGLISH, 12, " source=4d4653fbc34b", ""),
    Case("translation_stale", SPANISH, 12, "Fue en 2015", "Ocurrió en 2015", severity="warning", found=ENGLISH),
    Case("paragraph_count", ENGLISH, 12, "2015.\n\nThere", "2015.\nThere"),
    Case("sentence_count", ENGLISH, 14, "people. It", "people and it", severity="warning"),
    Case("number_missing", ENGLISH, 14, "3.5 million", "35 million", severity="warning"),
    Case("number_missing", ENGLISH, 14, "3.5 million people", "3.5 people", severity="warning"),
    Case("number_missing", ENGLISH, 16, "8400", "840", severity="warning"),
    Case("phone_missing", ENGLISH, 22, "Call 1818", "Call 1819"),
    Case("phone_missing", ENGLISH, 22, "(01) 200-1000.", "nobody."),
    Case("phone_added", ENGLISH, 22, "Call 1818", "Call 1818, 987654321"),
    Case("address_missing", ENGLISH, 22, "iomperu@iom.int", "the office"),
    Case(
        "address_added", ENGLISH, 22, "<http://www.oimperu.org/>", "<http://www.oimperu.org/> <http://www.other.org/>"
    ),
    # help lines
    Case("hotlines_unreadable", LINES, 22, "    phone: '1818'", "   phone: '1818'"),
    Case("hotline_1818_missing", LINES, 0, "- id: '1818'", "- id: '1819'"),
    Case("hotline_1818_situations", LINES, 21, "medical, child, self_harm]", "child, self_harm]"),
    Case("hotline_twice", LINES, 58, "- id: '105'", "- id: '1818'"),
    Case("hotline_field_missing", LINES, 130, "    operator: Bomberos\n", ""),
    Case(
        "hotline_field_unknown",
        LINES,
        130,
        "    operator: Bomberos\n",
        "    operador: x\n    operator: Bomberos\n",
        severity="warning",
    ),
    Case("hotline_field_wrong", LINES, 130, "operator: Bomberos", "operator: [Bomberos]"),
    Case("hotline_value", LINES, 21, "hours: 24h", "hours: siempre"),
    Case("hotline_digits", LINES, 58, "phone: '105'", "phone: 105 (Lima)"),
    Case("hotline_digits", LINES, 21, "option: '1'", "option: uno"),
    Case("hotline_situation", LINES, 130, "[disaster, medical]", "[disaster, medical, fire]"),
    Case("hotline_no_source", LINES, 165, "      - text: exitosa\n        date: '2025-12-31'\n", ""),
    Case("hotline_source_wrong", LINES, 165, "text: exitosa\n", "text:\n"),
    Case("hotline_source_wrong", LINES, 165, "date: '2025-12-31'", "date: '2025-13-31'"),
    Case("hotline_unchecked", LINES, 21, "checked: 2026-11-23", "checked:"),
    Case("hotline_date", LINES, 21, "checked: 2026-11-23", "checked: ayer"),
    Case("hotline_future", LINES, 21, "checked: 2026-11-23", "checked: 2026-12-23"),
    Case("hotline_expired", LINES, 21, "valid_until: 2027-05-31", "valid_until: 2026-11-22", severity="warning"),
    Case("hotline_old", LINES, 21, "checked: 2026-11-23", "checked: 2026-05-26", severity="warning"),
    Case("hotline_spanish", LINES, 21, "      es: Línea 1818\n", ""),
    Case("hotline_language", LINES, 21, "      en: Line 1818\n", "", severity="warning"),
    Case("order_missing", LINES, 231, "  child: ['105', '100', '1818']\n", ""),
    Case("order_unknown", LINES, 236, "  child: [", "  fire: ['105']\n  child: ["),
    Case("order_unknown_line", LINES, 238, "general: ['105'", "general: ['911'"),
    Case("order_differs", LINES, 238, "general: ['105'", "general: ['113'"),
    Case("html", LINES, 23, "option: '1'", "option: '1' # <b>"),
    # golden questions and urgent examples
    Case("yaml_broken", GOLDEN, 2, "  language: es\n  section", " language: es\n  section"),
    Case("yaml_broken", URGENT, 4, "calm:", "calm"),
    Case("golden_no_list", GOLDEN, 2, QUESTIONS, "question: x\nquestions: 3\n"),
    Case("golden_row", GOLDEN, 1, QUESTIONS, "- hola\n"),
    Case("golden_field", GOLDEN, 1, "section: figures", "seccion: x\n  section: figures"),
    Case("golden_empty", GOLDEN, 1, "¿Cuántos empleados hay?", ""),
    Case("golden_language", GOLDEN, 1, "language: es", "language: español"),
    Case("golden_wants", GOLDEN, 1, "  section: figures\n", ""),
    Case("golden_wants", GOLDEN, 4, "urgent: yes", "urgent: yes\n  section: figures"),
    Case("golden_urgent", GOLDEN, 4, "urgent: yes", "urgent: mucho"),
    Case("golden_section", GOLDEN, 1, "section: figures", "sections: [contact, nada]"),
    Case("golden_twice", GOLDEN, 4, "estoy encerrada", "¿cuántos  empleados hay?", severity="warning"),
    Case("urgent_form", URGENT, 3, "calm:", "tranquilo:"),
    Case("urgent_form", URGENT, 2, "- no me dejan", "- dicho: no me dejan"),
    Case("urgent_form", URGENT, 1, EXAMPLES, "- hola\n"),
    Case("urgent_empty", URGENT, 4, "tengo un examen urgente", "'...'"),
    Case("urgent_long", URGENT, 2, "bus", "bus, y " * 100),
    Case("yaml_broken", ASKED, 3, "- how many", "how many"),
    Case("questions_form", ASKED, 1, PEOPLE_ASK, "- how many\n"),
    Case("questions_form", ASKED, 3, "- staff", "- many: staff"),
    Case("questions_form", ASKED, 1, '"8,400  Empleados"', '""'),
    Case("questions_answer", ASKED, 1, "8,400", "9,400", severity="warning"),
    Case("questions_empty", ASKED, 2, "how many people work there", "'?!'"),
    Case("questions_long", ASKED, 3, "staff", "staff " * 60),
    Case("questions_twice", ASKED, 3, "staff", "How many people work there?", severity="warning"),
    Case("urgent_both", URGENT, 4, "tengo un examen urgente", "¡No me dejan bajar del bus!"),
]


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "documents" / "a").mkdir(parents=True)
    for name in ("urgent", "questions"):
        (tmp_path / name).mkdir()
    documents = ((SPANISH, ORIGINAL), (ENGLISH, TRANSLATION))
    for name, text in (*documents, (LINES, HOTLINES), (GOLDEN, QUESTIONS), (URGENT, EXAMPLES), (ASKED, PEOPLE_ASK)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_what_is_published_is_faultless():
    assert check(today=TODAY) == []


def test_the_small_folder_is_faultless(folder):
    assert check(folder, TODAY) == []


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.code)
def test_broken_file(folder, case):
    path = folder / case.edited
    text = path.read_text("utf-8")
    assert case.old in text
    path.write_text(text.replace(case.old, case.new, 1), "utf-8")
    found = next(f for f in check(folder, TODAY) if f.code == case.code)
    assert (found.path, found.line, found.severity) == (folder / (case.found or case.edited), case.line, case.severity)
    for words in (found.in_language("es"), found.in_language("en")):
        assert words.message
        assert words.remedy
        assert "$" not in words.message + words.remedy


def test_every_rule_has_a_broken_file():
    elsewhere = {
        "suffix_unknown",
        "file_missing",
        "file_unreadable",
        "file_too_large",
        "file_empty",
        "encoding_wrong",
        "nul_byte",
        "file_stray",
        "document_id",
        "no_documents",
        "section_order",
        "hotline_unreadable",
        "questions_file",
        "questions_everywhere",
        "urgent_file",
        "file_locked",
    }
    codes = set(yaml.safe_load(MESSAGES.read_text("utf-8")))
    uploads = {code for code in codes if code.startswith("upload_")}
    assert codes - uploads == {case.code for case in BROKEN} | elsewhere


def test_unread_files_and_bad_folder_names(folder):
    documents = folder / "documents"
    for name in ("notas.md", "a/es.docx", "Áéí/es.md", "a/.DS_Store"):
        path = documents / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(ORIGINAL, "utf-8")
    found = [(f.code, f.path.relative_to(documents).as_posix()) for f in check(folder, TODAY)]
    assert sorted(found) == [("document_id", "Áéí"), ("file_stray", "a/es.docx"), ("file_stray", "notas.md")]


def test_urgent_examples_in_a_file_of_another_name(folder):
    (folder / "urgent/español.yml").write_text(EXAMPLES, "utf-8")
    assert [(f.code, f.path.name) for f in check(folder, TODAY)] == [("urgent_file", "español.yml")]


def test_questions_in_a_file_of_another_name(folder):
    (folder / "questions/english.yml").write_text(PEOPLE_ASK, "utf-8")
    assert [(f.code, f.path.name) for f in check(folder, TODAY)] == [("questions_file", "english.yml")]


def test_words_that_stand_everywhere(folder):
    path = folder / SPANISH
    paragraph = "palabra " * 30 + "y 8,400 empleados.\n\n"
    path.write_text(path.read_text("utf-8").replace("Son 3,5", paragraph * 3 + "Son 3,5"), "utf-8")
    found = [f for f in check(folder, TODAY) if f.code == "questions_everywhere"]
    assert [(f.line, f.severity, "8,400" in f.message and "4" in f.message) for f in found] == [(1, "warning", True)]


def test_an_empty_folder(tmp_path):
    assert {f.code for f in check(tmp_path, TODAY)} == {"no_documents", "file_missing"}


def test_an_unreadable_file_does_not_hide_the_others(folder):
    (folder / ENGLISH).write_bytes("migración".encode("latin-1"))
    (folder / LINES).write_text(HOTLINES.replace("phone: '105'", "phone: x"), "utf-8")
    assert [f.code for f in check(folder, TODAY)] == ["encoding_wrong", "hotline_digits"]


def test_sections_in_another_order(folder):
    english = (folder / ENGLISH).read_text("utf-8")
    start, middle = english.index("## Figures"), english.index("# Part\n")
    (folder / ENGLISH).write_text(english[:start] + english[middle:] + "\n" + english[start:middle], "utf-8")
    assert "section_order" in {f.code for f in check(folder, TODAY)}


def test_an_expiry_date_holds_to_its_end(folder):
    assert "hotline_expired" not in {f.code for f in check(folder, date(2027, 5, 31))}
    after = check(folder, date(2027, 6, 1))
    assert "hotline_expired" in {f.code for f in after}
    assert not has_errors(after)


def test_stamp_changes_pending_headings_only(folder):
    path, original = folder / ENGLISH, folder / SPANISH
    stamped, before = path.read_bytes().replace(b"\n", b"\r\n"), original.read_bytes()
    path.write_bytes(stamped.replace(FIGURES.encode(), b"pending"))
    assert stamp(folder) == [path]
    assert path.read_bytes() == stamped
    assert original.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["en.md", "es.md"]
    assert stamp(folder) == []


def test_stamp_leaves_stale_and_unknown_sections_alone(folder):
    text = TRANSLATION.replace(FIGURES, "0123456789ab").replace(CONTACT, "pending").replace("{#contact", "{#kontact")
    (folder / ENGLISH).write_text(text, "utf-8")
    assert stamp(folder) == []


def test_stamp_refuses_a_broken_original(folder):
    (folder / SPANISH).write_text(ORIGINAL.replace(" {#contact}", ""), "utf-8")
    with pytest.raises(KnowledgeError):
        stamp(folder)


def test_findings_speak_spanish_unless_told(monkeypatch):
    def message() -> str:
        return finding("file_empty", Path("es.md"), 0).message

    monkeypatch.delenv("YANAPAY_STAFF_LANGUAGE", raising=False)
    assert message() == "El archivo está vacío."
    monkeypatch.setenv("YANAPAY_STAFF_LANGUAGE", "en")
    assert message() == "The file is empty."
    monkeypatch.setenv("YANAPAY_STAFF_LANGUAGE", "tlh")
    assert message() == "El archivo está vacío."
