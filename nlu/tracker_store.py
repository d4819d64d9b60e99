"""Conversations in memory only, forgotten after a time without messages.

Keeps each tracker as the object it is: nothing is serialised, nothing reaches a disk, and a long conversation does not
slow down because only the last events stay.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class ExpiringTrackerStore(TrackerStore):
    """`idle_minutes` without a message end a conversation; beyond `conversations` the oldest one goes."""

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        idle_minutes: float = 30,
        conversations: int = 50_000,
        last_events: int = 40,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.idle_seconds, self.limit, self.last_events = idle_minutes * 60, conversations, last_events
        self.trackers: OrderedDict[str, tuple[float, DialogueStateTracker]] = OrderedDict()

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        return DialogueStateTracker(sender_id, self.domain.slots, max_event_history=self.last_events)

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        self.trackers[tracker.sender_id] = (time.monotonic(), tracker)
        self.trackers.move_to_end(tracker.sender_id)
        self._forget_old()
        asyncio.get_running_loop().call_later(self.idle_seconds + 1, self._forget_old)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        self._forget_old()
        entry = self.trackers.get(sender_id)
        return entry[1] if entry else None

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        return await self.retrieve(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self.trackers)

    async def delete(self, sender_id: str) -> None:
        self.trackers.pop(sender_id, None)

    def _forget_old(self) -> None:
        oldest_allowed = time.monotonic() - self.idle_seconds
        while self.trackers:
            sender_id, (seen, _) = next(iter(self.trackers.items()))
            if seen > oldest_allowed and len(self.trackers) <= self.limit:
                return
            del self.trackers[sender_id]
