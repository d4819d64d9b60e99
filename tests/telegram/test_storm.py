"""A thousand updates while nearly everything goes wrong: each is answered exactly once, in order, hotlines first."""

import contextlib
import itertools
import random
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx

from bot.telegram.webhook import PATH
from tests.gateway.messages import URGENT
from tests.gateway.serving import ServedGateway
from tests.telegram import updates
from tests.telegram.fake import BAD_GATEWAY, CUT, FakeTelegram, Fault, flood
from tests.telegram.serving import SECRET, channel_settings, faked

CHATS, EACH = 50, 20
CUT_SECONDS = 10.0
FIRST_CHAT = 31_000


def things_said() -> dict[int, list[str]]:
    """For each chat twenty messages: every fifth chat's third one is urgent, the others only ask for languages.

    A language button's answer names the language, so that answers tell which message they belong to.
    """
    said = {}
    languages = itertools.cycle(("/language en", "/language pt", "/language fr", "/language es"))
    for number in range(CHATS):
        texts = [next(languages) for _ in range(EACH)]
        if number % 5 == 0:
            texts[2] = URGENT["es"][0][1]
        said[FIRST_CHAT + number] = texts
    return said


class Sender(threading.Thread):
    """Telegram's side of the webhook: in order, and again until an update is acknowledged; some come twice."""

    def __init__(self, gateway: ServedGateway, sent: list[dict]):
        super().__init__(daemon=True)
        self.gateway, self.sent, self.again = gateway, sent, 0

    def run(self) -> None:
        chance = random.Random(4)
        for one in self.sent:
            for _ in range(2 if chance.random() < 0.05 else 1):
                self._post(one)

    def _post(self, one: dict) -> None:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if self.gateway.client.post(PATH, json=one, headers=SECRET).status_code == 200:
                    return
            self.again += 1
            time.sleep(0.05)


def test_every_message_is_answered_once_in_order(tmp_path: Path) -> None:
    chance = random.Random(7)
    begins = [0.0]

    def fault(method: str, params: dict) -> Fault | None:
        if begins[0] and 2.0 < time.monotonic() - begins[0] < 2.0 + CUT_SECONDS:
            return CUT
        lot = chance.random()
        if method == "sendMessage" and lot < 0.05:
            return flood(1)
        return BAD_GATEWAY if lot < 0.12 else None

    said = things_said()
    sent = [updates.written(chat, texts[number]) for number in range(EACH) for chat, texts in said.items()]
    with faked(fault=fault) as fake:
        public = {"public_url": "https://yanapay.example.org"}
        gateway = ServedGateway(tmp_path / "gateway", rasa=False, log_level="WARNING", **settings(fake, **public))
        try:
            gateway.start()
            begins[0] = time.monotonic()
            sender = Sender(gateway, sent)
            sender.start()
            time.sleep(5.0)
            gateway.restart()
            sender.join(120)
            assert not sender.is_alive()
            expected = {chat: answers(texts) for chat, texts in said.items()}
            total = sum(len(a) for a in expected.values())
            fake.wait(total, 120)
            time.sleep(3.0)
            assert_each_once(fake, expected)
            assert (gateway.var / "telegram/waiting.sqlite-wal").stat().st_size == 0
        finally:
            gateway.stop()
        assert fake.attempts > total + 50, "hardly anything went wrong"
        assert not fake.rejected


def settings(fake: FakeTelegram, **more: str) -> dict:
    chosen = channel_settings(fake, **more)
    chosen.pop("messages_per_minute")
    return chosen


def answers(texts: list[str]) -> list[str]:
    """What stands in each answer; an urgent message is answered by the card alone, without Rasa."""
    from bot.catalogue import catalogue

    def answer(text: str) -> str:
        return catalogue().text(text.split()[1], "language_set") if text.startswith("/") else "1818"

    return [answer(t) for t in texts]


def assert_each_once(fake: FakeTelegram, expected: dict[int, list[str]]) -> None:
    got = defaultdict(list)
    for one in fake.sent:
        got[one.chat_id].append(one.text)
    for chat, wanted in expected.items():
        assert len(got[chat]) == len(wanted), (chat, len(got[chat]))
        for text, part in zip(got[chat], wanted, strict=True):
            assert part in text, (chat, part, text)
