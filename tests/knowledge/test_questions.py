"""Questions that people ask: each goes to the passages that hold the words of its answer."""

import pytest

from knowledge.checker import FOLDER
from knowledge.documents import read_folder
from knowledge.findings import KnowledgeError
from knowledge.passages import KnownQuestion, Passage, Version, cut
from knowledge.questions import Asked, read_questions, with_questions
from nlu.language import LANGUAGES


def passage(number: int, quote: str, *sentences: str) -> Passage:
    return Passage("prueba", "uno", number, quote, "es", {"es": Version("es", "", quote, "original", sentences)})


def test_a_question_goes_to_every_passage_with_the_words_and_to_the_sentence_that_has_them():
    passages = [
        passage(1, "Hola. Hay **481 oficinas** y <a@b.pe>.", "Hola.", "Hay 481 oficinas y a@b.pe."),
        passage(2, "Son 481\noficinas."),
        passage(3, "Nada.", "Nada."),
    ]
    asked = [
        Asked("481 Oficinas", ((2, "cuántas sedes"), (3, "how many")), 1),
        Asked("hola. hay", ((5, "mail"), (6, "How many?")), 4),
        Asked("482 oficinas", ((8, "otra"),), 7),
    ]
    found = with_questions(passages, asked)
    offices = (KnownQuestion("cuántas sedes", 1), KnownQuestion("how many", 1))
    assert found[0].questions == (*offices, KnownQuestion("mail"))
    assert [[q.text for q in p.questions] for p in found[1:]] == [["cuántas sedes", "how many"], []]
    assert [p.quote for p in found] == [p.quote for p in passages]


def test_files_are_read_in_order_and_none_is_needed(tmp_path):
    assert read_questions(tmp_path) == []
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions/qu.yml").write_text("7 p:\n-  hayka   wasi\n- 12\nno: [on, 12:30]\n", "utf-8")
    (tmp_path / "questions/es.yml").write_text("# nada\n", "utf-8")
    (tmp_path / "questions/other.yml").write_text("[", "utf-8")
    assert read_questions(tmp_path) == [
        Asked("7 p", ((2, "hayka wasi"), (3, "12")), 1),
        Asked("no", ((4, "on"), (4, "12:30")), 4),
    ]


@pytest.mark.parametrize(
    "text", ["- a\n", "a: b\n", "a:\n- b: c\n", "'': [a]\n", "a: [b\n", "? [a]\n: [b]\n", "a: {b: c}\n", "a:\n"]
)
def test_what_is_not_words_with_questions_is_refused_with_its_line(tmp_path, text):
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions/es.yml").write_text("# a\n" + text, "utf-8")
    with pytest.raises(KnowledgeError) as refused:
        read_questions(tmp_path)
    assert all(f.line > 1 and f.remedy for f in refused.value.findings)


def test_the_projects_questions_are_of_all_languages_and_of_every_section():
    assert {path.stem for path in (FOLDER / "questions").iterdir()} == set(LANGUAGES)
    passages = with_questions(cut(read_folder(FOLDER / "documents")), read_questions(FOLDER))
    assert [p.id for p in passages if not p.questions] == []
