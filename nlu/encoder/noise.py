"""Phrases as people send them: in company, and from hurried fingers.

Around what is asked stand greetings and thanks, and around a danger some harmless question; accents and marks are left
out, letters lost, swapped or doubled. What a phrase stands for stays the same.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from random import Random

from nlu.courtesies import FIRST_WORD_SIGN
from nlu.training_data import Phrase, intents

SHARE, MOST_MISTYPED = 0.4, 0.08
COURTEOUS, OF_ANOTHER_LANGUAGE, ASIDE = 0.35, 0.15, 0.08
OPENED, CLOSED_TOO, ASIDE_FIRST = 0.45, 0.25, 0.7
LONGEST_COURTESY = 240
OPENINGS, CLOSINGS = ("greeting",), ("thanks", "thanks", "goodbye")
JOINTS = (" ", ", ", ". ", "\n")


class Company:
    """What people write before and after the point, from the phrases themselves.

    Greetings stand before anything but small talk, thanks and farewells after it, most of them thanks; before or after
    a danger there may be a question that the organisation answers.
    """

    def __init__(self, phrases: Iterable[Phrase]):
        self.courtesies: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.questions: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in phrases:
            intent = intents()[phrase.intent]
            if intent.name in (*OPENINGS, *CLOSINGS) and len(phrase.text) <= LONGEST_COURTESY:
                self.courtesies[phrase.language, intent.name].append(phrase.text)
            elif intent.sections and intent.urgent == "no" and intent.route not in ("trafficking", "emergency"):
                self.questions[phrase.language].append(phrase.text)

    def around(self, phrase: Phrase, random: Random) -> str:
        """The phrase's text, for some of the calls with company."""
        text, intent = phrase.text, intents()[phrase.intent]
        if intent.route == "smalltalk":
            return text
        if intent.urgent == "yes" and random.random() < ASIDE:
            text = _joined(text, self.questions[phrase.language], random, before=random.random() < ASIDE_FIRST)
        if random.random() < COURTEOUS:
            opened = random.random() < OPENED
            if opened:
                text = _joined(text, self._courtesies(OPENINGS, phrase.language, random), random, before=True)
            if not opened or random.random() < CLOSED_TOO:
                text = _joined(text, self._courtesies(CLOSINGS, phrase.language, random), random, before=False)
        return text

    def _courtesies(self, names: Sequence[str], language: str, random: Random) -> list[str]:
        """Those of one kind, at times of another language."""
        if random.random() < OF_ANOTHER_LANGUAGE:
            language = random.choice([known for known, _ in self.courtesies] or [language])
        return self.courtesies.get((language, random.choice(names)), [])


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


def _joined(text: str, others: list[str], random: Random, before: bool) -> str:
    if not others:
        return text
    other, joint = random.choice(others), random.choice(JOINTS)
    return f"{other}{joint}{text}" if before else f"{text}{joint}{other}"


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
