"""People wait in lines, one line a chat: each line is served in its order, one at a time, urgent lines first."""

import asyncio
import bisect
import math
import time
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Line(Generic[T]):
    waiting: list[tuple[int, T]] = field(default_factory=list)
    urgent: set[int] = field(default_factory=set)
    busy: bool = False
    held_until: float = 0.0


class Lines(Generic[T]):
    """`order` numbers sort the items of a line, and lines among each other by their first item."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line[T]] = {}
        self._ready: asyncio.PriorityQueue[tuple[bool, int, int]] = asyncio.PriorityQueue()

    def __len__(self) -> int:
        return sum(len(line.waiting) for line in self._lines.values())

    def put(self, chat: int, order: int, item: T, urgent: bool = False, after: float = 0.0) -> None:
        """`after` seconds the line may go on, where nobody is in it yet: others may belong before this one."""
        line = self._lines.setdefault(chat, _Line())
        if after and not line.waiting:
            self._hold(chat, line, after)
        start = 1 if line.busy else 0
        bisect.insort(line.waiting, (order, item), lo=min(start, len(line.waiting)), key=lambda pair: pair[0])
        if urgent:
            line.urgent.add(order)
        self._offer(chat)

    async def take(self) -> tuple[int, int, T]:
        """The chat, the order and the item that come next; the line is busy until `done` or `hold`."""
        while True:
            *rank, chat = await self._ready.get()
            line = self._lines.get(chat)
            if line and self._free(line):
                if tuple(rank) != self._rank(line):
                    self._offer(chat)
                    continue
                line.busy = True
                return (chat, *line.waiting[0])

    def done(self, chat: int) -> None:
        """The item that was taken is dealt with."""
        line = self._lines.get(chat)
        if line is None:
            return
        line.busy = False
        order, _ = line.waiting.pop(0)
        line.urgent.discard(order)
        if line.waiting:
            self._offer(chat)
        else:
            del self._lines[chat]

    def hold(self, chat: int, seconds: float) -> None:
        """The line goes on after `seconds` with what is first then; what was taken stays there."""
        line = self._lines[chat]
        line.busy = False
        self._hold(chat, line, seconds)

    def strand(self, chat: int) -> None:
        """The line waits until it is released."""
        line = self._lines[chat]
        line.busy, line.held_until = False, math.inf

    def _hold(self, chat: int, line: _Line[T], seconds: float) -> None:
        line.held_until = time.monotonic() + seconds
        asyncio.get_running_loop().call_later(seconds + 0.001, self._offer, chat)

    def release(self, chat: int) -> None:
        line = self._lines.get(chat)
        if line:
            line.held_until = 0.0
            self._offer(chat)

    def first(self, chats: set[int]) -> int | None:
        """The one of `chats` that comes before the others; None where none of them waits."""
        ranked = [(self._rank(line), chat) for chat in chats if (line := self._lines.get(chat)) and line.waiting]
        return min(ranked)[1] if ranked else None

    def waiting(self, chat: int) -> list[T]:
        line = self._lines.get(chat)
        return [item for _, item in line.waiting] if line else []

    def drop(self, chat: int) -> list[T]:
        """Dissolve a line; what waited in it, without what is being dealt with just now."""
        line = self._lines.get(chat)
        if line is None:
            return []
        kept = line.waiting[:1] if line.busy else []
        dropped = [item for _, item in line.waiting[len(kept) :]]
        line.waiting = kept
        if not kept:
            del self._lines[chat]
        return dropped

    @staticmethod
    def _free(line: _Line[T]) -> bool:
        return bool(line.waiting) and not line.busy and line.held_until <= time.monotonic()

    @staticmethod
    def _rank(line: _Line[T]) -> tuple[bool, int]:
        return not line.urgent, line.waiting[0][0]

    def _offer(self, chat: int) -> None:
        line = self._lines.get(chat)
        if line and self._free(line):
            self._ready.put_nowait((*self._rank(line), chat))
