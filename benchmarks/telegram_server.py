"""The Telegram channel behind its webhook or poller, with a Reception that answers at once: `PORT API_URL PUBLIC_URL`.

For `benchmarks/telegram.py`: what the channel itself costs, without language, safety, Rasa and search.
"""

import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.api import health
from bot.api.schemas import MessageOut, Reply
from bot.catalogue import catalogue
from bot.conversations import Conversations
from bot.safety.triage import Triage, TriageDesk
from bot.settings import Settings
from bot.telegram import webhook
from bot.telegram.channel import TelegramChannel
from nlu.urgency import rules
from tests.telegram.fake import TOKEN


class QuickReception:
    """As much of `Reception` as the channel needs; every text has the same answer."""

    def __init__(self) -> None:
        self.texts, self.conversations = catalogue(), Conversations(30)
        self.desk = TriageDesk(rules.load(), None)
        self.answers = SimpleNamespace(library=SimpleNamespace(index=None))
        self.reply = Reply(type="smalltalk", text=self.texts.text("es", "thanks"))

    async def judge(self, text: str, language: str | None) -> Triage:
        return self.desk.judge(text, None, language)

    async def answer(self, text: str, conversation_id: str, channel: str) -> tuple[MessageOut, None]:
        self.conversations.open(conversation_id).language = "es"
        return MessageOut(
            conversation_id=conversation_id,
            language="es",
            route="smalltalk",
            urgent=False,
            replies=[self.reply],
            quick_replies=[],
        ), None


def app(folder: Path, api: str, public: str) -> FastAPI:
    settings: dict[str, Any] = {"telegram_token": TOKEN, "telegram_api": api, "public_url": public, "var": folder}
    chosen = Settings(**settings, telegram_per_second=0, messages_per_minute=10_000_000)
    channel = TelegramChannel(chosen, QuickReception())  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await channel.start()
        yield
        await channel.stop()

    made = FastAPI(lifespan=lifespan)
    made.state.telegram = channel
    made.include_router(webhook.router)
    made.add_api_route("/health", health.health)
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        served = app(Path(place), *sys.argv[2:4])
        uvicorn.run(served, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
