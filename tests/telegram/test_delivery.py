"""The outbox on its own against the fake: flood limits, cuts, refusals, blocked people, urgent people first."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.telegram.calls import Call
from bot.telegram.connection import close_connection, connect, open_connection
from bot.telegram.delivery import Delivery
from bot.telegram.status import Status
from bot.telegram.store import Store
from tests.telegram.fake import BAD_GATEWAY, BLOCKED, CUT, HTML_PAGE, TOKEN, FakeTelegram, Fault, flood
from tests.telegram.serving import faked


def text(chat: int, words: str, urgent: bool = False, **more) -> Call:
    return Call(chat, "sendMessage", {"text": words, "parse_mode": "HTML"}, urgent, plain=words, **more)


@dataclass
class Post:
    fake: FakeTelegram
    store: Store
    delivery: Delivery
    numbers: int = field(default=0)

    async def send(self, *calls: Call) -> None:
        self.numbers += 1
        self.delivery.put(await self.store.settle(-self.numbers, calls))

    async def arrived(self, count: int, seconds: float = 10.0) -> list[str]:
        deadline = time.monotonic() + seconds
        while len(self.fake.sent) < count:
            assert time.monotonic() < deadline, self.fake.texts()
            await asyncio.sleep(0.01)
        return self.fake.texts()

    async def settled(self) -> None:
        while len(self.delivery.lines):
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def post(
    folder: Path, fault=lambda method, params: None, started: bool = True, **settings
) -> AsyncIterator[Post]:
    chosen = {"silent": "late", "per_second": 0, "longest": 600.0, **settings}
    with faked(fault=fault) as fake:
        bot = connect(TOKEN, fake.url)
        await open_connection(bot)
        store = Store(folder / "waiting.sqlite", TOKEN)
        delivery = Delivery(bot, store, Status(), **chosen)
        if started:
            delivery.start()
        try:
            yield Post(fake, store, delivery)
        finally:
            await delivery.stop()
            await close_connection(bot)
            store.close()


async def test_each_chat_keeps_its_order(tmp_path):
    async with post(tmp_path) as office:
        for number in range(20):
            await office.send(*(text(chat, f"{number}") for chat in range(1, 11)))
        await office.arrived(200)
        assert all(office.fake.texts(chat) == [str(n) for n in range(20)] for chat in range(1, 11))


async def test_a_flood_limit_holds_its_own_chat_only(tmp_path):
    limited = [time.monotonic() + 2]

    def fault(method, params):
        return flood(2) if params["chat_id"] == 1 and time.monotonic() < limited[0] else None

    async with post(tmp_path, fault) as office:
        limited[0] = begun = time.monotonic()
        limited[0] += 1.9
        await office.send(text(1, "first"), text(1, "second"), *(text(chat, "other") for chat in range(2, 40)))
        await office.arrived(38, 1.0)
        assert office.fake.texts(1) == []
        await office.arrived(40)
        assert office.fake.texts(1) == ["first", "second"]
        assert time.monotonic() - begun >= 2 and office.fake.attempts == 41


@pytest.mark.parametrize(
    "fault",
    [
        CUT,
        BAD_GATEWAY,
        Fault(500, b'{"ok": false, "error_code": 500, "description": "Internal Server Error"}'),
        Fault(200, HTML_PAGE),
        Fault(200, b'{"ok": tru'),
        Fault(403, HTML_PAGE),
        Fault(401, HTML_PAGE),
        Fault(400, HTML_PAGE),
        Fault(302, b""),
        Fault(429, HTML_PAGE),
    ],
    ids=["cut", "502", "500", "200 HTML", "half a JSON", "403 HTML", "401 HTML", "400 HTML", "302", "429 HTML"],
)
async def test_what_is_not_telegrams_word_is_tried_again(tmp_path, fault):
    """A proxy's error page, whatever its status says, means neither that somebody is gone nor that a call is wrong."""
    begun = time.monotonic()
    async with post(tmp_path, lambda m, p: fault if time.monotonic() - begun < 0.8 else None) as office:
        await office.send(*(text(chat, f"{n}") for n in range(3) for chat in (1, 2, 3)))
        await office.arrived(9)
        await office.settled()
        assert all(office.fake.texts(chat) == ["0", "1", "2"] for chat in (1, 2, 3))
        assert office.delivery.status.word != "refused"


async def test_a_cut_is_waited_out_with_few_tries_and_ends_for_all_at_once(tmp_path):
    begun = time.monotonic()
    async with post(tmp_path, lambda m, p: CUT if time.monotonic() - begun < 3 else None) as office:
        await office.send(*(text(chat, "hello") for chat in range(1, 51)))
        await asyncio.sleep(2.9)
        assert office.fake.attempts < 50 + 10
        await office.arrived(50, 6.0)


async def test_urgent_chats_go_first_after_a_cut(tmp_path):
    begun = time.monotonic()
    async with post(tmp_path, lambda m, p: CUT if time.monotonic() - begun < 1 else None) as office:
        await office.send(*(text(chat, "calm") for chat in range(1, 100)), text(500, "before"), text(500, "card", True))
        texts = await office.arrived(101)
        assert texts.index("card") < 40 and texts.index("before") < texts.index("card")


async def test_urgent_chats_go_first_when_messages_are_counted(tmp_path):
    async with post(tmp_path, per_second=50, started=False) as office:
        await office.send(*(text(chat, "calm") for chat in range(1, 150)), text(500, "card", True))
        office.delivery.start()
        await office.arrived(60)
        assert office.fake.texts()[:20].count("card") == 1


async def test_the_pace_is_kept(tmp_path):
    async with post(tmp_path, per_second=40) as office:
        begun = time.monotonic()
        await office.send(*(text(chat, "x") for chat in range(1, 101)))
        await office.arrived(100)
        assert 1.2 < time.monotonic() - begun < 4


async def test_somebody_who_blocked_the_bot_is_dropped(tmp_path):
    async with post(tmp_path, lambda m, p: BLOCKED if p["chat_id"] == 1 else None) as office:
        await office.send(text(1, "a"), text(1, "b"), text(2, "c"))
        await office.settled()
        assert office.fake.texts() == ["c"] and office.fake.attempts <= 3
        assert await office.store.waiting() == ([], [])


async def test_refused_markup_is_sent_as_plain_text(tmp_path):
    async with post(tmp_path) as office:
        broken = Call(1, "sendMessage", {"text": "<b>1818", "parse_mode": "HTML"}, plain="call 1818 & 105")
        await office.send(broken, text(1, "next"))
        assert await office.arrived(2) == ["call 1818 & 105", "next"]


async def test_a_call_that_can_never_work_is_given_up_and_the_chat_goes_on(tmp_path):
    wrong = Fault(400, b'{"ok": false, "error_code": 400, "description": "Bad Request: no"}')
    async with post(tmp_path, lambda m, p: wrong if m == "deleteMessages" else None) as office:
        await office.send(Call(1, "deleteMessages", {"message_ids": [1]}), text(1, "done"))
        assert await office.arrived(1) == ["done"]
        await office.settled()
        assert await office.store.waiting() == ([], [])


async def test_a_call_that_always_breaks_telegram_holds_nobody_else(tmp_path):
    async with post(tmp_path, lambda m, p: BAD_GATEWAY if p["chat_id"] == 1 else None) as office:
        await office.send(text(1, "poison"))
        for number in range(30):
            await office.send(text(2 + number, "fine"))
            await asyncio.sleep(0.02)
        await office.arrived(30, 3.0)
        assert office.fake.attempts < 45


async def test_a_group_that_moved(tmp_path):
    moved = Fault(400, b'{"ok": false, "error_code": 400, "description": "x", '
                       b'"parameters": {"migrate_to_chat_id": -1009}}')  # fmt: skip
    async with post(tmp_path, lambda m, p: moved if p["chat_id"] == -9 else None) as office:
        await office.send(text(-9, "a"), text(-9, "b"))
        await office.arrived(2)
        assert office.fake.texts(-1009) == ["a", "b"]
        await office.settled()
        assert await office.store.waiting() == ([], [])


async def test_an_answer_that_is_lost_is_asked_for_again(tmp_path):
    """Rather twice than never: nobody can tell whether it arrived."""
    lost = iter([Fault(lost=True)])
    async with post(tmp_path, lambda m, p: next(lost, None)) as office:
        await office.send(text(1, "card", True))
        assert await office.arrived(2) == ["card", "card"]


async def test_late_messages_arrive_without_a_sound(tmp_path):
    async with post(tmp_path) as office:
        await office.send(text(1, "late", written=time.time() - 120), text(1, "now", written=time.time()))
        await office.arrived(2)
        assert [s.params["disable_notification"] for s in office.fake.sent] == [True, False]


@pytest.mark.parametrize(("silent", "quiet"), [("always", True), ("never", False)])
async def test_the_operator_decides_about_sounds(tmp_path, silent, quiet):
    async with post(tmp_path, silent=silent) as office:
        await office.send(text(1, "x", written=time.time() - 120))
        await office.arrived(1)
        assert office.fake.sent[0].params["disable_notification"] is quiet


async def test_what_waited_too_long_is_dropped(tmp_path):
    async with post(tmp_path, lambda m, p: CUT, longest=0.6) as office:
        await office.send(text(1, "x"))
        await asyncio.wait_for(office.settled(), 5)
        assert await office.store.waiting() == ([], [])


async def test_a_refused_token_is_told_and_nothing_is_lost(tmp_path):
    refused = Fault(401, b'{"ok": false, "error_code": 401, "description": "Unauthorized"}')
    async with post(tmp_path, lambda m, p: refused) as office:
        await office.send(text(1, "x"))
        while office.delivery.status.word != "refused":
            await asyncio.sleep(0.01)
        assert len((await office.store.waiting())[1]) == 1


async def test_a_call_under_way_ends_before_a_stop(tmp_path):
    async with post(tmp_path, lambda m, p: Fault(delay=0.5)) as office:
        await office.send(text(1, "slow"), text(1, "next"))
        while not office.fake.attempts:
            await asyncio.sleep(0.01)
        await office.delivery.stop()
        assert office.fake.texts() == ["slow"]
        assert [p.call.plain for p in (await office.store.waiting())[1]] == ["next"]
