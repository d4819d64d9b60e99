"""The knowledge files as texts by their paths, what somebody wants to change, and a folder of how it would be."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.files import write

PATTERNS = ("documents/*/*.md", "questions/*.yml", "urgent/*.yml", "hotlines.yml", "golden.yml")
Texts = Mapping[str, str | None]


@dataclass(frozen=True)
class Change:
    """`path` is relative to the knowledge folder; `text` None deletes; `base` is the digest of what it came from."""

    path: str
    text: str | None
    base: str | None


def digest(text: str | None) -> str | None:
    """sha256 in hex; None for no file."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path, path: str) -> str | None:
    """The text of a file with line feeds only, None where there is none. What is not UTF-8 reads as signs for that."""
    try:
        return (folder / path).read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return None


def texts(folder: Path) -> dict[str, str]:
    """All knowledge files of a folder, by their paths; those whose names begin with a dot are nobody's."""
    found = sorted(file for pattern in PATTERNS for file in folder.glob(pattern) if not file.name.startswith("."))
    names = [file.relative_to(folder).as_posix() for file in found if file.is_file()]
    return {name: text for name in names if (text := read(folder, name)) is not None}


def different(before: Texts, after: Texts) -> dict[str, tuple[str | None, str | None]]:
    """The paths whose texts differ, with both texts."""
    pairs = {path: (before.get(path), after.get(path)) for path in sorted({*before, *after})}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


@contextlib.contextmanager
def drafted(folder: Path, changes: Iterable[Change] = ()) -> Iterator[Path]:
    """A temporary folder with the knowledge as it would be, stray files too, for the checker to see."""
    with tempfile.TemporaryDirectory(prefix="yanapay-draft-") as place:
        draft = Path(place)
        for part in ("documents", "questions", "urgent"):
            for file in (folder / part).rglob("*"):
                if file.is_file() and not file.name.startswith("."):
                    _copy(file, draft / file.relative_to(folder))
        for name in ("hotlines.yml", "golden.yml"):
            if (folder / name).is_file():
                _copy(folder / name, draft / name)
        for change in changes:
            put(draft, {change.path: change.text})
        yield draft


def writable(place: Path) -> bool:
    """Whether a file can be written or removed: its folder decides, or the one that it would be made in."""
    folder = next(parent for parent in place.parents if parent.exists())
    return os.access(folder, os.W_OK | os.X_OK)


def put(folder: Path, files: Texts) -> None:
    """Write files, each at once, and remove those whose text is None."""
    for path, text in files.items():
        place = folder / path
        if text is None:
            place.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                place.parent.rmdir()
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place, text)


def _copy(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(file.read_bytes())
