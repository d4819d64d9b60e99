"""The tables of the console. Times are UTC and without a zone, so that SQLite and PostgreSQL give the same back."""

import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    pass


class Account(Base):
    """`role` is editor or publisher; `failures` counts wrong passwords since the last right one."""

    __tablename__ = "staff_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2), default="es")
    disabled: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime.datetime | None] = mapped_column(default=None)
    created: Mapped[datetime.datetime] = mapped_column(default=now)


class SignIn(Base):
    """A signed-in browser. `digest` is of the cookie's value, which is nowhere kept."""

    __tablename__ = "staff_sign_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime.datetime] = mapped_column(default=now)
    seen: Mapped[datetime.datetime] = mapped_column(default=now)


class Attempt(Base):
    """A wrong password from an address."""

    __tablename__ = "staff_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime.datetime] = mapped_column(default=now, index=True)


class Deed(Base):
    """Who did what and when: the audit. `what` is a key of the console's texts."""

    __tablename__ = "staff_deed"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(default=now, index=True)
    who: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(300), default="")


class DraftRow(Base):
    """A changed file that is not published. `text` None deletes it; `base` is the digest of what it was made from."""

    __tablename__ = "staff_draft"

    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    text: Mapped[str | None] = mapped_column(Text)
    base: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(60))
    changed: Mapped[datetime.datetime] = mapped_column(default=now)
    waiting: Mapped[bool] = mapped_column(default=False)


class VersionRow(Base):
    """A publication. `files` maps each path to [text before, text after]; None is no file."""

    __tablename__ = "staff_version"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(default=now, index=True)
    who: Mapped[str] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(Text)
    files: Mapped[dict[str, Any]] = mapped_column(JSON)


class Count(Base):
    """How often, and by how many conversations, a topic was asked on a day. There are no texts and no names."""

    __tablename__ = "staff_count"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(3), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    route: Mapped[str] = mapped_column(String(40), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
