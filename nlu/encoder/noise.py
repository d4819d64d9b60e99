"""Phrases as hurried fingers type them: accents, capitals and marks left out, letters lost, swapped or doubled."""

import unicodedata
from random import Random

SHARE = 0.3
LOST, SWAPPED, DOUBLED = 0.01, 0.02, 0.025


def noisy(text: str, random: Random) -> str:
    """`text`, or for a `SHARE` of the calls a hurried version of it."""
    if random.random() > SHARE:
        return text
    typed = text
    if random.random() < 0.5:
        typed = "".join(c for c in unicodedata.normalize("NFD", typed) if not unicodedata.combining(c))
    if random.random() < 0.5:
        typed = typed.lower()
    if random.random() < 0.3:
        typed = "".join(c for c in typed if c.isalnum() or c == " ")
    return _mistyped(typed, random) or text


def _mistyped(text: str, random: Random) -> str:
    letters = list(text)
    for place in range(len(letters)):
        chance = random.random()
        if chance < LOST:
            letters[place] = ""
        elif chance < SWAPPED and place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
        elif chance < DOUBLED:
            letters[place] *= 2
    return "".join(letters)
