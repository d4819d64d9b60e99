"""Fetches updates by long polling, for a machine without a public address."""

import asyncio
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TelegramError

from bot.telegram.connection import Trouble
from bot.telegram.incoming import Accept
from bot.telegram.patience import Patience
from bot.telegram.status import Status

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
LONG_POLL = 25
AT_MOST = 100
CONFLICT_WAIT = 10.0


class Polling:
    """`take_over`: fetch even where the bot has a webhook, which is removed then."""

    def __init__(self, bot: Bot, accept: Accept, status: Status, take_over: bool):
        self.bot, self.accept, self.status, self.take_over = bot, accept, status, take_over

    async def run(self) -> None:
        """For ever: fetch, journal, confirm. A batch is confirmed by the next request, when it has been journaled."""
        offset, checked = None, False
        patience = Patience(self.status, {Trouble.CONFLICT: CONFLICT_WAIT, Trouble.REFUSED: CONFLICT_WAIT})
        while True:
            try:
                if not checked and not await self._free_of_webhooks():
                    await asyncio.sleep(CONFLICT_WAIT)
                    continue
                checked = True
                offset = await self._fetch(offset, LONG_POLL if self.status.word == "working" else 0)
                patience.success()
                self.status.be("working", way="polling")
            except TelegramError as error:
                checked = await patience.after(error) is not Trouble.CONFLICT and checked

    async def _free_of_webhooks(self) -> bool:
        """A webhook belongs to a server that people rely on: it is left alone unless the operator says otherwise."""
        url = (await self.bot.get_webhook_info()).url
        if url and self.take_over:
            await self.bot.delete_webhook()
        elif url:
            self.status.be("conflict", webhook=urlsplit(url).hostname or "elsewhere")
            return False
        return True

    async def _fetch(self, offset: int | None, seconds: int) -> int | None:
        """The offset that confirms what was fetched. `seconds` is how long to wait for something to come."""
        updates = await self.bot.do_api_request(
            "getUpdates",
            api_kwargs={"offset": offset, "timeout": seconds, "limit": AT_MOST, "allowed_updates": list(KINDS)},
            read_timeout=seconds + 10,
        )
        for update in updates if isinstance(updates, list) else []:
            await self.accept(update)
            number = update.get("update_id") if isinstance(update, dict) else None
            offset = number + 1 if isinstance(number, int) else offset
        return offset
