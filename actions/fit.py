"""Whether a found passage answers a message, or the document does not.

Two things speak for it: how likely the message asks the document anything, whatever it asks, and how near the passage
is. Weighed on the dev messages, so that of those out of scope and of CLINC150's validation queries few are answered.
"""

import re
from collections.abc import Mapping
from functools import cache
from math import log
from typing import Any

import yaml

from knowledge.passages import Passage
from knowledge.search import Hit
from knowledge.terms import WORD
from nlu.paths import ROOT
from nlu.text import words
from nlu.training_data import Intent, intents

WORDS = 0.25
NEARNESS = 20.0
NEEDED = 17.6
LEAST_SHARE = 1e-3
FIGURES, FOLLOW_UP = "migration_figures", "follow_up"
PLACES = ("place", "country")
SENTENCE_END = re.compile(r"(?<=[!?…。！？\n])|(?<=\w{3}\.)(?=\s)")
QUESTION_MARKS = ("?", "？")
WHOLE_QUESTION = 5
POINTER = "there"


def answers(hit: Hit, message: Mapping[str, Any], language: str) -> bool:
    """Whether the passage of `hit` answers Rasa's parsed `message`. One that may be about danger is always answered."""
    ranking, likeliest = message.get("intent_ranking") or [], _likeliest(message)
    if likeliest is None or likeliest.urgent != "no":
        return True
    if likeliest.name == FIGURES and not _tells_of(hit.passage, message, language):
        return False
    asked = sum(r.get("share", 0.0) for r in ranking if _asks(intents().get(r["name"])))
    share = min(max(asked, LEAST_SHARE), 1 - LEAST_SHARE)
    return log(share / (1 - share)) + NEARNESS * (hit.dense + WORDS * hit.lexical) >= NEEDED


def may_be_a_question(message: Mapping[str, Any]) -> bool:
    """Whether Rasa's parsed `message` may ask the document something: it is neither small talk nor about danger."""
    likeliest = _likeliest(message)
    return likeliest is not None and likeliest.urgent == "no" and likeliest.route != "smalltalk"


def _asks(intent: Intent | None) -> bool:
    return intent is not None and intent.urgent == "no" and (bool(intent.sections) or intent.name == FOLLOW_UP)


def _likeliest(message: Mapping[str, Any]) -> Intent | None:
    """The first intent of the ranking that is ours: Rasa's own for what it is unsure of stands before it."""
    ranked = (intents().get(r["name"]) for r in message.get("intent_ranking") or [])
    return next((intent for intent in ranked if intent), None)


def _tells_of(passage: Passage, message: Mapping[str, Any], language: str) -> bool:
    """Figures are of one place: whether the passage names each that the question names."""
    told = f"{words(passage.version(language).text)} {words(passage.quote)}"
    entities = message.get("entities") or ()
    text = message.get("text") or ""
    asked = words(text if any(e["entity"] == POINTER for e in entities) else _question(text))
    named = [_names()[e["entity"], e["value"]] for e in entities if e["entity"] in PLACES]
    return all(_any_in(told, names) for names in named if not asked or _any_in(asked, names))


def _question(text: str) -> str:
    """The sentences that ask, without what is told around them; the whole `text` where they say too little alone."""
    asked = " ".join(s for s in SENTENCE_END.split(text) if s.strip().endswith(QUESTION_MARKS))
    return asked if len(WORD.findall(asked)) >= WHOLE_QUESTION else text


def _any_in(text: str, names: list[str]) -> bool:
    return any(f" {n} " in f" {text} " or (not n.isascii() and n in text) for n in names)


@cache
def _names() -> dict[tuple[str, str], list[str]]:
    content = yaml.safe_load((ROOT / "nlu" / "entities.yml").read_text("utf-8"))
    return {(kind, value): [words(str(n)) for n in names] for kind in PLACES for value, names in content[kind].items()}
