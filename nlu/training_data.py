"""The training phrases of `nlu/data` and the meaning of each intent, read without Rasa.

Phrases are split by author situation, never by row, so that no imagined person is in two parts.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from nlu.language import LANGUAGES

FOLDER = Path(__file__).parent
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Part = Literal["train", "dev"]
Urgent = Literal["yes", "maybe", "no"]
DEV_SHARE = 0.15


@dataclass(frozen=True)
class Intent:
    """What an intent stands for. `danger` is set where people are in danger; `sections` usually answer it."""

    name: str
    route: str
    urgent: Urgent
    danger: str | None = None
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """One training phrase. `part` is dev for about one situation in seven."""

    text: str
    language: str
    intent: str
    situation: str

    @property
    def part(self) -> Part:
        digest = hashlib.sha256(self.situation.encode()).digest()
        return "dev" if digest[0] / 256 < DEV_SHARE else "train"


@cache
def intents() -> dict[str, Intent]:
    """All intents by name, as `nlu/intents.yml` lists them."""
    content = yaml.safe_load((FOLDER / "intents.yml").read_text(encoding="utf-8"))
    return {
        name: Intent(name, row["route"], row["urgent"], row.get("danger"), tuple(row.get("sections", ())))
        for name, row in content.items()
    }


def phrases(folder: Path = FOLDER / "data") -> Iterator[Phrase]:
    """Every phrase of every language, in the order of the files."""
    for path in sorted(p for p in folder.glob("*/*.yml") if p.parent.name in LANGUAGES):
        for block in yaml.load(path.read_bytes(), LOADER)["nlu"]:
            situation = block["metadata"]["situation"]
            for line in block["examples"].splitlines():
                if line.startswith("- "):
                    yield Phrase(line[2:].strip(), path.parent.name, block["intent"], situation)
