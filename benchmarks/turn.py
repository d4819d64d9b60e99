"""One turn end to end over HTTP, beside its limit (the encoder's forward pass alone) and a peer (a plain Rasa FAQ bot).

All are measured in one run, in turns, on the same messages: the dev set, each message a conversation of its own. A
message is never sent twice to the same server (a later round adds its number), so that no remembered vector helps.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from rich.progress import Progress

from benchmarks import client, peer
from benchmarks.client import Job, Load, percentiles
from benchmarks.processes import Memory, Server, serving
from benchmarks.report import Figures, Report, ratio
from bot.cli.running import free_port
from bot.evaluation.messages import LANGUAGES, Case, read
from bot.settings import ROOT, settings
from nlu.encoder.encoder import OnnxEncoder
from nlu.training_data import phrases

PEOPLE = (1, 4, 16)
BUILT = ("encoder", "intents.npz", "intents_letters.npz", "language.npz", "index", "hotlines.yml")
LOAD_ROUNDS = 12
DIRECT = '"way": "direct"'

Step = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """Messages a language and rounds of one person, seconds of each load, messages of the warm-up."""

    messages: int = 8
    rounds: int = 3
    seconds: float = 12.0
    warm_up: int = 40


QUICK = Effort(messages=2, rounds=1, seconds=2.0, warm_up=8)


@dataclass
class Bot:
    """A bot and what was measured of it. `rounds` are counted, so that no text is sent twice."""

    port: int
    path: str
    rounds: int = 0
    starts: list[tuple[str, float]] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    loads: dict[int, Load] = field(default_factory=dict)
    memory: list[Memory] = field(default_factory=list)
    right: dict[str, list[bool]] = field(default_factory=dict)

    def send(self, texts: Sequence[str], people: int = 1, seconds: float = 600.0, keep: bool = False) -> Load:
        bodies = [self._body(text, number) for number, text in enumerate(texts)]
        return client.run(Job(self.port, self.path, bodies, people, seconds, keep))

    def fresh(self, texts: Sequence[str]) -> list[str]:
        """`texts` with the number of the round at their ends, from the second round on."""
        self.rounds += 1
        return list(texts) if self.rounds == 1 else [f"{t} {self.rounds}" for t in texts]

    def _body(self, text: str, number: int) -> dict[str, Any]:
        if self.path.startswith("/api/"):
            return {"text": text}
        return {"sender": f"{time.monotonic_ns()}-{number}", "message": text}


def run(progress: Progress, quick: bool, command: str) -> Report:
    effort = QUICK if quick else Effort()
    task = progress.add_task("turn", total=6 + len(PEOPLE))

    def step(words: str) -> None:
        progress.update(task, description=f"turn: {words}", advance=1)

    cases = list({c.text: c for c in read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")))}.values())
    asked = [c for c in cases if c.sections and c.urgent == "no"]
    texts = [c.text for code in LANGUAGES for c in peer.spread([c for c in cases if c.lang == code], effort.messages)]
    ours, plain = Bot(free_port(), "/api/messages"), Bot(free_port(), "/webhooks/rest/webhook")
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        folder = Path(place)
        step("training the peer, if it isn't yet")
        sections = peer.prepare(folder / "peer")
        model = peer.train(folder / "peer", folder / "train.log")
        step("starting both")
        servers = [(ours, _start(ours, folder, running)), (plain, _start_peer(plain, folder, model, running))]
        step("warming up")
        for bot, _ in servers:
            bot.send([p.text for p in peer.spread(list(phrases()), effort.warm_up)], people=2)
        step("one person")
        limit = _one_person(texts, effort, (ours, plain))
        for people in PEOPLE:
            step(f"{people} at once")
            for bot, _ in servers:
                bot.loads[people] = bot.send(_endless(bot, cases), people, effort.seconds)
        for bot, server in servers:
            bot.memory = server.memory()
        step("right sections")
        ours.right = _right(asked, ours, _cited)
        plain.right = _right(asked, plain, lambda answer: {sections.get(m.get("text", "")) for m in answer})
        direct = (folder / "yanapay.log").read_text(encoding="utf-8").count(DIRECT)
        step("done")
    tables = [_times(ours, plain, limit, len(texts), effort), _rates(ours, plain, limit, effort, direct)]
    tables += [_starts(ours, plain), _memory(ours, plain), _sections(ours, plain)]
    return Report("turn", "One turn, end to end", command, tables)


def _start(bot: Bot, folder: Path, running: ExitStack) -> Server:
    """Twice; the second one goes on. What is built is linked, so that a gateway that runs beside is not disturbed."""
    var = folder / "var"
    var.mkdir()
    for name in BUILT:
        if (settings().var / name).exists():
            (var / name).symlink_to(settings().var / name)
    variables = {"VAR": var, "PORT": bot.port, "RASA_PORT": free_port(), "MESSAGES_PER_MINUTE": 100_000_000}
    environment = {**os.environ, **{f"YANAPAY_{k}": str(v) for k, v in variables.items()}}
    command, url = [sys.executable, "-m", "bot.cli", "serve"], f"http://127.0.0.1:{bot.port}"
    with serving(command, ROOT, environment, f"{url}/health", folder / "first.log") as first:
        first.wait(f"{url}/ready")
    server = running.enter_context(serving(command, ROOT, environment, f"{url}/health", folder / "yanapay.log"))
    bot.starts.append(("alive (answers, as yet without Rasa)", server.seconds_to_start))
    bot.starts.append(("ready", server.wait(f"{url}/ready")))
    return server


def _start_peer(bot: Bot, folder: Path, model: Path, running: ExitStack) -> Server:
    """By Rasa's own command, twice, and then with this project's quicker imports; that one goes on."""
    url = f"http://127.0.0.1:{bot.port}/webhooks/rest/"

    def start(module: str) -> AbstractContextManager[Server]:
        command = peer.command(model, bot.port, module)
        return serving(command, folder / "peer", peer.surroundings(), url, folder / "peer.log")

    for _ in range(2):
        with start("rasa") as server:
            seconds = server.seconds_to_start
    server = running.enter_context(start("nlu.server"))
    bot.starts += [("ready", seconds), ("ready, with Yanapay's order of imports", server.seconds_to_start)]
    return server


def _one_person(texts: list[str], effort: Effort, bots: Sequence[Bot]) -> list[float]:
    """Rounds of each bot and of the encoder in turns; returns the encoder's milliseconds."""
    encoder = OnnxEncoder(settings().var / "encoder", threads=1)
    encoder.encode(texts[:8], "intent")
    limit = []
    for _ in range(effort.rounds):
        for text in texts:
            started = time.perf_counter()
            encoder.encode([text], "intent")
            limit.append((time.perf_counter() - started) * 1000)
        for bot in bots:
            bot.alone += bot.send(bot.fresh(texts)).milliseconds
    return limit


def _endless(bot: Bot, cases: list[Case]) -> list[str]:
    """All messages again and again in one mixed order, numbered; more than a load can send."""
    mixed = random.Random(len(cases)).sample([c.text for c in cases], len(cases))
    return [text for _ in range(LOAD_ROUNDS) for text in bot.fresh(mixed)]


def _right(asked: list[Case], bot: Bot, shown: Callable[[Any], set[str | None]]) -> dict[str, list[bool]]:
    answers = bot.send([c.text for c in asked], keep=True).answers
    right: dict[str, list[bool]] = {code: [] for code in LANGUAGES}
    for case, answer in zip(asked, answers, strict=True):
        right[case.lang].append(bool(shown(answer) & set(case.sections)))
    return right


def _cited(answer: dict[str, Any]) -> set[str | None]:
    return {s["section"] for r in answer["replies"] for s in r.get("sources") or []}


def _times(ours: Bot, plain: Bot, limit: list[float], texts: int, effort: Effort) -> Figures:
    rows = []
    measured = [percentiles(times) for times in (ours.alone, limit, plain.alone)]
    for name, own, least, other in zip(("p50", "p95"), *measured, strict=True):
        rows.append([name, ratio(own, least), ratio(own, other), f"{own:.1f}", f"{least:.1f}", f"{other:.1f}"])
    notes = [
        f"Milliseconds of a turn, one person, {texts} dev messages in eight languages, {effort.rounds} rounds in turns "
        "with the baselines. The limit is one forward pass of the same encoder on the same messages, one thread, in "
        "another process: no turn that uses the encoder can be quicker.",
        "The peer is a plain Rasa FAQ bot (benchmarks/peer): bags of words and of character n-grams, DIETClassifier "
        f"and ResponseSelector, trained on {peer.training()}. It has no encoder, no check for danger, no search, no "
        "translations and no action to call.",
    ]
    return Figures("One person", ["ms", "of the limit", "of the peer", "Yanapay", "limit", "peer"], rows, notes)


def _rates(ours: Bot, plain: Bot, limit: list[float], effort: Effort, direct: int) -> Figures:
    rows, most = [], 1000 / mean(limit)
    for people in PEOPLE:
        own, other = ours.loads[people], plain.loads[people]
        slow = [f"{percentiles(load.milliseconds)[1]:.0f}" for load in (own, other)]
        shares = [ratio(own.rate, most), ratio(own.rate, other.rate)]
        rows.append([str(people), *shares, f"{own.rate:.1f}", f"{most:.1f}", f"{other.rate:.1f}", *slow])
    sent = len(ours.alone) + sum(len(load.milliseconds) for load in ours.loads.values())
    notes = [
        f"Turns a second; each person waits for the answer before the next message, {effort.seconds:.0f} s each. "
        "Gateway, Rasa and client share the machine's cores. The limit is the encoder alone, one thread, one text "
        "after another.",
        f"Rasa was too slow (over 2 s) in {direct} of {sent} of Yanapay's turns; the index alone answered them.",
    ]
    columns = ["people", "of the limit", "of the peer", "Yanapay", "limit", "peer", "p95 ms", "peer's p95 ms"]
    return Figures("Many people", columns, rows, notes)


def _starts(ours: Bot, plain: Bot) -> Figures:
    least = dict(plain.starts)["ready"]
    named = [(f"Yanapay: {n}", s) for n, s in ours.starts] + [(f"peer: {n}", s) for n, s in plain.starts]
    rows = [[name, ratio(seconds, least), f"{seconds:.1f}"] for name, seconds in named]
    return Figures("Start, with warm files", ["start", "of the peer's", "seconds"], rows)


def _memory(ours: Bot, plain: Bot) -> Figures:
    least = sum(m.pss for m in plain.memory)
    rows = []
    for name, weighed in (("Yanapay", ours.memory), ("peer", plain.memory)):
        rows += [[f"{name}: {m.name}", ratio(m.pss, least), f"{m.pss:.0f}", f"{m.rss:.0f}"] for m in weighed]
        whole = [sum(m.pss for m in weighed), sum(m.rss for m in weighed)]
        rows.append([f"{name}: together", ratio(whole[0], least), *(f"{w:.0f}" for w in whole)])
    notes = [
        "MiB after all the turns above. PSS divides what several processes share (the encoder's weights) among them; "
        "RSS counts it in each, so that its sum is too much. The benchmark's own encoder shares those pages as well.",
    ]
    return Figures("Memory", ["process", "PSS, of the peer", "PSS", "RSS"], rows, notes)


def _sections(ours: Bot, plain: Bot) -> Figures:
    rows = []
    for code in (*LANGUAGES, "all"):
        own, other = ([m for k, marks in b.right.items() if code in (k, "all") for m in marks] for b in (ours, plain))
        if own:
            shares = f"{mean(own):.3f}", f"{mean(other):.3f}"
            rows.append([code, ratio(mean(own), mean(other)) if any(other) else "-", *shares, str(len(own))])
    notes = [
        "Share of the dev messages that ask for something in the document (not urgent, with sections) whose answer is "
        "from a right section. Choices of Yanapay were made on this set, none of the peer.",
    ]
    return Figures("The right section", ["language", "of the peer", "Yanapay", "peer", "messages"], rows, notes)
