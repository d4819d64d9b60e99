"""Lexical terms of a text: stems of its words, and their character 4-grams for misspelt words and for languages
without a stemmer. Each Chinese character is a word by itself. A stemmer has a state, so each call has its own."""

import re

import snowballstemmer

from nlu.text import fold

STEMMERS = {"es": "spanish", "en": "english", "pt": "portuguese", "fr": "french"}
WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
GRAM = 4


def terms(text: str, language: str, known: dict[str, list[str]] | None = None) -> list[str]:
    """Terms in the order of the text, repeated where they repeat.

    `known` remembers the terms of words of one language, for many texts; people's messages are never remembered.
    """
    known = {} if known is None else known
    stemmer = snowballstemmer.stemmer(STEMMERS[language]) if language in STEMMERS else None
    found: list[str] = []
    for word in WORD.findall(text.lower()):
        if word not in known:
            known[word] = [fold(stemmer.stemWord(word) if stemmer else word), *_grams(fold(word))]
        found += known[word]
    return found


def _grams(word: str) -> list[str]:
    padded = f"_{word}_"
    return [f"#{padded[i : i + GRAM]}" for i in range(max(1, len(padded) - GRAM + 1))]
