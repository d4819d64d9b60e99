"""axe finds nothing in any state, in light and dark, from left and from right; and the keyboard is enough."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bot.catalogue import catalogue
from tests.browser.visitor import Visitor
from tests.gateway.messages import QUESTIONS, URGENT

LONG = {"type": "answer", "text": "Una frase de prueba. " * 60, "sources": []}
LONG["sources"] = [{"title": "Título", "language": "es", "quote": "Cita", "quote_language": "es"}]
LONG_ANSWER = {"conversation_id": "x", "language": "es", "replies": [LONG], "quick_replies": []}


def closed(one: Visitor) -> None:
    pass


def opened(one: Visitor) -> None:
    one.open()


def answered(one: Visitor) -> None:
    one.open().say(QUESTIONS["es"])
    one.part("summary").click()


def urgent(one: Visitor) -> None:
    one.open().say(URGENT["es"][0][1])


def failed(one: Visitor) -> None:
    one.open()
    one.page.route("**/api/messages", lambda route: route.fulfill(status=500, json={"detail": "Ahora no puedo."}))
    one.write("hola")
    expect(one.part(".mark")).to_be_visible()


def offline(one: Visitor) -> None:
    one.open()
    one.page.context.set_offline(True)
    one.write("hola")
    expect(one.part(".mine .mark")).to_be_visible()


def long(one: Visitor) -> None:
    one.open()
    one.page.route("**/api/messages", lambda route: route.fulfill(json=LONG_ANSWER))
    one.say("hola")
    expect(one.part(".answer .plain")).to_be_visible()


STATES = [closed, opened, answered, urgent, failed, offline, long]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe(known, site, visitor, state: Callable[[Visitor], None], scheme, direction):
    one = visitor(color_scheme=scheme)
    if direction == "rtl":
        one.page.route("**/widget.js*", right_to_left)
    style = "<style>body { color-scheme: light dark; background: Canvas; color: CanvasText }</style>"
    one.visit(site.page("axe", known.url, "data-keep", direction=direction, head=style))
    state(one)
    expect(one.part(".frame")).to_have_attribute("dir", direction)
    assert one.violations() == []


def right_to_left(route) -> None:
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace('"ltr"', '"rtl"'))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?lang=es", "/?lang=zh", "/chat?lang=en", "/example?keep=on&title=Ayuda"])
def test_axe_on_our_pages(lone, visitor, path, scheme):
    one = visitor(color_scheme=scheme).visit(lone.url + path)
    assert one.violations() == []


@pytest.mark.parametrize("state", [opened, answered, urgent])
def test_axe_on_the_help_page_with_the_chat(lone, visitor, state):
    one = visitor().visit(f"{lone.url}/?lang=es")
    state(one)
    assert one.violations() == []


def test_axe_on_a_phone(known, site, visitor):
    one = visitor(viewport={"width": 320, "height": 568}).visit(site.page("axe", known.url))
    answered(one)
    assert one.violations() == []


def test_keyboard_alone(lone, visitor):
    """From the page into the panel, through a conversation, to the source, and out again."""
    one = visitor().visit(lone.url)
    press = one.page.keyboard.press
    one.part(".launch").focus()
    press("Enter")
    expect(one.input).to_be_focused()
    one.page.keyboard.type("correo de la oficina iomperu@iom.int")
    press("Enter")
    expect(one.part("summary")).to_be_visible()
    expect(one.input).to_be_focused()
    for _ in range(12):
        press("Shift+Tab")
        if one.part("summary").evaluate("(element) => element.matches(':focus')"):
            break
    expect(one.part("summary")).to_be_focused()
    press("Enter")
    expect(one.part("blockquote")).to_be_visible()
    press("Escape")
    expect(one.part(".launch")).to_be_focused()


def test_the_focus_is_never_lost(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.part(".quick .chip").last.press("Enter")
    expect(one.part(".scroller")).to_be_focused()
    expect(one.part(".helpful .chip").first).to_be_visible()
    one.part(".helpful .chip").first.press("Enter")
    expect(one.part(".helpful p")).to_be_focused()


def test_on_a_phone_the_page_behind_is_out_of_reach(lone, visitor):
    one = visitor(viewport={"width": 360, "height": 640}).visit(lone.url).open()
    expect(one.part(".scroller")).to_be_focused()
    for _ in range(14):
        one.page.keyboard.press("Tab")
        assert one.page.evaluate("['YANAPAY-CHAT', 'BODY'].includes(document.activeElement.tagName)")


def test_a_screen_reader_is_told(lone, visitor):
    texts = catalogue().languages["es"]
    one = visitor().visit(lone.url)
    launch = one.page.get_by_role("button", name=texts["widget"]["button"], exact=True)
    expect(launch).to_have_attribute("aria-haspopup", "dialog")
    launch.click()
    dialog = one.page.get_by_role("dialog", name=texts["widget"]["title"])
    expect(dialog.get_by_role("log")).to_be_visible()
    for name in (texts["widget"]["exit"], texts["widget"]["close"], texts["widget"]["restart"], texts["page"]["send"]):
        expect(dialog.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(dialog.get_by_role("textbox", name=texts["page"]["placeholder"])).to_be_visible()
    one.say("hola")
    expect(dialog.get_by_role("log")).to_contain_text(f"{texts['widget']['you']}: hola", use_inner_text=False)


def test_reduced_motion_and_forced_colours(known, site, visitor):
    address = site.page("motion", known.url)
    moving = visitor(reduced_motion="no-preference").visit(address).open()
    still = visitor(forced_colors="active").visit(address).open()
    behaviour = "(element) => getComputedStyle(element).scrollBehavior"
    assert moving.part(".scroller").evaluate(behaviour) == "smooth"
    assert still.part(".scroller").evaluate(behaviour) == "auto"
    border = still.part(".exit").evaluate("(e) => [getComputedStyle(e).borderStyle, getComputedStyle(e).borderColor]")
    assert border[0] == "solid" and "0, 0, 0, 0" not in border[1]
