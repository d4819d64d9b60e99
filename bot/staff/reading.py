"""Reading what staff upload: `knowledge.reading`, or plain text alone where that is missing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.findings import KnowledgeError, finding


@dataclass(frozen=True)
class Reading:
    """`lost` says what could not be kept."""

    title: str
    markdown: str
    lost: list[Any] = field(default_factory=list)


def read(content: bytes, name: str) -> Any:
    """Title, Markdown and losses of an uploaded file. Raises KnowledgeError with what to do."""
    try:
        from knowledge.reading import read as read_any  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return _plain(content, name)
    return read_any(content, name)


def _plain(content: bytes, name: str) -> Reading:
    path = Path(name)
    if path.suffix.lower() not in (".md", ".txt"):
        raise KnowledgeError([finding("file_stray", path, 0, name=name)])
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise KnowledgeError([finding("encoding_wrong", path, 1)]) from None
    return Reading(path.stem, text)
