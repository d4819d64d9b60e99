"""Brings the outbox to Telegram: each chat in its order, urgent chats first, until everything has arrived.

A flood limit (429) holds only the chat that it names. When Telegram cannot be reached, all wait, and one tries again
now and then; the first success sets all of them going. Telegram knows no numbers for calls, so a call whose answer is
lost on the way is made again: rather twice than never.
"""

import asyncio
import time
from dataclasses import replace
from typing import Literal

import structlog
from telegram import Bot
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.telegram.calls import Call, Parcel
from bot.telegram.connection import SENDERS, Trouble, retry_after, trouble
from bot.telegram.lines import Lines
from bot.telegram.pace import Pace
from bot.telegram.status import Status
from bot.telegram.store import Store

log = structlog.get_logger()
Silent = Literal["never", "late", "always"]
LATE = 60.0
FIRST_WAIT, LONGEST_WAIT = 0.25, 4.0
LONGEST_OWN_WAIT = 30.0
REFUSED_WAIT = 60.0
LONGEST_GOODBYE = 8.0
MARKUP = ("parse_mode", "reply_markup", "reply_parameters", "message_thread_id")


class Delivery:
    """`silent`: whether messages arrive without a sound: never, when they answer something from a while ago, always."""

    def __init__(self, bot: Bot, store: Store, status: Status, silent: Silent, per_second: float, longest: float):
        self.bot, self.store, self.status = bot, store, status
        self.silent, self.longest = silent, longest
        self.lines: Lines[Parcel] = Lines()
        self.pace = Pace(per_second)
        self._successes = 0
        self._stranded: set[int] = set()
        self._wait = FIRST_WAIT
        self._probe: asyncio.TimerHandle | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._sending = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        self._workers = [asyncio.create_task(self._work()) for _ in range(SENDERS)]

    async def stop(self) -> None:
        """Let calls that are under way end, so that none of them is made twice; the rest waits in the outbox."""
        self._stopping = True
        if self._probe:
            self._probe.cancel()
        try:
            await asyncio.wait_for(self._idle.wait(), LONGEST_GOODBYE)
        except TimeoutError:
            log.warning("telegram_calls_cut", calls=self._sending)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def put(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            self.lines.put(parcel.call.chat_id, parcel.number, parcel, parcel.call.urgent)

    async def forget(self, chat_id: int) -> None:
        """What has not been sent to a chat will not be."""
        await self.store.drop(self.lines.drop(chat_id))

    async def _work(self) -> None:
        while True:
            await self.pace.wait()
            chat, _, parcel = await self.lines.take()
            if self._stopping:
                return
            self._sending += 1
            self._idle.clear()
            try:
                await self._deliver(chat, parcel)
            except Exception as error:
                log.error("telegram_delivery_failed", error=type(error).__name__)
                self.lines.hold(chat, LONGEST_OWN_WAIT)
            finally:
                self._sending -= 1
                if not self._sending:
                    self._idle.set()

    async def _deliver(self, chat: int, parcel: Parcel) -> None:
        if time.time() - parcel.at > self.longest:
            log.warning("telegram_reply_expired", urgent=parcel.call.urgent)
            await self._give_up(chat, parcel)
            return
        try:
            message_id = await self._call(parcel.call)
        except TelegramError as error:
            await self._mend(chat, parcel, error)
            return
        self._recovered()
        await self.store.delivered(parcel, message_id)
        self.lines.done(chat)

    async def _call(self, call: Call) -> int | None:
        fields = dict(call.fields)
        if call.method == "sendMessage":
            late = call.written and time.time() - call.written > LATE
            fields["disable_notification"] = self.silent == "always" or bool(self.silent == "late" and late)
        result = await self.bot.do_api_request(call.method, api_kwargs={"chat_id": call.chat_id, **fields})
        return result["message_id"] if isinstance(result, dict) else None

    async def _mend(self, chat: int, parcel: Parcel, error: TelegramError) -> None:
        kind = trouble(error)
        if kind is Trouble.FLOOD and isinstance(error, RetryAfter):
            self.lines.hold(chat, retry_after(error))
        elif kind is Trouble.MOVED and isinstance(error, ChatMigrated):
            await self._move(chat, error.new_chat_id)
        elif kind is Trouble.GONE:
            log.info("telegram_chat_gone")
            await self.forget(chat)
            await self.store.take_shown(chat, parcel.call.owner)
            await self._give_up(chat, parcel)
        elif kind is Trouble.REFUSED:
            self.status.be("refused")
            self.lines.hold(chat, REFUSED_WAIT)
        elif kind is Trouble.WRONG:
            self._recovered()
            await self._simplify(chat, parcel, error)
        else:
            self._strand(chat, parcel)

    async def _move(self, chat: int, new_chat: int) -> None:
        parcels = self.lines.waiting(chat)
        await self.forget(chat)
        self.lines.done(chat)
        await self.store.drop(parcels)
        self.put(await self.store.settle(-1, [replace(p.call, chat_id=new_chat) for p in parcels]))

    async def _simplify(self, chat: int, parcel: Parcel, error: TelegramError) -> None:
        """What Telegram refuses is tried once more as plain text, so that no fault of markup hides a hotline."""
        call = parcel.call
        if call.plain is not None:
            log.error("telegram_markup_refused", error=type(error).__name__)
            fields = {k: v for k, v in call.fields.items() if k not in MARKUP}
            parcel.call = replace(call, fields={**fields, "text": call.plain}, plain=None)
            self.lines.hold(chat, 0)
            return
        log.error("telegram_call_refused", method=call.method)
        await self._give_up(chat, parcel)

    async def _give_up(self, chat: int, parcel: Parcel) -> None:
        await self.store.drop([parcel])
        self.lines.done(chat)

    def _strand(self, chat: int, parcel: Parcel) -> None:
        """Wait for Telegram to come back; a call that fails while others arrive waits longer each time by itself."""
        if parcel.seen_successes >= 0 and parcel.seen_successes < self._successes:
            parcel.own_failures += 1
        parcel.seen_successes = self._successes
        if parcel.own_failures > 1:
            self.lines.hold(chat, min(FIRST_WAIT * 2**parcel.own_failures, LONGEST_OWN_WAIT))
            return
        self._stranded.add(chat)
        self.lines.strand(chat)
        if self._probe is None:
            self._probe = asyncio.get_running_loop().call_later(self._wait, self._try_one)
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            if self._wait == LONGEST_WAIT and self.status.word == "working":
                self.status.be("unreachable")

    def _try_one(self) -> None:
        self._probe = None
        chat = self.lines.first(self._stranded)
        self._stranded.discard(chat or 0)
        if chat is not None:
            self.lines.release(chat)

    def _recovered(self) -> None:
        self._successes += 1
        self._wait = FIRST_WAIT
        if self.status.word in ("unreachable", "refused"):
            self.status.be("working")
        stranded, self._stranded = self._stranded, set()
        for chat in stranded:
            self.lines.release(chat)
