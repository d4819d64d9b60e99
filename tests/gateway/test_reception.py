"""The vector for the search is made beside Rasa's turn, once, and not for a message that alarms."""

import asyncio
from typing import Any

import numpy as np
import pytest

from bot.answers import Question
from bot.api.schemas import Reply
from bot.catalogue import catalogue
from bot.conversations import Conversations
from bot.dialogue import DialogueUnavailable, Turn
from bot.reception import Reception
from bot.safety.triage import Level, Triage
from knowledge.hotlines import read_hotlines
from nlu.encoder.encoder import CachedEncoder
from nlu.language import Identified

QUESTION = "¿Qué salario mínimo hay para quien trabaja en el extranjero?"


class RecordingEncoder:
    name, intent_name, dimension = "recording", "recording", 2

    def __init__(self):
        self.kinds: list[str] = []

    def encode(self, texts, kind="query") -> np.ndarray:
        self.kinds.append(kind)
        return np.ones((len(texts), 2), np.float32)


class Desk:
    def __init__(self, level: Level):
        self.level, self.languages = level, list[str | None]()

    def judge(self, text: str, vector: np.ndarray | None, language: str | None = None) -> Triage:
        self.languages.append(language)
        return Triage(self.level, None if self.level == "no" else "medical", 0.9, None, False)


class Answers:
    """One passage, shown whatever was asked; the questions are kept."""

    def __init__(self):
        self.questions: list[Question | None] = []

    def reply(self, passage: str, language: str, question: Question | None) -> Reply:
        self.questions.append(question)
        return Reply(type="answer", text=passage)

    def nearest(self, question: Question, language: str) -> list[str]:
        self.questions.append(question)
        return []

    def section(self, passage: str) -> str:
        return "labour_migration"

    def route(self, section: str | None) -> str:
        return "labour_migration"

    def has_more(self, passage: str) -> bool:
        return False


class PatientDialogue:
    """Waits for the search's vector for as long as `patience` says, in seconds, before it answers or is `down`."""

    def __init__(self, encoder: RecordingEncoder, patience: float = 5.0, down: bool = False):
        self.encoder, self.patience, self.down = encoder, patience, down
        self.saw: list[str] = []

    async def say(self, sender: str, text: str, language: str, vector: np.ndarray | None) -> Turn:
        if self.down:
            raise DialogueUnavailable("down")
        end = asyncio.get_running_loop().time() + self.patience
        while "query" not in self.encoder.kinds and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.01)
        self.saw = list(self.encoder.kinds)
        return Turn("labour_migration", 0.9, replies=[{"passage": "one"}])


class Heard:
    """One message, judged to be of `level`, answered."""

    def __init__(self, level: Level = "no", **dialogue: Any):
        self.desk = Desk(level)
        self.encoder, self.answers = RecordingEncoder(), Answers()
        self.dialogue = PatientDialogue(self.encoder, **dialogue)
        parts: list[Any] = [
            Conversations(60),
            self.desk,
            read_hotlines,
            catalogue(),
            self.answers,
            CachedEncoder(self.encoder),
        ]
        self.message, _ = asyncio.run(Reception(*parts, self.dialogue, 1000).answer(QUESTION))  # type: ignore[arg-type]

    @property
    def has_vector(self) -> bool:
        (question,) = self.answers.questions
        return question is not None and question.vector is not None


def test_the_searchs_vector_is_made_while_rasa_reads_and_once():
    heard = Heard()
    assert heard.dialogue.saw == heard.encoder.kinds == ["intent", "query"]
    assert [r.text for r in heard.message.replies] == ["one"] and heard.has_vector


@pytest.mark.parametrize("level", ["yes", "maybe"])
def test_a_message_that_may_alarm_has_none_until_it_is_needed(level):
    assert Heard(level, patience=0.2).dialogue.saw == ["intent"]


def test_without_rasa_the_index_gets_the_same_vector():
    heard = Heard(down=True)
    assert heard.encoder.kinds == ["intent", "query"] and heard.has_vector


def test_a_wild_guess_is_answered_in_spanish_but_judged_as_what_it_looks_like(monkeypatch):
    guess = Identified("es", 0.45, False, likeliest="ay")
    monkeypatch.setattr("bot.reception.identify", lambda text, prior: guess)
    heard = Heard()
    assert heard.message.language == "es" and heard.desk.languages == ["ay"]
