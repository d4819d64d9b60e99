"""The way of one message: language, safety, dialogue, response. Every channel calls `Reception.answer`.

Safety comes first and stands alone: when the encoder, Rasa or the index is missing, the rules still judge and the
hotline card still shows; questions are then answered straight from the index, or with an honest sentence.
"""

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import structlog

from bot import buttons
from bot.answers import Answers, Question
from bot.api.schemas import MessageOut
from bot.catalogue import Catalogue
from bot.conversations import Conversation, Conversations
from bot.dialogue import Dialogue, DialogueUnavailable, Turn
from bot.response import Responder, Response
from bot.safety.triage import Triage, TriageDesk
from knowledge.hotlines import Hotlines
from nlu.encoder.encoder import Encoder, Kind
from nlu.language import identify
from nlu.text import visible

log = structlog.get_logger()
TYPED_COMMAND = re.compile(r"^[/\s]+")


@dataclass
class Trace:
    """How a message was answered, for `yanapay ask` and evaluations; it holds no text."""

    way: str = "rasa"
    triage: Triage | None = None
    turn: Turn | None = None
    milliseconds: float = 0.0


class Tally(Protocol):
    """Adds up what is asked: never who asked, or in which words."""

    def noted(self, conversation: Conversation, channel: str, route: str, topic: str, outcome: str) -> None: ...


class Reception:
    """`dialogue` is None where Rasa is switched off; `encoder` is None where none can be loaded."""

    def __init__(
        self,
        conversations: Conversations,
        desk: TriageDesk,
        hotlines: Callable[[], Hotlines],
        texts: Catalogue,
        answers: Answers,
        encoder: Encoder | None,
        dialogue: Dialogue | None,
        longest_text: int,
    ):
        self.conversations, self.desk, self.hotlines, self.texts = conversations, desk, hotlines, texts
        self.answers, self.encoder, self.dialogue, self.longest_text = answers, encoder, dialogue, longest_text
        self.responder = Responder(texts, answers, hotlines)
        self.threads = {
            "intent": ThreadPoolExecutor(2, "intent-encoder"),
            "query": ThreadPoolExecutor(1, "query-encoder"),
        }
        self.tally: Tally | None = None

    async def answer(
        self,
        text: str,
        conversation_id: str | None = None,
        language: str | None = None,
        hint: str | None = None,
        channel: str | None = None,
    ) -> tuple[MessageOut, Trace]:
        """The answer to one message of a person, whatever it holds.

        `language` is an explicit choice; `hint` is for a button that is pressed before anything was written. Messages
        with a `channel` are counted, as numbers only.
        """
        started = time.perf_counter()
        conversation = self.conversations.open(conversation_id)
        if language:
            conversation.language, conversation.chosen = language, True
        trace, response = Trace(), Response(conversation)
        button = buttons.pressed(text)
        text = TYPED_COMMAND.sub("", text.encode("utf-8", "ignore").decode()).strip()
        problem = self._problem(text)
        if problem == "too_long":
            self._glance(text, response, trace)
        if button:
            conversation.language = conversation.language or hint
            await self._press(button, response, trace)
        elif problem:
            self.responder.tell(f"errors.{problem}", response)
        else:
            await self._hear(visible(text), response, trace)
        trace.milliseconds = (time.perf_counter() - started) * 1000
        answered = MessageOut.model_validate(
            {
                "conversation_id": conversation.id,
                "language": response.language,
                "route": response.route,
                "urgent": response.urgent,
                "replies": response.replies,
                "quick_replies": response.quick_replies,
            }
        )
        log.info(
            "message_answered",
            route=answered.route,
            urgent=answered.urgent,
            language=answered.language,
            way=trace.way,
            milliseconds=round(trace.milliseconds, 1),
        )
        if channel and self.tally and not button and not problem:
            outcome = _outcome(answered)
            topic = conversation.section or "" if outcome == "answered" else ""
            self.tally.noted(conversation, channel, answered.route, topic, outcome)
        return answered, trace

    def rate(self, conversation_id: str, channel: str, helpful: bool) -> None:
        """Count whether the last answer helped."""
        conversation = self.conversations.known.get(conversation_id)
        if self.tally and conversation and conversation.section:
            route, outcome = self.answers.route(conversation.section), "helpful" if helpful else "unhelpful"
            self.tally.noted(conversation, channel, route, conversation.section, outcome)

    async def judge(self, text: str, language: str | None) -> Triage:
        """How urgent a text is, for channels that have more than one message to go by."""
        return self.desk.judge(text, await self.vector(text, "intent"), language)

    async def forget(self, conversation_id: str) -> None:
        """Forget a conversation at once, here and in Rasa."""
        self.conversations.close(conversation_id)
        if self.dialogue:
            try:
                await self.dialogue.forget(conversation_id)
            except DialogueUnavailable:
                log.warning("dialogue_not_told_to_forget")

    def _problem(self, text: str) -> str | None:
        if not text:
            return "empty"
        if len(text) > self.longest_text:
            return "too_long"
        return None if any(c.isalnum() for c in text) else "no_words"

    def _glance(self, text: str, response: Response, trace: Trace) -> None:
        """A message that is too long to be answered is still looked through for danger, by the rules."""
        conversation = response.conversation
        conversation.language = conversation.language or identify(text[: self.longest_text]).language
        triage = trace.triage = self.desk.by_rules(text)
        if triage.level == "yes":
            self.responder.alarm(triage.danger, response)

    async def _hear(self, text: str, response: Response, trace: Trace) -> None:
        conversation = response.conversation
        identified = identify(text, conversation.language)
        if not conversation.chosen and (identified.sure or conversation.language is None):
            conversation.language = identified.language
        vector = await self.vector(text, "intent")
        triage = trace.triage = self.desk.judge(text, vector, identified.likeliest or response.language)
        if triage.level == "yes":
            self.responder.alarm(triage.danger, response)
        try:
            if identified.foreign:
                self.responder.decline_language(identified.foreign, response)
            else:
                await self._converse(text, vector, triage, response, trace)
        except Exception as error:
            log.error("answer_failed", error=type(error).__name__)
            if not response.replies:
                self.responder.tell("errors.unavailable", response)

    async def _converse(
        self, text: str, vector: np.ndarray | None, triage: Triage, response: Response, trace: Trace
    ) -> None:
        ahead = self._search_vector_ahead(text, vector, triage)
        try:
            turn = await self._turn(text, vector, response, trace)
            if turn is None and not response.urgent:
                searched = await (ahead or self.vector(text, "query"))
                self.responder.answer_directly(Question(text, searched, vector), response)
            elif turn:
                if turn.intent != "more" and any("passage" in reply for reply in turn.replies):
                    response.question = Question(text, await (ahead or self.vector(text, "query")))
                self.responder.follow(turn, response)
        finally:
            if ahead:
                ahead.cancel()
        self.responder.ask_whether_safe(triage, turn, response)

    async def _press(self, button: buttons.Button, response: Response, trace: Trace) -> None:
        conversation = response.conversation
        conversation.language = button.value if button.name == "language" else response.language
        if button.name == "language":
            conversation.chosen = True
            self.responder.tell("language_set", response)
        elif button.name == "safe" and button.value == "no":
            self.responder.alarm(None, response)
        elif button.name == "safe":
            response.route = "emergency"
            self.responder.tell("safe_yes", response)
        else:
            await self._press_for_passage(button, response, trace)

    async def _press_for_passage(self, button: buttons.Button, response: Response, trace: Trace) -> None:
        conversation, section = response.conversation, buttons.TOPICS.get(button.value or "")
        intent, entities = ("topic", {"section": section}) if section else ("more", {})
        response.route = button.value or self.answers.route(conversation.section)
        try:
            if self.dialogue is None:
                raise DialogueUnavailable("off")
            trace.turn = await self.dialogue.press(conversation.id, intent, response.language, entities)
            self.responder.say(trace.turn.replies, response)
        except DialogueUnavailable:
            trace.way = "direct"
            passage = self.answers.first(section or conversation.section)
            if passage:
                self.responder.show(passage, response)
            else:
                self.responder.tell("no_topic", response)

    async def vector(self, text: str, kind: Kind) -> np.ndarray | None:
        """The vector of a text, made in a thread of its own; None where there is no encoder."""
        if self.encoder is None:
            return None
        try:
            loop = asyncio.get_running_loop()
            return (await loop.run_in_executor(self.threads[kind], self.encoder.encode, [text], kind))[0]
        except Exception as error:
            log.error("encoder_failed", error=type(error).__name__)
            return None

    def _search_vector_ahead(
        self, text: str, vector: np.ndarray | None, triage: Triage
    ) -> asyncio.Task[np.ndarray | None] | None:
        """Begin with what the search needs while Rasa reads the message; not for one that alarms, which may need none.

        Rasa's action and the reception ask the same encoder, which makes each vector once (`CachedEncoder`).
        """
        if self.dialogue is None or vector is None or triage.level != "no":
            return None
        return asyncio.create_task(self.vector(text, "query"))

    async def _turn(self, text: str, vector: np.ndarray | None, response: Response, trace: Trace) -> Turn | None:
        if self.dialogue is not None:
            try:
                trace.turn = await self.dialogue.say(response.conversation.id, text, response.language, vector)
                return trace.turn
            except DialogueUnavailable as error:
                log.warning("dialogue_unavailable", error=str(error))
        trace.way = "direct"
        return None


def _outcome(answered: MessageOut) -> str:
    """urgent, answered, or unanswered where nothing of the document was shown and nothing else was called for."""
    if answered.urgent:
        return "urgent"
    if any(r.type == "answer" for r in answered.replies) or answered.route == "smalltalk":
        return "answered"
    return "unanswered"
