"""A conversation in each language with the whole gateway, Rasa and all, on the help page."""

import re

import pytest
from playwright.sync_api import expect

from bot.catalogue import catalogue
from nlu.language import LANGUAGES
from tests.browser.visitor import gone
from tests.gateway.messages import QUESTIONS, URGENT


def text(language: str, key: str) -> str:
    return catalogue().text(language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_each_language(gateway, visitor, language):
    one = visitor(locale=language).visit(f"{gateway.client.base_url}/?lang={language}").open()
    greeting, note = one.said()
    assert text(language, "greeting") in greeting and text(language, "widget.exit_note") in note
    expect(one.part(".exit")).to_have_text(text(language, "widget.exit"))
    expect(one.part(".frame")).to_have_attribute("lang", language)

    one.say(QUESTIONS[language])
    expect(one.part("summary").last).to_contain_text(text(language, "source_label"))
    one.part("summary").last.click()
    quote = one.part("blockquote").last
    expect(quote).to_contain_text("iomperu@iom.int")
    expect(quote).to_have_attribute("lang", "es")
    one.part(".helpful .chip").first.click()
    expect(one.part(".helpful")).to_have_text(text(language, "feedback_thanks"))

    one.say(URGENT[language][0][1])
    card = one.part(".hotline").last
    assert card.locator("a").first.get_attribute("href") == "tel:1818"
    expect(card).to_contain_text("2026-11-23")
    expect(card).to_be_in_viewport()


def test_topics_first_then_the_language_of_the_messages(gateway, visitor):
    """The first button is answered in the language of the page; then the person's own language is followed."""
    one = visitor(locale="fr").visit(f"{gateway.client.base_url}/?lang=fr").open()
    assert one.part(".quick .chip").all_inner_texts() == list(catalogue().languages["fr"]["topics"].values())
    one.part(".quick .chip").last.click()
    expect(one.part(".answer")).to_contain_text("iomperu@iom.int")
    expect(one.part(".answer")).to_have_attribute("lang", "fr")
    one.say("¿Cuántos peruanos viven en el extranjero? Quiero saberlo, por favor")
    expect(one.part(".frame")).to_have_attribute("lang", "es")
    expect(one.input).to_have_attribute("placeholder", text("es", "page.placeholder"))


def test_the_sentence_that_answers_is_marked(gateway, visitor):
    one = visitor(locale="es").visit(f"{gateway.client.base_url}/?lang=es").open()
    one.say("¿desde qué año la OIM lucha contra la trata en el Perú?")
    expect(one.part(".answer mark").first).to_contain_text("2003")
    expect(one.part(".answer mark").first).to_be_visible()


def test_a_chosen_language_holds(gateway, visitor):
    one = visitor().visit(f"{gateway.client.base_url}/").open()
    one.part("select").select_option("zh")
    expect(one.part(".said").first).to_contain_text(text("zh", "greeting")[:10])
    assert len(one.said()) == 2, "greeted anew, not twice"
    one.say("¿Cuál es el correo de la oficina?")
    expect(one.part(".answer")).to_have_attribute("lang", "zh")
    one.part("select").select_option("pt")
    expect(one.part(".said").last).to_contain_text(text("pt", "language_set"))


def test_start_again(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.say("hola")
    one.part(".top .bare").last.click()
    expect(one.part("[role=status]")).to_have_text(text("es", "conversation_deleted"))
    assert len(one.said()) == 1, "the note about leaving is shown once"
    assert gone(lone, one.conversation)


def test_an_urgent_answer_does_not_wait_for_the_words_of_its_language(lone, visitor):
    one = visitor().visit(lone.url).open()
    held = []
    one.page.route("**/fr.json*", lambda route: held.append(route))
    one.say("mon patron m'a enfermée, il a pris mon passeport, au secours")
    call = one.part(".hotline .call").first
    expect(call).to_contain_text(f"1818, {text('es', 'hotline.option')} 1")
    held.pop().continue_()
    expect(call).to_contain_text(f"1818, {text('fr', 'hotline.option')} 1")
    expect(one.part(".hotline")).to_have_count(1)
    expect(one.part(".helpful")).to_have_count(one.part(".answer").count() and 1)


def test_words_that_come_after_a_new_start_change_nothing(lone, visitor):
    one = visitor().visit(lone.url).open()
    held = []
    one.page.route("**/fr.json*", lambda route: held.append(route))
    one.say("mon patron m'a enfermée, il a pris mon passeport, au secours")
    one.part(".top .bare").last.click()
    expect(one.part(".hotline")).to_have_count(0)
    held.pop().continue_()
    expect(one.part(".said").first).to_contain_text(text("fr", "greeting")[:10])
    assert not one.part(".helpful").count() and not one.part(".hotline").count() and not one.faults


def test_a_long_answer_is_folded(lone, visitor):
    one = visitor().visit(lone.url).open()
    answer = {"type": "answer", "text": "Una frase. " * 80, "sources": []}
    body = {"conversation_id": "x", "language": "es", "route": "contact", "urgent": False, "replies": [answer]}
    one.page.route("**/api/messages", lambda route: route.fulfill(json={**body, "quick_replies": []}))
    answer["sources"] = [{"title": "T", "language": "es", "quote": "Q", "quote_language": "es"}]
    one.say("hola")
    rest = one.part(".answer p").nth(1)
    expect(rest).to_be_hidden()
    one.part(".answer .plain").click()
    expect(rest).to_be_visible()
    expect(rest).to_be_focused()
    assert re.sub(r"\s+", " ", " ".join(one.part(".answer p").all_inner_texts())).count("Una frase.") == 80


def test_typing_state_and_refusals(lone, visitor):
    one = visitor().visit(lone.url).open()
    held = []
    one.page.route("**/api/messages", lambda route: held.append(route))
    one.write("hola")
    expect(one.part("[role=status]")).to_have_text(text("es", "widget.typing"))
    held.pop().fulfill(status=500, json={"detail": "Ahora no puedo."})
    expect(one.part(".said").last).to_contain_text("Ahora no puedo.")
    mark = one.part(".mine .mark")
    expect(mark).to_contain_text(text("es", "widget.failed"))
    one.page.unroute("**/api/messages")
    mark.locator("button").click()
    expect(mark).to_have_count(0)
    expect(one.part(".said")).to_have_count(6)


def test_too_fast_is_sent_again_by_itself(lone, visitor):
    one = visitor().visit(lone.url).open()
    busy = {"status": 429, "json": {"detail": "Espere."}, "headers": {"Retry-After": "1"}}
    one.page.route("**/api/messages", lambda route: route.fulfill(**busy), times=1)
    one.write("hola")
    expect(one.part("[role=status]")).to_have_text("Espere.")
    expect(one.part(".said").nth(3)).to_be_visible()
    expect(one.part("[role=status]")).to_have_text("")


def test_idle_conversations_are_emptied(lone, visitor):
    one = visitor()
    one.page.clock.install()
    one.visit(lone.url).open()
    one.say("hola")
    assert len(one.said()) > 2
    one.page.clock.fast_forward("31:00")
    expect(one.part(".said")).to_have_count(1)
    expect(one.part(".mine")).to_have_count(0)
