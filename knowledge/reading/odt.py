"""OpenDocument texts: headings by outline level, lists by their nesting, tables with covered and repeated cells."""

from collections.abc import Iterator

from lxml import etree

from knowledge.reading.blocks import Block, Grid, Run, inline, joined, plain, safe_address, tidy_table
from knowledge.reading.losses import Losses
from knowledge.reading.package import Package, refusal

URN = "urn:oasis:names:tc:opendocument:xmlns:"
NS = {
    n: f"{{{URN}{u}:1.0}}"
    for n, u in (("text", "text"), ("table", "table"), ("office", "office"), ("style", "style"), ("draw", "drawing"))
}
FO, XLINK = f"{{{URN}xsl-fo-compatible:1.0}}", "{http://www.w3.org/1999/xlink}"
CONTENTS = ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "user-index", "object-index")
THROUGH = ("section", "span", "meta", "meta-field", "ruby", "ruby-base", "text-box", "list-header", "index-body")
SILENT = (
    "tracked-changes",
    "sequence-decls",
    "forms",
    "variable-decls",
    "user-field-decls",
    "note-citation",
    "ruby-text",
)
MOST_REPEATS = 200
HEAVY = ("bold", "600", "700", "800", "900")
SLANTED = ("italic", "oblique")


def t(name: str) -> str:
    prefix, local = name.split(":")
    return NS[prefix] + local


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The title and the blocks of an .odt. Raises KnowledgeError."""
    package = Package(content, name)
    manifest = package.part("META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise refusal("upload_encrypted", name)
    root = package.xml("content.xml")
    body = root.find(f".//{t('office:text')}") if root is not None else None
    if root is None or body is None:
        raise refusal("upload_broken", name)
    return Text(root, package.xml("styles.xml"), body, lost).read()


class Text:
    def __init__(self, root: etree._Element, named: etree._Element | None, body: etree._Element, lost: Losses) -> None:
        self.body, self.lost, self.title = body, lost, ""
        sources = [r for r in (named, root) if r is not None]
        self.styles = {s.get(t("style:name"), ""): s for r in sources for s in r.iter(t("style:style"))}
        self.direct = {s.get(t("style:name"), "") for s in root.iter(t("style:style"))}
        self.lists = {s.get(t("style:name"), ""): s for r in sources for s in r.iter(t("text:list-style"))}
        self.counts: dict[str, int] = {}
        self.notes: list[etree._Element] = []
        self.frames: list[etree._Element] = []
        self.named = named

    def read(self) -> tuple[str, list[Block]]:
        found = list(self.inside(self.body))
        self.lost.add("footnotes", len(self.notes))
        for number, note in enumerate(list(self.notes), 1):
            words = " ".join(b.text for b in self.inside(note))
            found.append(Block("paragraph", f"({number}) {words}"))
        self.lost.add("changes", sum(1 for _ in self.body.iter(t("text:changed-region"))))
        if self.named is not None:
            parts = [e for n in ("header", "footer") for e in self.named.iter(t(f"style:{n}"))]
            self.lost.add("headers", sum(bool("".join(map(str, e.itertext())).strip()) for e in parts))
        colours = {s.get(FO + "color", "#000000") for s in self.body.getroottree().iter(t("style:text-properties"))}
        self.lost.add("colours", int(bool(colours - {"#000000"})))
        return self.title, found

    def inside(self, parent: etree._Element) -> Iterator[Block]:
        for element in parent:
            if not isinstance(element.tag, str):
                continue
            name = etree.QName(element).localname
            if name in ("p", "h") and element.tag.startswith(NS["text"]):
                yield from self.paragraph(element, name == "h")
            elif element.tag == t("text:list"):
                yield from self.list(element, 0, "")
            elif element.tag == t("table:table"):
                yield from self.table(element)
            elif name in CONTENTS:
                self.lost.add("contents")
            elif name == "frame":
                self.frame(element)
                yield from self.waiting()
            elif name in THROUGH:
                yield from self.inside(element)

    def waiting(self) -> Iterator[Block]:
        frames, self.frames = self.frames, []
        for frame in frames:
            self.lost.add("text_boxes")
            yield from self.inside(frame)

    def paragraph(self, p: etree._Element, heading: bool) -> Iterator[Block]:
        runs = list(self.runs(p, *self.own_look(p.get(t("text:style-name"), ""))))
        names = self.names(p.get(t("text:style-name"), ""))
        level = int(p.get(t("text:outline-level"), "1")) if heading else 0
        if names & {"Title", "Título"}:
            self.title, level = self.title or plain(runs), 1
        text = inline(runs, heading=bool(level))
        if text:
            yield Block("heading" if level else "paragraph", text, level)
        yield from self.waiting()

    def names(self, style: str) -> set[str]:
        found: set[str] = set()
        while style and style not in found:
            found.add(style)
            one = self.styles.get(style)
            style = one.get(t("style:parent-style-name"), "") if one is not None else ""
        return found

    def own_look(self, style: str) -> tuple[bool, bool]:
        """What a paragraph itself was given, not what a named style such as that of table headings brings."""
        one = self.styles[style].find(t("style:text-properties")) if style in self.direct else None
        if one is None:
            return False, False
        return one.get(FO + "font-weight") in HEAVY, one.get(FO + "font-style") in SLANTED

    def look(self, style: str, bold: bool, italic: bool) -> tuple[bool, bool]:
        weight = slant = None
        seen: set[str] = set()
        while style in self.styles and style not in seen:
            seen.add(style)
            one = self.styles[style].find(t("style:text-properties"))
            if one is not None:
                weight, slant = weight or one.get(FO + "font-weight"), slant or one.get(FO + "font-style")
            style = self.styles[style].get(t("style:parent-style-name"), "")
        return (
            bold if weight is None else weight in HEAVY,
            italic if slant is None else slant in SLANTED,
        )

    def runs(self, parent: etree._Element, bold: bool, italic: bool, address: str = "") -> Iterator[Run]:
        yield Run(parent.text or "", bold, italic, address)
        for element in parent:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "s" or name == "tab":
                yield Run(" ", bold, italic, address)
            elif name == "line-break":
                yield Run("\n", bold, italic, address)
            elif name == "a":
                target = element.get(XLINK + "href", "")
                self.lost.add("links", int(not safe_address(target) and not target.startswith("#")))
                yield from self.runs(element, bold, italic, target)
            elif name == "note":
                body = element.find(t("text:note-body"))
                if body is not None:
                    self.notes.append(body)
                    yield Run(f" ({len(self.notes)})")
            elif name == "annotation":
                self.lost.add("comments")
            elif name == "frame":
                self.frame(element)
            elif name == "span":
                yield from self.runs(element, *self.look(element.get(t("text:style-name"), ""), bold, italic), address)
            elif name and name not in SILENT and name != "annotation-end":
                yield from self.runs(element, bold, italic, address)
            yield Run(element.tail or "", bold, italic, address)

    def frame(self, frame: etree._Element) -> None:
        box = frame.find(t("draw:text-box"))
        if box is not None:
            self.frames.append(box)
        else:
            self.lost.add(
                "images"
                if frame.find(t("draw:image")) is not None and frame.find(t("draw:object")) is None
                else "objects"
            )

    def list(self, found: etree._Element, depth: int, style: str) -> Iterator[Block]:
        style = found.get(t("text:style-name"), "") or style
        level = self.list_level(style, depth)
        numbered = (
            level is not None
            and level.tag == t("text:list-level-style-number")
            and bool(level.get(t("style:num-format")))
        )
        key = f"{style}/{depth}"
        follows = found.get(t("text:continue-numbering")) == "true" or found.get(t("text:continue-list"))
        number = (
            self.counts.get(key, 0)
            if follows
            else int(level.get(t("text:start-value"), "1")) - 1
            if level is not None
            else 0
        )
        for item in found:
            if item.tag not in (t("text:list-item"), t("text:list-header")):
                continue
            number = int(item.get(t("text:start-value"), number + 1))
            self.counts[key] = number
            first = True
            for child in item:
                if child.tag == t("text:list"):
                    yield from self.list(child, depth + (not first or len(item) > 1), style)
                    continue
                holder = etree.Element("holder")
                place = child.getnext()
                holder.append(child)
                made = list(self.inside(holder))
                item.insert(item.index(place), child) if place is not None else item.append(child)
                for block in made:
                    if block.kind == "paragraph" and first:
                        yield Block("item", block.text, depth, f"{number}." if numbered else "")
                        first = False
                    else:
                        yield block

    def list_level(self, style: str, depth: int) -> etree._Element | None:
        one = self.lists.get(style)
        found = one if one is not None else []
        return next((e for e in found if e.get(t("text:level")) == str(depth + 1)), None)

    def table(self, found: etree._Element) -> Iterator[Block]:
        grid, merged, nested = Grid(), 0, 0
        for tr in (r for r in found.iter(t("table:table-row")) if next(r.iterancestors(t("table:table"))) is found):
            row: list[str] = []
            for cell in tr:
                if cell.tag not in (t("table:table-cell"), t("table:covered-table-cell")):
                    continue
                times = min(int(cell.get(t("table:number-columns-repeated"), "1")), MOST_REPEATS)
                covered = cell.tag == t("table:covered-table-cell")
                merged += covered
                nested += cell.find(f".//{t('table:table')}") is not None
                row += ["" if covered else joined(list(self.inside(cell)))] * times
            grid.add(row, min(int(tr.get(t("table:number-rows-repeated"), "1")), MOST_REPEATS))
        self.lost.add("merged_cells", merged)
        self.lost.add("nested_tables", nested)
        if made := tidy_table(grid.rows):
            yield made
