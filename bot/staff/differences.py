"""What differs between two texts, as pieces to show: ("same" | "gone" | "new", text)."""

import difflib
import re
from collections.abc import Iterator

from knowledge.documents import plain

Piece = tuple[str, str]
WORD = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\w\s]")


def words(before: str, after: str) -> list[Piece]:
    return _pieces(WORD.findall(before), WORD.findall(after))


def shown(before: str, after: str) -> list[Piece]:
    """Word by word as people are shown two Markdown texts; as they are written where only that differs."""
    old, new = plain(before), plain(after)
    return words(before, after) if old == new else words(old, new)


def lines(before: str, after: str) -> list[Piece]:
    """Compared line by line, and changed lines word by word: quick for long texts, too."""
    return [
        piece
        for kind, gone, new in _compared(before.splitlines(keepends=True), after.splitlines(keepends=True))
        for piece in ([("same", new)] if kind == "equal" else words(gone, new))
    ]


def _pieces(before: list[str], after: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for kind, gone, new in _compared(before, after):
        shown = [("same", new)] if kind == "equal" else [("gone", gone), ("new", new)]
        pieces += [piece for piece in shown if piece[1]]
    return pieces


def _compared(before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield kind, "".join(before[a:b]), "".join(after[c:d])
