"""Limits at the door: the size of a body, and the messages that one address may send in a minute."""

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.problems import problem, reader_language

USUAL = 120
OWN_LIMITS = ("/internal/", "/telegram/", "/staff/")
LOOPBACK = frozenset({"127.0.0.1", "::1"})


def _header(scope: Scope, name: bytes) -> str | None:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), None)


class BodyLimit:
    """Refuses a body over `largest` bytes with 413, whether or not it says its length."""

    def __init__(self, app: ASGIApp, largest: int):
        self.app, self.largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OWN_LIMITS):
            return await self.app(scope, receive, send)
        length = _header(scope, b"content-length")
        if length and length.isdigit() and int(length) > self.largest:
            return await self._refuse(scope, receive, send)
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > self.largest:
                return await self._refuse(scope, receive, send)
        body = b"".join(chunks)
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(413, reader_language(_header(scope, b"accept-language")))(scope, receive, send)


class RateLimit:
    """Refuses an address's messages over `per_minute` with 429 and Retry-After. Only POSTs to /api count.

    Without a number of the operator's, other machines have 120 and this one no limit: channels and measurements run
    here.
    """

    def __init__(self, app: ASGIApp, per_minute: int | None):
        self.app = app
        self.limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self.allowed = RateLimitItemPerMinute(per_minute or USUAL)
        self.unlimited = LOOPBACK if per_minute is None else frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith("/api/"):
            address = scope["client"][0] if scope.get("client") else "unknown"
            if address not in self.unlimited and not await self.limiter.hit(self.allowed, address):
                stats = await self.limiter.get_window_stats(self.allowed, address)
                wait = max(1, round(stats.reset_time - time.time()))
                language = reader_language(_header(scope, b"accept-language"))
                answer = problem(429, language, headers={"Retry-After": str(wait)})
                return await answer(scope, receive, send)
        await self.app(scope, receive, send)
