"""What people ask, as numbers: never a text, a name, an address or a conversation.

`Tally` adds up in memory and writes now and then. A conversation counts as one person, once for each route, topic and
outcome and once for all of them together: an empty route or topic and the outcome ANY stand for "all", so that a sum
never counts one person twice. What fewer than FEWEST people asked is not shown to anybody.
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
from nlu.language import DEFAULT

log = structlog.get_logger()
FEWEST = 5
WRITE_EVERY = 5.0
ANY = "any"
RATINGS = ("helpful", "unhelpful")
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
        known = (datetime.date.today(), conversation.language or DEFAULT, channel)
        parts = {("", "", outcome), (route, "", outcome), (route, topic, outcome)}
        if outcome not in RATINGS:
            parts |= {("", "", ANY), (route, "", ANY)}
        with self.adding:
            for part in parts:
                self.messages[known + part] += 1
                if part not in conversation.counted:
                    conversation.counted.add(part)
                    self.people[known + part] += 1

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


def asked(database: Database, by: Iterable[str], since: datetime.date, **of: str) -> list[Asked]:
    """The sums since a day, grouped by columns of Count, largest first; small ones are there without their number.

    `of` says which route, topic and outcome: those that are not named and not in `by` are all together.
    """
    by = list(by)
    question = select(*(getattr(Count, name) for name in by), func.sum(Count.messages), func.sum(Count.people))
    question = question.where(Count.day >= since)
    for name, all_of_it in (("route", ""), ("topic", ""), ("outcome", ANY)):
        column = getattr(Count, name)
        if name in of or name not in by:
            question = question.where(column == of.get(name, all_of_it))
        else:
            question = question.where(column != all_of_it)
    with database.session() as session:
        rows = session.execute(question.group_by(*(getattr(Count, name) for name in by))).all()
    found = []
    for *key, messages, people in rows:
        if messages is None:
            continue
        known = int(people) >= FEWEST
        found.append(Asked(tuple(map(str, key)), int(messages) if known else None, int(people) if known else None))
    return sorted(found, key=lambda one: (-(one.people or 0), one.key))


def cells(database: Database, since: datetime.date) -> list[tuple[Any, ...]]:
    """Everything that enough people asked, for a table: KEY, messages, people."""
    columns = [getattr(Count, name) for name in (*KEY, "messages", "people")]
    with database.session() as session:
        question = select(*columns).where(Count.day >= since, Count.people >= FEWEST).order_by(*columns[: len(KEY)])
        return [tuple(row) for row in session.execute(question)]


def _added(lite: bool, cell: Cell, messages: int, people: int) -> Any:
    values = {**dict(zip(KEY, cell, strict=True)), "messages": messages, "people": people}
    insert = sqlite.insert(Count) if lite else postgresql.insert(Count)
    return insert.values(**values).on_conflict_do_update(
        index_elements=list(KEY), set_={"messages": Count.messages + messages, "people": Count.people + people}
    )
