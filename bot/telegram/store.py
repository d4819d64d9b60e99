"""What must survive a restart: updates not yet answered, replies not yet delivered, ids for /borrar and for duplicates.

Contents are sealed (`seal.py`) and deleted as soon as they are done with or too old. Deleted rows are overwritten, and
when nothing waits the write-ahead log is emptied too, so that nothing of them stays in the files.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.telegram.calls import Call, Parcel
from bot.telegram.seal import Seal, SealBroken

log = structlog.get_logger()
T = TypeVar("T")
HOUR = 3600
SEEN_HOURS = DELETABLE_HOURS = 48
IN_MEMORY = ":memory:"
BUSY_MS = 5000
TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen (update_id INTEGER PRIMARY KEY, hour INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS inbox (update_id INTEGER PRIMARY KEY, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS shown (chat TEXT, message_id INTEGER, hour INTEGER NOT NULL, PRIMARY KEY (chat, message_id));
"""


@dataclass(frozen=True)
class Message:
    """One that /borrar may delete. `owner` is the person in a group, 0 in a private chat."""

    chat_id: int
    owner: int
    id: int


class Store:
    """Every method but `close` is awaited and runs in one thread of its own, in the order of the calls.

    A file that cannot be opened or written is done without, in memory: answers matter more than restarts.
    """

    def __init__(self, path: Path, token: str):
        self.path, self._token = path, token
        self._thread = ThreadPoolExecutor(1, "telegram-store")
        self._swept = 0
        self._database: sqlite3.Connection
        self.seal: Seal
        self._thread.submit(self._open_or_do_without).result()

    def _open_or_do_without(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._open(str(self.path))
        except (OSError, sqlite3.Error) as error:
            self._do_without(error)

    def _open(self, place: str) -> None:
        self._database = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(TABLES)
        self.seal = Seal(self._token, self._salt())
        try:
            known = self._get("check")
            if known is not None:
                self.seal.open(known, "check")
        except SealBroken:
            log.warning("telegram_token_changed", dropped=self._count())
            for table in ("facts", "seen", "inbox", "outbox", "shown"):
                self._database.execute(f"DELETE FROM {table}")
            self.seal = Seal(self._token, self._salt())
        self._set("check", self.seal.close(b"", "check"))
        self._empty_log()

    def _do_without(self, error: Exception) -> None:
        log.error("telegram_store_unusable", error=type(error).__name__)
        self._open(IN_MEMORY)

    def _salt(self) -> bytes:
        salt = self._get("salt")
        if salt is None:
            salt = os.urandom(16)
            self._set("salt", salt)
        return salt

    def _get(self, name: str) -> bytes | None:
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _set(self, name: str, value: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _count(self) -> int:
        rows = self._database.execute("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox)")
        return rows.fetchone()[0]

    def _empty_log(self) -> bool:
        """Everything goes into the file itself, where deleted rows are overwritten; False while somebody reads it."""
        self._database.execute("PRAGMA busy_timeout=0")
        busy, _, _ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._database.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return not busy

    async def _do(self, action: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, action)

    def _transact(self, action: Callable[[], T]) -> T:
        try:
            return self._in_transaction(action)
        except sqlite3.Error as error:
            self._do_without(error)
            return self._in_transaction(action)

    def _in_transaction(self, action: Callable[[], T]) -> T:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            result = action()
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        return result

    async def accept(self, update_id: int, update: dict[str, Any]) -> bool:
        """Journal an update until it is answered; False for one that was here before."""

        def action() -> bool:
            cursor = self._database.execute(
                "INSERT OR IGNORE INTO seen VALUES (?, ?)", (update_id, int(time.time() // HOUR))
            )
            if not cursor.rowcount:
                return False
            sealed = self.seal.close(json.dumps(update).encode(), f"inbox {update_id}")
            self._database.execute("INSERT INTO inbox VALUES (?, ?, ?)", (update_id, time.time(), sealed))
            return True

        return await self._do(action)

    async def settle(self, update_id: int, calls: Sequence[Call], written: Message | None = None) -> list[Parcel]:
        """An update is answered: in one step it leaves the journal and its replies enter the outbox.

        `written` is the person's own message, where /borrar can delete it later.
        """

        def action() -> list[Parcel]:
            self._database.execute("DELETE FROM inbox WHERE update_id = ?", (update_id,))
            if written:
                self._show(written)
            return [self._put(call) for call in calls]

        return await self._do(action)

    def _put(self, call: Call) -> Parcel:
        at = time.time()
        cursor = self._database.execute("INSERT INTO outbox (at, sealed) VALUES (?, x'')", (at,))
        number = int(cursor.lastrowid or 0)
        sealed = self.seal.close(call.to_json(), f"outbox {number}")
        self._database.execute("UPDATE outbox SET sealed = ? WHERE id = ?", (sealed, number))
        return Parcel(number, at, call)

    async def delivered(self, parcel: Parcel, message_id: int | None) -> None:
        """A reply arrived, as message `message_id` where it made one, which /borrar may have to delete."""

        def action() -> None:
            self._database.execute("DELETE FROM outbox WHERE id = ?", (parcel.number,))
            if message_id is not None:
                self._show(Message(parcel.call.chat_id, parcel.call.owner, message_id))

        await self._do(action)

    def _show(self, message: Message) -> None:
        row = (self.seal.pseudonym(message.chat_id, message.owner), message.id, int(time.time() // HOUR))
        self._database.execute("INSERT OR REPLACE INTO shown VALUES (?, ?, ?)", row)

    async def take_shown(self, chat_id: int, owner: int) -> list[int]:
        """The ids of the messages with a person that may be deleted, oldest first; they are forgotten here."""

        def action() -> list[int]:
            chat = (self.seal.pseudonym(chat_id, owner),)
            rows = self._database.execute("SELECT message_id FROM shown WHERE chat = ? ORDER BY message_id", chat)
            found = [row[0] for row in rows]
            self._database.execute("DELETE FROM shown WHERE chat = ?", chat)
            return found

        return await self._do(action)

    async def drop(self, parcels: Iterable[Parcel]) -> None:
        """Replies that will never arrive."""
        numbers = [(p.number,) for p in parcels]
        await self._do(lambda: self._database.executemany("DELETE FROM outbox WHERE id = ?", numbers))

    async def waiting(self) -> tuple[list[tuple[int, dict[str, Any]]], list[Parcel]]:
        """What an earlier run left: updates to answer and replies to deliver, in their order.

        Rows that cannot be read are left to expire.
        """

        def action() -> tuple[list[tuple[int, dict[str, Any]]], list[Parcel]]:
            updates, parcels = [], []
            for number, sealed in self._database.execute("SELECT update_id, sealed FROM inbox ORDER BY update_id"):
                with contextlib.suppress(SealBroken, ValueError):
                    updates.append((number, json.loads(self.seal.open(sealed, f"inbox {number}"))))
            for number, at, sealed in self._database.execute("SELECT id, at, sealed FROM outbox ORDER BY id"):
                with contextlib.suppress(SealBroken, ValueError, TypeError):
                    parcels.append(Parcel(number, at, Call.from_json(self.seal.open(sealed, f"outbox {number}"))))
            return updates, parcels

        return await self._do(action)

    async def fact(self, name: str) -> bytes | None:
        return await self._do(lambda: self._get(name))

    async def note(self, name: str, value: bytes) -> None:
        await self._do(lambda: self._set(name, value))

    async def tidy(self, longest: float) -> int:
        """Drop what waited longer than `longest` seconds and ids of no use any more; how many rows waited in vain."""

        def action() -> int:
            now = time.time()
            lost = 0
            for table in ("inbox", "outbox"):
                lost += self._database.execute(f"DELETE FROM {table} WHERE at < ?", (now - longest,)).rowcount
            self._database.execute("DELETE FROM seen WHERE hour < ?", (now // HOUR - SEEN_HOURS,))
            self._database.execute("DELETE FROM shown WHERE hour < ?", (now // HOUR - DELETABLE_HOURS,))
            return lost

        return await self._do(action)

    async def sweep(self) -> None:
        """Empty the write-ahead log, where nothing waits any more; costs a write to the disk itself."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._sweep)

    def _sweep(self) -> None:
        try:
            changes = self._database.total_changes
            if changes != self._swept and not self._count() and self._empty_log():
                self._swept = changes
        except sqlite3.Error as error:
            self._do_without(error)

    def close(self) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        self._empty_log()
        self._database.close()
