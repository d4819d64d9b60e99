"""Patterns that staff can read and extend, one file a language in `rules/`.

A pattern is words in their order, lower case and without accents: `a|b` is one or the other, `*` any letters,
`...` up to four words between (in Chinese up to eight characters, and no space between neighbours). `danger`
patterns stand under the kind of danger; `calm` patterns are contexts in which the same words alarm nobody.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from nlu.text import words

FOLDER = Path(__file__).parent / "rules"
DANGERS = ("trafficking", "violence", "child", "disaster", "medical", "self_harm")
GAP_WORDS = 4
GAP_CHARACTERS = 8


@dataclass(frozen=True)
class Verdict:
    """What the patterns found: the kind of danger or None, and whether a calm context was seen."""

    danger: str | None
    calm: bool


class Rules:
    """The patterns of every language, compiled. A message is held against all of them, for people mix languages."""

    def __init__(self, folder: Path = FOLDER):
        self.danger: dict[str, re.Pattern[str]] = {}
        alternatives: dict[str, list[str]] = {kind: [] for kind in (*DANGERS, "calm")}
        for path in sorted(folder.glob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            spaced = content["language"] != "zh"
            for kind in DANGERS:
                alternatives[kind] += [expression(p, spaced) for p in content["danger"].get(kind) or []]
            alternatives["calm"] += [expression(p, spaced) for p in content.get("calm") or []]
        compiled = {kind: re.compile("|".join(dict.fromkeys(parts)) or r"(?!)") for kind, parts in alternatives.items()}
        self.calm = compiled.pop("calm")
        self.danger = compiled

    def judge(self, text: str) -> Verdict:
        folded = f" {words(text)} "
        kind = next((k for k, pattern in self.danger.items() if pattern.search(folded)), None)
        return Verdict(kind, bool(self.calm.search(folded)))


def expression(pattern: str, spaced: bool = True) -> str:
    """The regular expression of one pattern, to search in words with a space before and behind."""
    parts: list[str] = []
    for token in str(pattern).split():
        if token == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}" if spaced else rf".{{0,{GAP_CHARACTERS}}}")
            continue
        choices = "|".join(re.escape(c).replace(r"\*", r"\w*") for c in token.split("|"))
        parts.append(rf"(?:{choices}) " if spaced else rf"(?:{choices}) ?")
    return "(?:" + (r"(?<= )" if spaced else "") + "".join(parts) + ")"


@cache
def load() -> Rules:
    return Rules()
