"""On somebody else's page: whatever its style, its policy, its size and its attributes."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

HOSTILE = {
    "red": "* { color: red !important; background: yellow !important; font: 40px fantasy !important }",
    "unset": "* { all: unset !important }",
    "reset": "* { display: block !important; position: static !important; opacity: .1 !important }",
    "hidden": "yanapay-chat { display: none !important; visibility: hidden !important; contain: strict !important }",
    "initial": "* { color: red !important; all: initial !important; display: block }",
    "around": "*::before, *::after { content: 'X' !important; background: red !important; display: block !important }",
    "text": "* { user-select: none !important; direction: rtl !important; unicode-bidi: bidi-override !important; "
    "text-transform: uppercase !important; letter-spacing: 1em !important; writing-mode: vertical-rl !important }",
    "still": "* { pointer-events: none !important; transition: all 9s !important; animation: none !important; "
    "cursor: none !important; line-height: 0 !important; text-indent: -999px !important }",
    "moved": "body, body * { transform: translateX(500px) !important; filter: blur(3px) !important; overflow: hidden }",
}
POLICY = (
    "default-src 'none'; script-src {gateway}; connect-src {gateway}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
LOOK = """(element) => { const { x, y, width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const names = ["color", "backgroundColor", "fontSize", "opacity", "filter", "display", "direction", "userSelect",
    "textTransform", "letterSpacing", "writingMode", "cursor", "pointerEvents", "lineHeight", "textIndent"];
  const around = getComputedStyle(element.getRootNode().host, "::before").display;
  return { ...Object.fromEntries(names.map((name) => [name, style[name]])), around,
    box: [x, y, width, height].map(Math.round) }; }"""
PARTS = (".launch", ".panel", ".said", ".exit", "textarea")
CODE = "\"><img src=x onerror=alert(1)><script>alert(1)</script>'"


def looks(one: Visitor) -> list[dict]:
    closed = one.part(".launch").evaluate(LOOK)
    one.open()
    return [closed, *(one.part(part).first.evaluate(LOOK) for part in PARTS[1:])]


@pytest.fixture
def plain(known, site, visitor) -> list[dict]:
    return looks(visitor().visit(site.page("plain", known.url)))


@pytest.mark.parametrize("style", HOSTILE)
def test_hostile_styles_change_nothing(known, site, visitor, plain, style):
    head = f"<style>{HOSTILE[style]}</style>"
    assert looks(visitor().visit(site.page(style, known.url, head=head))) == plain


def test_a_pages_own_font_size_changes_nothing(known, site, visitor, plain):
    head = "<style>html { font-size: 24px }</style>"
    assert looks(visitor().visit(site.page("large", known.url, head=head))) == plain


def test_strict_policy_and_no_third_party(known, site, visitor):
    """Not even a style of the page's own is allowed; trusted types are demanded; nobody else is asked for anything."""
    one = visitor()
    reports = []
    one.page.on("console", lambda message: reports.append(message.text))
    policy = POLICY.format(gateway=known.url)
    one.visit(site.page("strict", known.url, Content_Security_Policy=policy)).open()
    one.say("¿Cuál es el correo de la oficina?")
    one.part("select").select_option("fr")
    expect(one.part(".frame")).to_have_attribute("lang", "fr")
    assert reports == []
    assert {r.url.split("/")[2] for r in one.requests} == {known.url.split("/")[2], site.url.split("/")[2]}
    assert one.page.context.cookies() == []


def test_a_browser_without_constructable_styles(known, site, visitor, plain):
    one = visitor()
    one.page.add_init_script("CSSStyleSheet.prototype.replaceSync = undefined")
    with one.page.expect_response("**/chat.css"):
        one.visit(site.page("plain", known.url))
    expect(one.part(".launch")).to_have_css("position", "fixed")
    assert looks(one) == plain


@pytest.mark.parametrize(("width", "height"), [(320, 568), (320, 256), (360, 740), (640, 400), (1280, 800)])
def test_sizes(known, site, visitor, width, height):
    """320 px, a phone, and 1280 × 800 at 200 and 400 %: all in view, nothing to scroll sideways, exit in reach."""
    one = visitor(viewport={"width": width, "height": height}).visit(site.page("sizes", known.url)).open()
    one.say("¿Cuál es el correo de la oficina?")
    for part in (".exit", ".close", "textarea", ".send"):
        assert one.part(part).evaluate(
            """(e) => { const { left, top, right } = e.getBoundingClientRect();
            return left >= 0 && top >= 0 && right <= innerWidth }"""
        ), part
    expect(one.part(".exit")).to_be_in_viewport()
    sideways = "(e) => e.scrollWidth > e.clientWidth"
    assert not one.panel.evaluate(sideways) and not one.part(".scroller").evaluate(sideways)
    small = one.part("button:visible, a:visible, select").evaluate_all(
        "(all) => all.filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)"
    )
    assert [one for one in small if "mailto" not in one and "http" not in one and "tel:" not in one] == []


@pytest.mark.parametrize(("direction", "attribute", "side"), [("ltr", "", "right"), ("rtl", "", "left")])
def test_side(known, site, visitor, direction, attribute, side):
    one = visitor().visit(site.page("side", known.url, attribute, direction=direction))
    x = one.part(".launch").bounding_box()["x"]
    assert (x > 640) is (side == "right")


def test_attributes(known, site, visitor):
    attributes = "data-language=pt data-title='Casa' data-greeting='Oi!' data-color=#ffd200 data-position=left"
    one = visitor().visit(site.page("attributes", known.url, f"{attributes} data-theme=dark")).open()
    expect(one.part("h2")).to_have_text("Casa")
    expect(one.part(".frame")).to_have_attribute("lang", "pt")
    assert "Oi!" in one.said()[0] and "Olá" in one.said()[1]
    expect(one.part(".send")).to_have_css("background-color", "rgb(255, 210, 0)")
    expect(one.part(".send")).to_have_css("color", "rgb(0, 0, 0)")
    expect(one.panel).to_have_css("background-color", "rgb(23, 28, 32)")
    assert one.panel.bounding_box()["x"] < 100


LANGUAGE = [("fr-CA", "es", "fr"), ("de", "pt-BR", "pt"), ("de", "de", "es")]


@pytest.mark.parametrize(("page", "browser", "shown"), LANGUAGE)
def test_language_of_the_page_then_of_the_browser(known, site, visitor, page, browser, shown):
    one = visitor(locale=browser).visit(site.page("language", known.url, language=page))
    expect(one.part(".frame")).to_have_attribute("lang", shown)


def test_the_pages_own_button(known, site, visitor):
    body = '<button id="own" hidden>Chat</button>'
    one = visitor().visit(site.page("own", known.url, "data-button=#own", body=body))
    expect(one.part(".launch")).to_be_hidden()
    one.page.locator("#own").click()
    expect(one.panel).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(one.page.locator("#own")).to_be_focused()
    lost = visitor().visit(site.page("lost", known.url, "data-button=#nothing"))
    expect(lost.part(".launch")).to_be_visible()


def test_functions_and_events(known, site, visitor):
    one = visitor().visit(site.page("api", known.url))
    heard = one.page.evaluate(
        """async () => { const heard = [], chat = document.querySelector("yanapay-chat");
        for (const name of ["open", "send", "answer", "close"])
          document.addEventListener("yanapay:" + name, (event) => heard.push([event.type, event.detail]));
        const answered = new Promise((go) => chat.addEventListener("yanapay:answer", go));
        chat.send("hola"); await answered; chat.close(); chat.open(); chat.restart(); return heard; }"""
    )
    names = ["open", "send", "answer", "close", "open"]
    assert heard == [[f"yanapay:{name}", None] for name in names], "events tell nothing of what was said"


@pytest.mark.parametrize("call", ["open()", "send('hola')"])
def test_functions_may_be_called_as_soon_as_there_are_any(known, site, visitor, call):
    """The panel is made after the frame that shows the button, or when somebody wants it before."""
    script = f"customElements.whenDefined('yanapay-chat').then(() => document.querySelector('yanapay-chat').{call})"
    one = visitor().visit(site.page("soon", known.url, body=f"<script>{script}</script>"))
    expect(one.panel).to_be_visible()
    assert one.page.evaluate("document.querySelector('yanapay-chat').shadowRoot.querySelectorAll('dialog').length") == 1


def test_a_button_is_there_before_the_panel_is(known, site, visitor):
    one = visitor()
    one.page.add_init_script("""new MutationObserver((_, watch) => {
      const chat = document.querySelector("yanapay-chat");
      if (!chat) return;
      watch.disconnect();
      window.first = [...chat.shadowRoot.querySelectorAll("*")].map((element) => element.localName);
    }).observe(document, { childList: true, subtree: true })""")
    one.visit(site.page("first", known.url))
    assert one.page.evaluate("window.first") == ["div", "button", "svg", "path", "span"]


def test_before_the_page_has_a_body(known, site, visitor):
    """The chat still comes last for who goes through the page by keyboard."""
    head = f'<script src="{known.url}/widget.js"></script>'
    one = visitor().visit(site.page("head", "", head=head))
    assert one.page.evaluate("document.documentElement.lastChild.localName") == "yanapay-chat"
    one.open()


def test_a_base_that_leads_elsewhere(known, site, visitor):
    one = visitor().visit(site.page("base", known.url, head='<base href="https://elsewhere.test/x/" target="_blank">'))
    one.open().say("hola")
    assert not [r.url for r in one.requests if "elsewhere" in r.url]


def test_two_elements_are_one_chat(known, site, visitor):
    one = visitor().visit(site.page("two", known.url, body="<yanapay-chat></yanapay-chat>" * 2))
    expect(one.part(".launch")).to_have_count(1)


def test_an_application_that_takes_the_element_away(known, site, visitor):
    """The next element, or the same again, goes on with the conversation."""
    one = visitor().visit(site.page("application", known.url, body="<div id=app><yanapay-chat></yanapay-chat></div>"))
    one.open().say("hola")
    before = one.said()
    for script in ("app.innerHTML = ''", "app.innerHTML = '<yanapay-chat data-position=left></yanapay-chat>'"):
        one.page.evaluate(script)
    expect(one.panel).to_be_visible()
    assert one.said() == before and one.panel.bounding_box()["x"] < 100
    one.page.evaluate("() => { const chat = app.firstChild; chat.remove(); app.append(chat); }")
    one.say("gracias")
    assert one.said()[: len(before)] == before and "gracias" in one.said()[len(before)]


def test_a_page_without_an_origin(known, site, visitor):
    """In a sandbox there is no storage and no way to the gateway: the panel says so, and shows 1818."""
    one = visitor().visit(site.page("sandbox", known.url, "data-keep", Content_Security_Policy="sandbox allow-scripts"))
    one.open()
    expect(one.part(".hotline a[href='tel:1818']")).to_be_visible()


def test_twice_on_a_page_is_once(known, site, visitor):
    again = f'<script src="{known.url}/widget.js"></script>'
    one = visitor().visit(site.page("twice", known.url, body=again))
    assert one.page.locator("yanapay-chat").count() == 1


def test_a_site_that_is_not_in_the_settings(lone, site, visitor):
    """The script may run, but it gets no answers: the panel says that there is no connection, and shows 1818."""
    one = visitor().visit(site.page("unknown", lone.url)).open()
    expect(one.part(".hotline a[href='tel:1818']")).to_be_visible()


class TestCodeIsText:
    def visit(self, known, site, visitor, attributes: str = "") -> Visitor:
        one = visitor()
        one.page.on("dialog", lambda dialog: one.faults.append("a script ran"))
        return one.visit(site.page("code", known.url, attributes))

    def test_in_attributes(self, known, site, visitor):
        quoted = CODE.replace("&", "&amp;").replace('"', "&quot;")
        names = ("title", "greeting", "color", "language", "position", "theme", "exit", "button")
        one = self.visit(known, site, visitor, " ".join(f'data-{n}="{quoted}"' for n in names)).open()
        expect(one.part("h2")).to_have_text(CODE)
        assert CODE in one.said()[0]
        assert one.part(":is(img, script)").count() == 0

    def test_in_answers(self, known, site, visitor):
        link = f"javascript:alert(1) https://example.org/{CODE} {CODE}"
        source = {"title": CODE, "language": CODE, "quote": link, "quote_language": CODE}
        line = {"phone": CODE, "name": CODE, "purpose": CODE, "hours": CODE, "option": CODE, "checked": CODE}
        replies = [
            {"type": CODE, "text": link},
            {"type": "answer", "text": link * 20, "sources": [source]},
            {"type": "hotline", "text": CODE, "hotlines": [line]},
        ]
        answer = {"language": "es", "replies": replies, "quick_replies": [{"title": CODE, "payload": CODE}]}
        one = self.visit(known, site, visitor).open()
        one.page.route("**/api/messages", lambda route: route.fulfill(json=answer))
        one.say(CODE)
        assert CODE in one.said()[2] and CODE in one.said()[3]
        assert one.part(":is(img, script)").count() == 0
        addresses = one.part(".said a").evaluate_all("(all) => all.map((a) => a.href)")
        assert addresses and not [a for a in addresses if not a.startswith(("https:", "tel:", "mailto:"))]

    def test_the_form_of_the_example_left_empty(self, lone):
        empty = {"lang": "", "title": "", "greeting": "", "color": "", "position": "", "theme": ""}
        page = lone.client.get("/example", params=empty)
        assert page.status_code == 200 and '<script src="/widget.js" async></script>' in page.text

    def test_in_the_address_of_the_example(self, lone, visitor):
        one = visitor()
        one.page.on("dialog", lambda dialog: one.faults.append("a script ran"))
        one.page.goto(f"{lone.url}/example?title={CODE}&greeting={CODE}&color={CODE}&position={CODE}&theme={CODE}")
        expect(one.part(".frame")).to_be_attached()
        assert one.page.locator("img").count() == 0
