"""One set-up at a time in one folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from bot.setup.failures import SetupError
from bot.setup.project import LOCK, shown


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """Hold the project's lock and give its file descriptor. Raises SetupError where another set-up holds it.

    The system frees the lock when the process ends, however it ends; the file itself stays.
    """
    descriptor = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 20, 0).decode().strip() or "unknown"
            raise SetupError(
                f"Another set-up is under way in this folder (process {holder}, {shown(LOCK)}). "
                "Wait until it is done, or stop it, and run this again."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)
