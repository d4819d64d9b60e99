"""The channel against telemelya, a Bot API that nobody here wrote.

As it is published it wants Redis and MinIO, sends no secret token, and lacks some methods. So it gets a Redis in
memory, no place for files, the header that `setWebhook` asked for, and "true" for what it lacks. Its own code parses
what the bot sends, keeps it, and makes the updates.
"""

import asyncio
import threading
import time
from collections.abc import Iterator

import aiohttp
import fakeredis
import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from telemelya.server import bot_api, control_api
from telemelya.server.state import state_manager

from bot.catalogue import catalogue
from bot.cli.running import free_port
from bot.telegram.webhook import PATH
from tests.gateway.messages import URGENT
from tests.gateway.serving import in_thread
from tests.telegram.fake import TOKEN
from tests.telegram.serving import SECRET

KEY = {"Authorization": "Bearer any", "X-Test-Session": "default"}


async def deliver(token: str, update: dict) -> dict:
    """What telemelya does, with the secret token."""
    url = await state_manager.get_webhook(token)
    async with aiohttp.ClientSession() as session, session.post(url, json=update, headers=SECRET) as response:
        return {"delivered": True, "status_code": response.status}


def emulated() -> FastAPI:
    state_manager._redis = fakeredis.FakeAsyncRedis(decode_responses=True)
    control_api.deliver_update = deliver
    app = FastAPI()
    app.include_router(bot_api.router)
    app.include_router(control_api.router)

    @app.post("/bot{token}/{method}")
    async def lacking(token: str, method: str, request: Request) -> dict:
        return {"ok": True, "result": True}

    return app


class Emulator:
    def __init__(self, url: str):
        self.client = httpx.Client(
            base_url=url, headers=KEY, timeout=20, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def send(self, **fields: object) -> None:
        """Have the emulator make an update and send it to the webhook."""
        answer = self.client.post(f"/api/v1/test/send_update?bot_token={TOKEN}", json=fields)
        assert answer.json()["delivery"]["status_code"] == 200, answer.text
        time.sleep(0.005)  # it numbers updates by the millisecond

    def said(self, count: int, method: str = "sendMessage") -> list[dict]:
        """The calls of a method so far, when there are `count` of them; they are forgotten then."""
        deadline = time.monotonic() + 20
        while True:
            answer = self.client.get("/api/v1/test/responses").json()["responses"]
            found = [r for r in answer if r["method"] == method]
            if len(found) >= count:
                self.client.post("/api/v1/test/reset")
                return found
            assert time.monotonic() < deadline, answer
            time.sleep(0.02)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    port, gateway_port = free_port(), free_port()
    server = uvicorn.Server(uvicorn.Config(emulated(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    url = f"http://127.0.0.1:{port}"
    settings = {"telegram_token": TOKEN, "telegram_api": url, "public_url": f"http://127.0.0.1:{gateway_port}"}
    with in_thread(tmp_path_factory.mktemp("emulated"), **settings) as gateway:
        found = Emulator(url)
        while not found.client.post(f"/bot{TOKEN}/getWebhookInfo").json()["result"]["url"]:
            time.sleep(0.02)
        gateway_url = f"{gateway.url}{PATH}"
        found.client.post(f"/bot{TOKEN}/setWebhook", json={"url": gateway_url})
        yield found
    server.should_exit = True
    thread.join(10)


def test_the_webhook_was_registered_and_the_bot_introduced(emulator):
    emulator.send(chat_id=1, command="/start")
    (hello,) = emulator.said(1)
    assert hello["text"].startswith("Hola") and hello["reply_markup"]["inline_keyboard"]


def test_danger(emulator):
    emulator.send(chat_id=2, text=URGENT["pt"][0][1])
    (card,) = emulator.said(1)
    assert "1818" in card["text"] and card["raw"]["parse_mode"] == "HTML" and card["chat_id"] == 2


def test_buttons(emulator):
    emulator.send(chat_id=3, callback_data="/language ht", callback_message_id=5)
    (changed,) = emulator.said(1)
    assert changed["text"] == catalogue().text("ht", "language_set")
    emulator.send(chat_id=3, callback_data="command:emergency")
    (card,) = emulator.said(1)
    assert catalogue().text("ht", "hotline.outro").split()[0] in card["text"]
    emulator.send(chat_id=3, callback_data="helpful:yes")
    (toast,) = emulator.said(1, "answerCallbackQuery")
    assert toast["text"] == catalogue().text("ht", "feedback_thanks")


def test_a_photo(emulator):
    emulator.send(chat_id=4, photo_file_id="AgACAgIAAxkBAAIB")
    (reply,) = emulator.said(1)
    assert reply["text"] == catalogue().text("es", "telegram.kinds.photo")


def test_several_people(emulator):
    for number in range(30):
        emulator.send(chat_id=10 + number % 3, command="/language en")
    said = emulator.said(30)
    assert [s["chat_id"] for s in said].count(10) == 10
    assert {s["text"] for s in said} == {catalogue().text("en", "language_set")}
