"""A file as a form and back: what nobody touched stays as it stands."""

import datetime
import re
from pathlib import Path

import pytest
import yaml

from bot.staff import lines, sheets
from bot.staff.differences import shown
from bot.staff.shelf import blank
from bot.staff.words import texts
from knowledge.checker import check
from knowledge.findings import has_errors
from knowledge.hotlines import SITUATIONS, read_hotlines

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
DOCUMENTS = sorted((KNOWLEDGE / "documents").glob("*/*.md"))
HOTLINES = (KNOWLEDGE / "hotlines.yml").read_text("utf-8")
TODAY = datetime.date(2026, 11, 24)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_a_document_comes_back_as_it_was(path) -> None:
    text = path.read_text("utf-8")
    assert sheets.write(sheets.read(text)) == text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_an_editors_other_way_of_writing_changes_nothing(path) -> None:
    for block in sheets.read(path.read_text("utf-8")).blocks:
        other = block.body.replace("\n- ", "\n* ").replace("(", "\\(") + "\n"
        assert sheets.faithful(block.body, other) == block.body


def test_one_changed_paragraph_changes_alone() -> None:
    before = "Uno con (paréntesis).\n\n- a\n- b\n\nTres."
    after = "Uno con \\(paréntesis\\).\n\n* a\n* b\n\nTres y medio."
    assert sheets.faithful(before, after) == "Uno con (paréntesis).\n\n- a\n- b\n\nTres y medio."


def test_new_sections_get_an_id_of_their_own() -> None:
    text = "---\ntitle: T\n---\n\n## Año nuevo\n\nUno.\n\n## ¿Año nuevo?\n\nDos.\n\n## 中文\n\nTres.\n"
    sheet = sheets.read(sheets.write(sheets.read(text)))
    assert [b.id for b in sheet.blocks] == ["ano_nuevo", "ano_nuevo_2", "section"]


@pytest.mark.parametrize("value", ["a: b", "# no", "'x'", '"', "yes", "- x", "null", "{a}", "ñ", "@x", "x #y", ""])
def test_fields_are_written_so_that_they_are_read(value) -> None:
    sheet = sheets.read(blank(value or "x", "es", "original"))
    sheet.fields["source"] = value
    assert sheets.read(sheets.write(sheet)).fields["source"] == value


@pytest.mark.parametrize("text", ["", "---", "---\n", "texto", "---\n[\n---\nx", "---\n- a\n---\n## T", "\ufeff## T\n"])
def test_a_faulty_file_is_a_form_all_the_same(text) -> None:
    sheets.write(sheets.read(text))


def test_html_in_a_text_is_shown_as_text() -> None:
    shown = sheets.html("<script>alert(1)</script> [x](javascript:alert(1)) <b onclick=x>")
    assert "<script" not in shown and "<b" not in shown and "href" not in shown


@pytest.mark.parametrize("id", [e["id"] for e in lines.entries(HOTLINES)])
def test_a_hotline_written_anew_leaves_the_others(id, tmp_path) -> None:
    before = {e["id"]: e for e in lines.entries(HOTLINES)}
    text = lines.replaced(HOTLINES, id, lines.renewed(before[id], TODAY))
    after = {e["id"]: e for e in lines.entries(text)}
    assert {k: v for k, v in after.items() if k != id} == {k: v for k, v in before.items() if k != id}
    assert after[id] == {**before[id], "checked": "2026-11-24", "valid_until": "2027-05-23"}
    (tmp_path / "hotlines.yml").write_text(text, "utf-8")
    assert read_hotlines(tmp_path / "hotlines.yml").get(id).valid_until == datetime.date(2027, 5, 23)
    lines_before, lines_after = HOTLINES.split("\n"), text.split("\n")
    changed = [line for line in lines_before if line not in lines_after]
    assert all(line.strip().startswith(("checked", "valid_until")) for line in changed), changed
    comments = [line for line in lines_before if line.startswith("#")]
    assert [line for line in lines_after if line.startswith("#")] == comments


def test_a_hotline_is_added_and_taken_out(tmp_path) -> None:
    entry = {**lines.entries(HOTLINES)[0], "id": "199", "phone": "199", "situations": ["medical"]}
    text = lines.replaced(HOTLINES, "199", entry)
    assert [e["id"] for e in lines.entries(text)][-1] == "199"
    order = yaml.safe_load(text)["order"]
    assert order["medical"][-1] == "199" and not any("199" in order[s] for s in SITUATIONS if s != "medical")
    assert lines.entries(lines.replaced(text, "199", None)) == lines.entries(HOTLINES)
    assert yaml.safe_load(lines.replaced(text, "199", None))["order"] == yaml.safe_load(HOTLINES)["order"]
    (tmp_path / "documents/x").mkdir(parents=True)
    (tmp_path / "hotlines.yml").write_text(text, "utf-8")
    assert not has_errors(f for f in check(tmp_path, TODAY) if f.path.name == "hotlines.yml")


def test_both_languages_of_the_console_say_the_same_things() -> None:
    def keys(found: object, path: str = "") -> set[str]:
        if not isinstance(found, dict):
            return {path}
        return {key for name, value in found.items() for key in keys(value, f"{path}.{name}")}

    folder = Path(sheets.__file__).with_name("texts")
    es, en = (yaml.safe_load((folder / f"{code}.yml").read_text("utf-8")) for code in ("es", "en"))
    assert keys(es) == keys(en)


def test_every_word_that_a_page_says_is_there() -> None:
    folder = Path(sheets.__file__).with_name("templates")
    for page in folder.glob("*.html"):
        for key in re.findall(r"\bt\('([\w.]+)'[),]", page.read_text("utf-8")):
            found: object = texts("es")
            for part in key.split("."):
                assert isinstance(found, dict) and part in found, f"{page.name}: {key}"
                found = found[part]


def test_headings_that_only_stand_above_others_become_parts() -> None:
    text = "# Guía\n\nTodos.\n\n# Uno\n\n## Dos\n\n### Qué llevar\n\nAgua.\n\n## Tres\n\n### Pasos\n\nUno.\n\n## Fin"
    sheet = sheets.read(blank("Guía", "es", "original", text))
    assert [(b.level, b.title) for b in sheet.blocks] == [
        (2, "Guía"), (1, "Uno: Dos"), (3, "Qué llevar"), (1, "Tres"), (3, "Pasos"), (2, "Fin"),
    ]  # fmt: skip


def test_differences_are_shown_as_people_read_them() -> None:
    before, after = (
        "**Uno**\n\n| a | b |\n| --- | --- |\n| x | S/ 5 |",
        "**Uno**\n\n| a | b |\n| --- | --- |\n| x | S/ 6 |",
    )
    assert "".join(text for kind, text in shown(before, after) if kind != "gone") == "Uno\n\n• a: x; b: S/ 6"
    assert ("new", "6") in shown(before, after)
    assert any(kind == "new" for kind, _ in shown("uno", "**uno**"))
