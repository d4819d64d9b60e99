"""The connection to the Bot API: python-telegram-bot's `Bot`, without its queues, and what its errors mean for us."""

import logging
import warnings
from datetime import timedelta
from enum import Enum

from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

SENDERS = 16
READ, CONNECT, POOL = 20.0, 5.0, 30.0


class Trouble(Enum):
    """What an error of the Bot API calls for."""

    FLOOD = "flood"  # wait as long as it says
    NETWORK = "network"  # Telegram is not to be reached, or answers nonsense: try again
    GONE = "gone"  # the person blocked the bot or left
    MOVED = "moved"  # the group has a new id
    WRONG = "wrong"  # this call will never work
    REFUSED = "refused"  # the token is not valid (any more)
    CONFLICT = "conflict"  # somebody else fetches this bot's updates


def connect(token: str, api: str) -> Bot:
    """A Bot whose requests wait rather than fail when all connections are busy. Raises InvalidToken for a bad form."""
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)  # replies wait as fields, not as methods
    warnings.filterwarnings("ignore", category=PTBDeprecationWarning)
    api = api.rstrip("/")
    requests = (
        HTTPXRequest(size, read_timeout=READ, write_timeout=READ, connect_timeout=CONNECT, pool_timeout=POOL)
        for size in (2, SENDERS + 4)
    )
    polling, calling = requests
    return Bot(token, f"{api}/bot", f"{api}/file/bot", request=calling, get_updates_request=polling)


async def open_connection(bot: Bot) -> None:
    """Ready for requests, without asking Telegram anything: it may be down."""
    await bot.request.initialize()
    await bot._request[0].initialize()


async def close_connection(bot: Bot) -> None:
    await bot.request.shutdown()
    await bot._request[0].shutdown()


def trouble(error: TelegramError) -> Trouble:
    """An answer that is no JSON comes from something on the way, whatever its status says."""
    cause: BaseException | None = error
    while cause is not None:
        if type(cause) is TelegramError:
            return Trouble.NETWORK
        cause = cause.__cause__
    match error:
        case RetryAfter():
            return Trouble.FLOOD
        case ChatMigrated():
            return Trouble.MOVED
        case Forbidden():
            return Trouble.GONE
        case InvalidToken() | EndPointNotFound():
            return Trouble.REFUSED
        case Conflict():
            return Trouble.CONFLICT
        case BadRequest():
            return Trouble.WRONG
        case _:
            return Trouble.NETWORK


def retry_after(error: RetryAfter) -> float:
    """Seconds."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
