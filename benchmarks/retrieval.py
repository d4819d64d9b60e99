"""How well questions find their passage, and what the way of joining words and meaning is worth.

Two sets: the dev messages with their sections on the project's own knowledge files, and, with `--xquad FOLDER`, a
public reading-comprehension set (`es.json`, `en.json` and more in the form of SQuAD): its Spanish paragraphs as
knowledge files, questions in each language. Beside `bot.evaluation.retrieval.measure` stand two usual ways of joining
the same two lists: reciprocal rank fusion, and a sum of cosine and plain BM25.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import astuple
from functools import partial
from pathlib import Path

import numpy as np
from rich.progress import Progress

from benchmarks.report import Figures, Report
from bot.app import load_encoder
from bot.evaluation import retrieval
from bot.settings import ROOT, settings
from knowledge import index as indexes
from knowledge.documents import read_folder
from knowledge.index import Index
from knowledge.passages import cut
from knowledge.search import search
from knowledge.terms import terms
from nlu.encoder.encoder import Encoder
from nlu.language import LANGUAGES

KNOWLEDGE_LANGUAGE = "es"
RANK_CONSTANT = 60
SUM_WEIGHTS = (0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1)
QUICK_QUESTIONS = 60
FRONT_MATTER = (
    "---\ntitle: XQuAD\nsource: XQuAD\ndate: 2019\nlanguage: es\npermission: CC BY-SA 4.0\nstatus: original\n---\n"
)

Row = dict
Order = Callable[[Index, Row, np.ndarray], list[int]]


class RememberingEncoder:
    """Encodes each text once, however often the sets are measured."""

    def __init__(self, encoder: Encoder):
        self.encoder, self.dimension = encoder, encoder.dimension
        self.name, self.intent_name = encoder.name, encoder.intent_name
        self.known: dict[tuple[str, str], np.ndarray] = {}

    def encode(self, texts, kind="query") -> np.ndarray:
        missing = [t for t in dict.fromkeys(texts) if (kind, t) not in self.known]
        for start in range(0, len(missing), 32):
            chunk = missing[start : start + 32]
            self.known.update(zip([(kind, t) for t in chunk], self.encoder.encode(chunk, kind), strict=True))
        return np.stack([self.known[kind, t] for t in texts])


def run(progress: Progress, quick: bool, command: str, xquad: Path | None = None) -> Report:
    encoder = load_encoder(settings().model_copy(update={"encoder_threads": 2}))
    if encoder is None:
        raise SystemExit("no encoder: run `make setup`")
    remembering = RememberingEncoder(encoder)
    tables: list[Figures] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if xquad:
            documents = folder / "documents"
            _knowledge(xquad, documents)
            questions = {
                code: list(_questions(xquad / f"{code}.json", code))
                for code in LANGUAGES
                if (xquad / f"{code}.json").exists()
            }
            tables += _tables("XQuAD", documents, questions, remembering, folder, progress, quick)
        own = {"eight languages": list(_own_questions())}
        tables += _tables("Own passages", settings().knowledge / "documents", own, remembering, folder, progress, quick)
    return Report("retrieval", "How well questions find their passage", command, tables)


def _tables(
    name: str,
    documents: Path,
    questions: dict[str, list[Row]],
    encoder: RememberingEncoder,
    folder: Path,
    progress: Progress,
    quick: bool,
) -> Iterator[Figures]:
    task = progress.add_task(name, total=len(questions))
    index = _index(documents, encoder, folder / f"{name}-index")
    for code, rows in questions.items():
        progress.update(task, description=f"{name}: questions, {code}")
        rows = rows[:: max(1, len(rows) // QUICK_QUESTIONS)] if quick else rows
        path = folder / f"{code}.jsonl"
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        found: dict[str, tuple[float, ...]] = {
            k: astuple(v)[1:] for k, v in retrieval.measure(documents, path, encoder).items()
        }
        vectors = encoder.encode([r["question"] for r in rows], "query")
        found[f"RRF, k={RANK_CONSTANT}"] = _figures(_ranks(index, rows, vectors, _by_ranks))
        found["sum with plain BM25"] = _figures(_fitted_sum(index, rows, vectors))
        progress.advance(task)
        yield _table(f"{name}, questions in {code}", index, rows, found)


def _table(title: str, index: Index, rows: list[Row], found: dict[str, tuple[float, ...]]) -> Figures:
    hybrid = found["hybrid"]
    order = ["hybrid", *(w for w in found if w != "hybrid")]
    cells = [[way, f"{found[way][0] / hybrid[0]:.3f}×", *(f"{v:.4f}" for v in found[way])] for way in order]
    notes = [
        f"{len(rows)} questions, {len(index.passages)} passages ({len(index.vectors)} with their translations). Hybrid "
        "is what the bot does (`knowledge.search`), here without the intent's help; ratios are of its recall@1. RRF "
        "joins the ranks of the lexical and the dense list. The sum adds plain BM25 to the cosine, with the weight "
        f"that is best (MRR, of {len(SUM_WEIGHTS)}) on the other half of these questions.",
    ]
    return Figures(title, ["way", "of hybrid", "recall@1", "recall@3", "recall@10", "MRR", "nDCG@10"], cells, notes)


def _knowledge(xquad: Path, folder: Path) -> None:
    """Each Spanish paragraph a section of its own; the title is the same for all, since the set has none for them."""
    parts = [FRONT_MATTER]
    for number, paragraph in enumerate(_paragraphs(xquad / f"{KNOWLEDGE_LANGUAGE}.json")):
        parts.append(f"## Texto {{#p{number}}}\n\n{' '.join(paragraph['context'].replace(chr(0xFEFF), '').split())}\n")
    path = folder / "xquad" / f"{KNOWLEDGE_LANGUAGE}.md"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _paragraphs(path: Path) -> Iterator[Row]:
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        yield from article["paragraphs"]


def _questions(path: Path, code: str) -> Iterator[Row]:
    for number, paragraph in enumerate(_paragraphs(path)):
        for asked in paragraph["qas"]:
            yield {"question": asked["question"], "lang": code, "sections": [f"p{number}"]}


def _own_questions() -> Iterator[Row]:
    """The dev messages that ask for something in the document."""
    for path in sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("sections") and row["urgent"] == "no":
                yield {"question": row["text"], "lang": row["lang"], "sections": row["sections"]}


def _index(documents: Path, encoder: RememberingEncoder, folder: Path) -> Index:
    indexes.build(cut(read_folder(documents)), encoder, folder)
    return indexes.load(folder)


def _ranks(index: Index, rows: list[Row], vectors: np.ndarray, order: Order) -> np.ndarray:
    """The rank of the first right passage of each question; infinity where it is not among the first ten."""
    ranks = []
    for row, vector in zip(rows, vectors, strict=True):
        best = order(index, row, vector)[: retrieval.DEEPEST]
        ranks.append(next((r for r, i in enumerate(best, 1) if index.passages[i].section in row["sections"]), math.inf))
    return np.array(ranks)


def _figures(ranks: np.ndarray) -> tuple[float, ...]:
    """Recall@1, 3, 10, MRR and nDCG@10."""
    recalls = [float((ranks <= depth).mean()) for depth in (1, 3, 10)]
    gains = np.where(np.isinf(ranks), 0.0, 1 / np.log2(ranks + 1))
    return (*recalls, float((1 / ranks).mean()), float(gains.mean()))


def _fitted_sum(index: Index, rows: list[Row], vectors: np.ndarray) -> np.ndarray:
    """Ranks by the sum, each half of the questions with the weight that is best for the other half."""
    ranks = np.stack([_ranks(index, rows, vectors, partial(_by_sum, weight)) for weight in SUM_WEIGHTS])
    half = np.arange(len(rows)) % 2 == 0
    fitted = np.empty(len(rows))
    for own in (half, ~half):
        fitted[own] = ranks[(1 / ranks[:, ~own]).mean(1).argmax()][own]
    return fitted


def _by_ranks(index: Index, row: Row, vector: np.ndarray) -> list[int]:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009); no vote for passages without a shared word."""
    votes = np.zeros(len(index.passages))
    place = {p.id: i for i, p in enumerate(index.passages)}
    for way in ("dense", "lexical"):
        hits = search(index, row["question"], vector, row["lang"], len(index.passages), way=way)
        for rank, hit in enumerate(hits, 1):
            if way == "dense" or hit.lexical > 0:
                votes[place[hit.passage.id]] += 1 / (RANK_CONSTANT + rank)
    return np.argsort(-votes, kind="stable").tolist()


def _by_sum(weight: float, index: Index, row: Row, vector: np.ndarray) -> list[int]:
    words = list(dict.fromkeys(terms(row["question"], row["lang"])))
    known = [w for w in words if w in index.lexicon.idf]
    scores = index.vectors @ vector
    if known:
        scores = scores + weight * index.lexicon.engine.get_scores(known)
    return np.argsort(-np.maximum.reduceat(scores, index.starts), kind="stable").tolist()
