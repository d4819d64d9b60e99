"""What lies on the disk: sealed while it waits, gone when it is done with, useless without the token."""

import sqlite3
import time

from bot.telegram.calls import Call
from bot.telegram.store import Message, Store
from tests.telegram.fake import TOKEN

NAME, WORDS, CHAT, NUMBER = "Rosaura Quispecondori", "el patrón me encerró en el taller", 987_654_321, 700_000_001
CALL = Call(CHAT, "sendMessage", {"text": WORDS}, plain=WORDS)
UPDATE = {"update_id": NUMBER, "message": {"chat": {"id": CHAT}, "from": {"first_name": NAME}, "text": WORDS}}


def on_disk(folder) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.iterdir()))


def assert_unreadable(folder) -> None:
    content = on_disk(folder)
    for secret in (NAME, WORDS, str(CHAT), TOKEN, TOKEN.partition(":")[2]):
        assert secret.encode() not in content
    for width in (4, 8):
        assert CHAT.to_bytes(width, "big") not in content and CHAT.to_bytes(width, "little") not in content


async def test_what_waits_is_unreadable_and_survives(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    assert await store.accept(NUMBER, UPDATE)
    assert await store.accept(NUMBER + 1, UPDATE)
    await store.settle(NUMBER + 1, [CALL])
    assert_unreadable(tmp_path)
    assert (tmp_path / "w.sqlite").stat().st_mode & 0o077 == 0
    store.close()
    assert_unreadable(tmp_path)
    again = Store(tmp_path / "w.sqlite", TOKEN)
    updates, parcels = await again.waiting()
    assert updates == [(NUMBER, UPDATE)] and [p.call for p in parcels] == [CALL]
    again.close()


async def test_what_is_done_leaves_nothing(tmp_path):
    """Not even sealed: the bytes of every row are overwritten and the log is emptied."""
    store = Store(tmp_path / "w.sqlite", TOKEN)
    await store.accept(NUMBER, UPDATE)
    sealed = [row[0] for row in sqlite3.connect(tmp_path / "w.sqlite").execute("SELECT sealed FROM inbox")]
    (parcel,) = await store.settle(NUMBER, [CALL])
    sealed += [row[0] for row in sqlite3.connect(tmp_path / "w.sqlite").execute("SELECT sealed FROM outbox")]
    assert len(sealed) == 2 and all(len(s) > 100 for s in sealed)
    await store.delivered(parcel, 5)
    await store.sweep()
    content = on_disk(tmp_path)
    assert not any(s[20:60] in content for s in sealed)
    assert (tmp_path / "w.sqlite-wal").stat().st_size == 0
    store.close()


async def test_what_an_earlier_run_left_leaves_nothing_once_it_is_delivered(tmp_path):
    before = Store(tmp_path / "w.sqlite", TOKEN)
    await before.settle(NUMBER, [CALL])
    before.close()
    store = Store(tmp_path / "w.sqlite", TOKEN)
    _, (parcel,) = await store.waiting()
    await store.sweep()
    await store.delivered(parcel, 5)
    await store.sweep()
    assert (tmp_path / "w.sqlite-wal").stat().st_size == 0
    store.close()


async def test_a_log_that_somebody_reads_is_emptied_afterwards(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    reader = sqlite3.connect(tmp_path / "w.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM inbox").fetchone()
    (parcel,) = await store.settle(NUMBER, [CALL])
    await store.delivered(parcel, 5)
    await store.sweep()
    assert (tmp_path / "w.sqlite-wal").stat().st_size > 0
    reader.rollback()
    await store.sweep()
    assert (tmp_path / "w.sqlite-wal").stat().st_size == 0
    store.close()


async def test_each_update_is_taken_once(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    assert await store.accept(NUMBER, UPDATE) and not await store.accept(NUMBER, UPDATE)
    await store.settle(NUMBER, [])
    assert not await store.accept(NUMBER, UPDATE)
    store.close()
    again = Store(tmp_path / "w.sqlite", TOKEN)
    assert not await again.accept(NUMBER, UPDATE)
    again.close()


async def test_another_token_reads_nothing_and_starts_afresh(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    await store.accept(NUMBER, UPDATE)
    await store.settle(NUMBER, [], Message(CHAT, 0, 7))
    store.close()
    other = Store(tmp_path / "w.sqlite", "4242:AAanotherTokenAltogether")
    assert await other.waiting() == ([], [])
    assert await other.take_shown(CHAT, 0) == []
    assert await other.accept(NUMBER, UPDATE)
    other.close()


async def test_messages_to_delete_are_known_by_pseudonyms_for_two_days(tmp_path, monkeypatch):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    for number in (9, 7, 8):
        await store.settle(number, [], Message(CHAT, 0, number))
    await store.settle(NUMBER, [], Message(CHAT, 5, 1))
    assert_unreadable(tmp_path)
    assert await store.take_shown(CHAT, 0) == [7, 8, 9]
    assert await store.take_shown(CHAT, 0) == []
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 50 * 3600)
    await store.tidy(3600)
    assert await store.take_shown(CHAT, 5) == []
    assert await store.accept(NUMBER, UPDATE)
    store.close()


async def test_what_waited_too_long_is_dropped_and_counted(tmp_path, monkeypatch):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    await store.accept(NUMBER, UPDATE)
    await store.settle(NUMBER + 1, [CALL, CALL])
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert await store.tidy(60) == 3
    assert await store.waiting() == ([], [])
    store.close()


async def test_a_damaged_row_harms_no_other(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    await store.accept(NUMBER, UPDATE)
    await store.accept(NUMBER + 1, UPDATE)
    await store.settle(0, [CALL, CALL])
    thief = sqlite3.connect(tmp_path / "w.sqlite")
    thief.execute("UPDATE inbox SET sealed = x'00' WHERE update_id = ?", (NUMBER,))
    thief.execute("UPDATE outbox SET sealed = (SELECT sealed FROM outbox WHERE id = 2) WHERE id = 1")
    thief.commit()
    updates, parcels = await store.waiting()
    assert [number for number, _ in updates] == [NUMBER + 1] and [p.number for p in parcels] == [2]
    store.close()


async def test_a_broken_file_is_done_without(tmp_path):
    (tmp_path / "w.sqlite").write_bytes(b"no database, " * 1000)
    store = Store(tmp_path / "w.sqlite", TOKEN)
    assert await store.accept(NUMBER, UPDATE)
    assert len(await store.settle(NUMBER, [CALL])) == 1
    store.close()


async def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file/telegram/w.sqlite", TOKEN)
    assert await store.accept(NUMBER, UPDATE)
    store.close()


async def test_a_file_that_breaks_while_it_is_used_is_done_without(tmp_path):
    store = Store(tmp_path / "w.sqlite", TOKEN)
    thief = sqlite3.connect(tmp_path / "w.sqlite")
    thief.execute("DROP TABLE inbox")
    thief.execute("DROP TABLE outbox")
    thief.commit()
    assert await store.accept(NUMBER, UPDATE)
    assert len(await store.settle(NUMBER, [CALL])) == 1
    store.close()
