"""What is read anew in the background when somebody needs it: at most once a second, never twice at once."""

import threading
import time
from collections.abc import Callable

LOOK_EVERY = 1.0


class Lookout:
    """`refresh` runs in a thread of its own where `changed` says so; whoever asks does not wait for it."""

    def __init__(self, refresh: Callable[[], None], changed: Callable[[], bool] = lambda: True):
        self._refresh, self._changed = refresh, changed
        self._looked = time.monotonic()
        self._busy = threading.Lock()

    def look(self) -> None:
        if time.monotonic() - self._looked <= LOOK_EVERY or not self._busy.acquire(blocking=False):
            return
        self._looked = time.monotonic()
        if self._changed():
            threading.Thread(target=self._run, daemon=True).start()
        else:
            self._busy.release()

    def _run(self) -> None:
        try:
            self._refresh()
        finally:
            self._busy.release()
