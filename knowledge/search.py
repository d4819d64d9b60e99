"""Hybrid search: the nearest passages by meaning and by words, fused.

Score of a passage = cosine of the vectors + weight × BM25 as a share of the most that the query could reach. Because of
that share a query whose words can't match (another language, another script) gets next to nothing from the words, where
rank fusion would give noise the same voice as meaning; the weight is smaller still where the languages are known to
differ. The best passages are then ordered anew: a question about one fact is nearer to its sentence than to all that
stands around it, and nearer still to another question that has the same answer. Where passages are known to answer
questions, one falls behind by how much its nearest one is farther; a passage without any keeps its place. Figures:
benchmarks/retrieval.md, and of known questions docs/architecture.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.terms import terms

Way = Literal["lexical", "dense", "hybrid"]
SAME_LANGUAGE = 0.12
OTHER_LANGUAGE = 0.06
EXPECTED_SECTION = 0.15
NEAREST_SENTENCE, REORDERED = 0.3, 8
NEAREST_QUESTION = 1.0
TIE = 0.03


@dataclass(frozen=True)
class Hit:
    """A found passage with its fused score, and the cosine and the word share that it comes from."""

    passage: Passage
    score: float
    dense: float
    lexical: float


def search(
    index: Index,
    query: str,
    vector: np.ndarray,
    language: str,
    k: int = 3,
    expected: Mapping[str, float] | None = None,
    way: Way = "hybrid",
) -> list[Hit]:
    """The best `k` passages. `vector` is the query's, shape (dimension,); `language` the query's.

    `expected` gives sections the probability, by the intent, that they hold the answer: it adds to their passages.
    """
    dense = index.vectors @ vector
    lexical = index.lexicon.scores(terms(query, language))
    weight = np.where(index.languages == language, SAME_LANGUAGE, OTHER_LANGUAGE)
    fused = {"dense": dense, "lexical": lexical, "hybrid": dense + weight * lexical}[way]
    scores = np.maximum.reduceat(fused, index.starts)
    if expected:
        shares = np.array([expected.get(section, 0.0) for section in index.sections])
        scores = scores + EXPECTED_SECTION * shares[index.section_of]
    looked_at = max(k, REORDERED)
    nearest = np.argpartition(-scores, looked_at)[:looked_at] if looked_at < len(scores) else np.arange(len(scores))
    ends = np.append(index.starts[1:], len(dense))
    rows = {i: slice(index.starts[i], ends[i]) for i in nearest.tolist()}
    if way == "hybrid":
        for i, found in rows.items():
            scores[i] += NEAREST_SENTENCE * (index.nearest_sentence(found, vector) - dense[found].max())
        known = {i: alike.max() for i in rows if len(alike := index.alike(index.passages[i], vector))}
        nearest_of_all = max(known.values(), default=0.0)
        for i, nearest_question in known.items():
            scores[i] -= NEAREST_QUESTION * (nearest_of_all - nearest_question)
    best = sorted(rows, key=lambda i: (-scores[i], i))[:k]
    return [
        Hit(index.passages[i], float(scores[i]), float(dense[rows[i]].max()), float(lexical[rows[i]].max()))
        for i in best
    ]


def answering(hits: list[Hit]) -> list[Passage]:
    """The best passage, and the second one too where it is of the same section and about as good, as they are written.

    On the dev messages that is so for one question in four; of the asked facts 0.95 are shown instead of 0.88.
    """
    shown = [h.passage for h in hits[:2]]
    if len(hits) > 1 and (hits[0].score - hits[1].score >= TIE or not _of_one_section(*shown)):
        shown.pop()
    return sorted(shown, key=lambda p: p.number)


def _of_one_section(one: Passage, other: Passage) -> bool:
    return (one.document, one.section) == (other.document, other.section)
