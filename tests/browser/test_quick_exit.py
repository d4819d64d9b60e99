"""Quick exit: content gone at once, the session emptied here and on the server, the page's history entry replaced."""

import asyncio
import threading
import time

import pytest
from playwright.sync_api import expect

from bot.catalogue import catalogue
from tests.browser.conftest import NOTHING
from tests.browser.visitor import NEUTRAL, Visitor, gone
from tests.gateway.messages import QUESTIONS
from tests.gateway.serving import kinds, say

PRIVATE = "Tengo miedo de mi jefe"


def by_button(one: Visitor) -> None:
    one.part(".exit").click()


def by_shift(one: Visitor) -> None:
    for _ in range(3):
        one.page.keyboard.press("Shift")


def by_script(one: Visitor) -> None:
    one.page.evaluate("document.querySelector('yanapay-chat').exit()")


def by_link_of_the_page(one: Visitor) -> None:
    one.page.locator("a[data-yanapay-exit]").click()


@pytest.mark.parametrize("leave", [by_button, by_shift, by_script, by_link_of_the_page])
def test_nothing_is_left(lone, visitor, leave):
    one = visitor()
    one.page.goto("about:blank")
    one.visit(lone.url).open()
    one.say(PRIVATE)
    before = one.page.evaluate("history.length")
    name = one.conversation
    assert lone.app.state.reception.conversations.has(name)
    leave(one)
    one.page.wait_for_url(NEUTRAL)
    assert gone(lone, name)
    assert one.page.evaluate("history.length") == before, "the entry is replaced, none is added"
    one.page.go_back()
    assert one.page.url == "about:blank"

    one.visit(lone.url)
    assert one.stored() == NOTHING
    one.open()
    assert PRIVATE not in " ".join(one.said()) and len(one.said()) == 2


def test_rasa_forgets_too(gateway, visitor):
    one = visitor().visit(str(gateway.client.base_url)).open()
    one.say(QUESTIONS["es"])
    name = one.conversation
    assert kinds(say(gateway.client, "y eso donde queda", name, language="es")) == ["answer"]
    by_button(one)
    one.page.wait_for_url(NEUTRAL)
    one.page.wait_for_timeout(500)
    assert kinds(say(gateway.client, "y eso donde queda", name, language="es")) == ["clarify"]


def test_an_answer_on_its_way_is_forgotten_too(lone, visitor, monkeypatch):
    """The message is at the server when the person leaves; its answer leaves nothing there."""
    one = visitor().visit(lone.url).open()
    reception = lone.app.state.reception
    vector = reception.vector

    answering, answered = reception.answer, threading.Event()

    async def slowly(text, kind):
        await asyncio.sleep(1 if kind == "intent" else 0)
        return await vector(text, kind)

    async def telling(*message, **options):
        try:
            return await answering(*message, **options)
        finally:
            answered.set()

    monkeypatch.setattr(reception, "vector", slowly)
    monkeypatch.setattr(reception, "answer", telling)
    with one.page.expect_request("**/api/messages"):
        one.write(PRIVATE)
    one.page.wait_for_timeout(300)
    name = one.conversation
    assert reception.conversations.has(name)
    by_button(one)
    one.page.wait_for_url(NEUTRAL)
    assert gone(lone, name)
    assert answered.wait(5)
    assert not reception.conversations.has(name)


def test_content_is_hidden_before_the_neutral_page_is_there(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.say(PRIVATE)
    seen = one.part(".exit").evaluate(
        """(button) => { const { shadowRoot } = document.querySelector("yanapay-chat"); button.click();
           const { display } = getComputedStyle(document.documentElement);
           return [display, document.title, shadowRoot.querySelectorAll(".said").length]; }"""
    )
    assert seen == ["none", NEUTRAL, 0]


@pytest.mark.parametrize("attribute", ["", "data-keep"])
@pytest.mark.parametrize("restored", [True, False])
def test_going_back_to_an_earlier_page_shows_an_empty_chat(known, site, visitor, restored, attribute):
    """Two pages of a site, exit on the second: the first is empty, from the browser's memory or loaded anew."""
    body = "" if restored else "<script>addEventListener('unload', () => {})</script>"
    first = site.page("first", known.url, attribute, body=body)
    second = site.page("second", known.url, attribute)
    one = visitor().visit(first).open()
    one.say(PRIVATE)
    one.page.evaluate("window.kept = 'in the memory of the browser'")
    one.visit(second)
    if not attribute:
        one.open()
    expect(one.panel).to_be_visible()
    by_button(one)
    one.page.wait_for_url(NEUTRAL)
    one.page.evaluate("void setTimeout(() => history.back(), 50)")
    one.page.wait_for_url(first, wait_until="commit")
    expect(one.part(".frame")).to_be_attached()
    assert one.page.evaluate("'kept' in window") is restored
    expect(one.panel).to_be_hidden()
    assert one.stored() == NOTHING
    one.open()
    assert PRIVATE not in " ".join(one.said())


def test_with_a_message_on_its_way_where_the_conversation_is_kept(known, site, visitor):
    """Neither the message nor its answer is stored after the exit, here or there."""
    address = site.page("kept", known.url, "data-keep")
    one = visitor().visit(address).open()
    one.say("hola")
    held = []
    one.page.route("**/api/messages", lambda route: held.append(route))
    one.write(PRIVATE)
    expect(one.part(".mine").last).to_contain_text(PRIVATE)
    assert PRIVATE in one.stored()["session"]["yanapay"]
    by_shift(one)
    one.page.wait_for_url(NEUTRAL)
    assert gone(known, one.conversation)
    one.visit(address)
    assert one.stored() == NOTHING
    expect(one.panel).to_be_hidden()


def test_on_another_site_the_server_forgets_too(known, site, visitor):
    one = visitor().visit(site.page("exit", known.url)).open()
    one.say(PRIVATE)
    name = one.conversation
    by_button(one)
    one.page.wait_for_url(NEUTRAL)
    assert gone(known, name)


def test_leaving_the_page_ends_the_conversation(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.say(PRIVATE)
    name = one.conversation
    one.page.goto("about:blank")
    assert gone(lone, name)


@pytest.mark.parametrize(
    ("attribute", "target"),
    [("data-exit='{site}/weather'", "{site}/weather"), ("data-exit='javascript:alert(1)'", NEUTRAL)],
)
def test_the_sites_own_neutral_page(known, site, visitor, attribute, target):
    one = visitor().visit(site.page("own", known.url, attribute.format(site=site.url))).open()
    by_button(one)
    one.page.wait_for_url(target.format(site=site.url))


def test_from_a_frame_the_whole_page_leaves(known, site, visitor):
    one = visitor()
    framed = f'<iframe src="{known.url}/chat?lang=es" title="chat" width="400" height="640"></iframe>'
    one.page.goto(site.page("framed", "", body=framed))
    frame = one.page.frame_locator("iframe")
    expect(frame.locator("yanapay-chat .said").first).to_contain_text("Yanapay")
    box = frame.locator("yanapay-chat textarea").bounding_box()
    assert box and box["y"] > 400, "the panel fills the frame"
    frame.locator("yanapay-chat .exit").click()
    one.page.wait_for_url(NEUTRAL)


def test_shift_leads_away_only_once_the_chat_was_opened_and_only_alone(lone, visitor):
    one = visitor().visit(lone.url)
    by_shift(one)
    one.page.wait_for_timeout(300)
    assert one.page.url.startswith(lone.url)
    one.open()
    for letter in "ABC":
        one.page.keyboard.press(f"Shift+{letter}")
    one.page.wait_for_timeout(300)
    assert one.page.url.startswith(lone.url) and one.input.input_value() == "ABC"


def test_escape_closes_and_the_button_has_the_focus(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.say("hola")
    one.page.keyboard.press("Escape")
    expect(one.panel).to_be_hidden()
    expect(one.part(".launch")).to_be_focused()
    one.open()
    assert len(one.said()) > 2, "closing is not leaving"


class TestKept:
    """Where the site lets visitors keep the conversation in their tab."""

    def visit(self, known, site, one: Visitor) -> Visitor:
        return one.visit(site.page("kept", known.url, "data-keep"))

    def test_until_exit(self, known, site, visitor):
        one = self.visit(known, site, visitor()).open()
        expect(one.part(".keep")).to_contain_text(catalogue().text("es", "widget.keep"))
        one.say(PRIVATE)
        self.visit(known, site, one)
        expect(one.panel).to_be_visible()
        assert PRIVATE in " ".join(one.said())
        assert PRIVATE in one.stored()["session"]["yanapay"]
        name = one.conversation
        by_button(one)
        one.page.wait_for_url(NEUTRAL)
        assert gone(known, name)
        self.visit(known, site, one)
        assert one.stored() == NOTHING
        expect(one.panel).to_be_hidden()

    def test_the_person_can_switch_it_off(self, known, site, visitor):
        one = self.visit(known, site, visitor()).open()
        one.say(PRIVATE)
        one.part(".keep input").uncheck()
        assert one.stored() == NOTHING
        one.say("gracias")
        assert one.stored() == NOTHING

    def test_not_in_another_tab_and_not_after_half_an_hour(self, known, site, visitor):
        one = self.visit(known, site, visitor()).open()
        one.say(PRIVATE)
        other = Visitor(one.page.context.new_page())
        self.visit(known, site, other)
        assert other.stored() == NOTHING
        one.page.evaluate("window.onpagehide = null")
        one.page.clock.install(time=time.time() + 31 * 60)
        self.visit(known, site, one)
        one.page.wait_for_function("!sessionStorage.length")
        assert one.said() == []


def test_without_permission_nothing_is_stored(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.say(PRIVATE)
    assert one.stored() == NOTHING
    assert one.part(".keep").count() == 0
