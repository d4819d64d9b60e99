"""What differs between two texts, as pieces to show: ("same" | "gone" | "new", text)."""

import difflib
import re

Piece = tuple[str, str]
WORD = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\w\s]")


def words(before: str, after: str) -> list[Piece]:
    return _pieces(WORD.findall(before), WORD.findall(after))


def lines(before: str, after: str) -> list[Piece]:
    return _pieces(before.splitlines(keepends=True), after.splitlines(keepends=True))


def _pieces(before: list[str], after: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(before[a:b])))
            continue
        if b > a:
            pieces.append(("gone", "".join(before[a:b])))
        if d > c:
            pieces.append(("new", "".join(after[c:d])))
    return pieces
