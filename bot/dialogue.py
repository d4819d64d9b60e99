"""Client of the Rasa server: one turn of dialogue over loopback (its other side is nlu/channel.py)."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np

CHANNEL = "/webhooks/gateway"
CONNECT_SECONDS, READY_SECONDS = 0.3, 0.5
FAILED = (aiohttp.ClientError, TimeoutError)
REST_SECONDS = 1.0
FAILURES_BEFORE_REST = 2


class DialogueUnavailable(Exception):
    """Rasa is down, not ready, too slow, or answered nothing."""


@dataclass(frozen=True)
class Turn:
    """Rasa's intent with its confidence, the ranking of intents, and replies as the actions gave them."""

    intent: str
    confidence: float
    ranking: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)


class Dialogue:
    """After Rasa twice failed to answer in time it is left alone for a second, so that nobody waits for it in vain."""

    def __init__(self, url: str, timeout: float):
        self.url = url.rstrip("/") + CHANNEL
        self.timeout = aiohttp.ClientTimeout(timeout, connect=CONNECT_SECONDS)
        self.opened: aiohttp.ClientSession | None = None
        self.failures, self.resting_until = 0, 0.0

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at the first use, for a session belongs to the loop that runs then."""
        if self.opened is None:
            self.opened = aiohttp.ClientSession(timeout=self.timeout)
        return self.opened

    async def say(self, sender: str, text: str, language: str, vector: np.ndarray | None) -> Turn:
        """What Rasa makes of a typed text. Raises DialogueUnavailable."""
        encoded = None if vector is None else base64.b64encode(vector.astype(np.float32).tobytes()).decode()
        return await self._turn({"sender": sender, "text": text, "language": language, "vector": encoded})

    async def press(self, sender: str, intent: str, language: str, entities: dict[str, str]) -> Turn:
        """What Rasa makes of a pressed button. Raises DialogueUnavailable."""
        return await self._turn({"sender": sender, "intent": intent, "language": language, "entities": entities})

    async def forget(self, sender: str) -> None:
        """Raises DialogueUnavailable."""
        try:
            async with self.session.delete(f"{self.url}/conversations/{sender}", raise_for_status=True):
                pass
        except FAILED as error:
            raise DialogueUnavailable(type(error).__name__) from error

    async def ready(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/", timeout=aiohttp.ClientTimeout(READY_SECONDS)) as answer:
                return answer.status == 200
        except FAILED:
            return False

    async def close(self) -> None:
        if self.opened:
            await self.opened.close()

    async def _turn(self, body: dict[str, Any]) -> Turn:
        if time.monotonic() < self.resting_until:
            raise DialogueUnavailable("resting")
        try:
            async with self.session.post(f"{self.url}/messages", json=body, raise_for_status=True) as answer:
                content = await answer.json()
            intent = content["intent"]
            turn = Turn(
                intent["name"], float(intent["confidence"]), content["ranking"], content["entities"], content["replies"]
            )
        except (*FAILED, ValueError, KeyError, TypeError) as error:
            self.failures += isinstance(error, TimeoutError)
            if self.failures >= FAILURES_BEFORE_REST:
                self.failures, self.resting_until = 0, time.monotonic() + REST_SECONDS
            raise DialogueUnavailable(type(error).__name__) from error
        self.failures = 0
        if not turn.replies:
            raise DialogueUnavailable("no replies")
        return turn
