"""Tables of Markdown: told row by row where people read text, cut between rows, whole on the help page."""

from pathlib import Path

import pytest

from knowledge import tables
from knowledge.documents import plain, read_document
from knowledge.passages import MOST_WORDS, Passage, cut
from knowledge.sentences import split
from knowledge.tables import Table

HEAD = "---\ntitle: Prueba\nsource: OIM\ndate: 2026-11\nlanguage: es\npermission: Libre\nstatus: original\n---\n"
COSTS = (
    "| Trámite | Costo |\n| --- | ---: |\n| **Carné** nuevo | S/ 49.90 |\n| Duplicado. Urgente | S/ 22.00 \\| gratis |"
)


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        (COSTS, "• Trámite: Carné nuevo; Costo: S/ 49.90\n• Trámite: Duplicado. Urgente; Costo: S/ 22.00 | gratis"),
        ("Costos:\n" + COSTS.replace("\\| ", ""), None),
        ("a | b\n--- | ---\n1 | 2", "• a: 1; b: 2"),
        ("| ¿Quién? | Plazo: |\n|-|-|\n| Ana | hoy |", "• ¿Quién? Ana; Plazo: hoy"),
        ("| a | b |\n|---|---|\n| Sí. | 2 |\n|  | 3 |\n|  |  |", "• a: Sí. b: 2\n• b: 3"),
        ("|  |  |\n|---|---|\n| uno | dos | tres |", "• uno; dos; tres"),
        ("| a | b |\n|---|---|", "• a; b"),
        ("| 1 | 2 |\n| 3 | 4 |", "• 1; 2\n• 3; 4"),
        ("1 | 2 son opciones", "1 | 2 son opciones"),
        ("a\n---", "a\n---"),
        ("antes\n\n| a |\n|---|\n| 1 |\n\ndespués", "antes\n\n• a: 1\n\ndespués"),
    ],
)
def test_what_people_are_shown(markdown: str, shown: str | None) -> None:
    assert plain(markdown) == (shown if shown is not None else "Costos:\n" + plain(COSTS.replace("\\| ", "")))


@pytest.mark.parametrize("text", [COSTS, "Vea. Esto:\n" + COSTS, "a | b", "", "| a |\n|---|", "Sin tabla. Nada."])
def test_sentences_of_a_table_are_its_rows(text: str) -> None:
    found = tables.sentences(text, split)
    assert "".join(found) == text
    rows = [s for s in found if s.startswith("|")]
    assert not rows or (rows[0].startswith("| ") and rows[1:] == [s for s in rows[1:] if "---" not in s])


def written(folder: Path, *paragraphs: str, title: str = "Costos") -> list[Passage]:
    path = folder / "prueba/es.md"
    path.parent.mkdir()
    path.write_text(HEAD + f"## {title} {{#costos}}\n\n" + "\n\n".join(paragraphs) + "\n", "utf-8")
    return cut([read_document(path)])


def test_a_passage_quotes_the_table_and_shows_its_rows(tmp_path: Path) -> None:
    (passage,) = written(tmp_path, "Estos son los costos de cada trámite en las oficinas de todo el país.", COSTS)
    version = passage.version("es")
    assert COSTS in passage.quote and passage.quote == version.markdown
    assert "|" not in version.text.replace("22.00 | gratis", "")
    assert "• Trámite: Duplicado. Urgente; Costo: S/ 22.00 | gratis" in version.sentences, "a row is not cut"
    first, second = tables.parts(version.markdown)
    assert first == "Estos son los costos de cada trámite en las oficinas de todo el país."
    assert isinstance(second, Table) and second.headings == ("Trámite", "Costo") and len(second.rows) == 2


def test_a_long_table_is_cut_between_rows_and_keeps_its_headings(tmp_path: Path) -> None:
    rows = [f"| Oficina {n} | Calle {n} de las Flores y esquina con la avenida, Lima. Timbre {n} |" for n in range(60)]
    found = written(tmp_path, "\n".join(["| Nombre | Lugar |", "| --- | --- |", *rows]))
    assert len(found) > 2
    assert "\n".join(p.quote for p in found).splitlines()[2:] == rows, "the quote is the file's own words"
    lines = [line for p in found for line in p.version("es").text.splitlines()]
    assert [line.split(";")[0] for line in lines] == [f"• Nombre: Oficina {n}" for n in range(60)]
    assert all("Lugar: Calle" in line for line in lines)
    assert all(len(p.quote.split()) <= MOST_WORDS + 40 for p in found)
    assert all(isinstance(next(iter(tables.parts(p.version("es").markdown))), Table) for p in found)


def test_titles_are_shown_without_marks(tmp_path: Path) -> None:
    (passage,) = written(tmp_path, "Nada.", title=r"1\. **Costos** \[2026\]")
    assert passage.version("es").title == "1. Costos [2026]"
    assert passage.version("es").markdown == ""
