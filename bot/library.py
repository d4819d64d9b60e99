"""The index that answers come from: always the newest whole generation, swapped while serving."""

import threading
import time
from pathlib import Path

import structlog

from knowledge import index as indexes
from knowledge.index import Index

log = structlog.get_logger()
LOOK_EVERY = 1.0


class Library:
    """`index` is None as long as none can be loaded."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.generation: str | None = None
        self.looked = 0.0
        self.loading = threading.Lock()
        self._index: Index | None = None
        self.refresh()

    @property
    def index(self) -> Index | None:
        if time.monotonic() - self.looked > LOOK_EVERY and self.loading.acquire(blocking=False):
            threading.Thread(target=self._refresh_and_release, daemon=True).start()
        return self._index

    def refresh(self) -> None:
        """Load the current generation if it is another one; what is broken leaves the old one in place."""
        self.looked = time.monotonic()
        name = indexes.current(self.folder)
        if name is None or name == self.generation:
            return
        try:
            self._index, self.generation = indexes.load(self.folder), name
            log.info("index_loaded", generation=name, passages=len(self._index.passages))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            log.error("index_broken", generation=name, error=type(error).__name__)

    def _refresh_and_release(self) -> None:
        try:
            self.refresh()
        finally:
            self.loading.release()
