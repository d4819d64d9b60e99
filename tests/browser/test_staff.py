"""The staff's journey in a browser: a file, an edit, a golden question that fails, publishing, the chat, undoing."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from bot.staff import accounts
from tests.browser.visitor import Visitor
from tests.gateway.serving import ThreadGateway, in_thread

PASSWORD = "una clave bastante larga"
QUESTION = "¿Cuántos empleados tiene la OIM?"
OLD, NEW = "8,400", "9,999"
PICTURES = os.environ.get("YANAPAY_PICTURES")
COSTS = (("Documento", "Costo"), ("Constancia de matrícula", "S/ 12.30"), ("Duplicado de la libreta", "S/ 8.00"))
LAPTOP, TABLET = {"width": 1280, "height": 800}, {"width": 820, "height": 1180}
PAGES = [
    "in", "", "documents", "documents/oim-peru/es", "documents/oim-peru/qu", "documents/oim-peru/en/markdown", "upload",
    "golden", "hotlines", "hotlines/1818", "hotlines/new", "phrases", "try", "publish", "history", "people", "account",
    "accounts", "nothing",
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadGateway]:
    with in_thread(tmp_path_factory.mktemp("office")) as started:
        with started.app.state.console.database.session() as session:
            accounts.add(session, "rosa", PASSWORD, "publisher", "es")
            accounts.add(session, "john", PASSWORD, "editor", "en")
        yield started


class Worker:
    """Somebody of the staff at a computer. `faults` are errors of scripts and of the content policy."""

    def __init__(self, page: Page, office: ThreadGateway, name: str):
        self.page, self.url, self.faults = page, f"{office.url}/staff/", []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)
        page.on("dialog", lambda dialog: dialog.accept())
        self.open("in")
        page.get_by_label("Nombre" if name == "rosa" else "Name").fill(name)
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main button").click()
        expect(page.locator(".who")).to_contain_text(name)

    def open(self, path: str) -> "Worker":
        self.page.goto(self.url + path)
        return self

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def told(self, text: str) -> None:
        expect(self.page.locator(".told, .good-box, .problem").first).to_contain_text(text)

    def replace(self, old: str, new: str) -> None:
        """Select words in the editor of what is seen, and type over them."""
        editor = self.page.locator(".ProseMirror", has_text=old).first
        editor.scroll_into_view_if_needed()
        editor.evaluate(
            """(root, old) => {
              const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
              for (let node; (node = texts.nextNode()); ) {
                const at = node.data.indexOf(old);
                if (at < 0) continue;
                root.focus();
                getSelection().setBaseAndExtent(node, at, node, at + old.length);
                return;
              }
            }""",
            old,
        )
        self.page.keyboard.type(new)

    def violations(self) -> list[str]:
        self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")["violations"]
        return [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]

    def picture(self, name: str) -> None:
        """A screenshot for docs/staff.md, where the environment names a folder for them."""
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(PICTURES, f"{name}.png"))


@pytest.fixture
def worker(context: Callable, office: ThreadGateway) -> Iterator[Callable[..., Worker]]:
    made: list[Worker] = []

    def make(name: str = "rosa", **options) -> Worker:
        options = {"viewport": LAPTOP, "locale": "es" if name == "rosa" else "en", **options}
        made.append(Worker(context(**options).new_page(), office, name))
        return made[-1]

    yield make
    assert [fault for one in made for fault in one.faults] == []


@pytest.fixture
def chat(visitor: Callable[..., Visitor], office: ThreadGateway) -> Callable[[], str]:
    def ask() -> str:
        one = visitor().visit(office.url).open()
        one.say(QUESTION)
        return one.part(".scroller").inner_text()

    return ask


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(worker, scheme) -> None:
    for name, size in (("rosa", LAPTOP), ("john", TABLET)):
        one = worker(name, viewport=size, color_scheme=scheme)
        for path in PAGES:
            one.open(path)
            assert one.violations() == [], path
            wide = one.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is wider than the window"


def school_guide() -> dict[str, Any]:
    made = docx.Document()
    made.add_heading("Papeles para la escuela", 2)
    made.add_paragraph("Traiga la ").add_run("partida de nacimiento").italic = True
    made.add_paragraph("copia", style="List Bullet")
    made.add_heading("Costos de la matrícula", 2)
    table = made.add_table(len(COSTS), 2)
    for row, texts in zip(table.rows, COSTS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    target = io.BytesIO()
    made.save(target)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {"name": "Guía de la escuela.docx", "mimeType": kind, "buffer": target.getvalue()}


def assert_a_table_is_readable(one: Visitor) -> None:
    """Rows as lines in the chat and in its source, a real table on the page."""
    one.say("¿Cuánto cuesta la constancia de matrícula de la escuela?")
    shown = one.part(".said").last
    expect(shown).to_contain_text("• Documento: Constancia de matrícula; Costo: S/ 12.30")
    shown.locator("summary").click()
    assert "Constancia de matrícula | S/ 12.30" in shown.locator("blockquote").inner_text()
    assert "---" not in one.part(".scroller").inner_text()
    table = one.page.locator("table")
    assert table.locator("th").all_text_contents() == list(COSTS[0])
    assert [row.locator("td").all_text_contents() for row in table.locator("tbody tr").all()] == [*map(list, COSTS[1:])]


def test_the_journey(worker, chat, visitor, office) -> None:
    rosa = worker()
    rosa.picture("front")
    assert OLD in chat()

    rosa.open("upload")
    rosa.page.set_input_files("[name=file]", school_guide())
    rosa.press("Ver cómo se entiende")
    expect(rosa.page.locator(".paper em")).to_have_text("partida de nacimiento")
    rosa.picture("upload")
    rosa.press("Guardar como borrador")
    rosa.told("Guardado como borrador")
    rosa.open("publish")
    expect(rosa.page.locator("li.error")).to_have_count(3)
    expect(rosa.page.locator("li.error").first).to_contain_text("«De dónde es el texto»")
    rosa.page.locator("li.error a").first.click()
    for field, value in (("source", "Ministerio"), ("date", "2026"), ("permission", "uso libre")):
        rosa.page.locator(f"[name=field-{field}]").fill(value)
    rosa.press("Guardar borrador")

    rosa.open("golden")
    row = rosa.page.locator("tbody tr").first
    row.locator("textarea").fill(QUESTION)
    row.locator("select").nth(1).select_option("iom_world")
    row.locator("input").first.fill(OLD)
    rosa.picture("golden")
    rosa.press("Guardar borrador")

    rosa.open("documents/oim-peru/es")
    rosa.replace(OLD, NEW)
    rosa.picture("editor")
    rosa.press("Guardar borrador")
    rosa.told("Guardado como borrador")
    rosa.open("documents")
    rosa.picture("documents")
    rosa.open("documents/oim-peru/en")
    expect(rosa.page.locator("ins", has_text="9").first).to_be_visible()
    rosa.picture("translation")

    rosa.open("publish")
    rosa.told("Todavía no se puede publicar")
    expect(rosa.page.locator(".problem b", has_text=QUESTION)).to_be_visible()
    rosa.picture("refused")
    rosa.open("golden")
    rosa.page.locator("[name=row-0-fact]").fill(NEW)
    rosa.press("Guardar borrador")

    rosa.open("try")
    rosa.page.locator("textarea").fill(QUESTION)
    rosa.press("Preguntar")
    expect(rosa.page.locator(".side").nth(0)).to_contain_text(OLD)
    expect(rosa.page.locator(".side").nth(1)).to_contain_text(NEW)
    rosa.picture("try")
    assert OLD in chat(), "people see what is published"

    rosa.open("publish")
    rosa.told("Se puede publicar")
    rosa.picture("publish")
    rosa.page.get_by_label("Por qué").fill("Cifra nueva de empleados y guía de la escuela")
    rosa.press("Publicar")
    rosa.told("Publicado")
    rosa.picture("history")
    assert NEW in chat()
    assert_a_table_is_readable(visitor().visit(office.url).open())

    rosa.press("Deshacer")
    rosa.told("Deshecho")
    assert OLD in chat() and NEW not in chat()


def test_the_editor_writes_markdown_that_nobody_has_to_know(worker) -> None:
    john = worker("john")
    john.open("documents/oim-peru/en")
    john.page.locator("[data-beside]").check()
    source = john.page.locator("textarea[data-editor]").first
    before = source.input_value()
    editor = john.page.locator(".ProseMirror").first
    editor.evaluate("e => { e.focus(); getSelection().selectAllChildren(e); getSelection().collapseToEnd(); }")
    john.page.wait_for_timeout(100)
    john.page.keyboard.press("Enter")
    john.page.keyboard.type("Some ")
    john.page.get_by_role("button", name="Bold").first.click()
    john.page.keyboard.type("bold")
    john.page.get_by_role("button", name="Bold").first.click()
    john.page.keyboard.press("Enter")
    john.page.get_by_role("button", name="List", exact=True).first.click()
    john.page.keyboard.type("one")
    john.page.keyboard.press("Enter")
    john.page.keyboard.type("two")
    assert source.input_value().startswith(before[:200])
    assert source.input_value().endswith("Some **bold**\n\n- one\n- two")
    for _ in range(12):
        john.page.get_by_role("button", name="Undo").first.click()
    assert source.input_value().split() == before.split()
    source.fill("Written in *Markdown*.")
    expect(editor.locator("em")).to_have_text("Markdown")
    john.page.on("dialog", lambda dialog: None)


def test_a_table_is_a_table(worker) -> None:
    """Cells are written in, rows and columns come and go, without a mark of Markdown."""
    rosa = worker().open("documents/oim-peru/es")
    source, press = rosa.page.locator("textarea[data-editor]").first, rosa.page.keyboard.press
    before = source.input_value()
    rosa.page.locator(".ProseMirror").first.evaluate(
        "e => { e.focus(); getSelection().selectAllChildren(e); getSelection().collapseToEnd(); }"
    )
    rosa.page.wait_for_timeout(100)
    press("Enter")
    rosa.press("Tabla")
    for text in ("Trámite", "Costo", "Carné", "S/ 5 | 6"):
        rosa.page.keyboard.type(text)
        press("Tab") if text != "S/ 5 | 6" else press("Enter")
    rosa.page.keyboard.type("gratis")
    rosa.press("Columna al lado")
    rosa.page.keyboard.type("hoy")
    top = "\n\n| Trámite |  | Costo |\n| --- | --- | --- |\n"
    assert source.input_value().endswith(f"{top}| Carné |  | S/ 5 \\| 6 |\n| gratis | hoy |  |")
    rosa.press("Quitar columna")
    rosa.press("Quitar fila")
    assert rosa.violations() == []
    assert source.input_value() == before + "\n\n| Trámite | Costo |\n| --- | --- |\n| Carné | S/ 5 \\| 6 |"
    rosa.page.locator("[data-beside]").check()
    source.fill(source.input_value())
    expect(rosa.page.locator(".rich td").last).to_have_text("S/ 5 | 6")
    rosa.page.locator(".rich th").last.click()
    rosa.press("Quitar tabla")
    assert source.input_value() == before
    rosa.page.on("dialog", lambda dialog: None)


def test_two_at_once(worker) -> None:
    rosa, john = worker(), worker("john")
    for one in (rosa, john):
        one.open("documents/oim-peru/fr")
    rosa.replace("1951", "1952")
    john.replace("2016", "2017")
    rosa.press("Guardar borrador")
    rosa.told("Guardado")
    john.press("Save draft")
    john.told("rosa saved this file while you were editing it")
    assert john.violations() == []
    john.picture("collision")
    mine = john.page.locator("[name=markdown]")
    mine.fill(mine.input_value().replace("1951", "1952", 1))
    john.press("Save this text")
    rosa.open("documents/oim-peru/fr/markdown")
    text = rosa.page.locator("[name=markdown]").input_value()
    assert "1952" in text and "2017" in text


def test_without_script_the_pages_work(context, office) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(f"{office.url}/staff/")
    page.locator("[name=name]").fill("john")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.goto(f"{office.url}/staff/documents/oim-peru/pt")
    area = page.locator("textarea[data-editor]").first
    area.fill(area.input_value() + "\n\nMais uma frase.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("[role=status]")).to_contain_text("Kept as a draft")


def test_the_keyboard_alone(worker) -> None:
    """Skip to the content, into the editor and out of it again."""
    rosa = worker().open("documents/oim-peru/es")
    press = rosa.page.keyboard.press
    press("Tab")
    expect(rosa.page.locator(".skip")).to_be_focused()
    press("Enter")
    expect(rosa.page.locator("main")).to_be_focused()
    rosa.page.locator(".ProseMirror").first.focus()
    press("Tab")
    expect(rosa.page.locator(".ProseMirror").first).not_to_be_focused()
