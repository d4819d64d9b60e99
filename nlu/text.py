"""Folding of typed text for matching: what people write without accents, with capitals or with drawn-out letters."""

import re
import unicodedata

DRAWN_OUT = re.compile(r"(\D)\1{2,}")
NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Lower case, accents removed, three or more of one letter made one."""
    decomposed = unicodedata.normalize("NFKD", text.encode("utf-8", "ignore").decode().lower())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return DRAWN_OUT.sub(r"\1", bare)


def visible(text: str) -> str:
    """Without what nobody sees and what would split words: direction marks, soft hyphens, spaces of no width."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def words(text: str) -> str:
    """Folded words with single spaces between them; punctuation and apostrophes become spaces."""
    return NOT_WORD.sub(" ", fold(text)).strip()
