"""Phrases from hurried fingers: accents and marks left out, letters lost, swapped or doubled."""

import unicodedata
from random import Random

from nlu.courtesies import FIRST_WORD_SIGN

SHARE, MOST_MISTYPED = 0.4, 0.08


def noisy(text: str, random: Random) -> str:
    """`text`, or for a `SHARE` of the calls a hurried version of it."""
    if random.random() > SHARE:
        return text
    typed = text
    if random.random() < 0.5:
        typed = "".join(c for c in unicodedata.normalize("NFD", typed) if not unicodedata.combining(c))
    if random.random() < 0.3:
        typed = "".join(c for c in typed if c.isalnum() or c.isspace())
    return _mistyped(typed, random) or text


def _mistyped(text: str, random: Random) -> str:
    """Each time as careful a hand as chance will have it. Signs that stand for whole words are left as they are."""
    letters, rate = list(text), random.random() * MOST_MISTYPED
    for place, letter in enumerate(text):
        if letter >= FIRST_WORD_SIGN or random.random() > rate:
            continue
        kind = random.choice(("lost", "swapped", "doubled", "another"))
        if kind == "lost":
            letters[place] = ""
        elif kind == "swapped" and place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
        elif kind == "doubled":
            letters[place] *= 2
        elif kind == "another" and letter.isalpha():
            letters[place] = random.choice(text)
    return "".join(letters)
