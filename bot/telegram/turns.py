"""One arrival, answered: what the person sent decides what is said, in the person's language, as calls to deliver."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from bot import buttons
from bot.api.schemas import MessageOut, QuickReply, Reply, Source
from bot.conversations import Conversation
from bot.reception import Reception
from bot.telegram import commands, markup
from bot.telegram.calls import Call
from bot.telegram.kinds import Arrival, Identity
from bot.telegram.store import Store
from knowledge import tables
from nlu.language import DEFAULT, LANGUAGES, identify

log = structlog.get_logger()
SOURCE, FEEDBACK, COMMAND = "source", "helpful", "command"
DIGEST = 16
DELETED_AT_ONCE = 100
FRAGMENT, FRAGMENTS, FRAGMENT_SECONDS = 60, 6, 20.0
PEOPLE_WITH_FRAGMENTS = 10_000


class Fragments:
    """The short messages that somebody just sent one after another, in memory and for seconds only."""

    def __init__(self) -> None:
        self.people: OrderedDict[str, list[tuple[float, str]]] = OrderedDict()

    def join(self, person: str, text: str) -> str | None:
        """All of a person's latest fragments with this one at the end; None where this is the only one."""
        now = time.monotonic()
        self.forget_old(now)
        if len(text) > FRAGMENT:
            return None
        kept = [f for f in self.people.pop(person, []) if now - f[0] < FRAGMENT_SECONDS][-FRAGMENTS + 1 :]
        self.people[person] = [*kept, (now, text)]
        return "\n".join(t for _, t in self.people[person]) if kept else None

    def forget(self, person: str) -> None:
        self.people.pop(person, None)

    def forget_old(self, now: float) -> None:
        while self.people:
            last = next(iter(self.people.values()))[-1][0]
            if now - last < FRAGMENT_SECONDS and len(self.people) < PEOPLE_WITH_FRAGMENTS:
                return
            self.people.popitem(last=False)


class Turns:
    """`toast` answers a pressed button with a word at the top of the screen; `forget` drops what waits for a chat."""

    def __init__(
        self,
        reception: Reception,
        store: Store,
        identity: Identity,
        per_minute: int,
        toast: Callable[[str, str | None], None],
        forget: Callable[[int], Awaitable[None]],
    ):
        self.reception, self.store, self.identity = reception, store, identity
        self.texts, self.toast, self.forget = reception.texts, toast, forget
        self.limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self.per_minute, self.once = RateLimitItemPerMinute(per_minute), RateLimitItemPerMinute(1, namespace="told")
        self.fragments = Fragments()

    async def answer(self, arrival: Arrival) -> list[Call]:
        """What to send. Never raises for what a person sent: at the least there is an honest sentence."""
        person = self.store.seal.pseudonym(arrival.chat_id, arrival.owner)
        if arrival.kind == "blocked":
            await self._leave(arrival, person)
            return []
        conversation = self.reception.conversations.open(person)
        try:
            if not await self.limiter.hit(self.per_minute, person):
                return await self._too_fast(arrival, conversation)
            return await self._by_kind(arrival, conversation)
        except Exception as error:
            log.error("telegram_turn_failed", error=type(error).__name__, kind=arrival.kind)
            return [self._call(arrival, self._text(arrival, conversation, "errors.unavailable"))]

    async def _by_kind(self, arrival: Arrival, conversation: Conversation) -> list[Call]:
        if arrival.kind == "text":
            return await self._hear(arrival, conversation, arrival.text)
        if arrival.kind == "command" and arrival.command:
            return await self._command(arrival, conversation, arrival.command)
        if arrival.kind == "button":
            return await self._press(arrival, conversation)
        if arrival.kind == "joined":
            language = self._language(arrival, conversation)
            hello = self.texts.text(language, "telegram.group_hello", help=self._name(language, "help"))
            return self._finish(arrival, language, [self._call(arrival, hello)])
        language = self._language(arrival, conversation)
        told = self._call(arrival, self._text(arrival, conversation, f"telegram.kinds.{arrival.kind}"))
        return self._finish(arrival, language, [self._with(told, self._topics(language))])

    async def _hear(self, arrival: Arrival, conversation: Conversation, text: str) -> list[Call]:
        if conversation.language is None and not identify(text).sure:
            conversation.language = spoken(arrival.language)
        answered, _ = await self.reception.answer(text, conversation.id, channel="telegram")
        joined = self.fragments.join(conversation.id, text)
        if joined and not answered.urgent:
            triage = await self.reception.judge(joined, answered.language)
            if triage.level == "yes":
                answered = self.reception.responder.alarmed(answered, triage.danger)
        if answered.urgent:
            self.fragments.forget(conversation.id)
        return self._show(arrival, answered)

    async def _press(self, arrival: Arrival, conversation: Conversation) -> list[Call]:
        kind, _, value = arrival.text.partition(":")
        language = self._language(arrival, conversation)
        if kind == FEEDBACK and value in ("yes", "no"):
            log.info("feedback", helpful=value == "yes", channel="telegram")
            self.reception.rate(conversation.id, "telegram", value == "yes")
            self._answer_press(arrival, self.texts.text(language, "feedback_thanks"))
            return [self._without_feedback(arrival)] if arrival.rows else []
        self._answer_press(arrival, None)
        if kind == SOURCE:
            return self._source(arrival, conversation, self._passage_called(value), "telegram.source_gone")
        if kind == COMMAND and value in commands.NAMES:
            return await self._command(arrival, conversation, commands.Command(value, "", None))
        if buttons.pressed(arrival.text):
            conversation.language = language
            answered, _ = await self.reception.answer(arrival.text, conversation.id)
            return self._show(arrival, answered)
        told = self._call(arrival, self._text(arrival, conversation, "telegram.old_button"))
        return self._finish(arrival, language, [self._with(told, self._topics(language))])

    def _answer_press(self, arrival: Arrival, words: str | None) -> None:
        if arrival.callback:
            self.toast(arrival.callback, words)

    async def _command(self, arrival: Arrival, conversation: Conversation, command: commands.Command) -> list[Call]:
        if command.name == "delete":
            return await self._delete(arrival, conversation)
        if command.name == "start":
            return await self._start(arrival, conversation, command.rest)
        if command.name == "emergency":
            conversation.language = self._language(arrival, conversation)
            card, _ = await self.reception.answer("/safe no", conversation.id)
            rest = await self._hear(arrival, conversation, command.rest) if command.rest else []
            return [*self._show(arrival, card), *rest]
        if command.name == "language" and command.rest:
            chosen = commands.language_called(command.rest, self.texts)
            if chosen:
                answered, _ = await self.reception.answer(f"/language {chosen}", conversation.id)
                return self._show(arrival, answered)
        if command.rest:
            return await self._hear(arrival, conversation, command.rest)
        language = self._language(arrival, conversation)
        if command.name == "language":
            names = [markup.button(str(self.texts.languages[code]["name"]), f"/language {code}") for code in LANGUAGES]
            told = self._call(arrival, self._text(arrival, conversation, "telegram.choose_language"))
            return self._finish(arrival, language, [self._with(told, markup.in_rows(names))])
        if command.name == "source":
            return self._source(arrival, conversation, conversation.passage, "telegram.no_source")
        return self._help(arrival, language)

    async def _start(self, arrival: Arrival, conversation: Conversation, word: str) -> list[Call]:
        topic, language = commands.start(word)
        if language:
            conversation.language, conversation.chosen = language, True
        language = conversation.language = self._language(arrival, conversation)
        names = {name: self._name(language, name) for name in ("delete", "emergency")}
        privacy = self.texts.text(language, "telegram.privacy", **names)
        hello = self._call(arrival, f"{self.texts.text(language, 'greeting')}\n\n{privacy}")
        if topic is None:
            return self._finish(arrival, language, [self._with(hello, self._topics(language))])
        answered, _ = await self.reception.answer(f"/topic {topic}", conversation.id)
        return [hello, *self._show(arrival, answered)]

    def _help(self, arrival: Arrival, language: str) -> list[Call]:
        lines = [self.texts.text(language, "capabilities"), "", self.texts.text(language, "telegram.help")]
        for name in commands.NAMES:
            about = self.texts.text(language, f"telegram.commands.{name}.about")
            lines.append(f"/{self._name(language, name)}: {about}")
        told = self._call(arrival, "\n".join(lines))
        return self._finish(arrival, language, [self._with(told, self._topics(language))])

    async def _delete(self, arrival: Arrival, conversation: Conversation) -> list[Call]:
        """The conversation, what waits to be sent, and the messages that Telegram lets the bot delete."""
        language = self._language(arrival, conversation)
        shown = await self._leave(arrival, conversation.id)
        if arrival.private and arrival.message_id:
            shown.append(arrival.message_id)
        calls = [
            self._method(arrival, "deleteMessages", {"message_ids": shown[i : i + DELETED_AT_ONCE]})
            for i in range(0, len(shown), DELETED_AT_ONCE)
        ]
        key = "telegram.deleted" if arrival.private else "telegram.deleted_group"
        gone = replace(arrival, message_id=None) if arrival.private else arrival
        return [*calls, self._call(gone, self.texts.text(language, key))]

    async def _leave(self, arrival: Arrival, person: str) -> list[int]:
        """Forget a person; the ids of the messages that are left in the chat."""
        self.fragments.forget(person)
        await self.reception.forget(person)
        if arrival.private:
            await self.forget(arrival.chat_id)
        return await self.store.take_shown(arrival.chat_id, arrival.owner)

    async def _too_fast(self, arrival: Arrival, conversation: Conversation) -> list[Call]:
        """Somebody, or something, writes without end: told once a minute."""
        if not await self.limiter.hit(self.once, conversation.id):
            return []
        return [self._call(arrival, self._text(arrival, conversation, "errors.too_fast"))]

    def _source(self, arrival: Arrival, conversation: Conversation, passage: str | None, otherwise: str) -> list[Call]:
        language = self._language(arrival, conversation)
        reply = self.reception.answers.reply(passage, language) if passage else None
        if reply is None or not reply.sources:
            return self._finish(arrival, language, [self._call(arrival, self.texts.text(language, otherwise))])
        source, intro = reply.sources[0], self.texts.text(language, "telegram.source_of")
        head = f"{intro}\n<b>{markup.escaped(source.title)}</b> ({markup.escaped(source.document)})"
        parts = markup.split(tables.told(source.quote), markup.LONGEST_MESSAGE - 500)
        calls = [
            self._call(
                arrival,
                f"{intro}\n{source.title} ({source.document})\n\n{part}",
                f"{head}\n<blockquote expandable>{markup.escaped(part)}</blockquote>",
            )
            for part in parts
        ]
        return self._finish(arrival, language, calls)

    def _show(self, arrival: Arrival, answered: MessageOut) -> list[Call]:
        """An answer of Reception as messages: one for each reply, the hotline card first and by itself."""
        calls: list[Call] = []
        note = self._note(arrival, answered.language)
        for reply in answered.replies:
            if note and reply.type != "hotline":
                reply, note = reply.model_copy(update={"text": f"{note}\n\n{reply.text}"}), ""
            calls += self._reply(arrival, reply, answered)
        quick = [self._quick(q) for q in answered.quick_replies]
        if calls and quick:
            calls[-1] = self._with(calls[-1], markup.in_rows(quick))
        return self._finish(arrival, answered.language, calls)

    def _note(self, arrival: Arrival, language: str) -> str:
        keys = [k for k, told in (("edited", arrival.edited), ("forwarded", arrival.forwarded)) if told]
        keys += ["caption"] if arrival.captioned else []
        return "\n".join(self.texts.text(language, f"telegram.{key}") for key in keys)

    def _reply(self, arrival: Arrival, reply: Reply, answered: MessageOut) -> list[Call]:
        calls = []
        for part in markup.split(reply.text):
            if reply.type == "hotline":
                shown = markup.with_bold(part, [line.phone for line in reply.hotlines or []])
            else:
                shown = markup.folded(part, reply.highlight) if reply.type == "answer" else markup.escaped(part)
            calls.append(replace(self._call(arrival, part, shown), urgent=answered.urgent))
        if reply.hotlines:
            numbers = dict.fromkeys(line.phone for line in reply.hotlines)
            copied: list[markup.Button] = [markup.copy_button(f"📋 {n}", n) for n in numbers]
            calls[-1] = self._with(calls[-1], [copied])
        if reply.sources:
            calls[-1] = self._with(calls[-1], [self._about_answer(reply.sources[0], answered.language)])
        return calls

    def _about_answer(self, source: Source, language: str) -> list[markup.Button]:
        """The buttons under a passage: its source, and whether it helped."""
        row = [markup.button("👍", f"{FEEDBACK}:yes"), markup.button("👎", f"{FEEDBACK}:no")]
        passage = self._passage_of(source)
        if passage:
            title = f"📄 {self.texts.text(language, 'telegram.source_button')}"
            row.insert(0, markup.button(title, f"{SOURCE}:{digest(passage)}"))
        return row

    def _without_feedback(self, arrival: Arrival) -> Call:
        rows = [[b for b in row if not str(b.get("callback_data", "")).startswith(FEEDBACK)] for row in arrival.rows]
        keyboard = {"inline_keyboard": [row for row in rows if row]}
        return self._method(
            arrival, "editMessageReplyMarkup", {"message_id": arrival.message_id, "reply_markup": keyboard}
        )

    def _passage_of(self, source: Source) -> str | None:
        index = self.reception.answers.library.index
        for passage in index.passages if index else ():
            if (passage.section, passage.quote) == (source.section, source.quote):
                return passage.id
        return None

    def _passage_called(self, wanted: str) -> str | None:
        index = self.reception.answers.library.index
        return next((p.id for p in index.passages if digest(p.id) == wanted), None) if index else None

    @staticmethod
    def _quick(reply: QuickReply) -> markup.Button:
        return markup.button(reply.title, reply.payload)

    def _topics(self, language: str) -> markup.Rows:
        topics = [self._quick(q) for q in buttons.topics(language, self.texts)]
        other = markup.button(f"🌐 {self.texts.text(language, 'telegram.language_button')}", f"{COMMAND}:language")
        return markup.in_rows([*topics, other])

    def _finish(self, arrival: Arrival, language: str, calls: list[Call]) -> list[Call]:
        """In a group, or to a message that was edited or forwarded, the first message says what it answers."""
        if not calls:
            return calls
        unclear = not arrival.private or arrival.edited or arrival.forwarded
        if unclear and arrival.message_id and arrival.kind != "button":
            answers = {"message_id": arrival.message_id, "allow_sending_without_reply": True}
            calls[0] = replace(calls[0], fields={**calls[0].fields, "reply_parameters": answers})
        if not arrival.private and self.identity.username:
            title = self.texts.text(language, "telegram.private_button")
            link = markup.link_button(title, f"https://t.me/{self.identity.username}?start={language}")
            calls[-1] = self._with(calls[-1], [[link]])
        return calls

    @staticmethod
    def _with(call: Call, rows: markup.Rows) -> Call:
        """The call with more rows of buttons."""
        there: dict[str, Any] = call.fields.get("reply_markup") or {"inline_keyboard": []}
        keyboard = {"inline_keyboard": [*there["inline_keyboard"], *rows]}
        return replace(call, fields={**call.fields, "reply_markup": keyboard})

    def _call(self, arrival: Arrival, text: str, shown: str | None = None) -> Call:
        """A message with `text`; `shown` is its HTML, without one the text as it is."""
        fields: dict[str, Any] = {
            "text": markup.escaped(text) if shown is None else shown,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if arrival.thread:
            fields["message_thread_id"] = arrival.thread
        return replace(self._method(arrival, "sendMessage", fields), plain=text)

    @staticmethod
    def _method(arrival: Arrival, method: str, fields: dict[str, Any]) -> Call:
        return Call(arrival.chat_id, method, fields, written=arrival.written, owner=arrival.owner)

    def _text(self, arrival: Arrival, conversation: Conversation, key: str) -> str:
        return self.texts.text(self._language(arrival, conversation), key)

    def _name(self, language: str, name: str) -> str:
        return commands.name_in(language, name, self.texts)

    @staticmethod
    def _language(arrival: Arrival, conversation: Conversation) -> str:
        return conversation.language or spoken(arrival.language) or DEFAULT


def spoken(code: str | None) -> str | None:
    """The language of ours that Telegram's language code, such as "pt-br", names."""
    short = (code or "").lower().split("-")[0]
    return short if short in LANGUAGES else None


def digest(passage: str) -> str:
    """A passage's name in the few bytes that a button may carry."""
    return hashlib.sha256(passage.encode()).hexdigest()[:DIGEST]
