"""The text of a knowledge file, whatever its format: one function, and one reader for each suffix.

A reader takes a path and returns the text as Markdown. More formats are added here with `@reader`, and nowhere else.
"""

import re
from collections.abc import Callable
from pathlib import Path

from knowledge.findings import KnowledgeError, finding

MAX_BYTES = 5 * 1024 * 1024
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Reader = Callable[[Path], str]
READERS: dict[str, Reader] = {}


def reader(*suffixes: str) -> Callable[[Reader], Reader]:
    """Register a function as the reader of files with these suffixes, such as ".md"."""

    def register(function: Reader) -> Reader:
        READERS.update(dict.fromkeys(suffixes, function))
        return function

    return register


def read_text(path: Path) -> str:
    """The text of `path` with line feeds only.

    Raises KnowledgeError where the suffix is unknown, or the file is missing, empty, over 5 MB or not proper text.
    """
    path = Path(path)
    read = READERS.get(path.suffix.lower())
    if read is None:
        known = ", ".join(sorted(READERS))
        raise KnowledgeError([finding("suffix_unknown", path, 0, suffix=path.suffix or path.name, known=known)])
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            megabytes = f"{size / 1024 / 1024:.1f}"
            raise KnowledgeError([finding("file_too_large", path, 0, size=megabytes, limit=MAX_BYTES // 1024 // 1024)])
        text = read(path)
    except FileNotFoundError:
        raise KnowledgeError([finding("file_missing", path, 0)]) from None
    except OSError as error:
        raise KnowledgeError([finding("file_unreadable", path, 0, reason=error.strerror or error)]) from error
    if not text.strip():
        raise KnowledgeError([finding("file_empty", path, 0)])
    return re.sub(r"\r\n?", "\n", text)


@reader(".md", ".txt")
def plain_text(path: Path) -> str:
    data = path.read_bytes()
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
