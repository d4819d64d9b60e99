"""Servers to measure: started on loopback, waited for, weighed, and ended with all that they started."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

LONGEST_START = 120.0
POLL = 0.05
SECONDS_TO_END = 10


@dataclass(frozen=True)
class Memory:
    """MiB of one process: `pss` shares mapped files among the processes that map them, `rss` counts them in each."""

    name: str
    pss: float
    rss: float


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    started: float
    seconds_to_start: float

    def wait(self, url: str) -> float:
        """Until `url` answers 200; the seconds since the start. Raises RuntimeError if it never does."""
        _wait(self.process, url, self.started + LONGEST_START)
        return time.perf_counter() - self.started

    def memory(self) -> list[Memory]:
        """Of the process and of all its descendants, the oldest first."""
        return [_weigh(pid) for pid in _family(self.process.pid)]


@contextlib.contextmanager
def serving(command: list[str], folder: Path, environment: dict[str, str], url: str, log: Path) -> Iterator[Server]:
    """Run `command` until the block ends; enters it when `url` answers 200. Raises RuntimeError if it never does."""
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, url, started + LONGEST_START)
        yield Server(process, started, time.perf_counter() - started)
    finally:
        family = _family(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, until: float) -> None:
    with httpx.Client(timeout=1.0) as client:
        while time.perf_counter() < until:
            if process.poll() is not None:
                raise RuntimeError(f"it ended with {process.returncode} before it was ready")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == 200:
                    return
            time.sleep(POLL)
    raise RuntimeError("it was not ready in time")


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    return found


def _weigh(pid: int) -> Memory:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    kib = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount = line.split()[:2]
        kib[name.rstrip(":")] = int(amount)
    name = "Rasa" if {"nlu.server", "rasa"} & set(words) else "gateway" if "serve" in words else "helper"
    return Memory(name, kib["Pss"] / 1024, kib["Rss"] / 1024)
