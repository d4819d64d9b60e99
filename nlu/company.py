"""Phrases in the company that people send them in: greetings before, thanks after, a question beside a danger.

What a phrase stands for stays the same. The encoder is taught with it, and so are the linear models on its vectors.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from nlu.text import said
from nlu.training_data import Phrase, intents

COURTEOUS, OF_ANOTHER_LANGUAGE, ASIDE = 0.35, 0.15, 0.08
OPENED, CLOSED_TOO, ASIDE_FIRST = 0.45, 0.25, 0.7
LONGEST_COURTESY = 240
GOOD_NEWS = "good_news"
OPENINGS, CLOSINGS = ("greeting",), ("thanks", "thanks", "goodbye")
JOINTS = (" ", ", ", ". ", "\n")
TAKEN = 0.5
OF_A_SITUATION = 2


class Company:
    """What people write before and after the point, from the phrases themselves.

    Greetings stand before anything but small talk without news, thanks and farewells after it, most of them thanks;
    before or after a danger there may be a question that the organisation answers.
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
        if intent.route == "smalltalk" and intent.name != GOOD_NEWS:
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


def lessons(phrases: Sequence[Phrase]) -> list[Phrase]:
    """What the linear models are fitted on: the first phrases of each situation, alone and some in company too.

    Two of a situation teach them as much as all of them, which the encoder learns from, at 0.6 of the cost.
    """
    seen: Counter[str] = Counter()
    chosen = []
    for phrase in phrases:
        seen[phrase.situation] += 1
        if seen[phrase.situation] <= OF_A_SITUATION:
            chosen.append(phrase)
    return [*chosen, *accompanied(chosen)]


def accompanied(phrases: Sequence[Phrase]) -> list[Phrase]:
    """About one in six of `phrases`, in company; the same at every call, and mostly so when phrases are added."""
    company, found = Company(phrases), []
    for phrase in phrases:
        random = Random(phrase.text)
        if random.random() >= TAKEN:
            continue
        text = company.around(phrase, random)
        if text != phrase.text and said(text) != said(phrase.text):
            found.append(replace(phrase, text=text))
    return found


def _joined(text: str, others: list[str], random: Random, before: bool) -> str:
    if not others:
        return text
    other, joint = random.choice(others), random.choice(JOINTS)
    return f"{other}{joint}{text}" if before else f"{text}{joint}{other}"
