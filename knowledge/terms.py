"""Lexical terms of a text: stems of its words, and their character 4-grams for misspelt words and for languages
without a stemmer. Each Chinese character is a word by itself."""

import re
from functools import cache

import snowballstemmer

from nlu.text import fold

STEMMERS = {"es": "spanish", "en": "english", "pt": "portuguese", "fr": "french"}
WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
GRAM = 4


def terms(text: str, language: str) -> list[str]:
    """Terms in the order of the text, repeated where they repeat."""
    words = WORD.findall(text.lower())
    stemmer = _stemmer(language)
    stems = [fold(w) for w in (stemmer.stemWords(words) if stemmer else words)]
    return stems + [gram for word in words for gram in _grams(fold(word))]


def _grams(word: str) -> list[str]:
    padded = f"_{word}_"
    return [f"#{padded[i : i + GRAM]}" for i in range(max(1, len(padded) - GRAM + 1))]


@cache
def _stemmer(language: str):
    return snowballstemmer.stemmer(STEMMERS[language]) if language in STEMMERS else None
