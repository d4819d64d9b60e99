"""Takes updates that Telegram sends to our public address, and keeps the address registered."""

import asyncio
import hmac
import json
import time

import structlog
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from telegram import Bot
from telegram.error import TelegramError

from bot.telegram.patience import Patience
from bot.telegram.polling import KINDS
from bot.telegram.status import Status

log = structlog.get_logger()
PATH = "/telegram/webhook"
LARGEST = 2_000_000
CONNECTIONS = 20
CHECK_EVERY = 300.0
router = APIRouter(include_in_schema=False)


@router.post(PATH)
async def receive(request: Request) -> Response:
    """Acknowledge an update once it is journaled; Telegram sends again whatever is not acknowledged."""
    channel = request.app.state.telegram
    told = request.headers.get("x-telegram-bot-api-secret-token", "")
    if not hmac.compare_digest(told.encode(), channel.secret.encode()):
        raise HTTPException(403)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413)
    try:
        update = json.loads(body)
    except ValueError:
        update = None  # sent again it would be no better
    await channel.incoming.accept(update)
    return Response(status_code=200)


class Webhook:
    """`url` is where Telegram sends updates, `secret` what it repeats with each of them."""

    def __init__(self, bot: Bot, url: str, secret: str, status: Status, take_over: bool):
        self.bot, self.url, self.secret, self.status, self.take_over = bot, url, secret, status, take_over

    async def run(self) -> None:
        """For ever: register the address, then look now and then whether it is still registered."""
        patience, registered = Patience(self.status), False
        while True:
            try:
                registered = await self._keep(registered)
                patience.success()
                await asyncio.sleep(CHECK_EVERY)
            except TelegramError as error:
                await patience.after(error)

    async def _keep(self, registered: bool) -> bool:
        """Raises TelegramError. An address of somebody else in our place is left there, unless told not to."""
        if registered:
            info = await self.bot.get_webhook_info()
            if info.last_error_date and time.time() - info.last_error_date.timestamp() < CHECK_EVERY:
                log.warning("telegram_webhook_errors", waiting=info.pending_update_count)
            if info.url and info.url != self.url and not self.take_over:
                self.status.be("conflict")
                return True
            if info.url == self.url:
                self.status.be("working", way="webhook")
                return True
        await self.bot.set_webhook(
            self.url, secret_token=self.secret, allowed_updates=list(KINDS), max_connections=CONNECTIONS
        )
        self.status.be("working", way="webhook")
        return True
