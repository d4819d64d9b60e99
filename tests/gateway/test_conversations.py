"""Whole conversations over HTTP with Rasa, in every language that the phrases below are written in."""

import re

import pytest

from bot.catalogue import catalogue
from bot.evaluation.messages import read
from nlu.language import LANGUAGES
from nlu.paths import ROOT
from tests.gateway.serving import kinds, say, sentences, shown, texts

ORIGINAL = (ROOT / "knowledge/documents/oim-peru/es.md").read_text("utf-8")
PHRASES = {
    "es": {
        "hello": "hola buenas tardes",
        "kept": r"no guardo",
        "more": "más",
        "where": "y eso donde queda",
        "since": "¿desde cuándo?",
        "trafficking": "qué hace la OIM contra la trata",
        "to": ("quiero hablar en inglés", "en"),
        "other": "quién ganó el partido de fútbol ayer",
        "thanks": "muchas gracias",
        "bye": "chau, hasta luego",
    },
    "en": {
        "hello": "hello good afternoon",
        "kept": r"do not keep",
        "more": "tell me more",
        "where": "and where is it?",
        "since": "since when?",
        "trafficking": "what does IOM do against human trafficking",
        "to": ("can we speak spanish please", "es"),
        "other": "what is the recipe for lasagne",
        "thanks": "thank you very much",
        "bye": "goodbye",
    },
    "pt": {
        "hello": "olá boa tarde",
        "kept": r"não guardo",
        "more": "mais",
        "where": "e onde fica?",
        "since": "e desde quando?",
        "trafficking": "o que a OIM faz contra o tráfico de pessoas",
        "to": ("podemos falar em francês?", "fr"),
        "other": "como faço um bolo de chocolate",
        "thanks": "muito obrigado",
        "bye": "tchau, até logo",
    },
    "fr": {
        "hello": "bonjour",
        "kept": r"ne garde pas",
        "more": "dites-m'en plus",
        "where": "et c'est où ?",
        "since": "depuis quand ?",
        "trafficking": "que fait l'OIM contre la traite des personnes",
        "to": ("parlez-vous espagnol?", "es"),
        "other": "quel temps fera-t-il demain à Paris",
        "thanks": "merci beaucoup",
        "bye": "au revoir",
    },
    "zh": {
        "hello": "你好",
        "kept": r"不会保存",
        "more": "继续说",
        "where": "那在哪里？",
        "since": "从什么时候开始的？",
        "trafficking": "国际移民组织怎样打击人口贩运",
        "to": ("可以说英语吗", "en"),
        "other": "明天天气怎么样",
        "thanks": "谢谢你",
        "bye": "再见",
    },
    "ht": {
        "hello": "bonjou",
        "kept": r"pa kenbe",
        "more": "di m plis",
        "where": "e ki kote li ye?",
        "since": "depi ki lè?",
        "trafficking": "kisa OIM fè kont trafik moun",
        "to": ("èske nou ka pale franse", "fr"),
        "other": "ki moun ki genyen match foutbòl la",
        "thanks": "mèsi anpil",
        "bye": "orevwa",
    },
}
SPOKEN = pytest.mark.parametrize("language", PHRASES)
EVERY = pytest.mark.parametrize("language", LANGUAGES)


@SPOKEN
def test_greeting_says_what_it_can_do_and_what_is_kept(gateway, language):
    answer = say(gateway.client, PHRASES[language]["hello"])
    assert (answer["language"], answer["route"], kinds(answer)) == (language, "smalltalk", ["smalltalk"])
    (text,) = texts(answer)
    assert text == sentences("greeting")[language]
    assert re.search(PHRASES[language]["kept"], text, re.IGNORECASE)
    assert re.search("OIM|IOM", text) and "1818" in text and "105" in text
    assert len(answer["quick_replies"]) == 7


@SPOKEN
def test_more_until_that_is_all(gateway, language):
    """The button, then words: the following passages in the document's order, each once, then an end."""
    answer = say(gateway.client, "/topic migration_peru", language=language)
    conversation, quotes = answer["conversation_id"], [shown(answer)[0]["quote"]]
    while answer["quick_replies"]:
        assert [q["payload"] for q in answer["quick_replies"]] == ["/more"]
        answer = say(gateway.client, "/more" if len(quotes) == 1 else PHRASES[language]["more"], conversation)
        assert [s["section"] for s in shown(answer)] == ["migration_overview"]
        assert answer["route"] == "migration_peru"
        quotes.append(shown(answer)[0]["quote"])
    assert len(quotes) >= 3 and len(set(quotes)) == len(quotes)
    assert [ORIGINAL.index(q) for q in quotes] == sorted(ORIGINAL.index(q) for q in quotes)
    for again in (PHRASES[language]["more"], "/more"):
        last = say(gateway.client, again, conversation)
        assert texts(last) == [sentences("no_more")[language]] and not last["quick_replies"]


@EVERY
def test_more_of_nothing_asks_which_topic(gateway, language):
    answer = say(gateway.client, "/more", language=language)
    assert (kinds(answer), texts(answer)) == (["clarify"], [sentences("no_topic")[language]])
    assert len(answer["quick_replies"]) == 7


@SPOKEN
def test_follow_up_keeps_the_topic(gateway, language):
    first = say(gateway.client, "/topic contact", language=language)
    place = say(gateway.client, PHRASES[language]["where"], first["conversation_id"])
    assert place["route"] == "contact" and "Miguel Seminario" in texts(place)[0]
    asked = say(gateway.client, PHRASES[language]["trafficking"], first["conversation_id"])
    assert shown(asked)[0]["section"] == "counter_trafficking"
    since = say(gateway.client, PHRASES[language]["since"], first["conversation_id"])
    assert since["route"] == "trafficking" and "2003" in texts(since)[0]
    assert shown(since)[0]["section"] == "counter_trafficking"


@SPOKEN
def test_follow_up_of_nothing_is_asked_back(gateway, language):
    answer = say(gateway.client, PHRASES[language]["since"], language=language)
    assert kinds(answer) == ["clarify"] and not shown(answer)
    assert len(answer["quick_replies"]) == 7


def beginnings(language: str) -> list[str]:
    """The first words of the dev messages, which tell little."""
    messages = [case.text for case in read([ROOT / f"tests/evaluation/messages/dev/{language}.jsonl"])]
    return [text[:2] if language == "zh" else " ".join(text.split()[:2]) for text in messages[:200]]


@EVERY
def test_unclear_is_asked_back_once_with_buttons(gateway, language):
    """The first of many vague messages that the model is not sure of, whatever it was trained on."""
    answers = (say(gateway.client, text, language=language) for text in beginnings(language))
    answer = next(a for a in answers if sentences("clarify")[language] in texts(a))
    assert texts(answer) == [sentences("clarify")[language]]
    payloads = [q["payload"] for q in answer["quick_replies"]]
    assert len(payloads) >= 2 and all(p.startswith("/topic ") for p in payloads)
    if len(payloads) == 7:
        assert answer["route"] in ("smalltalk", "out_of_scope")
    chosen = say(gateway.client, payloads[0], answer["conversation_id"])
    assert shown(chosen) and chosen["language"] == language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "que pasa con el dinero y la gente"),
        ("en", "something about the thing with the office people"),
        ("pt", "tenho uma dúvida sobre os documentos"),
        ("zh", "关于证件的问题"),
    ],
)
def test_one_question_at_a_time(gateway, language, text):
    """Where safety is asked about, nothing else is: two questions with the buttons of one leave a person stuck."""
    answer = say(gateway.client, text, language=language)
    assert kinds(answer).count("clarify") <= 1


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "hospital"), ("es", "el patrón"), ("en", "police"), ("fr", "police"), ("ht", "lopital"), ("zh", "警察")],
)
def test_one_word_is_asked_about_and_not_answered_by_a_guess(gateway, language, text):
    answer = say(gateway.client, text, language=language)
    assert not answer["urgent"] and texts(answer) == [sentences("safe_check")[language]]
    assert [q["payload"] for q in answer["quick_replies"]] == ["/safe no", "/safe yes"]


@SPOKEN
def test_language_changes_by_words(gateway, language):
    words, wanted = PHRASES[language]["to"]
    conversation = say(gateway.client, PHRASES[language]["hello"])["conversation_id"]
    changed = say(gateway.client, words, conversation)
    assert (changed["language"], texts(changed)) == (wanted, [sentences("language_set")[wanted]])
    after = say(gateway.client, PHRASES[language]["trafficking"], conversation)
    assert after["language"] == wanted and shown(after)[0]["language"] == wanted


@EVERY
def test_language_changes_by_button(gateway, language):
    conversation = say(gateway.client, "hola")["conversation_id"]
    changed = say(gateway.client, f"/language {language}", conversation)
    assert (changed["language"], texts(changed)) == (language, [sentences("language_set")[language]])
    after = say(gateway.client, "dónde queda la oficina", conversation)
    assert (after["language"], shown(after)[0]["language"]) == (language, language)
    back = say(gateway.client, "/language es", conversation)
    assert back["language"] == "es"


@SPOKEN
def test_language_follows_the_person(gateway, language):
    """Unless they chose one."""
    conversation = say(gateway.client, "where is the office of IOM in Lima?")["conversation_id"]
    assert say(gateway.client, PHRASES[language]["trafficking"], conversation)["language"] == language


@SPOKEN
def test_out_of_scope_is_refused(gateway, language):
    answer = say(gateway.client, PHRASES[language]["other"])
    assert (answer["route"], answer["urgent"], kinds(answer)) == ("out_of_scope", False, ["fallback"])
    assert texts(answer) == [sentences("out_of_scope")[language]] and not shown(answer)
    assert answer["quick_replies"]


@SPOKEN
@pytest.mark.parametrize(("phrase", "key"), [("thanks", "thanks"), ("bye", "goodbye")])
def test_thanks_and_goodbye(gateway, language, phrase, key):
    answer = say(gateway.client, PHRASES[language][phrase], language=language)
    assert (answer["route"], texts(answer)) == ("smalltalk", [catalogue().text(language, key)])
    assert not answer["urgent"]
