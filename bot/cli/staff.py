"""`yanapay staff`: accounts of the console. The first one is made here, by who runs the machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import settings
from bot.staff import accounts
from bot.staff.accounts import AccountError
from bot.staff.database import Database
from bot.staff.models import Account
from bot.staff.words import say

app = typer.Typer(help="Accounts of the staff console.", no_args_is_help=True)
console = Console()


@contextmanager
def _session() -> Iterator[Session]:
    """A transaction; what is wrong with an account is told and ends the command."""
    database = Database(settings().database, settings().var)
    try:
        with database.session() as session:
            yield session
    except AccountError as error:
        console.print(f"[red]{say('es', f'errors.{error.code}')}[/] / {say('en', f'errors.{error.code}')}")
        raise typer.Exit(1) from None
    finally:
        database.close()


def _password() -> str:
    """Asked for twice at a terminal; else the first line of the input."""
    if sys.stdin.isatty():
        return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\n")


@app.command()
def add(
    name: str,
    role: Annotated[str, typer.Option(help="editor, or publisher, who may publish and undo too.")] = "publisher",
    language: Annotated[str, typer.Option(help="Language of the console: es or en.")] = "es",
) -> None:
    """Make an account; the password is asked for, or read from the input."""
    password = _password()
    with _session() as session:
        accounts.add(session, name, password, role, language)
        accounts.note(session, name, "account_made", role)
    console.print(f"[green]{name}[/] ({role})")


@app.command()
def password(name: str) -> None:
    """Set a password anew, unlock the account and sign it out everywhere."""
    chosen = _password()
    with _session() as session:
        accounts.set_password(session, name, chosen)
        accounts.note(session, name, "password_changed")
    console.print(f"[green]{name}[/]")


@app.command()
def switch(name: str, on: Annotated[bool, typer.Option("--on/--off")]) -> None:
    """Let an account in again, or keep it out and sign it out everywhere."""
    with _session() as session:
        accounts.switch(session, name, on)
        accounts.note(session, name, "switched_on" if on else "switched_off")


@app.command(name="list")
def listed() -> None:
    """All accounts."""
    with _session() as session:
        table = Table("name", "role", "language", "since", "state")
        for account in session.scalars(select(Account).order_by(Account.name)):
            state = "off" if account.disabled else "locked" if account.locked_until else "on"
            table.add_row(account.name, account.role, account.language, f"{account.created:%Y-%m-%d}", state)
    console.print(table)
