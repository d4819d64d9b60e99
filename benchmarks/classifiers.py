"""Which classifier tells our routes and dangers apart best: linear models on several features, neighbours, Rasa's DIET.

All learn from the phrases of `nlu/data` and are tried on the dev messages. Linear models are
`nlu.linear_model`; features that a way lacks are left empty. Danger is the sum of the urgent intents.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest.mock import patch

import numpy as np
from rich.progress import Progress
from scipy.stats import binomtest

from benchmarks import diet
from benchmarks.peer import spread
from benchmarks.report import Figures, Report, ratio
from bot.evaluation.messages import LANGUAGES, Case, read
from bot.settings import ROOT, settings
from nlu import linear_model
from nlu.encoder import encoder, phrase_vectors
from nlu.encoder.encoder import Encoder, Kind, OnnxEncoder
from nlu.linear_model import LinearModel
from nlu.training_data import Phrase, intents, phrases

KEPT = 0.97
NEIGHBOURS = (1, 3, 5, 10, 20, 40, 80)
LEAST_DISTANCE = 1e-4
QUICK_PHRASES = 3000
DIET_PHRASES = 9000
OUT_OF_SCOPE = "out_of_scope"
OURS = "intent vectors + n-grams: ours"
LINEAR: tuple[tuple[str, Kind | None, bool], ...] = (
    ("n-grams", None, True),
    ("query vectors", "query", False),
    ("query vectors + n-grams", "query", True),
    ("intent vectors", "intent", False),
    (OURS, "intent", True),
)

ONE_THRESHOLD = "At one threshold for all languages."
WEAKNESSES = (
    (
        "The dev messages are not blind: the adapter, the scale of the vectors, their joining with n-grams and what "
        "phrases to add were decided while looking at them. Blind messages are in docs/evaluation.md.",
        "ours, then the other linear models",
    ),
    (
        "DIET is Rasa's default but for few epochs, batches of 64 and fewer phrases, since all would take most of an "
        "hour; nothing of it was tuned. Ours on the same phrases is a row of its own, but the adapter of both had "
        "learned from all.",
        "ours",
    ),
    (
        "The adapter learned the intents of the very phrases that the classifiers on intent vectors then learn from "
        "(neighbours choose their count on them too): they see these vectors surer than those of new messages.",
        "those on query vectors",
    ),
    (
        "Thresholds of urgent and refused come from the dev messages themselves, from few: the bot's own are fixed "
        "beforehand, by language, with rules beside the model.",
        "nobody in particular",
    ),
    (
        "Labels are of one author; Quechua and Aymara await a speaker's review.",
        "nobody in particular",
    ),
    ("Milliseconds are of a machine that had other work, DIET's training among it.", "nobody in particular"),
)

NAMES = list(intents())
ROUTES = sorted({i.route for i in intents().values()})
MEMBERSHIP = np.array([[i.route == route for route in ROUTES] for i in intents().values()], float)
URGENT = np.array([i.urgent == "yes" for i in intents().values()])


@dataclass(frozen=True)
class Sentences:
    """Texts and their vectors of each kind, each of shape (texts, dimension)."""

    texts: list[str]
    vectors: dict[Kind, np.ndarray]

    def part(self, rows: Sequence[int] | np.ndarray) -> "Sentences":
        chosen = np.asarray(rows, int)
        return Sentences([self.texts[i] for i in chosen], {k: v[chosen] for k, v in self.vectors.items()})


@dataclass(frozen=True)
class Tried:
    """`intents` has the probabilities of shape (messages, intents) in the order of `NAMES`, `danger` of (messages,)."""

    name: str
    intents: np.ndarray
    danger: np.ndarray
    milliseconds: float
    seconds: float


@dataclass(frozen=True)
class Judged:
    """Of each case 1 where the classifier is right, 0 where it is wrong, nan where the case does not count."""

    route: np.ndarray
    urgent: np.ndarray
    refused: np.ndarray


@dataclass(frozen=True)
class Counts:
    """How many neighbours vote for the route, and how many for danger."""

    route: int
    urgent: int


class AsQuery:
    """An encoder whose every vector is that of a query, for the store of `phrase_vectors`."""

    def __init__(self, encoder: Encoder):
        self.encoder, self.dimension = encoder, encoder.dimension
        self.name = self.intent_name = f"{encoder.name}-query"

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> np.ndarray:
        return self.encoder.encode(texts, "query")


class Neighbours:
    """The `count` nearest phrases vote for their intents, each by 1 / (1 - cosine)."""

    def __init__(self, vectors: np.ndarray, labels: np.ndarray, count: int):
        self.vectors, self.labels, self.count = vectors, labels, count

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (texts, intents)."""
        found = np.zeros((len(vectors), len(NAMES)))
        for row, cosines in zip(found, vectors @ self.vectors.T, strict=True):
            nearest = np.argpartition(-cosines, self.count)[: self.count]
            np.add.at(row, self.labels[nearest], 1 / np.maximum(1 - cosines[nearest], LEAST_DISTANCE))
        return found / found.sum(1, keepdims=True)


def run(progress: Progress, quick: bool, command: str) -> Report:
    """Raises SystemExit where the set-up is missing."""
    loaded = encoder.load(threads=2)
    if not isinstance(loaded, OnnxEncoder):
        raise SystemExit("this benchmark needs the encoder of set-up: unset YANAPAY_ENCODER")
    known = spread(list(phrases()), QUICK_PHRASES if quick else 10**9)
    cases = read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")))
    task = progress.add_task("vectors", total=len(LINEAR) + 5)

    def step(words: str) -> None:
        progress.update(task, description=words, advance=1)

    learned, asked = _phrases(known, loaded), _messages(cases, loaded)
    rows = _spread_by_intent(known, min(DIET_PHRASES, len(known)))
    chosen = [known[i] for i in rows]
    with ThreadPoolExecutor(1) as beside:
        answering = beside.submit(diet.answers, chosen, asked.texts, _folder() / "diet.log", quick)
        tried = []
        for name, kind, ngrams in LINEAR:
            step(name)
            tried.append(_linear(name, known, learned, asked, kind, ngrams))
        counts: dict[Kind, Counts] = {}
        kinds: tuple[Kind, Kind] = ("query", "intent")
        for kind in kinds:
            step(f"neighbours, {kind} vectors")
            found, counts[kind] = _neighbours(known, learned, asked, kind)
            tried.append(found)
        step("DIET")
        answers = answering.result()
    name = "DIET on intent vectors + n-grams"
    tried.append(_diet(name if len(rows) == len(known) else f"{name}, {len(rows)} phrases", answers))
    step("ours on the phrases of DIET")
    if len(rows) < len(known):
        tried.append(_linear(f"ours, {len(rows)} phrases", chosen, learned.part(rows), asked, "intent", True))
    step("figures")
    return Report(
        "classifiers",
        "Which classifier tells routes and dangers apart",
        command,
        _tables(tried, cases, known, counts, chosen, answers),
    )


def _folder() -> Path:
    folder = settings().var / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _phrases(known: list[Phrase], loaded: Encoder) -> Sentences:
    texts = [p.text for p in known]
    query = phrase_vectors.encode(texts, AsQuery(loaded), _folder())
    return Sentences(texts, {"query": query, "intent": phrase_vectors.encode(texts, loaded)})


def _messages(cases: list[Case], loaded: Encoder) -> Sentences:
    texts = [c.text for c in cases]
    return Sentences(texts, {"query": loaded.encode(texts, "query"), "intent": loaded.encode(texts, "intent")})


def _linear(
    name: str, known: list[Phrase], learned: Sentences, asked: Sentences, kind: Kind | None, ngrams: bool
) -> Tried:
    """Without n-grams all texts are empty and fall into one bucket; without vectors these are a zero."""

    def features(sentences: Sentences) -> tuple[list[str], np.ndarray]:
        vectors = sentences.vectors[kind] if kind else np.zeros((len(sentences.texts), 1), np.float32)
        return sentences.texts if ngrams else [""] * len(sentences.texts), vectors

    texts, vectors = features(learned)
    started = time.process_time()
    with patch.object(linear_model, "BUCKETS", linear_model.BUCKETS if ngrams else 1):
        model = linear_model.train(texts, vectors, [p.intent for p in known])
    seconds = time.process_time() - started
    texts, vectors = features(asked)

    def ask(row: int) -> None:
        model.probabilities([texts[row]], vectors[row : row + 1])

    table = _in_order(model.probabilities(texts, vectors), model)
    return Tried(name, table, table[:, URGENT].sum(1), _milliseconds(ask, len(texts)), seconds)


def _in_order(table: np.ndarray, model: LinearModel) -> np.ndarray:
    found = np.zeros((len(table), len(NAMES)))
    found[:, [NAMES.index(c) for c in model.classes]] = table
    return found


def _neighbours(known: list[Phrase], learned: Sentences, asked: Sentences, kind: Kind) -> tuple[Tried, Counts]:
    """With the counts that are best for phrases of the dev situations, learned from the other situations."""
    labels = np.array([NAMES.index(p.intent) for p in known])
    held = np.array([p.part == "dev" for p in known])
    vectors, started = learned.vectors[kind], time.process_time()
    routes, urgents = {}, {}
    for count in NEIGHBOURS:
        table = Neighbours(vectors[~held], labels[~held], count).probabilities(vectors[held])
        routes[count] = float(((table @ MEMBERSHIP).argmax(1) == MEMBERSHIP.argmax(1)[labels[held]]).mean())
        danger, urgent = table[:, URGENT].sum(1), URGENT[labels[held]]
        urgents[count] = float((danger[urgent] > np.quantile(danger[~urgent], KEPT)).mean())
    counts = Counts(max(NEIGHBOURS, key=lambda c: routes[c]), max(NEIGHBOURS, key=lambda c: urgents[c]))
    by_intent, by_danger = (Neighbours(vectors, labels, count) for count in (counts.route, counts.urgent))
    seconds, own = time.process_time() - started, asked.vectors[kind]
    slower = max(by_intent, by_danger, key=lambda model: model.count)
    took = _milliseconds(lambda row: slower.probabilities(own[row : row + 1]), len(own))
    danger = by_danger.probabilities(own)[:, URGENT].sum(1)
    return Tried(f"neighbours, {kind} vectors", by_intent.probabilities(own), danger, took, seconds), counts


def _diet(name: str, answers: diet.Answers) -> Tried:
    table = answers.confidences
    return Tried(name, table, table[:, URGENT].sum(1), median(answers.milliseconds), answers.seconds)


def _spread_by_intent(known: list[Phrase], count: int) -> list[int]:
    """Rows of about `count` phrases, the same share of each intent, from all over its languages and situations."""
    rows: dict[str, list[int]] = {}
    for row, phrase in enumerate(known):
        rows.setdefault(phrase.intent, []).append(row)
    return sorted(i for r in rows.values() for i in spread(r, max(1, round(len(r) * count / len(known)))))


def _milliseconds(ask: Callable[[int], object], count: int) -> float:
    times = []
    for row in range(count):
        started = time.perf_counter()
        ask(row)
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _judge(tried: Tried, cases: list[Case]) -> Judged:
    shares = tried.intents @ MEMBERSHIP
    best = shares.argmax(1)
    route = np.array([ROUTES[b] in c.routes if c.routes else np.nan for b, c in zip(best, cases, strict=True)], float)
    urgent, calm = (np.array([c.urgent == word for c in cases]) for word in ("yes", "no"))
    caught = tried.danger > np.quantile(tried.danger[calm], KEPT)
    outside = np.array([c.routes == (OUT_OF_SCOPE,) for c in cases])
    inside = np.array([OUT_OF_SCOPE not in c.routes for c in cases])
    place = ROUTES.index(OUT_OF_SCOPE)
    odds = shares[:, place] / np.maximum(np.delete(shares, place, 1).max(1), 1e-12)
    refused = odds > np.quantile(odds[inside], KEPT)
    return Judged(route, np.where(urgent, caught, np.nan), np.where(outside, refused, np.nan))


def _tables(
    tried: list[Tried],
    cases: list[Case],
    known: list[Phrase],
    counts: dict[Kind, Counts],
    chosen: list[Phrase],
    answers: diet.Answers,
) -> list[Figures]:
    judged = {t.name: _judge(t, cases) for t in tried}
    ours = judged[OURS]
    situations = len({p.situation for p in known})
    part = "all of them" if len(chosen) == len(known) else f"{len(chosen)} of them, the same share of each intent"
    return [
        Figures(
            "What is told apart",
            ("classifier", "route", "of ours", "only it, only ours", "p", "urgent", "of ours", "refused", "of ours"),
            [_quality(name, found, ours) for name, found in judged.items()],
            (
                f"{len(known)} phrases of {situations} situations to learn from, {len(cases)} dev messages, "
                f"{_known(cases, known)} of them phrases too (greetings, cries for help). Route: the "
                "route with the most probability is among those accepted; no weight for what is out of scope, no "
                f"threshold. Urgent: urgent messages caught where {KEPT:.2f} of the calm ones stay calm. Refused: "
                f"messages out of scope that are, where {KEPT:.2f} of the others are not; for both each classifier "
                "has the threshold that these same messages give it.",
                "Only it, only ours: messages whose route one finds and the other doesn't; p is that of the sign test "
                "on them (two-sided). Ours is what the bot uses; query vectors + n-grams is what it used before.",
                f"DIET: {diet.epochs()} epochs, {part}, {answers.minutes:.0f} minutes beside the other "
                "trainings, with the project's own sentence vectors beside character "
                "n-grams (char_wb, 1 to 4) of Rasa (benchmarks/diet). Neighbours: of "
                f"{', '.join(map(str, NEIGHBOURS))} the count that is best for held-out situations, {_counts(counts)}. "
                "DIET and neighbours have no model for danger: theirs is the sum of the urgent intents.",
            ),
        ),
        Figures(
            "What it costs",
            ("classifier", "ms", "of ours", "processor seconds to train", "of ours"),
            [_cost(t, next(t for t in tried if t.name == OURS)) for t in tried],
            (
                "Median milliseconds of one message, intent and danger, without the encoder's pass that all but "
                "the n-grams need; DIET's are its tokens, n-grams and network, without Rasa's graph around them. "
                "Processor seconds are those of all cores.",
                "Training is without the phrases' vectors (minutes) and without the adapter of the intent vectors "
                "(half an hour on two cores, once); neighbours need none, theirs is the choice of the count.",
            ),
        ),
        _by_language("Route, by language", {n: j.route for n, j in judged.items()}, cases),
        _by_language("Urgent, by language", {n: j.urgent for n, j in judged.items()}, cases, ONE_THRESHOLD),
        _by_language("Refused, by language", {n: j.refused for n, j in judged.items()}, cases, ONE_THRESHOLD),
        Figures("What is weak in the comparison", ("weakness", "whom it helps"), WEAKNESSES),
    ]


def _known(cases: list[Case], known: list[Phrase]) -> int:
    texts = {p.text.strip().lower() for p in known}
    return sum(c.text.strip().lower() in texts for c in cases)


def _counts(counts: dict[Kind, Counts]) -> str:
    return " and ".join(f"{c.route} for the route and {c.urgent} for danger ({kind})" for kind, c in counts.items())


def _quality(name: str, found: Judged, ours: Judged) -> list[str]:
    cells = [name, f"{np.nanmean(found.route):.3f}", ratio(np.nanmean(found.route), np.nanmean(ours.route))]
    better, worse = (
        int(((a == 1) & (b == 0)).sum()) for a, b in ((found.route, ours.route), (ours.route, found.route))
    )
    chance = binomtest(better, better + worse).pvalue if better + worse else None
    cells += [f"{better}, {worse}", "–" if chance is None else f"{chance:.3f}" if chance >= 0.001 else "< 0.001"]
    for own, other in ((found.urgent, ours.urgent), (found.refused, ours.refused)):
        cells += [f"{np.nanmean(own):.3f}", ratio(np.nanmean(own), np.nanmean(other))]
    return cells


def _cost(tried: Tried, ours: Tried) -> list[str]:
    return [
        tried.name,
        f"{tried.milliseconds:.2f}",
        ratio(tried.milliseconds, ours.milliseconds),
        f"{tried.seconds:.0f}",
        ratio(tried.seconds, ours.seconds),
    ]


def _by_language(title: str, marks: dict[str, np.ndarray], cases: list[Case], *notes: str) -> Figures:
    languages = np.array([c.lang for c in cases])
    rows = [
        [name, *(f"{np.nanmean(values[languages == code]):.3f}" for code in LANGUAGES), f"{np.nanmean(values):.3f}"]
        for name, values in marks.items()
    ]
    counted = ~np.isnan(marks[OURS])
    sizes = [int(counted[languages == code].sum()) for code in LANGUAGES]
    return Figures(
        title, ("classifier", *LANGUAGES, "all"), [*rows, ["messages", *map(str, sizes), str(sum(sizes))]], notes
    )
