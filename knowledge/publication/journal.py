"""A publication on the disk: whole or not at all, whenever the machine stops.

The new generation of the index is built beside the old one. Then the journal is written, in one step: from there on
the publication counts. What follows only repeats what the journal says, as often as need be: the files, the copy of
what is published, the pointer of the index, the history. Whoever comes next carries on where it was cut off.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge import index
from knowledge.files import write
from knowledge.publication.changes import put
from knowledge.publication.history import History, Version

NAME, PUBLISHED, INDEX, LOCK = "publication.json", "published", "index", "publication.lock"


@dataclass(frozen=True)
class Entry:
    """`generation` is the index to point to, None where it stays."""

    version: Version
    generation: str | None

    def written(self) -> str:
        v = self.version
        return json.dumps(
            {
                "id": v.id,
                "at": v.at.isoformat(),
                "who": v.who,
                "why": v.why,
                "files": {path: list(pair) for path, pair in v.files.items()},
                "generation": self.generation,
            },
            ensure_ascii=False,
        )


def enter(var: Path, entry: Entry) -> None:
    """From here on the publication counts."""
    var.mkdir(parents=True, exist_ok=True)
    write(var / NAME, entry.written())


@contextlib.contextmanager
def alone(var: Path) -> Iterator[None]:
    """Nobody else publishes from this folder meanwhile, in this process or in another."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recover(folder: Path, var: Path) -> None:
    """Before anything is read: carry on what was cut off. It gets into the history when somebody has one."""
    if (var / NAME).exists():
        with alone(var):
            carry_on(folder, var)


def carry_on(folder: Path, var: Path, history: History | None = None) -> None:
    """Do what was entered, if anything was; what was done before is done again, which changes nothing.

    `folder` is the knowledge folder. Without a history the entry stays.
    """
    entry = _read(var / NAME)
    if entry is None:
        return
    after = {path: text for path, (_, text) in entry.version.files.items()}
    put(folder, after)
    put(var / PUBLISHED, after)
    if entry.generation:
        index.point(var / INDEX, entry.generation)
    if history is not None:
        if history.get(entry.version.id) is None:
            history.add(entry.version)
        (var / NAME).unlink(missing_ok=True)


def _read(place: Path) -> Entry | None:
    try:
        note = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        return None
    files = {path: (before, after) for path, (before, after) in note["files"].items()}
    version = Version(note["id"], datetime.fromisoformat(note["at"]), note["who"], note["why"], files)
    return Entry(version, note["generation"])
