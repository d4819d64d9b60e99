"""The Telegram channel as the gateway sees it: built where there is a token, started and stopped with it.

Nothing here keeps the gateway waiting: Telegram is asked in the background, and tried again until it answers.
"""

import asyncio
import contextlib
import json
import time

import structlog
from telegram.error import TelegramError

from bot.api.limits import USUAL
from bot.reception import Reception
from bot.settings import Settings
from bot.telegram import profile
from bot.telegram.connection import close_connection, connect, open_connection
from bot.telegram.delivery import Delivery
from bot.telegram.incoming import Incoming
from bot.telegram.kinds import Identity
from bot.telegram.patience import Patience
from bot.telegram.polling import Polling
from bot.telegram.seal import webhook_secret
from bot.telegram.status import Status
from bot.telegram.store import Store
from bot.telegram.turns import Turns
from bot.telegram.webhook import PATH, Webhook

log = structlog.get_logger()
FILE = "telegram/waiting.sqlite"
ME = "username"
TIDY_EVERY, SWEEP_EVERY = 60.0, 1.0
TOAST_SECONDS = 5.0


class TelegramChannel:
    """Raises ValueError where `settings` have no token, or one that cannot be one."""

    def __init__(self, settings: Settings, reception: Reception):
        if settings.telegram_token is None:
            raise ValueError("no token")
        token = settings.telegram_token.get_secret_value().strip()
        number, _, rest = token.partition(":")
        if not number.isdigit() or not rest:
            raise ValueError("the token must look like 123456:AbC…")
        self.settings, self.reception = settings, reception
        self.bot = connect(token, settings.telegram_api)
        self.store = Store(settings.var / FILE, token)
        self.status, self.identity = Status(), Identity(int(number))
        own = settings.telegram_secret.get_secret_value() if settings.telegram_secret else None
        self.secret = own or webhook_secret(token)
        self.longest = settings.telegram_keep_minutes * 60
        self.delivery = Delivery(
            self.bot, self.store, self.status, settings.telegram_silent, settings.telegram_per_second, self.longest
        )
        per_minute = settings.messages_per_minute or USUAL
        self.turns = Turns(reception, self.store, self.identity, per_minute, self._toast, self.delivery.forget)
        self.incoming = Incoming(self.bot, self.store, self.turns, self.delivery, self.identity, reception.desk)
        self._tasks: list[asyncio.Task[None]] = []
        self._toasts: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await open_connection(self.bot)
        await self._take_up()
        self.delivery.start()
        self.incoming.start()
        work = (self._way().run(), self._tidy(), self._introduce())
        self._tasks = [asyncio.create_task(task) for task in work]

    async def stop(self) -> None:
        for task in (*self._tasks, *self._toasts):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._toasts, return_exceptions=True)
        await self.incoming.stop()
        await self.delivery.stop()
        await close_connection(self.bot)
        await asyncio.get_running_loop().run_in_executor(None, self.store.close)

    def _way(self) -> Webhook | Polling:
        take_over = self.settings.telegram_take_over
        if self.settings.public_url:
            url = self.settings.public_url.rstrip("/") + PATH
            return Webhook(self.bot, url, self.secret, self.status, take_over)
        return Polling(self.bot, self.incoming.accept, self.status, take_over)

    async def _take_up(self) -> None:
        """Go on where the run before ended."""
        known = await self.store.fact(ME)
        if known:
            self._be(json.loads(known))
        lost = await self.store.tidy(self.longest)
        updates, parcels = await self.store.waiting()
        self.delivery.put(parcels)
        for number, raw in updates:
            await self.incoming.queue(number, raw)
        log.info("telegram_started", replies=len(parcels), updates=len(updates), expired=lost)

    def _be(self, username: str) -> None:
        self.identity = Identity(self.identity.id, username)
        self.turns.identity = self.incoming.identity = self.identity

    async def _introduce(self) -> None:
        """Learn the bot's own name, then show its commands and texts."""
        patience = Patience(self.status)
        while True:
            try:
                username = (await self.bot.get_me()).username
                break
            except TelegramError as error:
                await patience.after(error)
        self._be(username or "")
        await self.store.note(ME, json.dumps(username or "").encode())
        await profile.show(self.bot, self.store, self.reception.texts)

    async def _tidy(self) -> None:
        tidied = time.monotonic()
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            if time.monotonic() - tidied > TIDY_EVERY:
                tidied = time.monotonic()
                lost = await self.store.tidy(self.longest)
                if lost:
                    log.warning("telegram_expired", rows=lost)
            await self.store.sweep()

    def _toast(self, callback: str, words: str | None) -> None:
        task = asyncio.create_task(self._answer_press(callback, words))
        self._toasts.add(task)
        task.add_done_callback(self._toasts.discard)

    async def _answer_press(self, callback: str, words: str | None) -> None:
        """Best effort: the button stops turning. A press that Telegram has forgotten is no loss."""
        with contextlib.suppress(TelegramError):
            await self.bot.answer_callback_query(callback, words, read_timeout=TOAST_SECONDS)


def telegram_channel(settings: Settings, reception: Reception) -> TelegramChannel | None:
    """The channel, or None where there is no token or something is wrong with it: the rest serves without."""
    if settings.telegram_token is None or not settings.telegram_token.get_secret_value().strip():
        return None
    try:
        return TelegramChannel(settings, reception)
    except Exception as error:
        log.error("telegram_missing", error=type(error).__name__)
        return None
