"""What the document does not answer is told so, and nothing that may be about danger is kept back."""

import pytest

from actions.fit import answers, may_be_a_question
from knowledge.passages import Passage, Version
from knowledge.search import Hit

TEXT = "La mayoría proviene de China, Bolivia y España, y vive en Madre de Dios."


def hit(dense: float, lexical: float = 0.0) -> Hit:
    versions = {
        "es": Version("es", "Cifras", TEXT, "original"),
        "zh": Version("zh", "数字", "大多数人来自中国和玻利维亚。", "reviewed"),
    }
    return Hit(Passage("guide", "figures", 1, TEXT, "es", versions), 1.0, dense, lexical)


def message(intent: str, out_of_scope: float, **places: str) -> dict:
    ranking = [{"name": intent, "share": 0.9 - out_of_scope}, {"name": "out_of_scope", "share": out_of_scope}]
    return {"intent_ranking": ranking, "entities": [{"entity": k, "value": v} for k, v in places.items()]}


@pytest.mark.parametrize(
    ("found", "doubt", "fits"),
    [
        (hit(0.90), 0.30, True),
        (hit(0.79), 0.30, False),
        (hit(0.79, 0.30), 0.30, True),
        (hit(0.79), 0.001, True),
        (hit(0.84), 0.60, False),
    ],
)
def test_what_is_near_in_meaning_or_words_or_surely_ours_is_answered(found, doubt, fits):
    assert answers(found, message("contact", doubt), "es") is fits


@pytest.mark.parametrize(
    ("others", "fits"),
    [(("iom_world", "iom_peru"), True), (("iom_world", "follow_up"), True), (("greeting", "out_of_scope"), False)],
)
def test_it_is_a_question_whichever_of_several_it_asks(others, fits):
    ranking = [{"name": name, "share": 0.25} for name in ("contact", *others, "thanks")]
    assert answers(hit(0.83), {"intent_ranking": ranking}, "es") is fits


@pytest.mark.parametrize("intent", ["trafficking_danger", "trafficking_warning", "emergency_unclear"])
def test_what_may_be_about_danger_is_always_answered(intent):
    assert answers(hit(0.5), message(intent, 0.9), "es")


@pytest.mark.parametrize("message", [{}, {"intent_ranking": [{"name": "invented", "share": 0.9}]}])
def test_a_message_whose_intents_nobody_knows_is_answered(message):
    assert answers(hit(0.5), message, "es")


@pytest.mark.parametrize(
    ("places", "language", "fits"),
    [
        ({}, "es", True),
        ({"country": "bolivia"}, "es", True),
        ({"country": "bolivia"}, "zh", True),
        ({"country": "chile"}, "es", False),
        ({"place": "arequipa"}, "es", False),
        ({"place": "madre_de_dios", "country": "spain"}, "es", True),
        ({"place": "madre_de_dios", "country": "portugal"}, "es", False),
        ({"nationality": "haitian"}, "es", True),
    ],
)
def test_figures_are_of_the_places_that_are_asked_for(places, language, fits):
    assert answers(hit(0.9), message("migration_figures", 0.01, **places), language) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("cuantos se fueron a Chile", False),
        ("Hola. ¿Cuántos se fueron a Chile? Es para una tarea", False),
        ("Mi tío vive en Chile. ¿Cuántos se fueron en total? Gracias", True),
        ("¿Cuántos se fueron en total?\nMi tío vive en Chile", True),
        ("我叔叔在智利。一共有多少人？", True),
        ("智利有多少人？", False),
        ("Necesito cifras de los que están en Chile. ¿Me puedes ayudar?", False),
        ("¿Cuántos hay en Chile y EE.UU. ahora mismo, más o menos?", False),
        ("¿Es verdad que en Chile viven 1.2 millones de ellos?", False),
        ("How many live in Chile, e.g. in the year 2010?", False),
    ],
)
def test_places_named_beside_the_question_are_not_asked_for(text, fits):
    asked = message("migration_figures", 0.01, country="chile") | {"text": text}
    assert answers(hit(0.9), asked, "es") is fits


def test_a_question_that_points_back_asks_for_the_place_named_before():
    asked = message("migration_figures", 0.01, country="chile", there="there")
    assert not answers(
        hit(0.9), asked | {"text": "Quiero saber de Chile. ¿Cuántos de los nuestros viven allá hoy?"}, "es"
    )


def test_other_questions_may_name_any_place():
    assert answers(hit(0.9), message("labour_migration", 0.01, country="chile"), "es")


@pytest.mark.parametrize(
    ("intent", "asked"),
    [
        ("contact", True),
        ("out_of_scope", True),
        ("greeting", False),
        ("trafficking_danger", False),
        ("emergency_unclear", False),
    ],
)
def test_small_talk_and_danger_ask_nothing(intent, asked):
    unsure = {"name": "nlu_fallback", "confidence": 0.5}
    ranking = [unsure, {"name": intent, "share": 0.4}, {"name": "iom_world", "share": 0.3}]
    assert may_be_a_question({"intent_ranking": ranking}) is asked


def test_nothing_understood_asks_nothing():
    assert not may_be_a_question({})
