"""Cutting a paragraph into sentences, for quoting and for comparing a translation with its original.

spaCy's rule-based sentencizer finds the ends of sentences; what it takes for an end inside an abbreviation, a number or
an address is undone. The abbreviations are in `words.yml`.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from spacy.language import Language

REMEMBERED = 4096
WORDS = Path(__file__).with_name("words.yml")
ENDS = [".", "!", "?", "…", "。", "！", "？", "｡"]
WIDE_END = re.compile("[。！？｡][”’」』）)\"']*$")
OPENERS = re.compile(r"(?:(?<=\s)|(?<=[。！？｡]))[¿¡\"'“‘«「『（(\[*_]+$")
LAST_WORD = re.compile(r"([^\s(（\[\"“«\u3000-\u9fff\uff00-\uffef]+)\.$")
LIST_NUMBER = re.compile(r"(?:^|\n|[.!?…]\s)\s*(?:\d{1,3}|[a-zA-Z])\.$")
INITIAL = re.compile(r"(?<![^\W\d_])[A-ZÁÉÍÓÚÑ]\.$")


@lru_cache(maxsize=REMEMBERED)
def split(text: str) -> tuple[str, ...]:
    """The sentences of `text`, each with the white space that follows it: joined, they are exactly `text`.

    Remembers what it was asked, for a publication reads all documents several times; so it is not for messages.
    """
    starts = [0]
    for sentence in _sentencizer()(text).sents:
        start = _start(text, sentence.start_char)
        if start > starts[-1] and _is_end(text, start):
            starts.append(start)
    return tuple(text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True))


def bare(word: str) -> str:
    """Lower case without accents, as in `words.yml`."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def _start(text: str, position: int) -> int:
    """Where the sentence really starts: after white space, before the marks that open it (¿, quotes, brackets)."""
    while position < len(text) and text[position].isspace():
        position += 1
    opening = OPENERS.search(text, 0, position)
    return opening.start() if opening else position


def _is_end(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    if start >= len(text):
        return False
    if WIDE_END.search(before):
        return True
    if not text[start - 1].isspace() or text[start].islower():
        return False
    if LIST_NUMBER.search(before) or INITIAL.search(before):
        return False
    found = LAST_WORD.search(before)
    if found is None:
        return True
    word = bare(found[1].lstrip("\\"))
    return word not in _words("abbreviations") and not (text[start].isdigit() and word in _words("before_numbers"))


@lru_cache(maxsize=2)
def _words(kind: str) -> frozenset[str]:
    return frozenset(yaml.load(WORDS.read_text("utf-8"), Loader=yaml.BaseLoader)[kind])


@lru_cache(maxsize=1)
def _sentencizer() -> "Language":
    """Each character is a token, as in spaCy's plain Chinese: elsewhere a rule for "a." hides the end of "peyi a."."""
    import spacy

    pipeline = spacy.blank("zh")
    pipeline.add_pipe("sentencizer", config={"punct_chars": ENDS})
    return pipeline
