"""Commands: their names in every language (bot/texts), and the words of deep links (starts.yml)."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.catalogue import Catalogue, catalogue
from nlu.language import LANGUAGES

NAMES = ("start", "help", "language", "emergency", "source", "delete")
TYPED = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)
STARTS = Path(__file__).parent / "starts.yml"


@dataclass(frozen=True)
class Command:
    """`name` is one of NAMES; `rest` is what was written after it; `bot` whom it names."""

    name: str
    rest: str
    bot: str | None


@cache
def _known() -> dict[str, str]:
    texts = catalogue()
    return {name_in(code, name, texts): name for code in LANGUAGES for name in NAMES}


def name_in(language: str, name: str, texts: Catalogue) -> str:
    return texts.text(language, f"telegram.commands.{name}.name")


def typed(text: str) -> Command | None:
    """The command that `text` is, in any language; None for anything else, such as /topic or an unknown one."""
    match = TYPED.fullmatch(text.strip())
    name = _known().get(match["name"].lower()) if match else None
    return Command(name, (match["rest"] or "").strip(), match["bot"]) if match and name else None


@cache
def _starts() -> dict[str, str]:
    return yaml.safe_load(STARTS.read_text(encoding="utf-8"))


def start(word: str) -> tuple[str | None, str | None]:
    """The topic and the language that a deep link asks for."""
    topic, _, language = word.lower().rpartition("-")
    if language not in LANGUAGES:
        topic, language = word.lower(), ""
    return _starts().get(topic), language or None


def language_called(word: str, texts: Catalogue) -> str | None:
    """The language of a code or of its own name, such as "qu" or "runasimi"."""
    wanted = word.casefold()
    return next((c for c, t in texts.languages.items() if wanted in (c, str(t["name"]).casefold())), None)
