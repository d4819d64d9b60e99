"""Web pages: the main content, without menus, forms and scripts."""

from collections.abc import Iterator

from lxml import etree
from lxml import html as markup

from knowledge.reading.blocks import Block, Grid, Run, inline, joined, safe_address, tidy_table
from knowledge.reading.losses import Losses
from knowledge.reading.package import refusal
from knowledge.reading.text import decoded

LEFT_OUT = {
    "script",
    "style",
    "noscript",
    "nav",
    "form",
    "header",
    "footer",
    "aside",
    "template",
    "iframe",
    "button",
    "select",
    "textarea",
    "input",
    "svg",
}
HEADINGS = {f"h{n}": n for n in range(1, 7)}
PICTURES = {"img", "picture", "video", "audio", "canvas", "object", "embed"}
INLINE = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "big",
    "cite",
    "code",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "label",
    "mark",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
    "br",
} | PICTURES
DEEPEST = 200
MOST_SPAN = 50


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The title and the blocks of a web page. Raises KnowledgeError."""
    text = decoded(content, name, lost)
    if text.lstrip().startswith("<?xml"):
        text = text.split("?>", 1)[-1]
    root = markup.document_fromstring(text, parser=markup.HTMLParser(encoding=None, no_network=True, huge_tree=False))
    title = " ".join((root.findtext(".//title") or "").split())
    main = root.find(".//main")
    main = root.find(".//article") if main is None else main
    body = root.find("body") if main is None else main
    if body is None:
        raise refusal("upload_blank", name)
    return title, list(Page(lost).inside(body, 0))


class Page:
    def __init__(self, lost: Losses) -> None:
        self.lost = lost

    def inside(self, parent: etree._Element, depth: int, level: int = 0) -> Iterator[Block]:
        if depth > DEEPEST:
            return
        waiting: list[Run] = [Run(_spaced(parent.text))]
        for element in parent:
            name = element.tag if isinstance(element.tag, str) else ""
            if name and (name in LEFT_OUT or _hidden(element)):
                self.lost.add("page_parts")
            elif name in INLINE and not any(
                c.tag in HEADINGS or c.tag in ("p", "div", "ul", "ol", "table") for c in element
            ):
                waiting += self.runs(element, Run(""))
            elif name:
                yield from _paragraph(waiting)
                waiting = []
                yield from self.block(element, name, depth, level)
            waiting.append(Run(_spaced(element.tail)))
        yield from _paragraph(waiting)

    def block(self, element: etree._Element, name: str, depth: int, level: int) -> Iterator[Block]:
        if name in HEADINGS:
            if text := inline(list(self.runs(element, Run(""))), heading=True):
                yield Block("heading", text, HEADINGS[name])
        elif name in ("ul", "ol"):
            yield from self.list(element, depth, level)
        elif name == "table":
            yield from self.table(element, depth)
        else:
            yield from self.inside(element, depth + 1, level)

    def runs(self, element: etree._Element, look: Run) -> Iterator[Run]:
        name = element.tag if isinstance(element.tag, str) else ""
        if not name or name in LEFT_OUT or _hidden(element):
            return
        if name in PICTURES:
            self.lost.add("images")
            return
        if name == "br":
            yield Run("\n", look.bold, look.italic, look.address)
            return
        address = look.address
        if name == "a":
            address = element.get("href", "")
            self.lost.add("links", int(bool(address) and not safe_address(address) and not address.startswith("#")))
        look = Run("", look.bold or name in ("b", "strong"), look.italic or name in ("i", "em"), address)
        yield Run(_spaced(element.text), look.bold, look.italic, look.address)
        for child in element:
            yield from self.runs(child, look)
            yield Run(_spaced(child.tail), look.bold, look.italic, look.address)

    def list(self, found: etree._Element, depth: int, level: int) -> Iterator[Block]:
        start = found.get("start", "1")
        number = int(start) if start.isdigit() else 1
        for item in found:
            if item.tag in ("ul", "ol"):
                yield from self.list(item, depth + 1, level + 1)
            if item.tag != "li":
                continue
            mark = f"{number}." if found.tag == "ol" else ""
            number += 1
            first = True
            for block in self.inside(item, depth + 1, level + 1):
                if first and block.kind == "paragraph":
                    block = Block("item", block.text, level, mark)
                first = False
                yield block

    def table(self, found: etree._Element, depth: int) -> Iterator[Block]:
        grid = Grid()
        held: dict[int, int] = {}
        merged = nested = 0
        for tr in found.iter("tr"):
            if next(tr.iterancestors("table")) is not found:
                continue
            row: list[str] = []
            for cell in (c for c in tr if c.tag in ("td", "th")):
                while held.get(len(row), 0):
                    held[len(row)] -= 1
                    row.append("")
                across, down = (_span(cell, n) for n in ("colspan", "rowspan"))
                merged += across > 1 or down > 1
                nested += cell.find(".//table") is not None
                for column in range(len(row), len(row) + across):
                    held[column] = down - 1
                row += [joined(list(self.inside(cell, depth + 1)))] + [""] * (across - 1)
            while held.get(len(row), 0):
                held[len(row)] -= 1
                row.append("")
            grid.add(row)
        self.lost.add("merged_cells", merged)
        self.lost.add("nested_tables", nested)
        if made := tidy_table(grid.rows):
            yield made


def _span(cell: etree._Element, name: str) -> int:
    text = cell.get(name, "1")
    return min(max(int(text), 1), MOST_SPAN) if text.isdigit() else 1


def _spaced(text: str | None) -> str:
    return (text or "").replace("\n", " ").replace("\r", " ")


def _hidden(element: etree._Element) -> bool:
    style = element.get("style", "").replace(" ", "").lower()
    return "hidden" in element.attrib or element.get("aria-hidden") == "true" or "display:none" in style


def _paragraph(runs: list[Run]) -> Iterator[Block]:
    if text := inline(runs):
        yield Block("paragraph", text)
