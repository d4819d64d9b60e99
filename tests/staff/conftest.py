"""A console of its own for these tests, with accounts; and a database of each kind."""

from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import delete

from bot.staff import accounts
from bot.staff.console import Console
from bot.staff.database import Database
from bot.staff.models import Account, Attempt, Base, DraftRow
from tests.gateway.serving import ThreadGateway, in_thread
from tests.staff import postgres
from tests.staff.colleague import PASSWORD, Colleague

STAFF = {"rosa": "publisher", "paula": "publisher", "juan": "editor", "ana": "editor"}


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords cost little here; what they cost is argon2's own usual."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert accounts.hasher.memory_cost >= 19_456, "less than OWASP asks for"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "hasher", cheap)
        patch.setattr(accounts, "NOBODY", cheap.hash("nobody"))
        yield


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadGateway]:
    """A gateway without Rasa, whose knowledge may be edited."""
    with in_thread(tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def console(office: ThreadGateway) -> Console:
    """The console with its accounts, without drafts and without failures to sign in."""
    one: Console = office.app.state.console
    with one.database.session() as session:
        for table in (DraftRow, Attempt, Account):
            session.execute(delete(table))
        for name, role in STAFF.items():
            accounts.add(session, name, PASSWORD, role)
    return one


@pytest.fixture
def colleague(office: ThreadGateway, console: Console) -> Iterator[Callable[..., Colleague]]:
    made: list[Colleague] = []

    def make(name: str = "", **options: str) -> Colleague:
        made.append(Colleague(office.url, name, **options))
        return made[-1]

    yield make
    for one in made:
        one.client.close()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not postgres.found():
        pytest.skip(postgres.ADVICE)
    with postgres.served(tmp_path_factory.mktemp("postgresql")) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path) -> Iterator[Database]:
    """An empty database with all tables."""
    server = request.param == "postgresql"
    one = Database(SecretStr(request.getfixturevalue("postgresql")) if server else None, tmp_path)
    yield one
    if server:
        with one.engine.begin() as connection:
            Base.metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE staff_schema")
    one.close()
