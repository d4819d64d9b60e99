"""How long to wait before Telegram is asked again: longer after each failure, until something succeeds."""

import asyncio
from collections.abc import Mapping

from telegram.error import RetryAfter, TelegramError

from bot.telegram.connection import Trouble, retry_after, trouble
from bot.telegram.status import Status

FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0


class Patience:
    """`fixed`: kinds of trouble that have a wait of their own, in seconds. Failures are told to `status`."""

    def __init__(self, status: Status, fixed: Mapping[Trouble, float] | None = None):
        self.status, self.fixed = status, fixed or {}
        self.wait = FIRST_WAIT

    async def after(self, error: TelegramError) -> Trouble:
        """Wait as long as this failure calls for; what kind it is."""
        kind = trouble(error)
        if isinstance(error, RetryAfter):
            await asyncio.sleep(retry_after(error))
            return kind
        self.status.after(kind.value)
        await asyncio.sleep(self.fixed.get(kind, self.wait))
        self.wait = min(self.wait * 2, LONGEST_WAIT)
        return kind

    def success(self) -> None:
        self.wait = FIRST_WAIT
