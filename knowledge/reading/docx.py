"""Word documents: body, tables and notes, with headings and lists as the styles and numbering say."""

import re
from collections.abc import Iterator

from lxml import etree

from knowledge.reading.blocks import Block, Grid, Run, inline, joined, plain, safe_address, tidy_table
from knowledge.reading.docx_styles import Numbering, Styles, switched, value, w
from knowledge.reading.losses import Losses
from knowledge.reading.package import Package, refusal

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
TRANSPARENT = {w(n) for n in ("smartTag", "sdt", "sdtContent", "customXml", "ins", "moveTo", "dir", "bdo", "fldSimple")}
FIELD_LINK = re.compile(r'HYPERLINK\s+"([^"]+)"')
SOFT = {"softHyphen": "", "noBreakHyphen": "-", "tab": " ", "ptab": " ", "cr": "\n"}
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
LONGEST_GUESS = 120
WIDEST = 100


def blocks(content: bytes, name: str, lost: Losses) -> tuple[str, list[Block]]:
    """The title and the blocks of a .docx. Raises KnowledgeError."""
    return Document(Package(content, name), name, lost).read()


class Document:
    def __init__(self, package: Package, name: str, lost: Losses) -> None:
        root = package.xml("word/document.xml")
        body = root.find(w("body")) if root is not None else None
        if body is None:
            raise refusal("upload_broken", name)
        self.body, self.package, self.lost = body, package, lost
        self.styles = Styles(package.xml("word/styles.xml"))
        self.numbering = Numbering(package.xml("word/numbering.xml"), self.styles)
        self.links = _links(package.xml("word/_rels/document.xml.rels"))
        self.notes: list[tuple[str, str]] = []
        self.fields: list[list[str]] = []
        self.boxes: list[etree._Element] = []
        self.title = ""
        self.candidates: list[tuple[Block, float]] = []
        self.sizes: dict[float, int] = {}

    def read(self) -> tuple[str, list[Block]]:
        found = list(self.inside(self.body))
        if not any(b.kind == "heading" for b in found):
            self.guess()
        found += self.footnotes()
        self.count()
        return self.title, found

    def inside(self, parent: etree._Element) -> Iterator[Block]:
        for element in parent:
            if element.tag == w("p"):
                yield from self.paragraph(element)
            elif element.tag == w("tbl"):
                yield from self.table(element)
            elif (
                element.tag == w("sdt")
                and element.find(f".//{w('docPartGallery')}[@{w('val')}='Table of Contents']") is not None
            ):
                self.lost.add("contents")
            elif element.tag in TRANSPARENT:
                yield from self.inside(element)
            elif element.tag == MC + "AlternateContent":
                choice = element.find(MC + "Choice")
                if choice is not None:
                    yield from self.inside(choice)

    def paragraph(self, p: etree._Element) -> Iterator[Block]:
        style = self.styles.of(p)
        self.boxes = []
        runs = list(self.runs(p))
        boxes, self.boxes = self.boxes, []
        text = inline(runs)
        if self.styles.is_contents(style):
            self.lost.add("contents")
        elif text:
            yield self.block(p, style, runs, text)
        for box in boxes:
            self.lost.add("text_boxes")
            yield from self.inside(box)

    def block(self, p: etree._Element, style: str, runs: list[Run], text: str) -> Block:
        level = self.styles.level(p, style)
        if self.styles.is_title(style):
            self.title = self.title or plain(runs)
            return Block("heading", inline(runs, heading=True), 1)
        mark = self.numbering.mark(p, style)
        if level:
            return Block("heading", inline(runs, heading=True), level)
        if mark:
            return Block("item", text, mark[0], mark[1])
        block = Block("paragraph", text)
        size = self.styles.size(p, style)
        self.sizes[size] = self.sizes.get(size, 0) + len(text)
        words = [r for r in runs if r.text.strip()]
        if len(text) <= LONGEST_GUESS and "\n" not in text and not text.endswith((".", ";", ",", ":")):
            self.candidates.append((block, size + (0.5 if all(r.bold for r in words) else 0)))
        return block

    def guess(self) -> None:
        """Bold or large lines become headings where the document has no heading styles."""
        usual = max(self.sizes, key=self.sizes.__getitem__, default=0)
        chosen = [(b, s) for b, s in self.candidates if s > usual]
        ranks = sorted({s for _, s in chosen}, reverse=True)
        for block, size in chosen:
            block.kind, block.level = "heading", min(ranks.index(size) + 1, 6)
            block.text = block.text.replace("**", "")
        self.lost.add("guessed_headings", len(chosen))

    def runs(self, parent: etree._Element, address: str = "") -> Iterator[Run]:
        for element in parent:
            tag = element.tag
            if tag == w("r"):
                yield from self.run(element, address)
            elif tag == w("hyperlink"):
                target = self.links.get(element.get(R + "id", ""), "")
                if target and not safe_address(target):
                    self.lost.add("links")
                yield from self.runs(element, target or address)
            elif tag == w("fldSimple"):
                match = FIELD_LINK.search(element.get(w("instr"), ""))
                yield from self.runs(element, match[1] if match else address)
            elif tag in TRANSPARENT:
                yield from self.runs(element, address)
            elif tag in (M + "oMath", M + "oMathPara"):
                self.lost.add("equations")
                yield Run("".join(t.text or "" for t in element.iter(M + "t")))
            elif tag == MC + "AlternateContent":
                self.drawing(element)

    def run(self, r: etree._Element, address: str) -> Iterator[Run]:
        look = r.find(w("rPr"))
        if switched(look, "vanish"):
            self.lost.add("hidden_text")
            return
        bold, italic = self.styles.look(look, "b"), self.styles.look(look, "i")
        for element in r:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "fldChar":
                kind = element.get(w("fldCharType"))
                if kind == "begin":
                    self.fields.append(["", "code"])
                elif self.fields and kind == "separate":
                    self.fields[-1][1] = "result"
                elif self.fields and kind == "end":
                    self.fields.pop()
            elif name == "instrText" and self.fields:
                self.fields[-1][0] += element.text or ""
            elif any(state == "code" for _, state in self.fields):
                continue
            elif name == "t" or name in SOFT or name == "br":
                text = (element.text or "") if name == "t" else SOFT.get(name, "\n")
                if name == "br" and element.get(w("type")) in ("page", "column"):
                    text = " "
                match = next((m for code, _ in reversed(self.fields) if (m := FIELD_LINK.search(code))), None)
                yield Run(text, bold, italic, address or (match[1] if match else ""))
            elif name in NOTES:
                self.notes.append((NOTES[name], element.get(w("id"), "")))
                yield Run(f" ({len(self.notes)})")
            elif name in ("drawing", "pict", "AlternateContent", "object"):
                self.drawing(element)

    def drawing(self, element: etree._Element) -> None:
        choice = element.find(MC + "Choice")
        inside = choice if choice is not None else element
        boxes = list(inside.iter(w("txbxContent")))
        self.boxes += [b for b in boxes if not any(a.tag == w("txbxContent") for a in b.iterancestors())]
        if element.tag == w("object"):
            self.lost.add("objects")
        elif not boxes:
            names = [etree.QName(e).localname for e in inside.iter(etree.Element)]
            self.lost.add("images" if {"blip", "imagedata"} & set(names) else "objects")

    def table(self, tbl: etree._Element) -> Iterator[Block]:
        grid, merged, nested = Grid(), 0, 0
        for tr in _rows(tbl):
            row: list[str] = []
            row += [""] * min(int(value(tr.find(w("trPr")), "gridBefore") or 0), WIDEST)
            for tc in _cells(tr):
                look = tc.find(w("tcPr"))
                span = min(int(value(look, "gridSpan") or 1), WIDEST)
                joint = look.find(w("vMerge")) if look is not None else None
                covered = joint is not None and joint.get(w("val"), "continue") == "continue"
                merged += (span > 1) or covered
                nested += tc.find(f".//{w('tbl')}") is not None
                row += ["" if covered else joined(list(self.inside(tc)))] + [""] * (span - 1)
            grid.add(row)
        self.lost.add("merged_cells", merged)
        self.lost.add("nested_tables", nested)
        if len(grid.rows) == 1 and len(list(_cells(next(_rows(tbl))))) == 1:
            yield from self.inside(next(_cells(next(_rows(tbl)))))
        elif made := tidy_table(grid.rows):
            yield made

    def footnotes(self) -> Iterator[Block]:
        roots = {kind: self.package.xml(f"word/{kind}.xml") for kind in {k for k, _ in self.notes}}
        self.lost.add("footnotes", len(self.notes))
        for number, (kind, id) in enumerate(list(self.notes), 1):
            root = roots[kind]
            note = root.find(f"*[@{w('id')}='{int(id)}']") if root is not None else None
            if note is not None:
                yield Block("paragraph", f"({number}) " + joined(list(self.inside(note))))

    def count(self) -> None:
        comments = self.package.xml("word/comments.xml")
        self.lost.add("comments", len(comments) if comments is not None else 0)
        changed = [e for n in ("ins", "del", "moveFrom") for e in self.body.iter(w(n)) if len(e)]
        self.lost.add("changes", len(changed))
        coloured = any(
            e.get(w("val"), "auto").lower() not in ("auto", "000000", "none")
            for n in ("color", "highlight")
            for e in self.body.iter(w(n))
            if (parent := e.getparent()) is not None and parent.tag == w("rPr")
        )
        self.lost.add("colours", int(coloured))
        headers = 0
        for part in sorted(self.package.names):
            if re.fullmatch(r"word/(header|footer)\d*\.xml", part):
                root = self.package.xml(part)
                headers += root is not None and any((t.text or "").strip() for t in root.iter(w("t")))
        self.lost.add("headers", headers)


def _rows(tbl: etree._Element) -> Iterator[etree._Element]:
    return _children(tbl, w("tr"))


def _cells(tr: etree._Element) -> Iterator[etree._Element]:
    return _children(tr, w("tc"))


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for element in parent:
        if element.tag == tag:
            if tag != w("tr") or element.find(f"{w('trPr')}/{w('del')}") is None:
                yield element
        elif element.tag in TRANSPARENT:
            yield from _children(element, tag)


def _links(root: etree._Element | None) -> dict[str, str]:
    found = root if root is not None else []
    return {e.get("Id", ""): e.get("Target", "") for e in found if e.get("TargetMode") == "External"}
