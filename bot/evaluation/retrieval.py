"""How well questions find their passage: recall, MRR and nDCG for words alone, meaning alone and both together.

Any folder of knowledge files; questions as JSON Lines with `question` (or `text`), optionally `lang`, and what is
expected: `passage` or `section` (an id, or the passage's text), or `answer` (words that the passage contains).
"""

import json
import math
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from knowledge import index as indexes
from knowledge.documents import Document, examine
from knowledge.index import Index
from knowledge.passages import Passage, cut
from knowledge.search import Way, search
from nlu.encoder.encoder import Encoder
from nlu.language import identify

DEEPEST = 10
QUESTION_KEYS = ("question", "query", "text")
EXPECTED_KEYS = ("passage", "passage_id", "section", "sections", "section_id", "expected", "id", "paragraph", "context")
ANSWER_KEYS = ("answer", "answers", "answer_text", "fact")


@dataclass(frozen=True)
class Figures:
    """Means over all questions."""

    questions: int
    recall_1: float
    recall_3: float
    recall_10: float
    mrr: float
    ndcg_10: float


def measure(folder: Path, questions: Path, encoder: Encoder) -> dict[Way, Figures]:
    """Figures for each way of searching. Raises ValueError for a folder or a file that can't be used."""
    passages = cut(_documents(folder))
    if not passages:
        raise ValueError(f"{folder}: no knowledge files (<document>/<language>.md) with sections were found")
    rows = list(_questions(questions))
    if not rows:
        raise ValueError(f"{questions}: no questions")
    with tempfile.TemporaryDirectory() as place:
        index = indexes.load(indexes.build(passages, encoder, Path(place)).parent)
    vectors = encoder.encode([r["question"] for r in rows], "query")
    return {way: _figures(index, rows, vectors, way) for way in get_args(Way)}


def _documents(folder: Path) -> Iterator[Document]:
    paths = sorted(folder.glob("*/*.md")) or sorted(folder.glob("*.md"))
    for path in paths:
        document, _ = examine(path)
        if document is not None:
            yield document


def _questions(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = dict(json.loads(line))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}:{number}: not a JSON object") from error
        question = next((row[k] for k in QUESTION_KEYS if row.get(k)), None)
        expected = [str(e) for k in EXPECTED_KEYS for e in _listed(row.get(k))]
        answers = [str(a) for k in ANSWER_KEYS for a in _listed(row.get(k))]
        if not question or not (expected or answers):
            raise ValueError(f"{path}:{number}: needs a question and an expected passage or answer")
        language = row.get("lang") or row.get("language") or identify(question).language
        yield {"question": question, "language": language, "expected": expected, "answers": answers}


def _listed(value: Any) -> list:
    if value is None:
        return []
    return [v.get("text", "") if isinstance(v, dict) else v for v in (value if isinstance(value, list) else [value])]


def _figures(index: Index, rows: list[dict[str, Any]], vectors, way: Way) -> Figures:
    ranks = []
    for row, vector in zip(rows, vectors, strict=True):
        hits = search(index, row["question"], vector, row["language"], DEEPEST, way=way)
        ranks.append(next((i for i, h in enumerate(hits, 1) if _right(h.passage, row)), None))
    count = len(ranks)
    found = [r for r in ranks if r]
    return Figures(
        count,
        sum(r <= 1 for r in found) / count,
        sum(r <= 3 for r in found) / count,
        sum(r <= 10 for r in found) / count,
        sum(1 / r for r in found) / count,
        sum(1 / math.log2(r + 1) for r in found) / count,
    )


def _right(passage: Passage, row: dict[str, Any]) -> bool:
    names = {
        passage.id,
        passage.section,
        passage.document,
        f"{passage.document}/{passage.section}",
        f"{passage.document}#{passage.section}",
    }
    if row["expected"]:
        if any(e in names for e in row["expected"]):
            return True
        text = _plain(passage.quote)
        return any(len(e) > 40 and (_plain(e) in text or text in _plain(e)) for e in row["expected"])
    text = " ".join(_plain(v.text) for v in passage.versions.values())
    return any(_plain(a) in text for a in row["answers"])


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
