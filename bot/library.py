"""The index that answers come from: always the newest whole generation, swapped while serving."""

from pathlib import Path

import structlog

from bot.lookout import Lookout
from knowledge import index as indexes
from knowledge.index import Index

log = structlog.get_logger()


class Library:
    """`index` is None as long as none can be loaded that was built with the encoder named `encoder`."""

    def __init__(self, folder: Path, encoder: str | None = None):
        self.folder, self.encoder = folder, encoder
        self.generation: str | None = None
        self._index: Index | None = None
        self.refresh()
        self._lookout = Lookout(self.refresh)

    @property
    def index(self) -> Index | None:
        self._lookout.look()
        return self._index

    def refresh(self) -> None:
        """Load the current generation if it is another one; what is broken leaves the old one in place."""
        name = indexes.current(self.folder)
        if name is None or name == self.generation:
            return
        try:
            index = indexes.load(self.folder)
            if self.encoder and index.encoder != self.encoder:
                raise ValueError("built with another encoder")
            self._index, self.generation = index, name
            log.info("index_loaded", generation=name, passages=len(index.passages))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            log.error("index_broken", generation=name, error=str(error)[:200])
