"""Phrases as people send them: in company, and from hurried fingers.

Around what is asked stand greetings and thanks, and around a danger some harmless question; accents and marks are left
out, letters lost, swapped or doubled. What a phrase stands for stays the same.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from random import Random

from nlu.training_data import Phrase, intents

SHARE = 0.3
LOST, SWAPPED, DOUBLED = 0.01, 0.02, 0.025
COURTEOUS, OF_ANOTHER_LANGUAGE, ASIDE = 0.15, 0.15, 0.08
LONGEST_COURTESY = 24
JOINTS = (" ", ", ", ". ")


class Company:
    """What people write before and after the point, from the phrases themselves.

    Greetings and thanks stand around anything but small talk; before or after a danger there may be a question that
    the organisation answers.
    """

    def __init__(self, phrases: Iterable[Phrase]):
        self.courtesies: defaultdict[str, list[str]] = defaultdict(list)
        self.questions: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in phrases:
            intent = intents()[phrase.intent]
            if intent.name in ("greeting", "thanks") and len(phrase.text) <= LONGEST_COURTESY:
                self.courtesies[phrase.language].append(phrase.text)
            elif intent.sections and intent.urgent == "no" and intent.route not in ("trafficking", "emergency"):
                self.questions[phrase.language].append(phrase.text)

    def around(self, phrase: Phrase, random: Random) -> str:
        """The phrase's text, for some of the calls with company."""
        text, intent = phrase.text, intents()[phrase.intent]
        if intent.route == "smalltalk":
            return text
        if intent.urgent == "yes" and random.random() < ASIDE:
            text = _joined(text, self.questions[phrase.language], random)
        if random.random() < COURTEOUS:
            foreign = random.random() < OF_ANOTHER_LANGUAGE
            language = random.choice(list(self.courtesies)) if foreign and self.courtesies else phrase.language
            text = _joined(text, self.courtesies[language], random)
        return text


def noisy(text: str, random: Random) -> str:
    """`text`, or for a `SHARE` of the calls a hurried version of it."""
    if random.random() > SHARE:
        return text
    typed = text
    if random.random() < 0.5:
        typed = "".join(c for c in unicodedata.normalize("NFD", typed) if not unicodedata.combining(c))
    if random.random() < 0.3:
        typed = "".join(c for c in typed if c.isalnum() or c == " ")
    return _mistyped(typed, random) or text


def _joined(text: str, others: list[str], random: Random) -> str:
    """Most of what stands beside the point comes before it."""
    if not others:
        return text
    other, joint = random.choice(others), random.choice(JOINTS)
    return f"{other}{joint}{text}" if random.random() < 0.7 else f"{text}{joint}{other}"


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
