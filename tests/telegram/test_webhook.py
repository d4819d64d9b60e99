"""The webhook's door: the secret, duplicates, disorder, sizes; registration; and the website beside it."""

import random
import time

import pytest

from bot.catalogue import catalogue
from bot.telegram import webhook
from bot.telegram.webhook import PATH
from tests.gateway.messages import URGENT
from tests.gateway.serving import MANY, in_thread, say
from tests.telegram import updates
from tests.telegram.fake import TOKEN, Fault
from tests.telegram.serving import HEADER, SECRET, channel_settings, faked, tell, with_telegram


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: "ñandú"}, {"Authorization": "x"}])
def test_only_telegram_comes_in(bot, headers):
    encoded = {k: v.encode() for k, v in headers.items()}
    before = len(bot.fake.sent)
    response = bot.gateway.client.post(PATH, json=updates.written(1, "/help"), headers=encoded)
    assert response.status_code == 403 and "1818" in response.text
    time.sleep(0.2)
    assert len(bot.fake.sent) == before


def test_an_update_that_comes_again_is_not_answered_again(bot):
    person = bot.person()
    sent = updates.written(person, "/language en")
    assert len(bot.replies(person, sent, sent, sent)) == 1
    assert len(bot.replies(person, sent, count=0)) == 0


def test_updates_out_of_order_are_put_in_order(bot):
    person = bot.person()
    codes = ["en", "pt", "fr", "zh", "ht", "qu", "ay", "es"]
    sent = [updates.written(person, f"/language {code}") for code in codes]
    mixed = [sent[i] for i in (1, 0, 3, 2, 7, 5, 6, 4)]
    replies = bot.replies(person, *mixed, count=8)
    assert [r.text for r in replies] == [catalogue().text(code, "language_set") for code in codes]


def test_a_large_update_is_taken_and_a_huge_one_is_not(bot):
    person = bot.person()
    sent = updates.written(person, "/language en", reply_to_message=updates.message(person, text="ñ" * 60_000))
    assert len(bot.replies(person, sent)) == 1
    response = bot.gateway.client.post(PATH, content=b"x" * 3_000_000, headers=SECRET)
    assert response.status_code == 413


def test_broken_json_is_not_asked_for_again(bot):
    assert bot.gateway.client.post(PATH, content=b'{"update', headers=SECRET).status_code == 200


def test_the_address_is_registered_with_a_secret(bot):
    assert bot.fake.webhook["url"] == "https://yanapay.example.org/telegram/webhook"
    assert bot.fake.webhook["secret_token"] == SECRET[HEADER] and TOKEN not in str(bot.fake.webhook)
    assert set(bot.fake.webhook["allowed_updates"]) == {"message", "edited_message", "callback_query", "my_chat_member"}
    assert bot.gateway.client.get("/ready").json()["telegram"] == "working"


def test_a_webhook_that_somebody_replaced_is_told_and_one_that_is_gone_is_set_again(tmp_path, monkeypatch):
    monkeypatch.setattr(webhook, "CHECK_EVERY", 0.1)
    with faked() as fake, with_telegram(tmp_path / "g", fake) as gateway:
        ours = fake.until(lambda: [fake.webhook] if fake.webhook else [])[0]
        fake.webhook = {"url": "https://elsewhere.example.org/hook"}
        status = gateway.app.state.telegram.status
        fake.until(lambda: [1] if status.word == "conflict" else [])
        assert fake.webhook["url"].startswith("https://elsewhere")
        fake.webhook = {}
        fake.until(lambda: [1] if fake.webhook == ours and status.word == "working" else [])


def test_people_in_danger_are_answered_before_the_others(bot, monkeypatch):
    bot.slow_down(monkeypatch, 0.1)
    calm = [bot.person() for _ in range(150)]
    danger = bot.person()
    bot.tell(*(updates.written(person, "/language en") for person in calm))
    bot.tell(updates.written(danger, "/language es"), updates.written(danger, URGENT["es"][0][1]))
    bot.fake.until(lambda: [s for s in list(bot.fake.sent) if s.chat_id in calm], 150)
    order = [s.chat_id for s in bot.fake.sent if s.chat_id in {*calm, danger}]
    assert len(bot.fake.texts(danger)) == 2 and "1818" in bot.fake.texts(danger)[1]
    assert max(i for i, chat in enumerate(order) if chat == danger) < 130


def test_a_secret_of_ones_own(tmp_path):
    with faked() as fake, with_telegram(tmp_path / "g", fake, telegram_secret="own-secret") as gateway:
        fake.until(lambda: [fake.webhook] if fake.webhook else [])
        assert fake.webhook["secret_token"] == "own-secret"
        assert gateway.client.post(PATH, json=updates.written(1, "/help"), headers=SECRET).status_code == 403
        own = {HEADER: "own-secret"}
        assert gateway.client.post(PATH, json=updates.written(1, "/help"), headers=own).status_code == 200
        fake.wait(1)


def test_without_a_token_there_is_no_channel(lone):
    assert lone.client.post(PATH, json={}).status_code == 404
    assert lone.client.get("/ready").json()["telegram"] is None
    assert not (lone.app.state.settings.var / "telegram").exists()


def test_the_profile_is_set_in_every_language_once(bot, tmp_path):
    assert {code for _, code in bot.fake.profile} == {"", "es", "en", "pt", "fr", "zh", "ht", "qu", "ay"}
    assert len(bot.fake.profile) == 27 and not bot.fake.rejected
    with faked() as fake:
        with with_telegram(tmp_path / "g", fake) as gateway:
            fake.until(lambda: [1] if len(fake.profile) == 27 else [])
            time.sleep(0.2)
            var = gateway.app.state.settings.var
        again = len([m for m, _ in fake.calls if m.startswith("setMy")])
        with with_telegram(tmp_path / "h", fake, var=var):
            fake.until(lambda: [1 for m, _ in fake.calls if m == "getMe"], 2)
            time.sleep(0.3)
        assert len([m for m, _ in fake.calls if m.startswith("setMy")]) == again


def test_the_website_does_not_wait_for_telegram(tmp_path):
    """With hundreds of replies stuck behind a Telegram that hangs, a turn over REST takes as long as without it."""
    with (
        faked(fault=lambda m, p: Fault(delay=60)) as fake,
        in_thread(tmp_path / "plain", messages_per_minute=MANY) as plain,
        with_telegram(tmp_path / "g", fake) as gateway,
    ):
        tell(gateway.client, *(updates.written(n, "/language en") for n in range(1, 300)))
        fake.until(lambda: [1] if fake.attempts > 16 else [])
        usual, beside = [], []
        for _ in range(15):
            usual.append(timed(plain.client))
            beside.append(timed(gateway.client))
        assert sorted(beside)[7] < 2 * sorted(usual)[7] + 0.05


def timed(client) -> float:
    """Seconds of a turn; every text is new, so that none comes out of the encoder's memory."""
    begun = time.monotonic()
    say(client, f"¿Dónde queda la oficina número {random.random()}?")
    return time.monotonic() - begun


def test_somebody_who_never_stops_is_told_once(tmp_path):
    with faked() as fake:
        chosen = {**channel_settings(fake), "messages_per_minute": 5}
        with in_thread(tmp_path / "g", **chosen) as gateway:
            tell(gateway.client, *(updates.written(9, "/language es") for _ in range(12)))
            texts = [s.text for s in fake.wait(6)]
            time.sleep(0.5)
            assert len(fake.sent) == 6
            assert texts[-1] == catalogue().text("es", "errors.too_fast")
            tell(gateway.client, updates.written(10, "/language es"))
            fake.wait(7)
