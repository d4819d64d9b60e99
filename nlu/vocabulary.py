"""How much more often one language's phrases have a word than the others': what n-grams of letters cannot tell.

"travail" has the letters of Creole, but French phrases have it; "casa" is in Aymara ones too, but more often in Spanish
and Portuguese ones. Words weigh beside the n-grams and do not always outweigh them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nlu.text import words

LEAST_PHRASES = 3
UNSEEN = 0.3


class Vocabulary:
    """`odds` has shape (words, languages): how usual a word is against the mean of all languages, a logarithm."""

    def __init__(self, known: Sequence[str], odds: np.ndarray):
        self.known, self.odds = known, odds
        self.places = {word: place for place, word in enumerate(known)}

    @classmethod
    def of(cls, samples: Iterable[tuple[str, str]], languages: Sequence[str]) -> "Vocabulary":
        """From pairs of text and language: the words that a few phrases have, numbers left out."""
        phrases = np.zeros(len(languages))
        found: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(languages)))
        for text, language in samples:
            column = languages.index(language)
            phrases[column] += 1
            for word in set(words(text).split()):
                found[word][column] += 1
        known = [word for word, seen in found.items() if seen.sum() >= LEAST_PHRASES and not word.isdigit()]
        counts = np.array([found[word] for word in known]).reshape(-1, len(languages))
        usual = (counts + UNSEEN) / np.maximum(phrases, 1)
        return cls(known, np.log(usual / usual.mean(1, keepdims=True)).astype(np.float32))

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Vocabulary":
        """From what `arrays` gave."""
        return cls(arrays["words"].item().split("\n"), arrays["odds"])

    @property
    def arrays(self) -> dict[str, Any]:
        """What to save: `words`, all in one text, and `odds`."""
        return {"words": np.array("\n".join(self.known)), "odds": self.odds}

    def evidence(self, text: str) -> np.ndarray:
        """Shape (languages,): the sum of the odds of the words of `text`, by the share of its words that are known."""
        said = words(text).split()
        places = [self.places[word] for word in said if word in self.places]
        return self.odds[places].sum(0) * len(places) / max(len(said), 1)
