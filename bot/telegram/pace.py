"""How many messages a second go out to all chats together: a bucket that fills evenly."""

import asyncio
import time


class Pace:
    """`per_second` on average, as many at once after a pause; 0 is no limit."""

    def __init__(self, per_second: float):
        self.per_second = per_second
        self._next = 0.0

    async def wait(self) -> None:
        if not self.per_second:
            return
        now = time.monotonic()
        self._next = max(self._next, now - 1.0) + 1.0 / self.per_second
        if self._next > now:
            await asyncio.sleep(self._next - now)
