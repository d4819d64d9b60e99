"""The way of one message: language, safety, dialogue, reply. Every channel calls `Reception.answer`.

Safety comes first and stands alone: when the encoder, Rasa or the index is missing, the rules still judge and the
hotline card still shows; questions are then answered straight from the index, or with an honest sentence.
"""

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import structlog

from bot import buttons
from bot.answers import Answers, Question
from bot.api.schemas import MessageOut, QuickReply, Reply, ReplyType
from bot.catalogue import Catalogue
from bot.conversations import Conversation, Conversations
from bot.dialogue import Dialogue, DialogueUnavailable, Turn
from bot.safety.card import hotline_card
from bot.safety.triage import Triage, TriageDesk
from knowledge.hotlines import Hotlines
from nlu.encoder.encoder import Encoder, Kind
from nlu.language import DEFAULT, identify
from nlu.text import visible
from nlu.training_data import intents

log = structlog.get_logger()
SURE_OF_DANGER = 0.6
WIDELY_READ = ("en", "es")
TYPED_COMMAND = re.compile(r"^[/\s]+")
UNSURE = ("nlu_fallback", "out_of_scope")
SMALLTALK = frozenset({"greeting", "thanks", "goodbye", "bot_challenge", "capabilities", "affirm", "deny"})
KINDS: dict[str, ReplyType] = {"clarify": "clarify", "safe_check": "clarify", "no_topic": "clarify"}
KINDS |= {"out_of_scope": "fallback", "not_in_document": "fallback", "warning": "notice", "no_more": "notice"}


@dataclass
class Trace:
    """How a message was answered, for `yanapay ask` and evaluations; it holds no text."""

    way: str = "rasa"
    triage: Triage | None = None
    turn: Turn | None = None
    milliseconds: float = 0.0


@dataclass
class Draft:
    """An answer in the making. `question` is what its passages are to answer, None where nothing was asked."""

    route: str = "smalltalk"
    urgent: bool = False
    replies: list[Reply] = field(default_factory=list)
    quick_replies: list[QuickReply] = field(default_factory=list)
    question: Question | None = None


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
        trace, draft = Trace(), Draft()
        button = buttons.pressed(text)
        text = TYPED_COMMAND.sub("", text.encode("utf-8", "ignore").decode()).strip()
        problem = self._problem(text)
        if problem == "too_long":
            self._glance(text, conversation, draft, trace)
        if button:
            conversation.language = conversation.language or hint
            await self._press(button, conversation, draft, trace)
        elif problem:
            draft.replies.append(
                Reply(type="notice", text=self.texts.text(conversation.language or DEFAULT, f"errors.{problem}"))
            )
        else:
            await self._hear(visible(text), conversation, draft, trace)
        trace.milliseconds = (time.perf_counter() - started) * 1000
        answered = MessageOut.model_validate(
            {
                "conversation_id": conversation.id,
                "language": conversation.language or DEFAULT,
                "route": draft.route,
                "urgent": draft.urgent,
                "replies": draft.replies,
                "quick_replies": draft.quick_replies,
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
        return self.desk.judge(text, await self._vector(text, "intent"), language)

    def card(self, danger: str, language: str) -> Reply:
        """The hotline card for a kind of danger."""
        return hotline_card(danger, language, self.hotlines(), self.texts)

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

    def _glance(self, text: str, conversation: Conversation, draft: Draft, trace: Trace) -> None:
        """A message that is too long to be answered is still looked through for danger, by the rules."""
        conversation.language = conversation.language or identify(text[: self.longest_text]).language
        triage = trace.triage = self.desk.by_rules(text)
        if triage.level == "yes":
            self._alarm(triage.danger or "general", conversation.language, draft)

    async def _hear(self, text: str, conversation: Conversation, draft: Draft, trace: Trace) -> None:
        identified = identify(text, conversation.language)
        if not conversation.chosen and (identified.sure or conversation.language is None):
            conversation.language = identified.language
        language = conversation.language or DEFAULT
        vector = await self._vector(text, "intent")
        triage = trace.triage = self.desk.judge(text, vector, language)
        if triage.level == "yes":
            self._alarm(triage.danger or "general", language, draft)
        try:
            if identified.foreign:
                self._decline_language(identified.foreign, draft)
            else:
                await self._converse(text, conversation, vector, triage, draft, trace)
        except Exception as error:
            log.error("answer_failed", error=type(error).__name__)
            if not draft.replies:
                draft.replies.append(Reply(type="notice", text=self.texts.text(language, "errors.unavailable")))

    async def _converse(
        self,
        text: str,
        conversation: Conversation,
        vector: np.ndarray | None,
        triage: Triage,
        draft: Draft,
        trace: Trace,
    ) -> None:
        language = conversation.language or DEFAULT
        ahead = self._search_vector_ahead(text, vector, triage)
        try:
            turn = await self._turn(text, conversation, language, vector, trace)
            if turn:
                if turn.intent != "more" and any("passage" in reply for reply in turn.replies):
                    draft.question = Question(text, await (ahead or self._vector(text, "query")))
                self._follow(turn, conversation, draft)
            else:
                searched = await (ahead or self._vector(text, "query"))
                self._answer_directly(Question(text, searched, vector), conversation, draft)
        finally:
            if ahead:
                ahead.cancel()
        self._care(triage, turn, conversation.language or DEFAULT, draft)

    def _decline_language(self, foreign: str, draft: Draft) -> None:
        widely_read = (self.texts.text(code, "unsupported_language") for code in WIDELY_READ)
        told = [text for text in (self.texts.unsupported(foreign), *widely_read) if text]
        draft.replies.append(Reply(type="notice", text="\n".join(told)))
        draft.route = draft.route if draft.urgent else "out_of_scope"

    async def _press(self, button: buttons.Button, conversation: Conversation, draft: Draft, trace: Trace) -> None:
        language = conversation.language = (
            button.value if button.name == "language" and button.value else conversation.language or DEFAULT
        )
        if button.name == "language":
            conversation.chosen = True
            draft.replies.append(Reply(type="smalltalk", text=self.texts.text(language, "language_set")))
            return
        if button.name == "safe":
            draft.route = "emergency"
            if button.value == "no":
                self._alarm("general", language, draft)
            else:
                draft.replies.append(Reply(type="smalltalk", text=self.texts.text(language, "safe_yes")))
                draft.quick_replies = buttons.topics(language, self.texts)
            return
        section = buttons.TOPICS.get(button.value or "")
        intent, entities = ("topic", {"section": section}) if section else ("more", {})
        draft.route = button.value or self.answers.route(conversation.section)
        try:
            if self.dialogue is None:
                raise DialogueUnavailable("off")
            trace.turn = await self.dialogue.press(conversation.id, intent, language, entities)
            self._say(trace.turn.replies, conversation, draft)
        except DialogueUnavailable:
            trace.way = "direct"
            passage = self.answers.first(section or conversation.section)
            if passage:
                self._show(passage, conversation, draft)
            else:
                draft.replies.append(self._text_reply("no_topic", language))

    async def _vector(self, text: str, kind: Kind) -> np.ndarray | None:
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
        return asyncio.create_task(self._vector(text, "query"))

    async def _turn(
        self, text: str, conversation: Conversation, language: str, vector: np.ndarray | None, trace: Trace
    ) -> Turn | None:
        if self.dialogue is not None:
            try:
                trace.turn = await self.dialogue.say(conversation.id, text, language, vector)
                return trace.turn
            except DialogueUnavailable as error:
                log.warning("dialogue_unavailable", error=str(error))
        trace.way = "direct"
        return None

    def _alarm(self, danger: str, language: str, draft: Draft) -> None:
        draft.urgent, draft.route = True, "trafficking" if danger == "trafficking" else "emergency"
        draft.replies.append(self.card(danger, language))

    def _follow(self, turn: Turn, conversation: Conversation, draft: Draft) -> None:
        """Put Rasa's replies in words; after an alarm only a passage of the document may follow the card."""
        language, known = conversation.language or DEFAULT, intents()
        intent = known.get(turn.intent)
        route = intent.route if intent else None
        passage = next((r["passage"] for r in turn.replies if "passage" in r), None)
        if turn.intent in ("more", "follow_up"):
            route = self.answers.route(conversation.section)
        if draft.urgent:
            if intent and intent.urgent == "yes":
                draft.route = intent.route
                self._say([r for r in turn.replies if "passage" in r], conversation, draft)
            return
        if turn.intent == "nlu_fallback":
            route = next((known[r["name"]].route for r in turn.ranking if r["name"] in known), None)
            draft.quick_replies = buttons.topics(language, self.texts, buttons.likely_routes(turn.ranking))
        if turn.intent in UNSURE and passage:
            route = self.answers.route(self.answers.section(passage))
        draft.route = route or "out_of_scope"
        self._say(turn.replies, conversation, draft)
        if turn.intent in ("greeting", "capabilities", "affirm", "out_of_scope") and not draft.quick_replies:
            draft.quick_replies = buttons.topics(language, self.texts)

    def _say(self, replies: list[dict], conversation: Conversation, draft: Draft) -> None:
        for reply in replies:
            language = conversation.language or DEFAULT
            if "passage" in reply:
                self._show(reply["passage"], conversation, draft)
            elif "language" in reply:
                conversation.language, conversation.chosen = reply["language"], True
                draft.replies.append(Reply(type="smalltalk", text=self.texts.text(reply["language"], "language_set")))
            elif "say" in reply:
                draft.replies.append(self._text_reply(reply["say"], language))
                if reply["say"] == "safe_check":
                    draft.quick_replies = buttons.safety(language, self.texts)
                if reply["say"] == "not_in_document":
                    draft.route = "out_of_scope"
                if reply["say"] in ("no_topic", "not_in_document"):
                    draft.quick_replies = buttons.topics(language, self.texts)

    def _show(self, passage: str, conversation: Conversation, draft: Draft) -> None:
        language = conversation.language or DEFAULT
        shown = self.answers.reply(passage, language, draft.question)
        if shown is None:
            draft.replies.append(self._text_reply("not_in_document", language))
            return
        draft.replies.append(shown)
        conversation.passage, conversation.section = passage, self.answers.section(passage)
        more = buttons.more(language, self.texts)
        draft.quick_replies = [q for q in draft.quick_replies if q != more]
        if self.answers.has_more(passage):
            draft.quick_replies.append(more)

    def _answer_directly(self, question: Question, conversation: Conversation, draft: Draft) -> None:
        """Without Rasa: an honest sentence and the best passage, if one is near enough."""
        language = conversation.language or DEFAULT
        found = self.answers.nearest(question, language)
        if draft.urgent:
            return
        draft.replies.append(Reply(type="notice", text=self.texts.text(language, "degraded_notice")))
        if not found:
            draft.route = "out_of_scope"
            draft.replies.append(self._text_reply("out_of_scope", language))
            draft.quick_replies = buttons.topics(language, self.texts)
            return
        draft.route, draft.question = self.answers.route(self.answers.section(found[0])), question
        for passage in found:
            self._show(passage, conversation, draft)

    def _care(self, triage: Triage, turn: Turn | None, language: str, draft: Draft) -> None:
        """Ask whether somebody is safe where it is unclear, once, in place of small talk and of guesses at one word."""
        if draft.urgent or any("1818" in r.text for r in draft.replies if r.type in ("notice", "clarify")):
            return
        known = intents().get(turn.intent) if turn else None
        told = known is not None and turn is not None and known.urgent != "no" and turn.confidence >= SURE_OF_DANGER
        if triage.level != "maybe" and not told:
            return
        if draft.route in ("smalltalk", "out_of_scope"):
            draft.replies.clear()
            if triage.probability >= 0.25:
                draft.route = "trafficking" if triage.danger == "trafficking" else "emergency"
        kept = [] if triage.bare else [r for r in draft.replies if r.type != "clarify"]
        draft.replies = [self._text_reply("safe_check", language), *kept]
        draft.quick_replies = buttons.safety(language, self.texts)

    def _text_reply(self, key: str, language: str) -> Reply:
        kind: ReplyType = "smalltalk" if key in SMALLTALK else KINDS.get(key, "notice")
        return Reply(type=kind, text=self.texts.text(language, key))


def _outcome(answered: MessageOut) -> str:
    """urgent, answered, or unanswered where nothing of the document was shown and nothing else was called for."""
    if answered.urgent:
        return "urgent"
    if any(r.type == "answer" for r in answered.replies) or answered.route == "smalltalk":
        return "answered"
    return "unanswered"
