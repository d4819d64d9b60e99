"""Files that somebody edits are taken in: checked, tried, published, or refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import Change, awatch

from knowledge.publication.changes import PATTERNS
from knowledge.publication.workshop import Proposal, Workshop

SETTLED_MS = 400


async def watched(workshop: Workshop, stop: asyncio.Event | None = None) -> AsyncIterator[Proposal]:
    """What was edited before and is edited from now on; each proposal was published, or refused as it says."""
    if proposal := await asyncio.to_thread(workshop.take_in):
        yield proposal
    folder = workshop.folder.resolve()

    def ours(change: Change, path: str) -> bool:
        place = Path(path)
        inside = place.relative_to(folder) if place.is_relative_to(folder) else place
        return not place.name.startswith(".") and any(inside.match(pattern) for pattern in PATTERNS)

    async for _ in awatch(folder, watch_filter=ours, stop_event=stop, debounce=SETTLED_MS, step=100):
        if proposal := await asyncio.to_thread(workshop.take_in):
            yield proposal
