"""Knowledge files on the disk: their text read strictly, and a file replaced at once."""

import os
import re
from pathlib import Path

from knowledge.findings import KnowledgeError, finding

MAX_BYTES = 5 * 1024 * 1024
SUFFIXES = (".md", ".txt")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> str:
    """The text of `path` with line feeds only.

    Raises KnowledgeError where the suffix is unknown, or the file is missing, empty, over 5 MB or not proper text.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise KnowledgeError([finding("suffix_unknown", path, 0, suffix=path.suffix or path.name, known=known)])
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            megabytes = f"{size / 1024 / 1024:.1f}"
            raise KnowledgeError([finding("file_too_large", path, 0, size=megabytes, limit=MAX_BYTES // 1024 // 1024)])
        text = _decoded(path, path.read_bytes())
    except FileNotFoundError:
        raise KnowledgeError([finding("file_missing", path, 0)]) from None
    except OSError as error:
        raise KnowledgeError([finding("file_unreadable", path, 0, reason=error.strerror or error)]) from error
    if not text.strip():
        raise KnowledgeError([finding("file_empty", path, 0)])
    return re.sub(r"\r\n?", "\n", text)


def write(place: Path, text: str) -> None:
    """Replace a file at once and for good: its old text stands until the new one is on the disk."""
    temporary = place.with_name(f".{place.name}.new")
    with temporary.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, place)


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith(UTF_16_MARKS):
        raise KnowledgeError([finding("encoding_wrong", path, 1)])
    if b"\0" in data:
        raise KnowledgeError([finding("nul_byte", path, _line(data, data.index(b"\0")))])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KnowledgeError([finding("encoding_wrong", path, _line(data, error.start))]) from None


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
