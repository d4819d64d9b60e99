"""Takes updates in: each once, journaled before Telegram is told so, answered in the chat's order, urgent first."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.safety.triage import TriageDesk
from bot.telegram.delivery import Delivery
from bot.telegram.kinds import Arrival, Identity, arrival, bare
from bot.telegram.lines import Lines
from bot.telegram.store import Message, Store
from bot.telegram.turns import Turns

log = structlog.get_logger()
AT_ONCE = 8
GAP = 0.15
TYPING_AFTER, TYPING_AGAIN = 0.5, 4.5
GLANCED = 1000
LONGEST_GOODBYE = 5.0


class Incoming:
    """`desk` glances at texts by its rules alone, so that people in danger are answered before the others."""

    def __init__(self, bot: Bot, store: Store, turns: Turns, delivery: Delivery, identity: Identity, desk: TriageDesk):
        self.bot, self.store, self.turns, self.delivery = bot, store, turns, delivery
        self.identity, self.desk = identity, desk
        self.lines: Lines[tuple[Arrival, int]] = Lines()
        self._highest: int | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._answering = 0
        self._stopping = False

    def start(self) -> None:
        self._workers = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]

    async def stop(self) -> None:
        """Let turns that are under way end; the rest waits in the journal."""
        self._stopping = True
        deadline = time.monotonic() + LONGEST_GOODBYE
        while self._answering and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def accept(self, raw: Any) -> None:
        """Journal an update, unless it came before. When this returns, Telegram may forget it."""
        number = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(number, int):
            log.warning("telegram_update_unreadable")
            return
        if await self.store.accept(number, raw):
            await self.queue(number, raw)

    async def queue(self, number: int, raw: dict[str, Any]) -> None:
        """Line up a journaled update. Where Telegram skipped a number, the missing one has a moment to come first."""
        found = self._read(raw)
        missing = self._highest is not None and number > self._highest + 1
        self._highest = max(number, self._highest or number)
        if found is None:
            await self.store.settle(number, [])
            return
        self.lines.put(found.chat_id, number, (found, number), self._alarming(found), GAP if missing else 0.0)

    def _read(self, raw: dict[str, Any]) -> Arrival | None:
        """What is to be answered. Of a message in a form that the library does not know, what was written."""
        try:
            return arrival(Update.de_json(raw, self.bot), self.identity)
        except Exception as error:
            log.error("telegram_update_unreadable", error=type(error).__name__)
        try:
            return arrival(Update.de_json(bare(raw), self.bot), self.identity)
        except Exception as error:
            log.error("telegram_update_dropped", error=type(error).__name__)
            return None

    def _alarming(self, found: Arrival) -> bool:
        if found.kind == "command" and found.command and found.command.name == "emergency":
            return True
        if found.kind not in ("text", "command"):
            return found.kind == "voice"
        return self.desk.judge(found.text[:GLANCED], None).level == "yes"

    async def _work(self) -> None:
        while True:
            chat, _, (found, number) = await self.lines.take()
            if self._stopping:
                return
            self._answering += 1
            try:
                await self._answer(found, number)
            except Exception as error:
                log.error("telegram_update_failed", error=type(error).__name__)
            finally:
                self._answering -= 1
                self.lines.done(chat)

    async def _answer(self, found: Arrival, number: int) -> None:
        async with self._typing(found):
            calls = await self.turns.answer(found)
        written = Message(found.chat_id, 0, found.message_id) if self._deletable(found) and found.message_id else None
        self.delivery.put(await self.store.settle(number, calls, written))

    @staticmethod
    def _deletable(found: Arrival) -> bool:
        """Whether it is the person's own message, in a chat where a bot may delete it, and not just being deleted."""
        deleting = found.command is not None and found.command.name == "delete"
        return found.private and found.kind not in ("button", "blocked") and not deleting

    @contextlib.asynccontextmanager
    async def _typing(self, found: Arrival) -> AsyncIterator[None]:
        """While an answer takes long, the chat shows that one is coming."""
        if found.kind == "blocked":
            yield
            return
        shown = asyncio.create_task(self._show_typing(found))
        try:
            yield
        finally:
            shown.cancel()

    async def _show_typing(self, found: Arrival) -> None:
        await asyncio.sleep(TYPING_AFTER)
        while True:
            with contextlib.suppress(TelegramError):
                await self.bot.send_chat_action(found.chat_id, "typing", message_thread_id=found.thread)
            await asyncio.sleep(TYPING_AGAIN)


Accept = Callable[[dict[str, Any]], Awaitable[None]]
