"""What a browser fetches for the chat: one script with its style and the texts of one language, and each by itself.

In the script, what the button needs runs at once; the rest is a function that the browser need not compile before the
button is there. The sources in `chat/` stay readable; they are made small when the gateway starts: comments, spaces and
local names go (minify), and so do the names that only a reader needs, of texts and of the style's own properties.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from string import ascii_letters
from typing import Any

import deflate
import minify

from bot.buttons import TOPICS
from bot.catalogue import ORIGINAL, Catalogue
from bot.safety.card import hotline_card
from knowledge.hotlines import GENERAL, Hotlines

FOLDER = Path(__file__).parent
SMALLEST = 12
PLACES, CONTENT = 4, 6
CHAT = FOLDER / "chat"
FIRST = ("page", "elements", "button")
BEHIND = ("service", "memory", "exit", "replies", "panel", "conversation", "delivery", "chat")
STYLES = ("button", "chat")
OWN_PROPERTY = re.compile(r"--(?!yanapay-)[a-z][a-z-]+")
FRAME = """if (!customElements.get("yanapay-chat")) {{
{given}
let behind = () => {{ {behind} }};
{first}
}}"""
BORROWED = {
    "greeting": "greeting",
    "source": "source_label",
    "option": "hotline.option",
    "checked": "hotline.checked",
    "thanks": "feedback_thanks",
    "deleted": "conversation_deleted",
    "set": "language_set",
    "languages": "page.languages",
    "placeholder": "page.placeholder",
    "send": "page.send",
}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    media_type: str

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def zipped(self) -> bytes:
        return bytes(deflate.gzip_compress(self.body, SMALLEST))


@dataclass(frozen=True)
class Settled:
    """What the operator decides: the longest message, minutes until all is forgotten, where quick exit leads."""

    longest: int
    minutes: float
    exit: str


@cache
def _shorter() -> dict[str, str]:
    """The chat's own custom properties, and what they are called when they are sent."""
    everything = "".join((CHAT / f"{name}.css").read_text("utf-8") for name in STYLES)
    return dict(zip(sorted(set(OWN_PROPERTY.findall(everything))), map("--{}".format, ascii_letters), strict=False))


def _read(file: Path) -> str:
    return OWN_PROPERTY.sub(lambda found: _shorter().get(found[0], found[0]), file.read_text("utf-8"))


@cache
def style(file: Path) -> str:
    return minify.string("text/css", _read(file))


@cache
def sources(names: tuple[str, ...]) -> str:
    """The scripts of these names, all with `let`, which packs better than two words that mean the same here."""
    return re.sub(r"\bconst\b", "let", "\n".join(_read(CHAT / f"{name}.js") for name in names))


def numbered(source: str, words: list[str]) -> str:
    """Names that would have to be sent become places, `words.close` is `words[3]`, and variables: `given.exit`."""
    source = re.sub(r"\bgiven\.(\w+)", r"given_\1", source)
    return re.sub(r"\b((?:given_)?words)\.(\w+)", lambda found: f"{found[1]}[{words.index(found[2])}]", source)


def script(words: dict[str, Any], given: dict[str, Any]) -> str:
    """The whole chat in one script; `words` and the other things that are `given` are what it is made with."""
    values = {"words": list(words.values()), **given}
    whole = FRAME.format(
        given="\n".join(f"let given_{name} = {_json(value)};" for name, value in values.items()),
        behind=numbered(sources(BEHIND), list(words)),
        first=numbered(sources(FIRST), list(words)),
    )
    return minify.string("application/javascript", whole)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


class Assembly:
    """The assets as they are now: texts are fixed, hotlines may change while the gateway runs."""

    def __init__(self, texts: Catalogue, hotlines: Callable[[], Hotlines], settled: Settled):
        self.texts, self.hotlines, self.settled = texts, hotlines, settled
        self.made_from: Hotlines | None = None
        self.assets: dict[str, Asset] = {}
        self._version = ""

    @property
    def version(self) -> str:
        """Names the places of the texts, then the present content of all assets together."""
        self._renew()
        return self._version

    def __call__(self, name: str) -> Asset | None:
        """The asset called `name`: CODE.js and CODE.json for a language, chat.css, help.css, icon.svg."""
        self._renew()
        return self.assets.get(name)

    def part(self, version: str, name: str) -> Asset | None:
        """An asset for a script of some version: texts only where that script looks for them in the same places."""
        same_places = version[:PLACES] == self.version[:PLACES]
        return self(name) if same_places or not name.endswith(".json") else None

    def _renew(self) -> None:
        hotlines = self.hotlines()
        if hotlines is self.made_from:
            return
        words = {code: self._words(code, hotlines) for code in self.texts.languages}
        styles = [style(CHAT / f"{name}.css") for name in STYLES]
        page_css = style(FOLDER / "help.css")
        everything = _json([words, styles, page_css, sources(FIRST + BEHIND), asdict(self.settled)])
        version = _digest(_json(list(words[ORIGINAL])))[:PLACES] + _digest(everything)[:CONTENT]
        made = {
            "chat.css": Asset("".join(styles).encode(), "text/css"),
            "help.css": Asset(page_css.encode(), "text/css"),
            "icon.svg": Asset((FOLDER / "icon.svg").read_bytes(), "image/svg+xml"),
        }
        for code, spoken in words.items():
            given = {
                **asdict(self.settled),
                "version": version,
                "languages": {code: texts["name"] for code, texts in self.texts.languages.items()},
                "style": styles,
            }
            made[f"{code}.js"] = Asset(script(spoken, given).encode(), "text/javascript")
            made[f"{code}.json"] = Asset(_json(list(spoken.values())).encode(), "application/json")
        self.assets, self._version, self.made_from = made, version, hotlines

    def _words(self, language: str, hotlines: Hotlines) -> dict[str, Any]:
        """What the chat says in one language; the card for danger too, for when nothing can be fetched any more."""
        card = hotline_card(GENERAL, language, hotlines, self.texts)
        lines = [line for line in card.text.split("\n") if not line.startswith("•")]
        own = {key: self.texts.text(language, f"widget.{key}") for key in self.texts.languages[ORIGINAL]["widget"]}
        return {
            "language": language,
            **own,
            **{name: self.texts.text(language, key) for name, key in BORROWED.items()},
            "topics": {route: self.texts.text(language, f"topics.{route}") for route in TOPICS},
            "card": {
                "text": "\n".join(lines),
                "hotlines": [line.model_dump(exclude_none=True, exclude={"id"}) for line in card.hotlines or []],
            },
        }
