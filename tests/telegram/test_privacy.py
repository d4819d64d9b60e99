"""Nothing of what people send through Telegram gets into the log or stays on the disk; nor does the token."""

import time

from bot.telegram.webhook import PATH
from tests.gateway.serving import ServedGateway
from tests.telegram import updates
from tests.telegram.fake import BAD_GATEWAY, BLOCKED, CUT, TOKEN, Fault
from tests.telegram.serving import channel_settings, faked, tell
from tests.telegram.test_store import on_disk

PERSON = 7_310_955_221
NAME, WORD, PHONE, ALIAS = "Zenobia Huallparimachi", "xiloprenda", "987612345", "zenobia_hp"
URGENT = f"Soy {NAME}, {PHONE}. El patrón me quitó el pasaporte y no me deja salir, {WORD}"
FAULTS = [CUT, BAD_GATEWAY, Fault(200, f"{WORD} {PERSON}".encode()), Fault(lost=True),
          Fault(400, f'{{"ok": false, "error_code": 400, "description": "{WORD}"}}'.encode())]  # fmt: skip


def everything() -> list[dict]:
    person = {"id": PERSON, "is_bot": False, "first_name": NAME, "username": ALIAS, "language_code": "es"}

    def personal(sent: dict) -> dict:
        for part in sent.values():
            if isinstance(part, dict):
                part["from"] = person
        return sent

    contact = {"contact": {"phone_number": PHONE, "first_name": NAME, "user_id": PERSON}}
    sent = [
        updates.written(PERSON, URGENT),
        updates.written(PERSON, f"/start {WORD}"),
        updates.written(PERSON, f"/{WORD} {NAME}"),
        updates.update(**updates.message(PERSON, **contact)),
        updates.update(**updates.message(PERSON, **updates.KINDS["photo"], caption=URGENT)),
        updates.pressed(PERSON, f"helpful:{WORD}"),
        updates.pressed(PERSON, WORD),
        updates.update(**updates.message(PERSON, poll={"question": WORD})),
        {"update_id": next(updates.NUMBERS), "message": {"chat": WORD, "text": NAME}},
        updates.written(PERSON, f"¿{WORD}? {NAME}"),
        updates.written(PERSON, "/borrar"),
        updates.written(PERSON, f"adiós {WORD}"),
        updates.member(PERSON, "member", "kicked"),
    ]
    return [personal(one) for one in sent]


def test_nothing_personal_is_logged_or_kept(tmp_path):
    faults = iter([*FAULTS, *FAULTS, None, None, BLOCKED])
    with faked(fault=lambda m, p: next(faults, None) if m == "sendMessage" else None) as fake:
        settings = channel_settings(fake)
        settings.pop("messages_per_minute")
        gateway = ServedGateway(tmp_path / "g", rasa=False, log_level="DEBUG", **settings)
        try:
            gateway.start()
            *said, blocked = everything()
            tell(gateway.client, *said)
            fake.wait(1, 60)
            tell(gateway.client, blocked)
            waiting = gateway.var / "telegram"
            deadline = time.monotonic() + 30
            while (waiting / "waiting.sqlite-wal").stat().st_size:
                check(on_disk(waiting))
                assert time.monotonic() < deadline
                time.sleep(0.2)
            kept = on_disk(waiting)
            refused = gateway.client.post(PATH, json=everything()[0])
            assert refused.status_code == 403 and WORD not in refused.text
        finally:
            gateway.stop()
        check(kept)
        log = gateway.log.read_bytes()
        assert b"telegram_started" in log and b"message_answered" in log
        check(log)
        for path in tmp_path.rglob("*"):
            if path.is_file() and not path.is_symlink() and "knowledge" not in path.parts:
                check(path.read_bytes())


def check(content: bytes) -> None:
    small = content.lower()
    for secret in (NAME, WORD, PHONE, ALIAS, str(PERSON), TOKEN, TOKEN.partition(":")[2]):
        assert secret.lower().encode() not in small, secret
    for width in (5, 8):
        assert PERSON.to_bytes(width, "big") not in content
