"""What a browser fetches for the chat: one script with its style and the texts of one language, and each by itself.

In the script, what the button needs runs at once; the rest is a function that the browser need not compile before the
button is there. The sources in `chat/` stay readable; they are made small when the gateway starts.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import deflate
import minify

from bot.buttons import TOPICS
from bot.catalogue import ORIGINAL, Catalogue
from bot.safety.card import hotline_card
from knowledge.hotlines import GENERAL, Hotlines

FOLDER = Path(__file__).parent
SMALLEST = 12
CHAT = FOLDER / "chat"
FIRST = ("page", "elements", "button")
BEHIND = ("service", "memory", "exit", "replies", "panel", "conversation", "delivery", "chat")
STYLES = ("button", "chat")
FRAME = """((given) => {{
if (customElements.get("yanapay-chat")) return;
{first}
function behind() {{ {behind} }}
}})({given});"""
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
def style(file: Path) -> str:
    return minify.string("text/css", file.read_text("utf-8"))


@cache
def sources(names: tuple[str, ...]) -> str:
    return "\n".join((CHAT / f"{name}.js").read_text("utf-8") for name in names)


def script(given: dict[str, Any]) -> str:
    """The whole chat in one script; `given` is what it is made with."""
    whole = FRAME.format(given=_json(given), first=sources(FIRST), behind=sources(BEHIND))
    return minify.string("application/javascript", whole)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


class Assembly:
    """The assets as they are now: texts are fixed, hotlines may change while the gateway runs."""

    def __init__(self, texts: Catalogue, hotlines: Callable[[], Hotlines], settled: Settled):
        self.texts, self.hotlines, self.settled = texts, hotlines, settled
        self.made_from: Hotlines | None = None
        self.assets: dict[str, Asset] = {}
        self._version = ""

    @property
    def version(self) -> str:
        """Names the present content of all assets together."""
        self._renew()
        return self._version

    def __call__(self, name: str) -> Asset | None:
        """The asset called `name`: CODE.js and CODE.json for a language, chat.css, help.css, icon.svg."""
        self._renew()
        return self.assets.get(name)

    def _renew(self) -> None:
        hotlines = self.hotlines()
        if hotlines is self.made_from:
            return
        words = {code: self._words(code, hotlines) for code in self.texts.languages}
        styles = [style(CHAT / f"{name}.css") for name in STYLES]
        page_css = style(FOLDER / "help.css")
        everything = _json([words, styles, page_css, sources(FIRST + BEHIND), asdict(self.settled)])
        version = hashlib.sha256(everything.encode()).hexdigest()[:12]
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
                "words": spoken,
            }
            made[f"{code}.js"] = Asset(script(given).encode(), "text/javascript")
            made[f"{code}.json"] = Asset(_json(spoken).encode(), "application/json")
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
