"""Client of the Rasa server: one turn of dialogue over loopback (its other side is nlu/channel.py)."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

CHANNEL = "/webhooks/gateway"
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
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self.client = httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(timeout, connect=0.3), limits=limits)
        self.failures, self.resting_until = 0, 0.0

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
            answer = await self.client.delete(f"{CHANNEL}/conversations/{sender}")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise DialogueUnavailable(type(error).__name__) from error

    async def ready(self) -> bool:
        try:
            return (await self.client.get(f"{CHANNEL}/", timeout=0.5)).status_code == 200
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        await self.client.aclose()

    async def _turn(self, body: dict[str, Any]) -> Turn:
        if time.monotonic() < self.resting_until:
            raise DialogueUnavailable("resting")
        try:
            answer = await self.client.post(f"{CHANNEL}/messages", json=body)
            answer.raise_for_status()
            content = answer.json()
            intent = content["intent"]
            turn = Turn(
                intent["name"], float(intent["confidence"]), content["ranking"], content["entities"], content["replies"]
            )
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            self.failures += isinstance(error, httpx.TimeoutException)
            if self.failures >= FAILURES_BEFORE_REST:
                self.failures, self.resting_until = 0, time.monotonic() + REST_SECONDS
            raise DialogueUnavailable(type(error).__name__) from error
        self.failures = 0
        if not turn.replies:
            raise DialogueUnavailable("no replies")
        return turn
