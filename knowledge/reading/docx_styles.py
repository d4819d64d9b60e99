"""What Word's styles and numbering say of a paragraph, whatever the language of the program that wrote them."""

import re
import unicodedata

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADING = re.compile(r"(?:heading|titulo|ttulo|titre|cabecalho|uberschrift)\s*([1-9])")
TITLES = {"title", "titulo", "ttulo", "puesto", "titre", "titel"}
CONTENTS = re.compile(r"(?:toc|tdc|indice|sumario)\s*\d|toc\s*heading|ttulotdc|titulo\s*tdc|ttulodendice")
BULLETED = re.compile(r"list ?bullet|lista ?con ?vin?etas")
NAMED_DEPTH = re.compile(r"(?:list|lista).*?([2-9])$")
DEEPEST = 20


def w(name: str) -> str:
    return W + name


def value(parent: etree._Element | None, name: str) -> str | None:
    element = parent.find(w(name)) if parent is not None else None
    return None if element is None else element.get(w("val"))


def switched(look: etree._Element | None, name: str) -> bool:
    element = look.find(w(name)) if look is not None else None
    return element is not None and element.get(w("val"), "1") not in ("0", "false", "off", "none")


def folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


class Styles:
    def __init__(self, root: etree._Element | None) -> None:
        found = root.findall(w("style")) if root is not None else []
        self._styles = {s.get(w("styleId"), ""): s for s in found if s.get(w("type")) == "paragraph"}
        self._letters = {s.get(w("styleId"), ""): s for s in found if s.get(w("type")) == "character"}
        self._usual = next((i for i, s in self._styles.items() if s.get(w("default")) in ("1", "true")), "")
        size = root.find(f"{w('docDefaults')}//{w('sz')}") if root is not None else None
        self._size = float(size.get(w("val"), "22")) if size is not None else 22.0

    def of(self, p: etree._Element) -> str:
        return value(p.find(w("pPr")), "pStyle") or self._usual

    def look(self, own: etree._Element | None, name: str) -> bool:
        """Whether letters are bold ("b") or italic ("i"), by themselves or by their character style."""
        look, style = own, value(own, "rStyle") or ""
        for _ in range(DEEPEST):
            if look is not None and look.find(w(name)) is not None:
                return switched(look, name)
            if style not in self._letters:
                return False
            look, style = self._letters[style].find(w("rPr")), value(self._letters[style], "basedOn") or ""
        return False

    def chain(self, style: str) -> list[tuple[str, etree._Element]]:
        """The style and those it is based on, nearest first."""
        found: list[tuple[str, etree._Element]] = []
        while style in self._styles and len(found) < DEEPEST:
            found.append((style, self._styles[style]))
            style = value(self._styles[style], "basedOn") or ""
        return found

    def names(self, style: str) -> list[str]:
        """Folded ids and names of the style and of those it is based on, nearest first."""
        chain = self.chain(style)
        return [folded(n) for i, s in chain for n in (i, value(s, "name") or "")] or [folded(style)]

    def is_title(self, style: str) -> bool:
        return bool(TITLES.intersection(self.names(style)))

    def is_contents(self, style: str) -> bool:
        return any(CONTENTS.fullmatch(n) for n in self.names(style))

    def level(self, p: etree._Element, style: str) -> int:
        """1 to 9 for a heading, 0 for other text."""
        looks = [p.find(w("pPr")), *(s.find(w("pPr")) for _, s in self.chain(style))]
        outline = next((v for look in looks if (v := value(look, "outlineLvl")) is not None), None)
        if outline is not None and outline.isdigit():
            return int(outline) + 1 if int(outline) < 9 else 0
        return next((int(m[1]) for n in self.names(style) if (m := HEADING.fullmatch(n))), 0)

    def size(self, p: etree._Element, style: str) -> float:
        """The largest size of the paragraph's letters, in half points."""
        own = [float(s.get(w("val"), "0")) for s in p.iterfind(f"{w('r')}/{w('rPr')}/{w('sz')}")]
        if own:
            return max(own)
        sizes = (value(s.find(w("rPr")), "sz") for _, s in self.chain(style))
        return float(next((s for s in sizes if s), self._size))


class Numbering:
    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        found = root if root is not None else []
        abstracts = {e.get(w("abstractNumId"), ""): e for e in found if e.tag == w("abstractNum")}
        self._lists = {e.get(w("numId"), ""): e for e in found if e.tag == w("num")}
        self._abstract = {i: abstracts.get(value(e, "abstractNumId") or "") for i, e in self._lists.items()}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def mark(self, p: etree._Element, style: str) -> tuple[int, str] | None:
        """Depth from 0 and the number's mark ("" for a bullet), or None outside lists. Counts as it goes."""
        own = p.find(f"{w('pPr')}/{w('numPr')}")
        inherited = [n for _, s in self._styles.chain(style) if (n := s.find(f"{w('pPr')}/{w('numPr')}")) is not None]
        sources = ([own] if own is not None else []) + inherited
        id = next((v for n in sources if (v := value(n, "numId"))), None)
        if not id or id == "0":
            return self._by_name(style)
        depth = next((int(v) for n in sources if (v := value(n, "ilvl")) and v.isdigit()), -1)
        abstract = self._abstract.get(id)
        if depth < 0:
            depth = self._linked(abstract, style)
        level = self._level(id, abstract, depth)
        depth = depth or self._named_depth(style)
        form = value(level, "numFmt") or "bullet"
        if form in ("bullet", "none"):
            return depth, ""
        key = abstract.get(w("abstractNumId"), "") if abstract is not None else id
        counts = self._counts.setdefault(key, {})
        override = self._override(id, depth)
        restart = value(override, "startOverride")
        start = int(restart or value(level, "start") or 1)
        if restart and (id, depth) not in self._started:
            counts.pop(depth, None)
        self._started.add((id, depth))
        counts[depth] = counts[depth] + 1 if depth in counts else start
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        return depth, f"{counts[depth]}."

    def _named_depth(self, style: str) -> int:
        """Depth that a style has by its name: those called "List Bullet 2" are lists of their own in Word."""
        match = next((m for n in self._styles.names(style) if (m := NAMED_DEPTH.search(n))), None)
        return int(match[1]) - 1 if match else 0

    def _by_name(self, style: str) -> tuple[int, str] | None:
        bulleted = any(BULLETED.match(n) for n in self._styles.names(style))
        return (self._named_depth(style), "") if bulleted else None

    def _linked(self, abstract: etree._Element | None, style: str) -> int:
        for level in abstract.iterfind(w("lvl")) if abstract is not None else ():
            if value(level, "pStyle") == style:
                return int(level.get(w("ilvl"), "0"))
        return 0

    def _override(self, id: str, depth: int) -> etree._Element | None:
        number = self._lists.get(id)
        return number.find(f"{w('lvlOverride')}[@{w('ilvl')}='{depth}']") if number is not None else None

    def _level(self, id: str, abstract: etree._Element | None, depth: int) -> etree._Element | None:
        override = self._override(id, depth)
        own = override.find(w("lvl")) if override is not None else None
        if own is not None or abstract is None:
            return own
        return abstract.find(f"{w('lvl')}[@{w('ilvl')}='{depth}']")
