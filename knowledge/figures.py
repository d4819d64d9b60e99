"""The numbers, addresses and telephone numbers in a text, for comparing a translation with its original.

Numbers are compared by value: 3,5 millones, 3.5 million and 350 万 are one number. Words for thousands and millions are
in `words.yml`; numbers written in letters are not understood.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import yaml

from knowledge.sentences import WORDS, bare

SPACES = " \u00a0\u202f\u2009"
DIGITS = re.compile(rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*")
JOINED = re.compile(rf"[{SPACES}\n]*(?:de )?[{SPACES}\n]*")
WORD = re.compile(r"[^\W\d_]+")
THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]（）]+|[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
PHONE = re.compile(r"(?<![\w/-])(?:\+?\(?\d{1,4}\)?[ -]?)?\d(?:[ -]?\d){5,}(?![\w-])")
PHONE_MARKS = re.compile(r"[+()-]|^0")
SMALL = re.compile(r"\d{1,3}")
SPACED = re.compile(r"\d{1,3}(?: \d{3})+")
MIN_PHONE = 7
DATES = re.compile(r"(?:1[89]|20)\d\d *- *(?:1[89]|20)\d\d|\d{4}-\d\d?-\d\d?|\d\d?[-/]\d\d?[-/]\d{4}")

Values = frozenset[Fraction]


def numbers(text: str) -> list[tuple[str, Values]]:
    """Each number as it is written and its value: several where a separator may mean thousands or decimals."""
    text = ADDRESS.sub(lambda m: " " * len(m[0]), text)
    found: list[tuple[str, Values]] = []
    position = 0
    while digits := DIGITS.search(text, position):
        values, end = _values(digits[0]), digits.end()
        scaled = False
        while True:
            gap = JOINED.match(text, end)
            start = gap.end() if gap else end
            following = DIGITS.match(text, start)
            if scale := _scale(text, start):
                factor, end = scale
                values, scaled = frozenset(v * factor for v in values), True
            elif scaled and following and SMALL.fullmatch(following[0]) and _scale_after(text, following):
                values, end = frozenset(v + int(following[0]) for v in values), following.end()
            else:
                break
        found.append((text[digits.start() : end], values))
        position = end
    return found


def missing(original: str, translation: str) -> list[str]:
    """The numbers of `original`, as written there, that `translation` lacks."""
    present = frozenset(v for _, values in numbers(translation) for v in values)
    return [written for written, values in numbers(original) if not values & present]


def addresses(text: str) -> frozenset[str]:
    """E-mail and web addresses, without the punctuation that follows them."""
    return frozenset(found.rstrip(".,;:!?'\"*_") for found in ADDRESS.findall(text))


def phones(text: str, known: Iterable[str] = ()) -> frozenset[str]:
    """Telephone numbers as digits: what is written like one, and any number of `known` that stands alone."""
    text = DATES.sub(" ", ADDRESS.sub(" ", text))
    written = (m[0] for m in PHONE.finditer(text) if PHONE_MARKS.search(m[0]) or not SPACED.fullmatch(m[0]))
    digits = (re.sub(r"\D", "", number) for number in written)
    alone = {number for number, _ in numbers(text)}
    return frozenset(number for number in digits if len(number) >= MIN_PHONE) | (alone & set(known))


def _values(written: str) -> Values:
    compact = re.sub(rf"[{SPACES}]", "", written)
    if compact.isdigit():
        return frozenset({Fraction(int(compact))})
    groups = re.split("[.,'’]", compact)
    values = set()
    if THOUSANDS.fullmatch(compact):
        values.add(Fraction(int("".join(groups))))
    if len(groups) == 2 or THOUSANDS.fullmatch(re.sub(r"[.,]\d+$", "", compact)):
        values.add(Fraction(f"{''.join(groups[:-1])}.{groups[-1]}"))
    return frozenset(values) or frozenset(Fraction(int(group)) for group in groups)


def _scale(text: str, start: int) -> tuple[int, int] | None:
    """The factor of the word at `start` and where the word ends."""
    exact, stems, characters = _scales()
    for character, factor in characters:
        if text.startswith(character, start):
            return factor, start + len(character)
    word = WORD.match(text, start)
    if word is None:
        return None
    folded = bare(word[0])
    known = exact.get(folded) or next((factor for stem, factor in stems if folded.startswith(stem)), None)
    return (known, word.end()) if known else None


def _scale_after(text: str, digits: re.Match[str]) -> bool:
    gap = JOINED.match(text, digits.end())
    return _scale(text, gap.end() if gap else digits.end()) is not None


@lru_cache(maxsize=1)
def _scales() -> tuple[dict[str, int], list[tuple[str, int]], list[tuple[str, int]]]:
    scales: dict[str, int] = yaml.safe_load(WORDS.read_text("utf-8"))["scales"]
    characters = sorted(((w, n) for w, n in scales.items() if not w[0].isascii()), key=lambda pair: -len(pair[0]))
    stems = [(w[:-1], n) for w, n in scales.items() if w.endswith("*")]
    exact = {w: n for w, n in scales.items() if w[0].isascii() and not w.endswith("*")}
    return exact, stems, characters
