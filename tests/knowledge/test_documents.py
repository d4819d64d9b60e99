"""Reading documents: the original word for word, sentences, text for people, files that can't be read."""

import unicodedata
from pathlib import Path

import pytest

from knowledge.documents import HEADING, Document, examine, plain, read_document, read_folder
from knowledge.files import MAX_BYTES, read_text
from knowledge.findings import KnowledgeError
from knowledge.sentences import split

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "knowledge" / "documents"
LANGUAGES = ("ay", "en", "es", "fr", "ht", "pt", "qu", "zh")
IDS = [
    "iom_world",
    "iom_peru",
    "migration_overview",
    "policy_research",
    "counter_trafficking",
    "labour_migration",
    "emergencies",
    "assistance_operations",
    "national_projects",
    "contact",
]
HEAD = """---
title: Prueba
source: Nadie
date: 2026-11
language: es
permission: Libre
status: original
---
"""


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {d.language: d for d in read_folder(DOCUMENTS) if d.id == "oim-peru"}


def write(folder: Path, text: str, name: str = "es.md") -> Path:
    path = folder / "prueba" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def test_spanish_is_the_organisations_text_word_for_word(documents):
    texts, part = [], None
    for section in documents["es"].sections:
        if section.part != part:
            part = section.part
            texts.append(part)
        texts += [section.title, *(p.text for p in section.paragraphs)]
    assert words("\n".join(texts)) == words((HERE / "oim-peru.es.txt").read_text("utf-8"))


def test_all_languages_have_all_sections_in_order(documents):
    assert sorted(documents) == list(LANGUAGES)
    for document in documents.values():
        assert [section.id for section in document.sections] == IDS
        assert document.status == ("original" if document.language == "es" else "draft")


def test_parts_and_digests(documents):
    sections = {s.id: s for s in documents["es"].sections}
    assert sections["iom_peru"].part is None
    assert sections["emergencies"].part == "Principales Áreas de Acción y temáticas de la OIM en Perú"
    for document in documents.values():
        if document.language != "es":
            assert {s.id: s.source for s in document.sections} == {id: s.digest for id, s in sections.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_what_stands_at_its_line(documents, language):
    document = documents[language]
    lines = document.path.read_text("utf-8").split("\n")
    for section in document.sections:
        assert HEADING.fullmatch(lines[section.line - 1])["title"] == section.title
        for paragraph in section.paragraphs:
            height = paragraph.text.count("\n") + 1
            assert "\n".join(lines[paragraph.line - 1 : paragraph.line - 1 + height]) == paragraph.text
            assert "".join(paragraph.sentences) == paragraph.text


def test_digest_changes_with_the_words_only(tmp_path):
    def digest(text: str) -> str:
        return read_document(write(tmp_path, HEAD + text)).sections[0].digest

    one = digest("## Título {#a}\n\nUna migración.\n")
    assert len(one) == 12
    assert digest("##  Título   {#a}\n\n\nUna\nmigración.  \n") == one
    assert digest("## Título {#a}\n\nUna migracio\u0301n.\n") == one
    assert digest("## Título {#a}\n\nDos migraciones.\n") != one
    assert digest("## Otro {#a}\n\nUna migración.\n") != one


@pytest.mark.parametrize(
    "sentences",
    [
        ["El Decreto Ley No. 17559 rige. ", "Otro n° 5 y el art. 3 también."],
        ["Dijo que no. ", "Luego se fue."],
        ["Enviaron \\$. 2,600 millones de dólares. ", "Fue el 1,3% del PBI y 3.5 más."],
        ["Av. Arequipa 320, con el Sr. Pérez y la Dra. J. Luna. ", "Vaya."],
        ["Escriba a iomperu@iom.int o vea www.oimperu.org. ", "Gracias."],
        ["¡Ayuda! ", "¿Dónde? ", "«Aquí.» ", "(Sí.) ", "Fin"],
        ["Calle 320\niomperu@iom.int / <http://www.oimperu.org/>"],
        ["Una.\n", "Dos. \n", "1. Tres."],
        ["移民组织成立于 1951 年。", "他说：“好！”", "第 17559 号（No. 17559）。", "有 3.5 百万人吗？", "有"],
        ["100 mil etranje ap viv nan peyi a. ", "Pifò soti lwen."],
    ],
)
def test_sentences(sentences):
    assert list(split("".join(sentences))) == sentences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\$. 2,600 millones", "$. 2,600 millones"),
        ("iomperu@iom.int / <http://www.oimperu.org/>", "iomperu@iom.int / http://www.oimperu.org/"),
        ("<mailto:a_b_c@iom.int>", "a_b_c@iom.int"),
        ("**Llame** al *1818*, _gratis_ y `ya`", "Llame al 1818, gratis y ya"),
        ("这是**重点**内容", "这是重点内容"),
        ("OIM_Peru y otra_cosa_más", "OIM_Peru y otra_cosa_más"),
        (r"2 * 3 * 4, 2*3*4 y \*así\*", "2 * 3 * 4, 2*3*4 y *así*"),
        ("[la web](http://a.pe/x_y_z), [http://a.pe](http://a.pe)", "la web (http://a.pe/x_y_z), http://a.pe"),
        ("una  \ndos\\\ntres", "una\ndos\ntres"),
    ],
)
def test_plain(text, shown):
    assert plain(text) == shown


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    path = write(tmp_path, "")
    path.write_bytes(("\ufeff" + HEAD + "## Título {#a}\n\nUna.\n").replace("\n", "\r\n").encode())
    assert read_document(path).sections[0].paragraphs[0].text == "Una."


def test_deeper_headings_are_sections(tmp_path):
    document = read_document(write(tmp_path, HEAD + "## A {#a}\n\nUna.\n\n### B {#b} ###\n\nDos.\n"))
    assert [(s.id, s.title) for s in document.sections] == [("a", "A"), ("b", "B")]


@pytest.mark.parametrize(
    ("name", "data", "code", "line"),
    [
        ("es.odp", b"x", "suffix_unknown", 0),
        ("es", b"x", "suffix_unknown", 0),
        ("es.md", b"", "file_empty", 0),
        ("es.md", b"\xef\xbb\xbf \r\n", "file_empty", 0),
        ("es.md", b"a" * (MAX_BYTES + 1), "file_too_large", 0),
        ("es.md", "uno\ndos\nmigración".encode("latin-1"), "encoding_wrong", 3),
        ("es.txt", "migración".encode("utf-16"), "encoding_wrong", 1),
        ("es.txt", b"uno\nd\0s", "nul_byte", 2),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, data, code, line):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(KnowledgeError) as caught:
        read_text(path)
    (found,) = caught.value.findings
    assert (found.severity, found.code, found.path, found.line) == ("error", code, path, line)
    assert found.message
    assert found.remedy


def test_missing_file_and_folder_in_its_place(tmp_path):
    for path, code in ((tmp_path / "no.md", "file_missing"), (tmp_path / "es.md", "file_unreadable")):
        if code == "file_unreadable":
            path.mkdir()
        with pytest.raises(KnowledgeError) as caught:
            read_text(path)
        assert caught.value.findings[0].code == code


def test_reading_a_folder_names_the_faults_of_all_files(tmp_path):
    write(tmp_path, HEAD + "## A\n\nUna.\n")
    write(tmp_path, "nada", "en.md")
    with pytest.raises(KnowledgeError) as caught:
        read_folder(tmp_path)
    assert {f.path.name for f in caught.value.findings} == {"es.md", "en.md"}


@pytest.mark.parametrize(
    "junk", ["---", "---\n---", "---\na: [\n---\n#", "#", "{#}", "## {#a}\n" * 3, "---\n- a\n---\n\n# x"]
)
def test_no_text_is_too_strange_to_examine(tmp_path, junk):
    _, findings = examine(write(tmp_path, junk))
    assert findings
    assert all(f.message and f.remedy and "$" not in f.message for f in findings)
