"""What Telegram shows of the bot before anybody writes: its commands and profile texts, in each language."""

import asyncio
import hashlib
import json
from typing import Any

import structlog
from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.catalogue import Catalogue
from bot.telegram import commands
from bot.telegram.connection import retry_after
from bot.telegram.store import Store
from nlu.language import DEFAULT, LANGUAGES

log = structlog.get_logger()
FACT = "profile"
AGAIN = 60.0


def calls(texts: Catalogue) -> list[tuple[str, dict[str, Any]]]:
    """Method and fields of every call, the default (Spanish) first."""
    found: list[tuple[str, dict[str, Any]]] = []
    for shown_to, language in [("", DEFAULT), *((code, code) for code in LANGUAGES)]:
        listed = [
            {
                "command": commands.name_in(language, name, texts),
                "description": texts.text(language, f"telegram.commands.{name}.about"),
            }
            for name in commands.NAMES
        ]
        described: dict[str, dict[str, Any]] = {
            "setMyCommands": {"commands": listed},
            "setMyDescription": {"description": texts.text(language, "telegram.profile.description")},
            "setMyShortDescription": {"short_description": texts.text(language, "telegram.profile.short")},
        }
        found += [(method, {**fields, "language_code": shown_to}) for method, fields in described.items()]
    return found


async def show(bot: Bot, store: Store, texts: Catalogue) -> None:
    """Set all of it, where it changed since the last time; goes on until Telegram has taken it."""
    wanted = calls(texts)
    mark = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).digest()
    if await store.fact(FACT) == mark:
        return
    for method, fields in wanted:
        while True:
            try:
                await bot.do_api_request(method, api_kwargs=fields)
                break
            except RetryAfter as error:
                await asyncio.sleep(retry_after(error))
            except TelegramError as error:
                log.warning("telegram_profile_not_set", method=method, error=type(error).__name__)
                await asyncio.sleep(AGAIN)
    await store.note(FACT, mark)
    log.info("telegram_profile_set")
