"""The history of publications in the console's database: what `Workshop` asks of a History."""

from sqlalchemy import select

from bot.staff.database import Database
from bot.staff.models import VersionRow
from knowledge.publication import Version


class DatabaseHistory:
    def __init__(self, database: Database):
        self.database = database

    def add(self, version: Version) -> None:
        with self.database.session() as session:
            files = {path: list(pair) for path, pair in version.files.items()}
            session.add(VersionRow(id=version.id, at=version.at, who=version.who, why=version.why, files=files))

    def all(self) -> list[Version]:
        """The newest first."""
        with self.database.session() as session:
            rows = session.scalars(select(VersionRow).order_by(VersionRow.at.desc(), VersionRow.id.desc()))
            return [_version(row) for row in rows]

    def get(self, id: str) -> Version | None:
        with self.database.session() as session:
            row = session.get(VersionRow, id)
            return _version(row) if row else None


def _version(row: VersionRow) -> Version:
    files = {path: (before, after) for path, (before, after) in row.files.items()}
    return Version(row.id, row.at, row.who, row.why, files)
