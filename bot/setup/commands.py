"""Commands that a step runs: their output goes to the step's log, and none outlives an interrupted set-up."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from pathlib import Path

from bot.setup.failures import CommandError
from bot.setup.project import ROOT, surroundings

SECONDS_TO_END = 5

_running: set[subprocess.Popen[bytes]] = set()
_guard = threading.Lock()
_ending = threading.Event()


def run(command: list[str], log: Path, keep_open: tuple[int, ...] = (), **variables: str) -> None:
    """Run in the project's folder, append to `log`. Raises CommandError.

    `keep_open` are file descriptors that the command inherits: the lock, so that it is held while any command runs.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"$ {shlex.join(command)}\n".encode())
        output.flush()
        start = output.tell()
        with _guard:
            if _ending.is_set():
                raise KeyboardInterrupt
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=surroundings(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=keep_open,
            )
            _running.add(process)
        try:
            code = process.wait()
        finally:
            if process.returncode is not None:
                with _guard:
                    _running.discard(process)
    if _ending.is_set():
        raise KeyboardInterrupt
    if code:
        with log.open("rb") as output:
            output.seek(start)
            raise CommandError(code, output.read().decode(errors="replace"))


def end_all() -> None:
    """End every command with all that it started, and let none start any more."""
    _ending.set()
    with _guard:
        processes = list(_running)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_END)
