"""A step of the set-up: done when its inputs have changed or its outputs are missing, skipped otherwise.

What a step was last made from is kept in a stamp: the hash of each input file, and other facts such as a version.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.setup import commands
from bot.setup.failures import CommandError, SetupError, advice, tail
from bot.setup.progress import Progress
from bot.setup.project import ROOT, VAR, shown

STAMPS = VAR / "stamps"
LOGS = VAR / "logs"


@dataclass(frozen=True)
class Task:
    """What a running step works with."""

    title: str
    log: Path
    progress: Progress
    keep_open: tuple[int, ...] = ()

    def run(self, *command: object, note: str = "", **variables: str) -> None:
        """Run a command, logged. Raises CommandError."""
        self.progress.note(self.title, note)
        commands.run([str(part) for part in command], self.log, self.keep_open, **variables)


@dataclass(frozen=True)
class Step:
    """`inputs` and `without` are patterns below the project's folder; `outputs` may end in a pattern.

    `after` are steps whose own inputs count as inputs of this one. `unfinished` is a file that says, while it exists,
    that the outputs are not whole. `own_words` marks a command whose message needs no explanation.
    """

    name: str
    title: str
    action: Callable[[Task], None]
    outputs: tuple[Path, ...]
    inputs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    after: tuple[Step, ...] = ()
    stamps: Path = STAMPS
    unfinished: Path | None = None
    own_words: bool = False

    @property
    def stamp(self) -> Path:
        return self.stamps / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return LOGS / f"setup-{self.name}.log"

    def made_from(self) -> dict[str, str]:
        """The inputs as they are now: file or fact to its hash or value."""
        excluded = {path for pattern in self.without for path in ROOT.glob(pattern)}
        files = {
            path
            for pattern in self.inputs
            for path in ROOT.glob(pattern)
            if path.is_file() and path not in excluded and "__pycache__" not in path.parts
        }
        found = {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        stamps = {step.title: step.stamp for step in self.after if step.stamp.exists()}
        earlier = {title: hashlib.sha256(stamp.read_bytes()).hexdigest() for title, stamp in stamps.items()}
        return {**dict(sorted(found.items())), **self.facts, **earlier}

    def reason(self) -> str | None:
        """Why it has to be done, in a few words ("" the first time), or None where it is up to date."""
        try:
            before = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return ""
        if self.unfinished and self.unfinished.exists():
            return "was interrupted"
        if missing := [path for path in self.outputs if not present(path)]:
            return f"{shown(missing[0])} was missing"
        now = self.made_from()
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if not changed:
            return None
        return f"{changed[0]} changed" if len(changed) == 1 else f"{changed[0]} and {len(changed) - 1} more changed"

    def carry_out(self, progress: Progress, keep_open: tuple[int, ...]) -> None:
        """Raises SetupError with the end of the log and what to do."""
        reason = self.reason()
        if reason is None:
            progress.up_to_date(self.title)
            return
        made_from = self.made_from()
        self.stamp.unlink(missing_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        progress.start(self.title)
        try:
            self.action(Task(self.title, self.log, progress, keep_open))
            if missing := [path for path in self.outputs if not present(path)]:
                raise SetupError(f"{self.title}: it ended well but made no {shown(missing[0])} ({shown(self.log)}).")
        except CommandError as failure:
            progress.failed(self.title)
            raise SetupError(self.account(failure)) from None
        except SetupError:
            progress.failed(self.title)
            raise
        except KeyboardInterrupt:
            progress.failed(self.title, "stopped")
            raise
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(json.dumps(made_from, indent=1, sort_keys=True) + "\n")
        progress.done(self.title, reason)

    def account(self, failure: CommandError) -> str:
        """What to show of a failed command."""
        what_to_do = advice(failure.code, failure.output)
        if self.own_words and failure.output.strip() and not what_to_do and "Traceback (most" not in failure.output:
            return failure.output.strip()
        head = f"{self.title} failed (exit status {failure.code}). The end of {shown(self.log)}:"
        end = tail(failure.output) or "    (it printed nothing)"
        return "\n".join(part for part in (head, end, what_to_do) if part)


def present(path: Path) -> bool:
    return any(path.parent.glob(path.name)) if "*" in path.name else path.exists()


def carry_out(groups: Iterable[tuple[Step, ...]], keep_open: tuple[int, ...] = ()) -> None:
    """Do the groups one after the other, the steps of a group at the same time. Raises SetupError."""
    started = time.monotonic()
    with Progress() as progress:
        for group in groups:
            together(group, progress, keep_open)
        seconds = time.monotonic() - started
    if seconds >= 60:
        print(f"Ready in {int(seconds // 60)} min {int(seconds % 60)} s.", flush=True)


def together(group: tuple[Step, ...], progress: Progress, keep_open: tuple[int, ...]) -> None:
    with ThreadPoolExecutor(len(group)) as threads:
        futures = [threads.submit(step.carry_out, progress, keep_open) for step in group]
        try:
            failures = [failure for future in futures if (failure := future.exception())]
        except KeyboardInterrupt:
            commands.end_all()
            raise
    for failure in failures:
        if not isinstance(failure, SetupError):
            raise failure
    if failures:
        raise SetupError("\n\n".join(map(str, failures)))
