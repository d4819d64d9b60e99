"""Lexical terms of a text: stems of its words, and their character 4-grams for misspelt words and for languages
without a stemmer. spaCy's tokeniser cuts the words, each Chinese character by itself."""

import re
from functools import cache
from typing import TYPE_CHECKING

import snowballstemmer
import spacy

from nlu.text import fold

if TYPE_CHECKING:
    from spacy.language import Language

STEMMERS = {"es": "spanish", "en": "english", "pt": "portuguese", "fr": "french"}
HAN = re.compile(r"([\u3400-\u9fff])")
GRAM = 4


def terms(text: str, language: str) -> list[str]:
    """Terms in the order of the text, repeated where they repeat."""
    words = [w for token in _tokeniser()(HAN.sub(r" \1 ", text.lower())) for w in re.findall(r"\w+", token.text)]
    stemmer = _stemmer(language)
    stems = [fold(w) for w in (stemmer.stemWords(words) if stemmer else words)]
    return stems + [gram for word in words for gram in _grams(fold(word))]


def _grams(word: str) -> list[str]:
    padded = f"_{word}_"
    return [f"#{padded[i : i + GRAM]}" for i in range(max(1, len(padded) - GRAM + 1))]


@cache
def _tokeniser() -> "Language":
    return spacy.blank("xx")


@cache
def _stemmer(language: str):
    return snowballstemmer.stemmer(STEMMERS[language]) if language in STEMMERS else None
