"""Hybrid search, on the project's own index: words lift what they match and never hurt where they can't."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import settings as gateway_settings
from knowledge import index as indexes
from knowledge.index import Index
from knowledge.passages import KnownQuestion, Passage
from knowledge.search import (
    EXPECTED_SECTION,
    NEAREST_QUESTION,
    NEAREST_SENTENCE,
    OTHER_LANGUAGE,
    REORDERED,
    SAME_LANGUAGE,
    TIE,
    Hit,
    answering,
    search,
)
from knowledge.terms import terms
from nlu.encoder import encoder as encoders

VAR = gateway_settings().var
EVERYTHING = 1000
FOREIGN = [
    "Сколько перуанцев живёт за границей?",
    "Где находится офис организации?",
    "أين يقع مكتب المنظمة في ليما؟",
    "사무실은 어디에 있습니까",
    "कितने लोग विदेश में रहते हैं",
]
QUESTIONS = [
    ("¿Cuántos peruanos han emigrado?", "es", "migration_overview"),
    ("¿dónde queda la oficina?", "es", "contact"),
    ("when was the organisation founded?", "en", "iom_world"),
    ("desde quando o Peru é membro da OIM?", "pt", "iom_peru"),
    ("que faites-vous contre la traite des personnes ?", "fr", "counter_trafficking"),
    ("国际移民组织是哪年成立的", "zh", "iom_world"),
    ("nan ki ane yo te kreye OIM?", "ht", "iom_world"),
]


@pytest.fixture(scope="module")
def encoder():
    return encoders.load(VAR / "encoder")


@pytest.fixture(scope="module")
def index() -> Index:
    return indexes.load(VAR / "index")


@pytest.fixture(scope="module")
def unasked(index) -> Index:
    """The index without the questions that its passages are known to answer."""
    return Index(index.passages, index.vectors, index.encoder, index.sentence_vectors)


def ids(hits) -> list[str]:
    return [h.passage.id for h in hits]


@pytest.mark.parametrize("query", FOREIGN)
def test_words_that_cannot_match_change_nothing(unasked, encoder, query):
    index, vector = unasked, encoder.encode([query])[0]
    both = search(index, query, vector, "es", EVERYTHING)
    meaning = search(index, query, vector, "es", EVERYTHING, way="dense")
    assert {h.passage.id: h.dense for h in both} == {h.passage.id: h.dense for h in meaning}
    assert [h.score for h in meaning] == [h.dense for h in meaning]
    for hit in both:
        place = index.passages.index(hit.passage)
        sentence = index.nearest_sentence(slice(*index.owner.searchsorted([place, place + 1])), vector)
        assert hit.lexical == 0
        assert hit.score == pytest.approx(hit.dense + NEAREST_SENTENCE * (sentence - hit.dense))


def test_a_passage_with_a_sentence_that_says_it_comes_first(index, encoder):
    vector = encoder.encode(["¿Cuántos peruanos han emigrado?"])[0]
    third = search(index, "", vector, "es", 3)[2].passage
    sentences = np.zeros_like(index.sentence_vectors)
    sentences[index.sentence_rows[third.id, "es"]] = vector
    lifted = Index(index.passages, index.vectors, index.encoder, sentences)
    assert search(lifted, "", vector, "es", 1)[0].passage == third
    without = Index(index.passages, index.vectors, index.encoder)
    assert [h.score for h in search(without, "", vector, "es")] == [h.dense for h in search(without, "", vector, "es")]


def test_of_passages_with_known_questions_the_nearest_stays_and_those_without_keep_their_place(index, unasked, encoder):
    query = "¿Cuántos peruanos han emigrado?"
    vector = encoder.encode([query])[0]
    best, second, *others = search(unasked, query, vector, "es", REORDERED)
    other = encoder.encode(["otra cosa"])[0]
    known = {best.passage.id: "otra cosa", others[-1].passage.id: query}
    taught = [replace(p, questions=(KnownQuestion(known[p.id]),) if p.id in known else ()) for p in index.passages]
    vectors = np.stack([{query: vector, "otra cosa": other}[q.text] for p in taught for q in p.questions])
    asked = Index(taught, index.vectors, index.encoder, index.sentence_vectors, vectors)
    scores = {h.passage.id: h.score for h in search(asked, query, vector, "es", REORDERED)}
    fallen = best.score - NEAREST_QUESTION * (1 - other @ vector)
    assert scores[best.passage.id] == pytest.approx(fallen, abs=1e-5)
    assert {h.passage.id: scores[h.passage.id] for h in (second, *others)} == pytest.approx(
        {h.passage.id: h.score for h in (second, *others)}, abs=1e-6
    )


def test_a_section_without_known_questions_is_found_beside_those_with(index, encoder):
    """New documents have none, and must not vanish behind the old ones."""
    for query, language, section in QUESTIONS:
        keeps = [p.section != section for p in index.passages]
        taught = [p if kept else replace(p, questions=()) for p, kept in zip(index.passages, keeps, strict=True)]
        left = np.repeat(keeps, [len(p.questions) for p in index.passages])
        new = Index(taught, index.vectors, index.encoder, index.sentence_vectors, index.question_vectors[left])
        found = search(new, query, encoder.encode([query])[0], language, 3, {section: 0.9})
        assert found[0].passage.section == section, query


@pytest.mark.parametrize(("query", "language", "section"), QUESTIONS)
def test_questions_find_their_section(index, encoder, query, language, section):
    vector = encoder.encode([query])[0]
    assert section in [h.passage.section for h in search(index, query, vector, language, 3)]
    assert search(index, query, vector, language, 1, {section: 0.6})[0].passage.section == section


def test_a_word_of_the_same_language_lifts(unasked, encoder):
    index, query = unasked, "Estado Miembro de la OIM, Decreto Ley 17559"
    vector = encoder.encode([query])[0]
    target = next(p.id for p in index.passages if "17559" in p.quote)
    meaning, same, other = (
        next(h for h in search(index, query, vector, language, EVERYTHING, way=way) if h.passage.id == target)
        for language, way in (("es", "dense"), ("es", "hybrid"), ("xx", "hybrid"))
    )
    assert same.score > other.score > meaning.score
    assert same.score <= same.dense + SAME_LANGUAGE * same.lexical + 1e-6
    assert other.score <= other.dense + OTHER_LANGUAGE * other.lexical + 1e-6
    assert ids(search(index, query, vector, "es", 1)) == [target]


def test_words_decide_where_meaning_says_nothing(index):
    nothing = np.zeros(index.vectors.shape[1], np.float32)
    assert search(index, "iomperu@iom.int", nothing, "es", 1)[0].passage.section == "contact"
    assert search(index, "Madre de Dios", nothing, "es", 1)[0].passage.section == "counter_trafficking"


def test_misspelt_words_still_lift(index):
    nothing = np.zeros(index.vectors.shape[1], np.float32)
    assert search(index, "remezas de peruanos", nothing, "es", 1)[0].passage.section == "migration_overview"


@pytest.mark.parametrize("section", ["iom_world", "emergencies", "national_projects"])
def test_an_expected_section_wins_a_vague_question(index, encoder, section):
    query = "¿y cómo funciona eso?"
    vector = encoder.encode([query])[0]
    assert search(index, query, vector, "es", 1, {section: 1.0})[0].passage.section == section


def test_an_expectation_adds_its_probability_and_no_more(index, encoder):
    query = "¿y cómo funciona eso?"
    vector = encoder.encode([query])[0]
    before = {h.passage.id: h.score for h in search(index, query, vector, "es", EVERYTHING)}
    after = search(index, query, vector, "es", EVERYTHING, {"contact": 0.5, "unknown_section": 1.0})
    for hit in after:
        gain = EXPECTED_SECTION * 0.5 if hit.passage.section == "contact" else 0.0
        assert hit.score == pytest.approx(before[hit.passage.id] + gain, abs=1e-6)


def test_a_clear_question_overrules_an_unlikely_expectation(index, encoder):
    query = "¿Cuántos peruanos emigraron y cuántas remesas enviaron?"
    hits = search(index, query, encoder.encode([query])[0], "es", 1, {"contact": 0.1})
    assert hits[0].passage.section == "migration_overview"


@pytest.mark.parametrize("way", ["lexical", "dense", "hybrid"])
def test_each_passage_comes_once_best_first(index, encoder, way):
    vector = encoder.encode(["ayuda para migrantes"])[0]
    hits = search(index, "ayuda para migrantes", vector, "es", EVERYTHING, way=way)
    assert len(hits) == len(index.passages) == len(set(ids(hits)))
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert ids(search(index, "ayuda para migrantes", vector, "es", 2, way=way)) == ids(hits)[:2]


@settings(max_examples=80, deadline=None)
@given(
    st.text(st.characters(codec=None, exclude_categories=[]), max_size=60), st.sampled_from(["es", "zh", "qu", "xx"])
)
def test_any_text_can_be_searched_and_word_scores_are_shares(index, text, language):
    hits = search(index, text, index.vectors[0], language, EVERYTHING)
    assert len(hits) == len(index.passages)
    assert all(0 <= h.lexical <= 1 + 1e-5 for h in hits)


def test_terms_are_stems_and_grams():
    assert "trabaj" in terms("Trabajadores trabajando", "es")
    assert set(terms("trabajo", "qu")) & set(terms("travajo", "qu"))
    assert {"移", "民"} <= set(terms("移民", "zh"))
    assert terms("¿?", "es") == []


def hit(section: str, number: int, score: float) -> Hit:
    return Hit(Passage("guide", section, number, "", "es"), score, score, 0.0)


@pytest.mark.parametrize(
    ("hits", "shown"),
    [
        ([], []),
        ([hit("office", 3, 0.9)], [3]),
        ([hit("office", 3, 0.9), hit("office", 1, 0.9 - TIE / 2), hit("office", 2, 0.9 - TIE / 2)], [1, 3]),
        ([hit("office", 3, 0.9), hit("office", 1, 0.9 - TIE * 1.1)], [3]),
        ([hit("office", 3, 0.9), hit("hours", 1, 0.9)], [3]),
    ],
)
def test_a_tie_within_a_section_shows_both_as_they_are_written(hits, shown):
    assert [p.number for p in answering(hits)] == shown
