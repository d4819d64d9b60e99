"""One line for each step on the terminal, and a sign of life while a step takes long."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from typing import TextIO

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_SPINNER = "|/-\\"
QUIET_SECONDS = 2
REMINDER_SECONDS = 30
WIDTH = 24


class Running:
    def __init__(self) -> None:
        self.started = time.monotonic()
        self.note = ""
        self.reminded = -1

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


class Progress:
    """Used in a `with`. Several steps may run at once, from several threads.

    On a terminal the last line moves; elsewhere (a log, CI) a plain line appears after 2 seconds, then every 30.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = self.live and not os.environ.get("NO_COLOR")
        unicode = "utf" in (self.stream.encoding or "").lower()
        self.tick, self.cross, self.spinner = ("✓", "✗", SPINNER) if unicode else ("ok", "!!", PLAIN_SPINNER)
        self._running: dict[str, Running] = {}
        self._guard = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        with self._guard:
            self._clear()
            self.stream.flush()

    def start(self, title: str) -> None:
        with self._guard:
            self._running[title] = Running()

    def note(self, title: str, text: str) -> None:
        """Say which part of a running step is under way."""
        with self._guard:
            if title in self._running:
                self._running[title].note = text

    def done(self, title: str, remark: str = "") -> None:
        with self._guard:
            seconds = self._running.pop(title).seconds
            self._line(self.tick, "32", title, f"{seconds:6.1f} s" + (f"   {remark}" if remark else ""))

    def up_to_date(self, title: str) -> None:
        self._line(self.tick, "32", title, "up to date")

    def failed(self, title: str, word: str = "failed") -> None:
        with self._guard:
            seconds = self._running.pop(title).seconds
            self._line(self.cross, "31", title, f"{word} after {seconds:.1f} s")

    def _line(self, mark: str, colour: str, title: str, text: str) -> None:
        with self._guard:
            self._clear()
            mark = f"\x1b[{colour}m{mark}\x1b[0m" if self.colour else mark
            print(f"{mark} {title:<{WIDTH}} {text}", file=self.stream, flush=True)

    def _clear(self) -> None:
        if self.live:
            self.stream.write("\r\x1b[K")

    def _watch(self) -> None:
        turn = 0
        while not self._stop.wait(0.12 if self.live else 0.5):
            turn += 1
            with self._guard:
                if self.live:
                    self._spin(turn)
                else:
                    self._remind()

    def _spin(self, turn: int) -> None:
        long = [(title, task) for title, task in self._running.items() if task.seconds >= QUIET_SECONDS]
        if not long:
            return
        parts = [f"{title} {task.seconds:.0f} s" + (f": {task.note}" if task.note else "") for title, task in long]
        text = f"{self.spinner[turn % len(self.spinner)]} " + ", ".join(parts)
        self._clear()
        self.stream.write(text[: shutil.get_terminal_size().columns - 1])
        self.stream.flush()

    def _remind(self) -> None:
        for title, task in self._running.items():
            if task.seconds < QUIET_SECONDS or int(task.seconds // REMINDER_SECONDS) == task.reminded:
                continue
            task.reminded = int(task.seconds // REMINDER_SECONDS)
            since = f" {task.seconds:.0f} s" if task.reminded else ""
            note = f" ({task.note})" if task.note else ""
            print(f"  {title}{note} ...{since}", file=self.stream, flush=True)
