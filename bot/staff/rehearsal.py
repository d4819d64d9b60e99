"""Answers as they would be with the drafts: the gateway's own Reception with another library and other hotlines.

Rasa asks for the draft's passages too: it names the conversation, and those tried here have executors of their own.
"""

import secrets
import threading
from dataclasses import dataclass
from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions.answers import all_actions
from bot.answers import Answers
from bot.api.schemas import MessageOut
from bot.conversations import Conversations
from bot.reception import Reception, Trace
from bot.safety.examples import ExampleSet
from knowledge.findings import KnowledgeError
from knowledge.hotlines import Hotlines, read_hotlines
from knowledge.index import Index
from knowledge.publication import Change, Workshop
from knowledge.publication.changes import drafted
from knowledge.search import Hit, search
from knowledge.urgent import Examples, read_examples
from nlu.language import identify

MINUTES = 2
SHOWN_HITS = 3


@dataclass
class Tried:
    """One side of a trial."""

    answer: MessageOut
    trace: Trace
    hits: list[Hit]


class Fixed:
    """A library that does not change."""

    def __init__(self, index: Index | None):
        self.index = index


class Rehearsal:
    """`executors` is the gateway's, by conversation, for the action endpoint."""

    def __init__(self, reception: Reception, workshop: Workshop, executors: dict[str, ActionExecutor]):
        self.reception, self.workshop, self.executors = reception, workshop, executors
        self.building = threading.Lock()
        self.key: Any = None
        self.draft: Reception | None = None

    def prepare(self, changes: list[Change]) -> Reception | None:
        """The reception with these changes; None where the draft cannot be built. Keeps the last one."""
        key = tuple((c.path, c.text) for c in changes)
        with self.building:
            if key == self.key:
                return self.draft
            self.draft, self.key = None, key
            with drafted(self.workshop.folder, changes) as folder:
                try:
                    lines = read_hotlines(folder / "hotlines.yml")
                    index = self.workshop.drafted_index(folder)
                    self.draft = self._reception(index, lines, read_examples(folder))
                except (KnowledgeError, ValueError, KeyError, OSError):
                    self.draft = None
            return self.draft

    async def ask(self, text: str, language: str | None, draft: Reception | None) -> Tried:
        """`draft` None asks the published knowledge."""
        reception = draft or self.reception
        name = f"trial-{secrets.token_hex(12)}"
        if draft and isinstance(library := draft.answers.library, Fixed):
            executor = ActionExecutor()
            for action in all_actions(lambda: library.index, draft.encoder):
                executor.register_action(action)
            self.executors[name] = executor
        try:
            answer, trace = await reception.answer(text, name, language)
            hits = await self._hits(reception, text, answer.language)
            await reception.forget(name)
            return Tried(answer, trace, hits)
        finally:
            self.executors.pop(name, None)

    async def _hits(self, reception: Reception, text: str, language: str) -> list[Hit]:
        index = reception.answers.library.index
        vector = await reception.vector(text, "query")
        if index is None or vector is None:
            return []
        return search(index, text, vector, identify(text, language).language or language, SHOWN_HITS)

    def _reception(self, index: Index | None, lines: Hotlines, examples: Examples) -> Reception:
        own = self.reception
        answers = Answers(Fixed(index), own.texts, own.answers.sections)  # type: ignore[arg-type]
        draft = Reception(
            Conversations(MINUTES),
            own.desk.with_examples(ExampleSet(examples, own.encoder)),
            lambda: lines,
            own.texts,
            answers,
            own.encoder,
            own.dialogue,
            own.longest_text,
        )
        draft.threads = own.threads
        return draft
