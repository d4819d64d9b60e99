"""Which sentence of a passage answers a question, on the project's own index."""

import numpy as np
import pytest

from knowledge import index as indexes
from knowledge.highlight import highlight
from knowledge.passages import KnownQuestion, Passage, Version
from nlu.encoder import encoder as encoders
from nlu.paths import VAR

QUESTIONS = [
    ("es", "a cuantas personas peruanas les va bien vivir fuera?", "migration_overview", "3,5 millones"),
    ("en", "which year did IOM start fighting trafficking in Peru", "counter_trafficking", "2003"),
    ("pt", "em que ano começou o trabalho contra o tráfico de pessoas?", "counter_trafficking", "2003"),
    ("zh", "国际移民组织从哪年开始在秘鲁打击人口贩运", "counter_trafficking", "2003"),
]


@pytest.fixture(scope="module")
def encoder():
    return encoders.load(VAR / "encoder")


@pytest.fixture(scope="module")
def index():
    return indexes.load(VAR / "index")


@pytest.mark.parametrize(("language", "question", "section", "fact"), QUESTIONS)
def test_the_sentence_with_the_fact(index, encoder, language, question, section, fact):
    vector = encoder.encode([question])[0]
    passages = [p for p in index.passages if p.section == section and fact in p.version("es").text]
    assert passages
    for passage in passages:
        sentence = highlight(index, passage, language, question, vector)
        assert sentence is None or fact.split(",")[0] in sentence
    assert any(highlight(index, p, language, question, vector) for p in passages)


def test_the_sentence_that_answers_a_known_question_is_marked_in_a_translation_too():
    original = Version("es", "Título", "Uno. Dos. Tres.", "original", ("Uno.", "Dos.", "Tres."))
    english = Version("en", "Title", "One. Two. Three.", "draft", ("One.", "Two.", "Three."))
    shorter = Version("pt", "Título", "Um. Dois e três.", "draft", ("Um.", "Dois e três."))
    versions = {v.language: v for v in (original, english, shorter)}
    known = (KnownQuestion("segundo", 1), KnownQuestion("todo"), KnownQuestion("lejos", 0))
    passage = Passage("d", "s", 1, original.text, "es", versions, known)
    level, questions = np.ones((8, 2), np.float32), np.array([[1, 0], [1, 0], [0.8, 0.6]], np.float32)
    index = indexes.Index([passage], level[:3], "e", level, questions)
    vector = np.array([1, 0], np.float32)
    marked = {code: highlight(index, passage, code, "?", vector) for code in versions}
    assert marked == {"es": "Dos.", "en": "Two.", "pt": None}
    assert highlight(index, passage, "es", "?", -vector) is None


def test_every_sentence_stands_in_its_text(index):
    rows = 0
    for passage in index.passages:
        for version in passage.versions.values():
            assert version.sentences and all(s in version.text for s in version.sentences)
            rows += len(version.sentences)
    assert index.sentence_vectors.shape == (rows, index.vectors.shape[1])


def test_nothing_stands_out(index, encoder):
    """One sentence alone needs no mark, and of two equal ones none answers better."""
    for sentences in (("Una sola frase.",), ("La misma frase.", "La misma frase.")):
        version = Version("es", "Título", " ".join(sentences), "original", sentences)
        passage = Passage("d", "s", 1, version.text, "es", {"es": version})
        small = indexes.Index([passage], np.ones((1, 3), np.float32), "e", np.ones((len(sentences), 3), np.float32))
        assert highlight(small, passage, "es", "¿la misma frase?", np.ones(3, np.float32)) is None
