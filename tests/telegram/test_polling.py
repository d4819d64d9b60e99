"""Long polling: turns, confirmation, two pollers, a webhook elsewhere, a dead Telegram, and a restart."""

import time

import pytest

from bot.catalogue import catalogue
from tests.gateway.serving import kinds, say
from tests.telegram import updates
from tests.telegram.fake import BAD_GATEWAY, CUT, TOKEN, Fault
from tests.telegram.serving import faked, with_telegram

SPANISH = catalogue().text("es", "language_set")


def spanish(person: int) -> dict:
    return updates.written(person, "/language es")


def word(gateway) -> str:
    return gateway.client.get("/ready").json()["telegram"]


def until(gateway, wanted: str) -> None:
    deadline = time.monotonic() + 15
    while word(gateway) != wanted:
        assert time.monotonic() < deadline, word(gateway)
        time.sleep(0.05)


def test_updates_are_fetched_answered_and_confirmed(tmp_path):
    with faked() as fake, with_telegram(tmp_path / "g", fake, public_url="") as gateway:
        sent = [spanish(50 + n % 5) for n in range(250)]
        fake.push(*sent)
        fake.wait(250)
        fake.until(lambda: [1] if fake.confirmed == sent[-1]["update_id"] + 1 else [])
        assert all(fake.texts(chat) == [SPANISH] * 50 for chat in range(50, 55))
        assert word(gateway) == "working"
        assert gateway.client.get("/health").status_code == 200


def test_two_pollers_are_told_apart_and_people_get_one_answer(tmp_path):
    with faked() as fake:
        with with_telegram(tmp_path / "one", fake, public_url="") as one:
            until(one, "working")
            with with_telegram(tmp_path / "two", fake, public_url="") as two:
                until(one, "conflict")
                fake.push(*(spanish(60) for _ in range(3)))
                fake.wait(3)
                assert word(two) in ("working", "conflict")
            until(one, "working")
        assert len(fake.sent) == 3


def test_a_webhook_elsewhere_is_left_alone(tmp_path):
    """Somebody's laptop must not take the bot away from the server that people rely on."""
    with faked() as fake:
        fake.webhook = {"url": "https://server.example.org/telegram/webhook"}
        with with_telegram(tmp_path / "g", fake, public_url="") as gateway:
            until(gateway, "conflict")
            assert fake.webhook
            assert kinds(say(gateway.client, "hola", language="es"))


def test_a_webhook_elsewhere_is_taken_over_when_told_to(tmp_path):
    with faked() as fake:
        fake.webhook = {"url": "https://server.example.org/telegram/webhook"}
        with with_telegram(tmp_path / "g", fake, public_url="", telegram_take_over=True) as gateway:
            until(gateway, "working")
            assert not fake.webhook


@pytest.mark.parametrize("fault", [CUT, BAD_GATEWAY, Fault(delay=30)], ids=["down", "broken", "slow"])
def test_telegram_that_is_down_at_the_start_harms_nobody_and_comes_back(tmp_path, fault):
    down = [True]
    with (
        faked(fault=lambda m, p: fault if down[0] else None) as fake,
        with_telegram(tmp_path / "g", fake, public_url="") as gateway,
    ):
        begun = time.monotonic()
        for _ in range(5):
            assert say(gateway.client, "¿Dónde queda la oficina?")
        assert time.monotonic() - begun < 5
        ready = gateway.client.get("/ready")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        if fault.delay:
            return
        until(gateway, "unreachable")
        down[0] = False
        fake.push(spanish(70))
        fake.wait(1)
        until(gateway, "working")


def test_a_wrong_token_is_told(tmp_path):
    with faked() as fake, with_telegram(tmp_path / "g", fake, public_url="", telegram_token="4242:wrong") as gateway:
        until(gateway, "refused")
        assert say(gateway.client, "hola")


@pytest.mark.parametrize("token", ["", "  ", "no token", "bot:x"])
def test_what_cannot_be_a_token_is_done_without(tmp_path, token):
    with faked() as fake, with_telegram(tmp_path / "g", fake, telegram_token=token) as gateway:
        assert say(gateway.client, "hola")
        assert word(gateway) is None
        assert gateway.client.post("/telegram/webhook", json={}).status_code == 404


def test_what_was_fetched_but_not_answered_survives_a_restart(tmp_path):
    """The API takes no messages: all is journaled and confirmed. A new gateway in the same folder delivers."""
    silent = [True]
    folder = tmp_path / "g"
    with faked(fault=lambda m, p: CUT if m == "sendMessage" and silent[0] else None) as fake:
        with with_telegram(folder, fake, public_url="") as gateway:
            var = gateway.app.state.settings.var
            sent = [spanish(80 + n % 3) for n in range(12)]
            fake.push(*sent)
            fake.until(lambda: [1] if fake.confirmed == sent[-1]["update_id"] + 1 else [])
        assert not fake.sent
        silent[0] = False
        with with_telegram(tmp_path / "h", fake, public_url="", var=var):
            fake.wait(12)
            time.sleep(0.3)
            assert [len(fake.texts(chat)) for chat in (80, 81, 82)] == [4, 4, 4]
    assert TOKEN.encode() not in b"".join(p.read_bytes() for p in (var / "telegram").iterdir())
