"""What more passages do to a query: synthetic indexes of several sizes, each built, loaded and searched in a process of
its own.

Passages are made of the words of the Spanish knowledge file, as frequent as there, with made-up words mixed in so that
the vocabulary grows as it does in real text; vectors are random. Real questions of the dev messages are the queries.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.progress import Progress

from benchmarks.client import percentiles
from benchmarks.report import Figures, Report, ratio
from bot.evaluation.messages import read
from bot.settings import ROOT, settings
from knowledge import index as indexes
from knowledge.documents import read_folder
from knowledge.index import Index
from knowledge.passages import Passage, Version, cut
from knowledge.search import search
from knowledge.terms import WORD, terms

SIZES = (18, 1_000, 10_000, 100_000)
QUICK_SIZES = (18, 1_000)
WORDS = 80
NEW_WORDS = 0.03
DIMENSION = 384
QUERIES = 100
ROUNDS = 3
SEED = 7
LONGEST_LOAD = 300.0
REMEMBER = "--remember"
BUILD = "import sys, pathlib; from benchmarks import scale; scale.build(int(sys.argv[1]), pathlib.Path(sys.argv[2]))"


class RandomEncoder:
    """Unit vectors that mean nothing: a search takes as long with them."""

    name, dimension = "random", DIMENSION

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        vectors = self.random.standard_normal((len(texts), DIMENSION), np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def run(progress: Progress, quick: bool, command: str) -> Report:
    sizes = QUICK_SIZES if quick else SIZES
    task = progress.add_task("scale", total=len(sizes))
    measured: list[dict[str, float]] = []
    for size in sizes:
        progress.update(task, description=f"scale: {size:,} passages")
        arguments = [sys.executable, "-m", "benchmarks.scale", str(size)]
        if measured and measured[-1]["load_s"] / measured[-1]["passages"] * size > LONGEST_LOAD:
            arguments.append(REMEMBER)
        done = subprocess.run(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        measured.append(json.loads(done.stdout))
        progress.advance(task)
    return Report("scale", "What more passages do to a query", command, [_queries(measured), _loading(measured)])


def _queries(measured: list[dict[str, float]]) -> Figures:
    rows = []
    for m in measured:
        parts = (m["vectors_ms"], m["words_ms"], m["rest_ms"])
        times = [f"{v:.2f}" for v in (m["p50_ms"], m["p95_ms"], *parts)]
        rows.append([f"{m['passages']:,.0f}", ratio(m["p50_ms"], measured[0]["p50_ms"]), *times])
    notes = [
        f"`knowledge.search.search` with the sections' probabilities, as the action calls it: {QUERIES} Spanish and "
        f"English dev messages, {ROUNDS} rounds, milliseconds. Vectors, words and rest are the p50 of each part: all "
        "vectors by the query's, BM25 with the query's terms, and fusing, expected sections and sorting. The baseline "
        "of the ratio is the first row, as many passages as the document has.",
        f"Synthetic passages of {WORDS} words, one language each, {NEW_WORDS:.0%} of the words made up; random vectors "
        f"of {DIMENSION} dimensions, seed {SEED}.",
    ]
    return Figures("A query", ["passages", "of 18", "p50 ms", "p95 ms", "vectors", "words", "rest"], rows, notes)


def _loading(measured: list[dict[str, float]]) -> Figures:
    rows, last = [], measured[-1]
    for m in measured:
        each = ratio(m["load_s"] / m["passages"], last["load_s"] / last["passages"])
        seconds = [f"{m[k]:.2f}" for k in ("load_s", "terms_s", "lexicon_s")]
        space = [f"{m[k]:.0f}" for k in ("memory_mib", "peak_mib", "disk_mib")]
        rows.append([f"{m['passages']:,.0f}{' *' if m['remember'] else ''}", each, *seconds, *space])
    notes = [
        "`knowledge.index.load` of a built generation. Of its seconds those in `knowledge.terms.terms` and in "
        "`Lexicon`: the terms and the BM25 matrix are made anew at each start. Memory: what the process holds more "
        "after loading than before (RSS), and the most that it ever held. The baseline of the ratio is the last row.",
    ]
    if last["remember"]:
        before = next(m for m in reversed(measured) if not m["remember"])
        expected = before["load_s"] / before["passages"] * last["passages"]
        notes.append(
            f"\\* Not as it is: that would take about {expected:,.0f} s, by the row before. Here each word's terms are "
            "made once and remembered, by this benchmark."
        )
    columns = ["passages", "time a passage", "load s", "terms s", "BM25 s", "memory MiB", "peak MiB", "disk MiB"]
    return Figures("Loading the index", columns, rows, notes)


def synthetic(count: int) -> list[Passage]:
    """`count` passages; the same ones for the same count."""
    chance = random.Random(SEED)
    real = [p.versions["es"] for p in cut(read_folder(settings().knowledge / "documents"))]
    words = " ".join(v.text for v in real).split()
    pieces = sorted({w[:4].lower() for w in words if len(w) > 5})
    passages = []
    for number in range(1, count + 1):
        chosen = chance.choices(words, k=WORDS)
        for place in range(WORDS):
            if chance.random() < NEW_WORDS:
                chosen[place] = "".join(chance.choices(pieces, k=2))
        text = " ".join(chosen)
        version = Version("es", real[number % len(real)].title, text, "original")
        passages.append(Passage("synthetic", f"section_{number // 10}", number, text, "es", {"es": version}))
    return passages


def measure(count: int, remember: bool) -> dict[str, float]:
    """Everything about an index of `count` passages, in this process.

    `remember` makes the terms of each word only once while loading, where loading as it is would take too long.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        subprocess.run([sys.executable, "-c", BUILD, str(count), place], cwd=ROOT, check=True)
        disk = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 2**20
        indexes.load(_small(folder / "warm"))
        before, term, lexicon = (
            _rss(),
            _Stopwatch(_remembering(terms) if remember else terms),
            _Stopwatch(indexes.Lexicon),
        )
        indexes.terms, indexes.Lexicon = term, lexicon  # type: ignore[assignment, misc]
        started = time.perf_counter()
        index = indexes.load(folder)
        load_s = time.perf_counter() - started
        memory = _rss() - before
    loading = {"load_s": load_s, "terms_s": term.seconds, "lexicon_s": lexicon.seconds}
    space = {"memory_mib": memory, "peak_mib": _peak(), "disk_mib": disk}
    return {"passages": count, "remember": remember, **loading, **space, **_timed_queries(index)}


def build(count: int, folder: Path) -> None:
    indexes.build(synthetic(count), RandomEncoder(), folder)


def _small(folder: Path) -> Path:
    build(10, folder)
    return folder


def _remembering(function: Callable[[str, str], list[str]]) -> Callable[[str, str], list[str]]:
    """`terms` that asks for each word of a text only once; the order of the terms, which BM25 doesn't see, differs."""
    known: dict[tuple[str, str], list[str]] = {}

    def remembered(text: str, language: str) -> list[str]:
        found = []
        for word in WORD.findall(text.lower()):
            if (word, language) not in known:
                known[word, language] = function(word, language)
            found += known[word, language]
        return found

    return remembered


class _Stopwatch:
    """A function that counts the seconds spent in it."""

    def __init__(self, function: Callable):
        self.function, self.seconds = function, 0.0

    def __call__(self, *arguments):
        started = time.perf_counter()
        result = self.function(*arguments)
        self.seconds += time.perf_counter() - started
        return result


def _timed_queries(index: Index) -> dict[str, float]:
    cases = read([ROOT / f"tests/evaluation/messages/dev/{code}.jsonl" for code in ("es", "en")])[:QUERIES]
    encoder = RandomEncoder()
    expected = {index.passages[0].section: 0.7, index.passages[-1].section: 0.2}
    totals, vectors, words = [], [], []
    for _ in range(ROUNDS + 1):
        for case in cases:
            vector = encoder.encode([case.text])[0]
            totals.append(_milliseconds(lambda: search(index, case.text, vector, case.lang, 1, expected)))  # noqa: B023
            vectors.append(_milliseconds(lambda: index.vectors @ vector))  # noqa: B023
            words.append(_milliseconds(lambda: index.lexicon.scores(terms(case.text, case.lang))))  # noqa: B023
    kept = slice(len(cases), None)
    p50, p95 = percentiles(totals[kept])
    vectors_ms, words_ms = percentiles(vectors[kept])[0], percentiles(words[kept])[0]
    rest = max(0.0, p50 - vectors_ms - words_ms)
    return {"p50_ms": p50, "p95_ms": p95, "vectors_ms": vectors_ms, "words_ms": words_ms, "rest_ms": rest}


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _rss() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    json.dump(measure(int(sys.argv[1]), REMEMBER in sys.argv), sys.stdout)
