"""People who write at once, each waiting for the answer before the next message, in a process of its own.

`python -m benchmarks.client` reads a `Job` as JSON from its input and writes a `Load` as JSON. Raw asyncio streams,
because the client shares the cores with what it measures.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from typing import Any

from nlu.paths import ROOT


@dataclass(frozen=True)
class Job:
    """`bodies` are sent in order by whoever of `people` is free, until they or the `seconds` are over."""

    port: int
    path: str
    bodies: list[dict[str, Any]]
    people: int = 1
    seconds: float = 600.0
    keep: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """`milliseconds` of each turn in the order of their ends; `answers` in the order of `bodies`, if they were kept."""

    milliseconds: list[float]
    wall: float
    answers: list[Any] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.milliseconds) / self.wall


def run(job: Job) -> Load:
    """Do `job` in a new process. Raises CalledProcessError when a turn failed."""
    command = [sys.executable, "-m", "benchmarks.client"]
    done = subprocess.run(
        command, input=json.dumps(asdict(job)), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return Load(**json.loads(done.stdout))


def percentiles(milliseconds: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cuts = quantiles(milliseconds, n=20, method="inclusive")
    return cuts[9], cuts[18]


async def _work(job: Job) -> Load:
    waiting = iter(enumerate(job.bodies))
    answers: dict[int, Any] = {}
    times: list[float] = []
    started = time.perf_counter()
    people = (_person(job, waiting, started + job.seconds, times, answers) for _ in range(job.people))
    await asyncio.gather(*people)
    wall = time.perf_counter() - started
    return Load(times, wall, [answers[i] for i in sorted(answers)])


async def _person(
    job: Job, waiting: Iterator[tuple[int, dict]], end: float, times: list[float], answers: dict[int, Any]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
    for number, body in waiting:
        content = json.dumps(body).encode()
        more = "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
        head = (
            f"POST {job.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}Content-Length: "
        )
        started = time.perf_counter()
        writer.write(f"{head}{len(content)}\r\n\r\n".encode() + content)
        answer = await _answer(reader)
        ended = time.perf_counter()
        times.append((ended - started) * 1000)
        if job.keep:
            answers[number] = json.loads(answer)
        if ended > end:
            break
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise SystemExit(f"unexpected answer: {head!r}")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(length)


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_work(Job(**json.load(sys.stdin))))), sys.stdout)
