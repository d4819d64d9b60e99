"""Calls of the Bot API that have to arrive: what to send to whom, and as a parcel while it waits in the outbox."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """`method` of the Bot API with its `fields`; `plain` is the text without markup, should Telegram refuse the markup.

    `owner` is the person in a group whom it answers, 0 in a private chat. `written` is when the person wrote what this
    answers, in seconds since the epoch.
    """

    chat_id: int
    method: str
    fields: dict[str, Any]
    urgent: bool = False
    plain: str | None = None
    written: float = 0.0
    owner: int = 0

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Call":
        return cls(**json.loads(content))


@dataclass
class Parcel:
    """A call in the outbox: row `number`, put there `at` (seconds since the epoch).

    `own_failures` counts failures in a row while other calls arrived; `seen_successes` is what tells.
    """

    number: int
    at: float
    call: Call
    own_failures: int = 0
    seen_successes: int = field(default=-1)
