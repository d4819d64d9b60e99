"""Gateways to test: a real `yanapay serve` with its own Rasa, and one in this process without Rasa.

Each works in a folder of its own: built parts are linked there, what staff edit is copied, so that a test may break it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from bot.app import create_app
from bot.catalogue import catalogue
from bot.cli.running import free_port
from bot.settings import ROOT, Settings
from nlu.language import LANGUAGES

MODELS = ("encoder", "intents.npz", "intents_letters.npz", "language.npz")
LONGEST_START = 90.0
MANY = 1_000_000


def workspace(folder: Path, without: tuple[str, ...] = ()) -> dict[str, Path]:
    """`var` and `knowledge` under `folder` as a set-up project has them; parts named in `without` are left out."""
    var, knowledge = folder / "var", folder / "knowledge"
    var.mkdir(parents=True)
    for name in MODELS:
        if name not in without:
            (var / name).symlink_to(ROOT / "var" / name)
    if "index" not in without:
        shutil.copytree(ROOT / "var/index", var / "index")
    shutil.copytree(ROOT / "knowledge", knowledge, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return {"var": var, "knowledge": knowledge}


def say(client: httpx.Client, text: str, conversation: str | None = None, **fields: Any) -> dict[str, Any]:
    """The answer to one message; `conversation` goes on with one. Fails unless it is a 200 of the contract's form."""
    body = {"text": text, **fields}
    if conversation:
        body["conversation_id"] = conversation
    response = client.post("/api/messages", json=body)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert set(answer) == {"conversation_id", "language", "route", "urgent", "replies", "quick_replies"}
    assert answer["replies"] and all(r["text"].strip() for r in answer["replies"])
    return answer


def texts(answer: dict[str, Any]) -> list[str]:
    return [r["text"] for r in answer["replies"]]


def kinds(answer: dict[str, Any]) -> list[str]:
    return [r["type"] for r in answer["replies"]]


def shown(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The sources of all passages in an answer."""
    return [s for r in answer["replies"] for s in r.get("sources") or []]


def sentences(key: str) -> dict[str, str]:
    """What the bot says under `key`, by language."""
    return {code: catalogue().text(code, key) for code in LANGUAGES}


def card_first(answer: dict[str, Any]) -> bool:
    """Whether an answer is urgent and begins with the hotline card, 1818 among its numbers, each in its text."""
    first = answer["replies"][0]
    numbers = [line["phone"] for line in first.get("hotlines") or []]
    named = "1818" in numbers and all(number in first["text"] for number in numbers)
    return answer["urgent"] and first["type"] == "hotline" and named


class ServedGateway:
    """`yanapay serve` as a process of its own, its log in `folder/gateway.log`."""

    def __init__(self, folder: Path, without: tuple[str, ...] = (), **settings: Any):
        self.folder, self.log = folder, folder / "gateway.log"
        self.var, self.knowledge = workspace(folder, without).values()
        self.port, self.rasa_port = free_port(), free_port()
        self.settings = {
            "port": self.port,
            "rasa_port": self.rasa_port,
            "var": self.var,
            "knowledge": self.knowledge,
            "messages_per_minute": MANY,
            **settings,
        }
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    @property
    def has_rasa(self) -> bool:
        return bool(self.settings.get("rasa", True)) and "rasa_url" not in self.settings

    @property
    def rasa_log(self) -> Path:
        return self.var / f"logs/rasa-{self.rasa_port}.log"

    @property
    def endpoints(self) -> Path:
        """Rasa's settings for this run; the way to the gateway's actions is in there."""
        return self.var / f"endpoints-{self.rasa_port}.yml"

    def start(self) -> None:
        """Serve, and wait until the gateway lives and, where it has a Rasa of its own, that is ready."""
        self.started = time.time()
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        own = {f"YANAPAY_{k.upper()}": str(v) for k, v in self.settings.items()}
        others = {k: v for k, v in os.environ.items() if not k.startswith("YANAPAY_")}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [ROOT / ".venv/bin/yanapay", "serve"],
                cwd=ROOT,
                env={**others, **own, "TMPDIR": str(temporary)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait("/health")
        if self.has_rasa:
            self.wait_for_rasa()

    def wait(self, path: str) -> None:
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline:
            assert self.process and self.process.poll() is None, self.log.read_text("utf-8")
            with contextlib.suppress(httpx.TransportError):
                if self.client.get(path).status_code == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"{path} was not ready: {self.log.read_text('utf-8')}")

    def wait_for_rasa(self) -> None:
        """Wait until Rasa is ready and takes its turn in time: its first one is slow."""
        deadline = time.monotonic() + LONGEST_START
        while not self.client.get("/ready").json()["rasa"]:
            assert time.monotonic() < deadline, self.rasa_log.read_text("utf-8")
            time.sleep(0.1)
        while kinds(say(self.client, "hola", language="es")) != ["smalltalk"]:
            assert time.monotonic() < deadline, self.rasa_log.read_text("utf-8")
            time.sleep(0.2)

    def rasa(self) -> int | None:
        """The process id of this gateway's Rasa."""
        if self.process is None:
            return None
        found = (_parent_of(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit())
        return next((pid for pid, parent, line in found if parent == self.process.pid and b"nlu.server" in line), None)

    def restart(self) -> None:
        """End the gateway and start it again in the same folder."""
        self._end()
        self.start()

    def stop(self) -> None:
        """End the gateway, and its Rasa should that be left over."""
        self.client.close()
        self._end()

    def _end(self) -> None:
        rasa = self.rasa()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if rasa and _parent_of(rasa)[1] == 1 and b"nlu.server" in _parent_of(rasa)[2]:
            os.kill(rasa, signal.SIGKILL)


def _parent_of(pid: int) -> tuple[int, int, bytes]:
    """A process with its parent and its command line; no parent where it is gone."""
    try:
        stat, line = Path(f"/proc/{pid}/stat").read_text("utf-8"), Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return pid, 0, b""
    return pid, int(stat.rsplit(")", 1)[1].split()[1]), line


class ThreadGateway:
    """A gateway in this process, served by a thread on a free port; `app` is at hand."""

    def __init__(self, app: FastAPI):
        self.app, self.port = app, free_port()
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="critical", access_log=False)
        self.server = uvicorn.Server(config)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=20)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> None:
        self.thread.start()
        deadline = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(20)


@contextlib.contextmanager
def served(folder: Path, without: tuple[str, ...] = (), **settings: Any) -> Iterator[ServedGateway]:
    gateway = ServedGateway(folder, without, **settings)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.stop()


@contextlib.contextmanager
def in_thread(folder: Path, without: tuple[str, ...] = (), **settings: Any) -> Iterator[ThreadGateway]:
    """In this process, without Rasa unless `settings` say otherwise."""
    defaults = {"rasa": False, "messages_per_minute": MANY, "log_level": "CRITICAL"}
    gateway = ThreadGateway(create_app(Settings(**{**defaults, **workspace(folder, without), **settings})))
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()
