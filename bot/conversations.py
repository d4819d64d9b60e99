"""What the gateway remembers of a conversation, in memory only, until it has been idle for a while: no texts."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

LIMIT = 100_000


@dataclass
class Conversation:
    """`language` is the one spoken so far; `chosen` says that the person picked it, so that it holds.

    `passage` is the id of the one shown last, `section` its section. `counted` is what this conversation was
    counted for already: route, topic, outcome.
    """

    id: str
    language: str | None = None
    chosen: bool = False
    section: str | None = None
    passage: str | None = None
    counted: set[tuple[str, str, str]] = field(default_factory=set)
    seen: float = field(default_factory=time.monotonic)


class Conversations:
    def __init__(self, idle_minutes: float):
        self.idle_seconds = idle_minutes * 60
        self.known: OrderedDict[str, Conversation] = OrderedDict()

    def open(self, id: str | None) -> Conversation:
        """The conversation called `id`, or a new one."""
        self.forget_old()
        conversation = self.known.get(id or "") or Conversation(id or secrets.token_urlsafe(16))
        conversation.seen = time.monotonic()
        self.known[conversation.id] = conversation
        self.known.move_to_end(conversation.id)
        return conversation

    def has(self, id: str) -> bool:
        return id in self.known

    def close(self, id: str) -> bool:
        return self.known.pop(id, None) is not None

    def forget_old(self) -> None:
        """Drop conversations that have been idle too long, and the oldest beyond the limit."""
        oldest_allowed = time.monotonic() - self.idle_seconds
        while self.known:
            first = next(iter(self.known.values()))
            if first.seen > oldest_allowed and len(self.known) < LIMIT:
                return
            del self.known[first.id]
