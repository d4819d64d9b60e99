"""The console's database: opened, brought up to date by its migrations, and asked in sessions."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).with_name("migrations")
ONE_AT_A_TIME = 7_306_118
BUSY_SECONDS = 10
ONLY_ITS_OWNER = 0o600


class Database:
    """`address` is a URL of SQLAlchemy; without one it is `staff.db` in `var`. Raises what the driver raises."""

    def __init__(self, address: SecretStr | None, var: Path):
        var.mkdir(parents=True, exist_ok=True)
        self.lock = var / "staff.lock"
        self.engine = _engine(address.get_secret_value() if address else f"sqlite:///{var / 'staff.db'}")
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self.migrate()

    @property
    def lite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def migrate(self) -> None:
        """Bring the tables to the newest form; gateways that start together take turns."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._alone(), self.engine.begin() as connection:
            if not self.lite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: kept when the block ends well, undone when it raises."""
        with self.sessions.begin() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self.lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _engine(address: str) -> Engine:
    url = make_url(address)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database:
        Path(url.database).touch(ONLY_ITS_OWNER)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare(connection: Any, record: Any) -> None:
    """SQLAlchemy and not the driver begins transactions, so that a write never meets a lock in the middle of one."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
