"""One turn end to end over HTTP, beside its limit (the encoder's forward pass alone) and a peer (a plain Rasa FAQ bot).

All are measured in one run, in turns, on the same messages: the dev set, each message a conversation of its own. A
message is never sent twice to the same server (a round adds its number), so that no remembered vector helps.
"""

import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from rich.progress import Progress

from benchmarks import client, peer
from benchmarks.client import Job, Load, percentiles
from benchmarks.processes import Memory, serving
from benchmarks.report import Figures, Report, ratio
from bot.cli.running import free_port
from bot.evaluation.messages import LANGUAGES, Case, read
from bot.settings import ROOT, settings
from nlu.encoder.encoder import DEFAULT, OnnxEncoder
from nlu.training_data import phrases

PEOPLE = (1, 4, 16)
LENT = ("encoder", "danger.npz", "language.npz", "index", "hotlines.yml")
ENOUGH_TURNS = 4000


@dataclass(frozen=True)
class Effort:
    """How long it may take: messages of one person a language, rounds, seconds of each load."""

    messages: int = 8
    rounds: int = 3
    seconds: float = 12.0
    warm_up: int = 40


QUICK = Effort(messages=2, rounds=1, seconds=2.0, warm_up=8)


@dataclass
class Bot:
    """One bot as it is measured. `name` is a column."""

    name: str
    port: int
    path: str
    alone: list[float] = field(default_factory=list)
    loads: dict[int, Load] = field(default_factory=dict)
    memory: list[Memory] = field(default_factory=list)
    right: dict[str, list[bool]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def body(self, text: str) -> dict[str, str]:
        if self.path.startswith("/api/"):
            return {"text": text}
        return {"sender": f"person-{next(self.numbers)}", "message": text}

    def send(self, texts: list[str], people: int = 1, seconds: float = 600.0, keep: bool = False) -> Load:
        return client.run(Job(self.port, self.path, [self.body(t) for t in texts], people, seconds, keep))


def run(progress: Progress, quick: bool, command: str) -> Report:
    effort = QUICK if quick else Effort()
    task = progress.add_task("turn", total=9)

    def step(words: str) -> None:
        progress.update(task, description=f"turn: {words}", advance=1)

    cases = _distinct(read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl"))))
    texts = [c.text for code in LANGUAGES for c in _spread([c for c in cases if c.lang == code], effort.messages)]
    ours, plain = Bot("Yanapay", free_port(), "/api/messages"), Bot("peer", free_port(), "/webhooks/rest/webhook")
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        folder = Path(place)
        step("training the peer, where there is no model of these phrases")
        sections = peer.prepare(_made(folder / "peer"))
        model = peer.train(folder / "peer", folder / "train.log")
        step("starts")
        starts = {"Yanapay": _start_ours(ours, _var(folder / "first"), _var(folder / "second"), running)}
        starts |= _start_peer(plain, folder, model, running)
        step("warming up")
        warm = [p.text for p in _spread(list(phrases()), effort.warm_up)]
        for bot in (ours, plain):
            bot.send(warm, people=2)
        encoder = OnnxEncoder(settings().var / "encoder", threads=1)
        for text in warm:
            encoder.encode([text])
        limit = _one_person(texts, effort, encoder, (ours, plain), step)
        for bot in (ours, plain):
            step(f"{bot.name}, many people")
            _many_people(bot, [c.text for c in cases], effort)
        step("right sections")
        asked = [c for c in cases if c.sections and c.urgent == "no"]
        ours.right = _right(asked, ours, lambda answer: _shown(answer))
        plain.right = _right(asked, plain, lambda answer: {sections.get(m.get("text", "")) for m in answer})
        ours.memory, plain.memory = starts["Yanapay"][1].memory(), starts["peer"][1].memory()
        without_rasa = sum('"way": "direct"' in line for line in (folder / "second.log").read_text().splitlines())
        step("done")
    seconds = {name: s for name, (s, _) in starts.items()}
    tables = [_time(ours, plain, limit, len(texts), effort), _rates(ours, plain, limit, effort, without_rasa)]
    tables += [_start_times(seconds), _memory(ours, plain), _sections(ours, plain)]
    return Report("turn", "One turn, end to end", command, tables)


def _start_ours(bot: Bot, first: Path, second: Path, running: ExitStack) -> tuple:
    """Started twice; the second one, with warm files, counts and goes on."""
    for var in (first, second):
        variables = {
            "YANAPAY_VAR": str(var),
            "YANAPAY_PORT": str(bot.port),
            "YANAPAY_RASA_PORT": str(free_port()),
            "YANAPAY_MESSAGES_PER_MINUTE": "100000000",
        }
        code = [sys.executable, "-m", "bot.cli", "serve"]
        url, log = f"http://127.0.0.1:{bot.port}/ready", var.with_suffix(".log")
        server = serving(code, ROOT, {**os.environ, **variables}, url, log)
        if var is second:
            started = running.enter_context(server)
            return started.seconds_to_start, started
        with server:
            pass
    raise AssertionError


def _start_peer(bot: Bot, folder: Path, model: Path, running: ExitStack) -> dict[str, tuple]:
    url, log = f"http://127.0.0.1:{bot.port}/webhooks/rest/", folder / "peer.log"
    seconds = []
    for module in ("rasa", "rasa", "nlu.server"):
        server = serving(peer.command(model, bot.port, module), folder / "peer", peer.surroundings(), url, log)
        if module == "nlu.server":
            started = running.enter_context(server)
            return {"peer": (seconds[-1], started), "peer, started as Yanapay starts Rasa": (started.seconds_to_start, started)}
        with server as one:
            seconds.append(one.seconds_to_start)
    raise AssertionError


def _var(folder: Path) -> Path:
    """A folder of built things like the project's own, so that a gateway that runs beside is not disturbed."""
    folder.mkdir()
    for name in LENT:
        if (settings().var / name).exists():
            (folder / name).symlink_to(settings().var / name)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _one_person(texts: list[str], effort: Effort, encoder: OnnxEncoder, bots: tuple[Bot, ...], step) -> list[float]:
    """Rounds of each bot and of the encoder in turns; returns the encoder's milliseconds."""
    job = Job(0, "", [])
    del job
    limit: list[float] = []
    step("one person")
    for number in range(effort.rounds):
        marked = _marked(texts, number)
        limit += client.timed([lambda t=t: encoder.encode([t]) for t in marked])
        for bot in bots:
            bot.alone += bot.send(marked).milliseconds
    return limit


