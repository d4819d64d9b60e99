"""Gateways with a Telegram channel to test: in this process, or served, both without Rasa."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bot.telegram.seal import webhook_secret
from bot.telegram.webhook import PATH
from tests.gateway.serving import MANY, ThreadGateway, in_thread
from tests.telegram.fake import TOKEN, FakeTelegram

HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = {HEADER: webhook_secret(TOKEN)}


@contextlib.contextmanager
def faked(**settings: Any) -> Iterator[FakeTelegram]:
    fake = FakeTelegram(**settings).start()
    try:
        yield fake
    finally:
        fake.stop()


def channel_settings(fake: FakeTelegram, **settings: Any) -> dict[str, Any]:
    """A bot that gets its updates by webhook; a `public_url` of "" is for polling."""
    usual = {"telegram_token": TOKEN, "telegram_api": fake.url, "telegram_per_second": 0}
    return {**usual, "public_url": "https://yanapay.example.org", "messages_per_minute": MANY, **settings}


@contextlib.contextmanager
def with_telegram(folder: Path, fake: FakeTelegram, **settings: Any) -> Iterator[ThreadGateway]:
    with in_thread(folder, **channel_settings(fake, **settings)) as gateway:
        yield gateway


def tell(client: httpx.Client, *updates: dict[str, Any]) -> None:
    """Send updates as Telegram does, in order."""
    for one in updates:
        response = client.post(PATH, content=json.dumps(one), headers=SECRET)
        assert response.status_code == 200, response.text
