"""Accounts of the staff: made, checked at the door, locked when somebody guesses, and what they did.

A wrong password costs the account and the address: after FREE_FAILURES the account waits, each time twice as long, and
an address that fails too often waits whoever it names. An unknown name costs the same time as a known one.
"""

import datetime
import hashlib
import re
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.staff.models import Account, Attempt, Deed, SignIn, now

ROLES = ("editor", "publisher")
LANGUAGES = ("es", "en")
NAME = re.compile(r"[\w.@+-]{2,60}")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FREE_FAILURES = 5
FIRST_LOCK = datetime.timedelta(seconds=30)
LONGEST_LOCK = datetime.timedelta(hours=1)
ADDRESS_FAILURES = 30
ADDRESS_WINDOW = datetime.timedelta(minutes=15)
IDLE = datetime.timedelta(hours=2)
LONGEST = datetime.timedelta(hours=12)
SEEN_EVERY = datetime.timedelta(minutes=1)

hasher = PasswordHasher()
NOBODY = hasher.hash(secrets.token_urlsafe(16))


class AccountError(Exception):
    """`code` is a key of the texts under `errors`; `seconds` is how long to wait, where that helps."""

    def __init__(self, code: str, seconds: int = 0):
        super().__init__(code)
        self.code, self.seconds = code, seconds


@dataclass(frozen=True)
class Staff:
    """Who is signed in."""

    id: int
    name: str
    role: str
    language: str
    csrf: str

    @property
    def publisher(self) -> bool:
        return self.role == "publisher"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add(session: Session, name: str, password: str, role: str, language: str = "es") -> Account:
    """A new account. Raises AccountError: name_form, name_taken, role_unknown, password_short, password_long."""
    if not NAME.fullmatch(name):
        raise AccountError("name_form")
    if role not in ROLES or language not in LANGUAGES:
        raise AccountError("role_unknown")
    if session.scalar(select(Account.id).where(Account.name == name)) is not None:
        raise AccountError("name_taken")
    account = Account(name=name, password=_hashed(password, name), role=role, language=language)
    session.add(account)
    session.flush()
    return account


def set_password(session: Session, name: str, password: str) -> None:
    """A new password; every browser that was signed in is signed out. Raises AccountError."""
    account = _named(session, name)
    account.password, account.failures, account.locked_until = _hashed(password, name), 0, None
    sign_out_everywhere(session, account.id)


def switch(session: Session, name: str, on: bool) -> None:
    """Let an account in again, or keep it out and sign it out everywhere. Raises AccountError."""
    account = _named(session, name)
    account.disabled = not on
    if not on:
        sign_out_everywhere(session, account.id)


def verified(session: Session, name: str, password: str, address: str) -> Account | None:
    """The account, if the password is right. None counts as a failure, so commit either way.

    Raises AccountError wait, with the seconds, for an account or an address that must wait.
    """
    moment = now()
    session.execute(delete(Attempt).where(Attempt.at < moment - ADDRESS_WINDOW))
    failed = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.address == address)) or 0
    if failed >= ADDRESS_FAILURES:
        raise AccountError("wait", int(ADDRESS_WINDOW.total_seconds()))
    account = session.scalar(select(Account).where(Account.name == name).with_for_update())
    if account and account.locked_until and account.locked_until > moment:
        raise AccountError("wait", int((account.locked_until - moment).total_seconds()) + 1)
    right = _matches(account.password if account else NOBODY, password)
    if account is None or account.disabled or not right:
        session.add(Attempt(address=address))
        if account:
            account.failures += 1
            if account.failures >= FREE_FAILURES:
                wait = FIRST_LOCK * 2 ** min(account.failures - FREE_FAILURES, 10)
                account.locked_until = moment + min(wait, LONGEST_LOCK)
        return None
    account.failures, account.locked_until = 0, None
    if hasher.check_needs_rehash(account.password):
        account.password = hasher.hash(password)
    return account


def sign_in(session: Session, name: str, password: str, address: str) -> str | None:
    """A new cookie for who gives the right password; the rest as `verified`."""
    account = verified(session, name, password, address)
    if account is None:
        return None
    session.execute(delete(SignIn).where(SignIn.created < now() - LONGEST))
    token = secrets.token_urlsafe(32)
    session.add(SignIn(digest=digest(token), account_id=account.id, csrf=secrets.token_urlsafe(32)))
    return token


def recognise(session: Session, token: str) -> Staff | None:
    """Who holds this cookie, unless it is too old or idle too long."""
    row = session.execute(
        select(SignIn, Account).join(Account, Account.id == SignIn.account_id).where(SignIn.digest == digest(token))
    ).first()
    if row is None:
        return None
    known, account = row
    moment = now()
    if account.disabled or known.seen < moment - IDLE or known.created < moment - LONGEST:
        session.delete(known)
        return None
    if known.seen < moment - SEEN_EVERY:
        known.seen = moment
    return Staff(account.id, account.name, account.role, account.language, known.csrf)


def sign_out(session: Session, token: str) -> None:
    session.execute(delete(SignIn).where(SignIn.digest == digest(token)))


def sign_out_everywhere(session: Session, account_id: int) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def choose_language(session: Session, account_id: int, language: str) -> None:
    if language in LANGUAGES:
        session.execute(update(Account).where(Account.id == account_id).values(language=language))


def note(session: Session, who: str, what: str, about: str = "") -> None:
    """Write down who did what."""
    session.add(Deed(who=who, what=what, about=about[:300]))


def _named(session: Session, name: str) -> Account:
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise AccountError("name_unknown")
    return account


def _hashed(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD or password.lower() == name.lower():
        raise AccountError("password_short")
    if len(password) > LONGEST_PASSWORD:
        raise AccountError("password_long")
    return hasher.hash(password)


def _matches(hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
