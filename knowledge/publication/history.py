"""What was published, by whom and why. Whoever keeps it has these three methods."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FILES = ""
"""The author of what was changed in the files themselves: a name that no account can have."""


@dataclass(frozen=True)
class Version:
    """`at` is UTC without a zone; `files` maps each path to its text before and after."""

    id: str
    at: datetime
    who: str
    why: str
    files: Mapping[str, tuple[str | None, str | None]]


class History(Protocol):
    def add(self, version: Version) -> None: ...

    def all(self) -> list[Version]:
        """The newest first."""
        ...

    def get(self, id: str) -> Version | None: ...


class Unrecorded:
    """A history where none can be kept."""

    def add(self, version: Version) -> None:
        pass

    def all(self) -> list[Version]:
        return []

    def get(self, id: str) -> Version | None:
        return None
