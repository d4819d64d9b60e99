"""Which texts, buttons and route a response gets, with the project's own words and no document behind."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.answers import Answers, Question
from bot.api.schemas import MessageOut
from bot.catalogue import catalogue
from bot.conversations import Conversation
from bot.dialogue import Turn
from bot.response import Responder, Response
from knowledge.hotlines import read_hotlines
from nlu.language import LANGUAGES

GONE = [{"passage": "gone"}]


@pytest.fixture
def responder() -> Responder:
    nothing: Any = SimpleNamespace(index=None)
    return Responder(catalogue(), Answers(nothing, catalogue()), read_hotlines)


def response(language: str = "fr", **told: Any) -> Response:
    return Response(Conversation("one", language), **told)


def payloads(one: Response) -> set[str]:
    return {button.payload.split()[0] for button in one.quick_replies}


def test_a_passage_that_is_gone_is_told_with_topics_to_go_on_with(responder):
    one = response(route="contact")
    responder.say(GONE, one)
    assert [r.type for r in one.replies] == ["fallback"]
    assert one.route == "out_of_scope" and payloads(one) == {"/topic"}


def test_after_an_alarm_nothing_but_a_passage_follows_the_card(responder):
    one = response()
    responder.alarm("violence", one)
    responder.follow(Turn("emergency_violence", 0.9, replies=[*GONE, {"say": "greeting"}]), one)
    assert [r.type for r in one.replies] == ["hotline"]
    assert one.urgent and one.route == "emergency" and not one.quick_replies


def test_a_text_brings_its_buttons_and_keeps_those_that_are_likelier(responder):
    greeted, asked_back = response(), response()
    responder.tell("greeting", greeted)
    responder.follow(Turn("nlu_fallback", 0.3, [{"name": "contact"}], replies=[{"say": "clarify"}]), asked_back)
    assert payloads(greeted) == {"/topic"} and len(greeted.quick_replies) > 1
    assert [b.payload for b in asked_back.quick_replies] == ["/topic contact"] and asked_back.route == "contact"


def test_a_language_that_was_asked_for_is_spoken_at_once_and_kept(responder):
    one = response("es")
    responder.say([{"language": "ht"}], one)
    assert one.replies[0].text == catalogue().text("ht", "language_set")
    assert one.language == "ht" and one.conversation.chosen


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_turns_out_to_be_urgent_gets_the_card_first_and_no_buttons(responder, language):
    calm = response(language)
    responder.tell("greeting", calm)
    parts = {"replies": calm.replies, "quick_replies": calm.quick_replies}
    out = MessageOut(conversation_id="one", language=language, route="smalltalk", urgent=False, **parts)
    alarmed = responder.alarmed(out, "trafficking")
    assert [r.type for r in alarmed.replies] == ["hotline", "smalltalk"] and "1818" in alarmed.replies[0].text
    assert alarmed.urgent and alarmed.route == "trafficking" and not alarmed.quick_replies


def test_without_rasa_and_without_a_passage_near_it_says_both(responder):
    one = response()
    responder.answer_directly(Question("x", None), one)
    assert [r.type for r in one.replies] == ["notice", "fallback"]
    assert one.route == "out_of_scope" and payloads(one) == {"/topic"}
