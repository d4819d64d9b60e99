"""What people ask, as numbers: never a text, a name, an address or a conversation.

`Tally` adds up in memory and writes now and then. A topic is counted as one person's once in a conversation. What fewer
than FEWEST people asked is not shown to anybody.
"""

import datetime
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import Conversation
from bot.staff.database import Database
from bot.staff.models import Count

log = structlog.get_logger()
FEWEST = 5
WRITE_EVERY = 5.0
KEPT_DAYS = 400
KEY = ("day", "language", "channel", "route", "topic", "outcome")
Cell = tuple[datetime.date, str, str, str, str, str]


class Tally:
    """`noted` is called after an answer, in the loop; it only adds to a dictionary."""

    def __init__(self, database: Database):
        self.database = database
        self.messages: Counter[Cell] = Counter()
        self.people: Counter[Cell] = Counter()
        self.adding = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._write_now_and_then, daemon=True, name="counts")
        self.thread.start()

    def noted(self, conversation: Conversation, channel: str, route: str, topic: str, outcome: str) -> None:
        language = conversation.language or "es"
        cell = (datetime.date.today(), language, channel, route, topic, outcome)
        mark = f"{channel}/{route}/{topic}/{outcome}"
        with self.adding:
            self.messages[cell] += 1
            if mark not in conversation.counted:
                conversation.counted.add(mark)
                self.people[cell] += 1

    def write(self) -> None:
        """Add what was counted to the database; what cannot be written is kept for the next time."""
        with self.adding:
            messages, people = self.messages, self.people
            self.messages, self.people = Counter(), Counter()
        if not messages:
            return
        try:
            with self.database.session() as session:
                for cell, number in messages.items():
                    session.execute(_added(self.database.lite, cell, number, people[cell]))
        except SQLAlchemyError as error:
            log.error("counts_not_written", error=type(error).__name__)
            with self.adding:
                self.messages.update(messages)
                self.people.update(people)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(5)
        self.write()

    def _write_now_and_then(self) -> None:
        while not self.stopping.wait(WRITE_EVERY):
            self.write()


@dataclass(frozen=True)
class Asked:
    """One row: `people` None where there were fewer than FEWEST, and `messages` then too."""

    key: tuple[str, ...]
    messages: int | None
    people: int | None


def asked(
    database: Database, by: Iterable[str], since: datetime.date, outcomes: Iterable[str] = (), fewest: int = FEWEST
) -> list[Asked]:
    """The sums since a day, grouped by columns of Count, largest first; small ones are there without their number."""
    columns = [getattr(Count, name) for name in by]
    question = select(*columns, func.sum(Count.messages), func.sum(Count.people)).where(Count.day >= since)
    if outcomes:
        question = question.where(Count.outcome.in_(list(outcomes)))
    with database.session() as session:
        rows = session.execute(question.group_by(*columns)).all()
    found = []
    for row in rows:
        *key, messages, people = row
        known = int(people) >= fewest
        found.append(Asked(tuple(map(str, key)), int(messages) if known else None, int(people) if known else None))
    return sorted(found, key=lambda one: (-(one.people or 0), one.key))


def _added(lite: bool, cell: Cell, messages: int, people: int) -> Any:
    values = {**dict(zip(KEY, cell, strict=True)), "messages": messages, "people": people}
    insert = sqlite.insert(Count) if lite else postgresql.insert(Count)
    return insert.values(**values).on_conflict_do_update(
        index_elements=list(KEY), set_={"messages": Count.messages + messages, "people": Count.people + people}
    )
