"""Starts the Rasa server, watches it, starts it again when it dies or falls silent, and stops it with the gateway."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

import structlog
import yaml

from bot.dialogue import Dialogue

log = structlog.get_logger()
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
POLL = 0.5
LONGEST_SILENCE, LONGEST_START = 10.0, 120.0


class RasaProcess:
    """`root` holds Rasa's files; `actions_url` is where Rasa reaches the gateway's actions."""

    def __init__(self, root: Path, var: Path, port: int, actions_url: str, idle_minutes: float, dialogue: Dialogue):
        self.root, self.var, self.port, self.dialogue = root, var, port, dialogue
        self.actions_url, self.idle_minutes = actions_url, idle_minutes
        self.endpoints = var / f"endpoints-{port}.yml"
        self.process: asyncio.subprocess.Process | None = None
        self.ready = False
        self.watcher: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the watcher, then Rasa: asked first, killed after five seconds."""
        if self.watcher:
            self.watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.watcher
        if self.process and self.process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self.process.wait()
        self.endpoints.unlink(missing_ok=True)

    async def _watch(self) -> None:
        wait = FIRST_WAIT
        while True:
            self.process = await self._spawn()
            ended = asyncio.create_task(self.process.wait())
            answered = time.monotonic() + LONGEST_START
            while not ended.done():
                self.ready = await self.dialogue.ready()
                if self.ready:
                    wait, answered = FIRST_WAIT, time.monotonic()
                elif time.monotonic() - answered > LONGEST_SILENCE:
                    log.warning("rasa_silent", seconds=LONGEST_SILENCE)
                    self._signal(signal.SIGKILL)
                await asyncio.wait({ended}, timeout=POLL)
            self.ready = False
            log.warning("rasa_ended", code=self.process.returncode, again_in=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _spawn(self) -> asyncio.subprocess.Process:
        logs = self.var / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._write_endpoints()
        python = self.root / ".venv-rasa/bin/python"
        arguments = [
            "run",
            "--interface",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--endpoints",
            str(self.endpoints),
            "--quiet",
        ]
        environment = {**os.environ, "YANAPAY_VAR": str(self.var), "LOG_LEVEL": "ERROR", "PYTHONPATH": str(self.root)}
        with (logs / f"rasa-{self.port}.log").open("w") as output:
            return await asyncio.create_subprocess_exec(
                str(python),
                "-m",
                "nlu.server",
                *arguments,
                cwd=self.root,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _write_endpoints(self) -> None:
        """The project's endpoints.yml with this gateway's address, for this run."""
        content = yaml.safe_load((self.root / "endpoints.yml").read_text(encoding="utf-8"))
        content["action_endpoint"]["url"] = self.actions_url
        content["tracker_store"]["idle_minutes"] = self.idle_minutes
        self.endpoints.touch(mode=0o600)
        self.endpoints.write_text(yaml.safe_dump(content), encoding="utf-8")

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
