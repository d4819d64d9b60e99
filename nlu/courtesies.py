"""Greetings, apologies and thanks around what a message says, so that they neither hide it nor change how it is read.

`courtesies.yml` lists them by language; people mix languages, so that each is looked for in every message.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_suffix(".yml")
WORD, BETWEEN = re.compile(r"[^\W_]+"), r"[\W_]*"
NOT_IN_A_WORD, AFTER_A_WORD, BEFORE_A_MARK = r"(?<![^\W_])", r"(?![^\W_])", r"(?=\s*(?:[^\w\s'’]|\n|$))"
FIRST_WORD_SIGN = "\u2e80"
LONGEST_AFTER = 60


def without_courtesies(text: str) -> str:
    """`text` between its courtesies, as it was typed; all of it where it holds nothing else."""
    flat = "".join(map(_flat, text))
    first, last = _patterns()
    start, end = first.match(flat), len(flat)
    begin = start.end() if start else 0
    while found := last.search(flat, max(begin, end - LONGEST_AFTER), end):
        end = found.start()
    point = text[begin:end].strip()
    return point if any(c.isalnum() for c in point) else text


@cache
def _flat(letter: str) -> str:
    """One lower-case letter without its accent for each letter, so that places stay the same."""
    return unicodedata.normalize("NFKD", letter)[0].lower()[0]


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    languages = yaml.safe_load(FILE.read_text(encoding="utf-8")).values()
    before, following, after = (
        _any([phrase for language in languages for phrase in language[kind]]) for kind in ("before", "next", "after")
    )
    then = rf"{following}(?:{BEFORE_A_MARK}|(?={BETWEEN}{before})){BETWEEN}"
    return re.compile(rf"{BETWEEN}(?:{before}{BETWEEN}(?:{then})*)+"), re.compile(rf"{after}{BETWEEN}$")


def _any(phrases: list[str]) -> str:
    """A pattern for the longest of `phrases` that fits: whole words, in scripts that have those."""
    flat = {tuple(WORD.findall("".join(map(_flat, phrase)))) for phrase in phrases} - {()}
    ordered = sorted((BETWEEN.join(words) for words in flat), key=len, reverse=True)
    apart = "|".join(p for p in ordered if p[0] < FIRST_WORD_SIGN)
    joined = (p for p in ordered if p[0] >= FIRST_WORD_SIGN)
    return "(?:" + "|".join((rf"{NOT_IN_A_WORD}(?:{apart}){AFTER_A_WORD}", *joined)) + ")"
