"""What the Telegram channel costs: turns a second by itself, and a turn over it beside the same turn over REST."""

import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.progress import Progress

from benchmarks import peer
from benchmarks.client import Job, percentiles
from benchmarks.client import run as load
from benchmarks.processes import Server, serving
from benchmarks.report import Figures, Report, ratio
from benchmarks.turn import BUILT
from bot.cli.running import free_port
from bot.evaluation.messages import read
from bot.settings import settings
from bot.telegram.webhook import PATH
from nlu.language import LANGUAGES
from nlu.paths import ROOT
from tests.telegram import updates
from tests.telegram.fake import TOKEN, FakeTelegram
from tests.telegram.serving import SECRET

ASKED_RATE, ASKED_RATIO = 100.0, 3.0
CHATS = 50
QUIET = 0.2
CONNECTIONS = 8
WAYS = {"webhook": "http://127.0.0.1", "polling": ""}


@dataclass(frozen=True)
class Effort:
    """`updates` go through the channel alone, `messages` of each language through the whole gateway."""

    updates: int = 3000
    messages: int = 25
    together: int = 400


QUICK = Effort(updates=300, messages=2, together=40)


@dataclass(frozen=True)
class Way:
    """One gateway and the fake that it talks to."""

    name: str
    port: int
    fake: FakeTelegram

    def send(self, client: httpx.Client, *sent: dict[str, Any]) -> None:
        if self.name == "polling":
            self.fake.push(*sent)
            return
        if len(sent) == 1:
            client.post(PATH, json=sent[0], headers=SECRET).raise_for_status()
            return
        load(Job(self.port, PATH, list(sent), CONNECTIONS, headers=SECRET))


def run(progress: Progress, quick: bool, command: str) -> Report:
    effort = QUICK if quick else Effort()
    task = progress.add_task("telegram", total=5)

    def step(words: str) -> None:
        progress.update(task, description=f"telegram: {words}", advance=1)

    alone, whole, together = [], [], []
    for name in WAYS:
        step(f"the channel alone, {name}")
        alone.append((name, *_alone(name, effort)))
    cases = list({c.text: c for c in read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")))}.values())
    texts = [c.text for code in LANGUAGES for c in peer.spread([c for c in cases if c.lang == code], effort.messages)]
    for name in WAYS:
        step(f"the whole gateway, {name}")
        times, rate = _whole(name, texts, effort)
        whole.append((name, times))
        together.append((name, rate))
    step("done")
    tables = [_alone_table(alone, effort), _whole_table(whole, len(texts)), _together_table(together, effort)]
    return Report("telegram", "The Telegram channel", command, tables)


def _alone(name: str, effort: Effort) -> tuple[float, tuple[float, float]]:
    """Turns a second with all updates at once, and p50 and p95 in ms of one after another."""
    with ExitStack() as running:
        way = running.enter_context(_channel(name))
        client = running.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{way.port}", timeout=30))
        times = [_turn(way, client, "hola", quiet=0.0) for _ in range(effort.updates // 15)]
        sent = [updates.written(number % CHATS + 1, "hola") for number in range(effort.updates)]
        before, begun = len(way.fake.sent), time.perf_counter()
        way.send(client, *sent)
        way.fake.wait(before + len(sent), 600)
        seconds = time.perf_counter() - begun
        if len(way.fake.sent) != before + len(sent):
            raise RuntimeError("some updates were answered more than once")
    return len(sent) / seconds, percentiles(times[len(times) // 10 :])


class _channel(ExitStack):
    """The channel with a quick Reception in a process of its own, the fake in this one."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def __enter__(self) -> Way:  # type: ignore[override]
        super().__enter__()
        fake = FakeTelegram().start()
        self.callback(fake.stop)
        port, log = free_port(), Path(self.enter_context(tempfile.TemporaryDirectory()), "log")
        command = [sys.executable, "-m", "benchmarks.telegram_server", str(port), fake.url, WAYS[self.name]]
        self.enter_context(serving(command, ROOT, dict(os.environ), f"http://127.0.0.1:{port}/health", log))
        return _introduced(Way(self.name, port, fake))


def _introduced(way: Way) -> Way:
    way.fake.until(lambda: [1] if len(way.fake.profile) == 27 else [], seconds=60)
    return way


def _turn(way: Way, client: httpx.Client, text: str, quiet: float = QUIET) -> float:
    """Milliseconds from sending one update until its last reply arrived."""
    before, begun = len(way.fake.sent), time.time()
    way.send(client, updates.written(next(PEOPLE), text))
    way.fake.wait(before + 1, 60)
    while quiet and time.time() - way.fake.sent[-1].at < quiet:
        time.sleep(0.01)
    return (way.fake.sent[-1].at - begun) * 1000


PEOPLE = itertools.count(1_000)


def _whole(name: str, texts: list[str], effort: Effort) -> tuple[dict[str, list[float]], tuple[float, float]]:
    """Milliseconds of each message over REST and over Telegram in turns; turns a second of both."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        fake = FakeTelegram().start()
        running.callback(fake.stop)
        port = free_port()
        _gateway(folder, port, fake, WAYS[name], running)
        way = _introduced(Way(name, port, fake))
        client = running.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
        times: dict[str, list[float]] = {"REST": [], name: []}
        for text in texts[:10]:
            _rest(client, f"{text} w")
            _turn(way, client, f"{text} W")
        for number, text in enumerate(texts):
            ways: list[tuple[str, Callable[[], float]]] = [
                ("REST", lambda: _rest(client, f"{text} {number}")),  # noqa: B023
                (name, lambda: _turn(way, client, f"{text} {number}.")),  # noqa: B023
            ]
            for called, measure in ways if number % 2 else reversed(ways):
                times[called].append(measure())
        rates = _rates(way, client, itertools.islice(itertools.cycle(texts), effort.together), effort)
    return times, rates


def _rest(client: httpx.Client, text: str) -> float:
    begun = time.perf_counter()
    client.post("/api/messages", json={"text": text}).raise_for_status()
    return (time.perf_counter() - begun) * 1000


def _rates(way: Way, client: httpx.Client, texts: Iterator[str], effort: Effort) -> tuple[float, float]:
    """Turns a second: REST one after another, Telegram all at once."""
    said = list(texts)
    begun = time.perf_counter()
    for number, text in enumerate(said):
        _rest(client, f"{text} r{number}")
    rest = len(said) / (time.perf_counter() - begun)
    people = [next(PEOPLE) for _ in said]
    begun = time.perf_counter()
    way.send(client, *(updates.written(p, f"{t} t{p}") for p, t in zip(people, said, strict=True)))
    wanted = set(people)
    way.fake.until(lambda: [1] if not wanted - {s.chat_id for s in list(way.fake.sent)} else [], seconds=600)
    return rest, len(said) / (time.perf_counter() - begun)


def _gateway(folder: Path, port: int, fake: FakeTelegram, public: str, running: ExitStack) -> Server:
    var = folder / "var"
    var.mkdir()
    for name in BUILT:
        if (settings().var / name).exists():
            (var / name).symlink_to(settings().var / name)
    variables = {
        "VAR": var,
        "PORT": port,
        "RASA_PORT": free_port(),
        "MESSAGES_PER_MINUTE": 100_000_000,
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API": fake.url,
        "TELEGRAM_PER_SECOND": 0,
        "PUBLIC_URL": public,
        "LOG_LEVEL": "WARNING",
    }
    environment = {**os.environ, **{f"YANAPAY_{k}": str(v) for k, v in variables.items()}}
    command, url = [sys.executable, "-m", "bot.cli", "serve"], f"http://127.0.0.1:{port}"
    server = running.enter_context(serving(command, ROOT, environment, f"{url}/health", folder / "log"))
    server.wait(f"{url}/ready")
    return server


def _alone_table(rows: list[tuple[str, float, tuple[float, float]]], effort: Effort) -> Figures:
    shown = [
        [name, ratio(rate, ASKED_RATE), f"{rate:.0f}", f"{p50:.1f}", f"{p95:.1f}"] for name, rate, (p50, p95) in rows
    ]
    notes = [
        f"{effort.updates} updates of {CHATS} chats, sent as fast as they are taken, from the first one sent to the "
        "last reply that arrived; then p50 and p95 of one after another. A Reception that answers at once stands in "
        "for language, safety, Rasa and search; journal, outbox, encryption and HTTP are the real ones, on "
        "the disk. The sender and the fake Bot API share the machine's cores. The baseline is the 100 turns a second "
        "that were asked for. `YANAPAY_TELEGRAM_PER_SECOND` is 0 here: by default 30 messages a second go out, "
        "which is what Telegram allows.",
    ]
    return Figures("The channel alone", ["way", "of what was asked", "turns/s", "p50 ms", "p95 ms"], shown, notes)


def _whole_table(ways: list[tuple[str, dict[str, list[float]]]], texts: int) -> Figures:
    rows = []
    for name, times in ways:
        (rest50, rest95), (own50, own95) = (percentiles(times[n]) for n in ("REST", name))
        figures = [f"{v:.1f}" for v in (own50, rest50, own95, rest95)]
        rows.append([name, ratio(own95, rest95), ratio(own50, rest50), *figures])
    notes = [
        f"{texts} dev messages in eight languages through the whole gateway with Rasa, each over REST and over "
        "Telegram in turns, one person. Over Telegram a turn ends when its last reply has arrived at the fake Bot "
        "API. The baseline is the same gateway over REST; at most 3× at p95 was asked for.",
    ]
    columns = ["way", "p95 of REST", "p50 of REST", "p50 ms", "REST's p50", "p95 ms", "REST's p95"]
    return Figures("One turn, beside REST", columns, rows, notes)


def _together_table(ways: list[tuple[str, tuple[float, float]]], effort: Effort) -> Figures:
    rows = [[name, ratio(own, rest), f"{own:.1f}", f"{rest:.1f}"] for name, (rest, own) in ways]
    notes = [
        f"{effort.together} messages of as many people through the whole gateway, over Telegram all at once, over REST "
        "one after another. The encoder and Rasa bound both, not the channel.",
    ]
    return Figures("Many people, the whole gateway", ["way", "of REST", "turns/s", "REST's turns/s"], rows, notes)
