"""The retrieval index: passages, their vectors, and BM25 over their terms, one folder a generation.

`stage` writes a new generation beside the old one and `point` moves the pointer file, so that a server goes on with
what it has until the new one is whole, and a broken file changes nothing. The same files give the same generation.
"""

import hashlib
import json
import logging
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from knowledge.passages import KnownQuestion, Passage, Version
from knowledge.terms import terms
from nlu.encoder.encoder import Encoder, Kind

logging.getLogger("bm25s").setLevel(logging.WARNING)

FORMAT = 8
POINTER = "current"
VECTORS, SENTENCES, QUESTIONS = "vectors.npy", "sentences.npy", "questions.npy"
BM25 = {"k1": 0.9, "b": 0.4, "method": "lucene"}


class Lexicon:
    """BM25 over all rows; scores are shares of what the query could reach at most."""

    def __init__(self, documents: list[list[str]]):
        self.engine = bm25s.BM25(**BM25)
        self.engine.index(documents, show_progress=False)
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(set(document))
        count = len(documents)
        self.idf = {t: float(np.log(1 + (count - n + 0.5) / (n + 0.5))) for t, n in frequency.items()}
        self.unseen = float(np.log(1 + (count + 0.5) / 0.5))

    def scores(self, query_terms: Sequence[str]) -> np.ndarray:
        """One score a row, 0 to about 1, float32."""
        unique = list(dict.fromkeys(query_terms))
        known = [t for t in unique if t in self.idf]
        if not known:
            return np.zeros(self.engine.scores["num_docs"], np.float32)
        most = sum(self.idf.get(t, self.unseen) for t in unique)
        return self.engine.get_scores(known).astype(np.float32) / most

    def overlap(self, query_terms: Iterable[str], text_terms: Set[str]) -> float:
        """The share of the query's terms that a text has, rare ones counting more, 0 to 1."""
        weights = {term: self.idf.get(term, self.unseen) for term in query_terms}
        return sum(weights[t] for t in weights.keys() & text_terms) / max(sum(weights.values()), 1e-9)


class Index:
    """What `knowledge.search` looks through. Row i of `vectors` is one language of passage `owner[i]`.

    `sentence_vectors` has a row for each sentence of these texts, in the same order, and `question_vectors` one for
    each question that a passage is known to answer.
    """

    def __init__(
        self,
        passages: list[Passage],
        vectors: np.ndarray,
        encoder: str,
        sentence_vectors: np.ndarray | None = None,
        question_vectors: np.ndarray | None = None,
    ):
        self.passages, self.vectors, self.encoder = passages, vectors, encoder
        pairs = [(i, v) for i, p in enumerate(passages) for v in p.versions.values()]
        if len(pairs) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors for {len(pairs)} texts")
        self.sentence_vectors = sentence_vectors
        self._sentence_terms: dict[tuple[str, str], list[frozenset[str]]] = {}
        counts = [len(v.sentences) for _, v in pairs] if sentence_vectors is not None else [0] * len(pairs)
        self.sentence_ends = np.cumsum([0, *counts], dtype=int)
        self.sentence_rows = {
            (passages[i].id, v.language): slice(*self.sentence_ends[row : row + 2].tolist())
            for row, (i, v) in enumerate(pairs)
        }
        self.question_vectors = question_vectors
        known = [len(p.questions) for p in passages] if question_vectors is not None else [0] * len(passages)
        ends = np.cumsum([0, *known], dtype=int).tolist()
        self.question_rows = {p.id: slice(*ends[place : place + 2]) for place, p in enumerate(passages)}
        self.by_id = {p.id: p for p in passages}
        self.owner = np.array([i for i, _ in pairs])
        self.languages = np.array([v.language for _, v in pairs])
        self.sections, self.section_of = np.unique([p.section for p in passages] or [""], return_inverse=True)
        self.starts = np.flatnonzero(np.diff(self.owner, prepend=-1))
        roots: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        self.lexicon = Lexicon([terms(searchable(v), v.language, roots[v.language]) for _, v in pairs])

    def passage(self, id: str) -> Passage | None:
        return self.by_id.get(id)

    def nearest_sentence(self, rows: slice, vector: np.ndarray) -> float:
        """The highest cosine of a sentence in `rows`, or of their texts where no sentence has a vector."""
        found = slice(self.sentence_ends[rows.start], self.sentence_ends[rows.stop])
        if self.sentence_vectors is None or found.start == found.stop:
            return float((self.vectors[rows] @ vector).max())
        return float((self.sentence_vectors[found] @ vector).max())

    def alike(self, passage: Passage, vector: np.ndarray) -> np.ndarray:
        """The cosine of each question that `passage` is known to answer; none where none has a vector."""
        if self.question_vectors is None:
            return np.empty(0, np.float32)
        return self.question_vectors[self.question_rows[passage.id]] @ vector

    def sentence_terms(self, version: Version) -> list[frozenset[str]]:
        """The terms of each sentence, found once: only a few passages of a large index are ever shown."""
        key = (version.language, version.text)
        if key not in self._sentence_terms:
            self._sentence_terms[key] = [frozenset(terms(s, version.language)) for s in version.sentences]
        return self._sentence_terms[key]

    def following(self, id: str) -> Passage | None:
        """The passage after `id` in its section, or None at the section's end."""
        passage = self.passage(id)
        if passage is None:
            return None
        return self.passage(f"{passage.document}/{passage.section}/{passage.number + 1}")


def searchable(version: Version) -> str:
    """What words are matched with. Vectors are of the text alone: a title blurs them (benchmarks/retrieval.md)."""
    return f"{version.title}\n{version.text}"


def build(passages: list[Passage], encoder: Encoder, folder: Path) -> Path:
    """Write a generation for `passages` and point to it. Returns its folder."""
    name = stage(passages, encoder, folder)
    point(folder, name)
    return folder / name


def stage(passages: list[Passage], encoder: Encoder, folder: Path) -> str:
    """Write a generation beside the current one; vectors of unchanged texts come from that. Returns its name."""
    content = json.dumps([asdict(p) for p in passages], ensure_ascii=False, indent=1)
    name = hashlib.sha256(f"{FORMAT}\n{encoder.name}\n{content}".encode()).hexdigest()[:16]
    generation = folder / name
    if not _whole(generation):
        partial = folder / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / "passages.json").write_text(content, encoding="utf-8")
        (partial / "encoder.txt").write_text(encoder.name, encoding="utf-8")
        known, asked = _known(folder, encoder)
        np.save(partial / VECTORS, _vectors(texts(passages), encoder, known))
        np.save(partial / SENTENCES, _vectors(sentences(passages), encoder, known))
        np.save(partial / QUESTIONS, _vectors(questions(passages), encoder, asked, "query"))
        shutil.rmtree(generation, ignore_errors=True)
        partial.rename(generation)
    return name


def point(folder: Path, name: str) -> None:
    """Make a generation the current one, in one step; the others go."""
    pointer = folder / f"{POINTER}.partial"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(folder / POINTER)
    prune(folder, {name})


def prune(folder: Path, kept: Set[str | None]) -> None:
    """Remove all generations but those named."""
    for old in folder.iterdir():
        if old.is_dir() and old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)


def current(folder: Path) -> str | None:
    """The name of the generation that is pointed to, or None where nothing was built."""
    try:
        return (folder / POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def load(folder: Path, name: str | None = None) -> Index:
    """A generation, the current one without a name. Raises FileNotFoundError where there is none."""
    name = name or current(folder)
    if name is None:
        raise FileNotFoundError(f"{folder} holds no index: run `yanapay knowledge build`")
    return _read(folder / name)


def _whole(generation: Path) -> bool:
    try:
        passages, vectors, _, sentence_vectors, question_vectors = _parts(generation)
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return False
    pairs = ((vectors, texts), (sentence_vectors, sentences), (question_vectors, questions))
    return all(len(rows) == len(of(passages)) for rows, of in pairs)


def _read(generation: Path) -> Index:
    return Index(*_parts(generation))


def _parts(generation: Path) -> tuple[list[Passage], np.ndarray, str, np.ndarray, np.ndarray]:
    """Passages, vectors, the encoder's name, the vectors of sentences and those of questions."""
    rows = json.loads((generation / "passages.json").read_text(encoding="utf-8"))
    encoder = (generation / "encoder.txt").read_text(encoding="utf-8")
    sentence_vectors, question_vectors = (np.load(generation / name, mmap_mode="r") for name in (SENTENCES, QUESTIONS))
    vectors = np.load(generation / VECTORS)
    return [_passage(row) for row in rows], vectors, encoder, sentence_vectors, question_vectors


def _passage(row: dict[str, Any]) -> Passage:
    versions = {language: _version(version) for language, version in row["versions"].items()}
    return Passage(**{**row, "versions": versions, "questions": tuple(KnownQuestion(**q) for q in row["questions"])})


def _version(row: dict[str, Any]) -> Version:
    return Version(**{**row, "sentences": tuple(row["sentences"])})


def texts(passages: Iterable[Passage]) -> list[str]:
    """In the order of the vectors."""
    return [v.text for p in passages for v in p.versions.values()]


def sentences(passages: Iterable[Passage]) -> list[str]:
    """In the order of the vectors of sentences."""
    return [s for p in passages for v in p.versions.values() for s in v.sentences]


def questions(passages: Iterable[Passage]) -> list[str]:
    """In the order of the vectors of questions."""
    return [q.text for p in passages for q in p.questions]


def _vectors(texts: list[str], encoder: Encoder, known: dict[str, np.ndarray], kind: Kind = "passage") -> np.ndarray:
    missing = [t for t in dict.fromkeys(texts) if t not in known]
    if missing:
        known.update(zip(missing, encoder.encode(missing, kind), strict=True))
    return np.stack([known[t] for t in texts]) if texts else np.empty((0, encoder.dimension), np.float32)


def _known(folder: Path, encoder: Encoder) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The vectors of texts and sentences in the current generation, and those of questions."""
    name = current(folder)
    try:
        passages, vectors, made_by, sentence_vectors, question_vectors = _parts(folder / (name or ""))
        if made_by != encoder.name:
            return {}, {}
        known = dict(zip(texts(passages), vectors, strict=True))
        known |= zip(sentences(passages), sentence_vectors, strict=True)
        return known, dict(zip(questions(passages), question_vectors, strict=True))
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return {}, {}
