"""Which sentence of a passage answers a question, on the project's own index."""

import numpy as np
import pytest

from knowledge import index as indexes
from knowledge.highlight import highlight
from knowledge.passages import Passage, Version
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
