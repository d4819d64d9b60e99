"""One gateway without Rasa with a Telegram channel against the fake, shared by the tests that only talk to it."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gateway.serving import ThreadGateway
from tests.telegram import updates
from tests.telegram.fake import FakeTelegram, Sent
from tests.telegram.serving import faked, tell, with_telegram

PEOPLE = itertools.count(900_001)


class Bot:
    """A bot to talk to; what it sends ends up in `fake`."""

    def __init__(self, fake: FakeTelegram, gateway: ThreadGateway):
        self.fake, self.gateway = fake, gateway

    def person(self) -> int:
        return next(PEOPLE)

    def tell(self, *sent: dict[str, Any]) -> None:
        tell(self.gateway.client, *sent)

    def replies(self, chat: int, *sent: dict[str, Any], count: int = 1) -> list[Sent]:
        """What comes into a chat after these updates: exactly `count` messages, then the answer to one more command."""
        before = len([s for s in self.fake.sent if s.chat_id == chat])
        self.tell(*sent, updates.written(abs(chat), "/idioma", where="private" if chat > 0 else "group"))
        came = self.fake.wait(before + count + 1, chat_id=chat)[before:]
        assert "command" not in came[-1].params and len(came) == count + 1, [c.text for c in came]
        return came[:-1]

    def slow_down(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        """Each answer takes so much longer, until the patch is undone."""
        reception = self.gateway.app.state.reception
        usual = reception.answer

        async def slow(*words: Any, **named: Any) -> Any:
            await asyncio.sleep(seconds)
            return await usual(*words, **named)

        monkeypatch.setattr(reception, "answer", slow)

    def hold_back(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """No answer comes until what is returned is called."""
        reception = self.gateway.app.state.reception
        usual = reception.answer
        released = threading.Event()

        async def held(*words: Any, **named: Any) -> Any:
            await asyncio.to_thread(released.wait)
            return await usual(*words, **named)

        monkeypatch.setattr(reception, "answer", held)
        return released.set


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with faked() as fake, with_telegram(tmp_path_factory.mktemp("telegram"), fake) as gateway:
        fake.until(lambda: [1] if len(fake.profile) == 27 else [], 1)
        yield Bot(fake, gateway)
