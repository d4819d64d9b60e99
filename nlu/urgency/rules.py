"""Patterns that staff can read and extend, one file a language in `rules/`.

A pattern is words in their order, lower case and without accents: `a|b` is one or the other, `*` any letters,
`...` up to four words between (in Chinese up to eight characters, and no space between neighbours). `danger`
patterns stand under the kind of danger; `calm` patterns are contexts in which the same words alarm nobody. `cries` for
help, such as "socorro", count only when a message is nothing else. `articles` say nothing beside another word.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from nlu.text import words

FOLDER = Path(__file__).parent / "rules"
DANGERS = ("trafficking", "violence", "child", "disaster", "medical", "self_harm")
CALM, CRIES, ARTICLES, UNKNOWN = "calm", "cries", "articles", "general"
WORD_STARTS = re.compile(r"(?<= )\S")
HAN, LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile("[a-z]")
GAP_WORDS = 4
GAP_CHARACTERS = 8
WORD_LETTERS, WORD_CHARACTERS = 15, 2


@dataclass(frozen=True)
class Verdict:
    """What the patterns found: the kind of danger or None, and whether a calm context was seen.

    `whole` says that the message is nothing but what was found: a cry for help, or three words that say it all; `bare`
    that it is a single word, such as "police" or "my boss".
    """

    danger: str | None
    calm: bool
    whole: bool = False
    bare: bool = False


class Rules:
    """The patterns of every language, compiled. A message is held against all of them, for people mix languages."""

    def __init__(self, folder: Path = FOLDER):
        patterns: dict[str, list[tuple[str, bool]]] = {kind: [] for kind in (*DANGERS, CALM, CRIES)}
        self.articles: set[str] = set()
        for path in sorted(folder.glob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            spaced = content["language"] != "zh"
            for kind in DANGERS:
                patterns[kind] += [(p, spaced) for p in content["danger"].get(kind) or []]
            for kind in (CALM, CRIES):
                patterns[kind] += [(p, spaced) for p in content.get(kind) or []]
            self.articles.update(word for listed in content.get(ARTICLES) or [] for word in listed.split("|"))
        self.kinds = {kind: PatternSet(listed) for kind, listed in patterns.items()}

    def judge(self, text: str) -> Verdict:
        folded = f" {words(text)} "
        calm = self.kinds[CALM].found_in(folded) is not None
        if _whole(folded, self.kinds[CRIES].found_in(folded)):
            return Verdict(UNKNOWN, calm, whole=True)
        for kind in DANGERS:
            match = self.kinds[kind].found_in(folded)
            if match:
                return Verdict(kind, calm, _whole(folded, match))
        return Verdict(None, calm, bare=self._bare(folded))

    def _bare(self, folded: str) -> bool:
        said = [word for word in folded.split() if word not in self.articles]
        return len(said) <= 1 and len("".join(said)) <= (WORD_CHARACTERS if HAN.search(folded) else WORD_LETTERS)


class PatternSet:
    """Patterns by the letter that they begin with, so that each word of a message meets only a few of them."""

    def __init__(self, patterns: Iterable[tuple[str, bool]]):
        by_letter: defaultdict[str, list[str]] = defaultdict(list)
        anywhere, unspaced = [], []
        for pattern, spaced in patterns:
            beginnings = {choice[0] for choice in pattern.split()[0].split("|")}
            if not spaced and not LATIN.search(pattern):
                unspaced.append(expression(pattern, spaced))
            elif not spaced or beginnings & set("*."):
                anywhere.append(expression(pattern, spaced))
            else:
                for letter in beginnings:
                    by_letter[letter].append(expression(pattern))
        self.by_letter = {letter: _any_of(parts) for letter, parts in by_letter.items()}
        self.anywhere, self.unspaced = _any_of(anywhere), _any_of(unspaced)

    def found_in(self, folded: str) -> re.Match[str] | None:
        """The first match. `folded`: words with single spaces between, before and behind them."""
        for word in WORD_STARTS.finditer(folded):
            starting = self.by_letter.get(word[0])
            match = starting.match(folded, word.start()) if starting else None
            if match:
                return match
        return self.anywhere.search(folded) or (self.unspaced.search(folded) if HAN.search(folded) else None)


def _whole(folded: str, match: re.Match[str] | None) -> bool:
    return match is not None and match[0].strip() == folded.strip()


def _any_of(expressions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(dict.fromkeys(expressions)) or r"(?!)")


def expression(pattern: str, spaced: bool = True) -> str:
    """The regular expression of one pattern, to search in words with a space before and behind."""
    parts: list[str] = []
    for token in str(pattern).split():
        if token == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}" if spaced else rf".{{0,{GAP_CHARACTERS}}}")
            continue
        choices = "|".join(re.escape(c).replace(r"\*", r"\w*") for c in sorted(token.split("|"), key=len, reverse=True))
        parts.append(rf"(?:{choices}) " if spaced else rf"(?:{choices}) ?")
    return "(?:" + (r"(?<= )" if spaced else "") + "".join(parts) + ")"


@cache
def load() -> Rules:
    return Rules()
