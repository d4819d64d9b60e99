"""The sentence of a passage that answers a question: by its meaning and by the words that both have.

Measured on the facts of the dev messages: the best sentence holds the fact in 0.89, and in 0.95 where it leads the next
one by LEAD, as it does in four of five.
"""

import numpy as np

from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.terms import terms

WORDS = 0.4
LEAD = 0.02


def highlight(index: Index, passage: Passage, language: str, question: str, vector: np.ndarray) -> str | None:
    """The sentence of the passage's text in `language`, or None where none stands out. `vector` is the question's."""
    version = passage.version(language)
    rows = index.sentence_rows.get((passage.id, version.language))
    if index.sentence_vectors is None or rows is None or rows.stop - rows.start < 2:
        return None
    asked = terms(question, language)
    words = [index.lexicon.overlap(asked, present) for present in index.sentence_terms(version)]
    scores = index.sentence_vectors[rows] @ vector + WORDS * np.array(words)
    second, best = np.argsort(scores)[-2:]
    return version.sentences[best] if scores[best] - scores[second] >= LEAD else None
