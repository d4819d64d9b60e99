"""What the gateway already knows about a message, handed to the pipeline beside the text.

`rasa train`, `rasa test` and `rasa shell` give no such hints; the components then work it out themselves.
"""

import base64

import numpy as np
from rasa.shared.nlu.training_data.message import Message

VECTOR, LANGUAGE = "vector", "language"


def hint(message: Message, name: str):
    """The gateway's value under `name`, or None."""
    return (message.get("metadata") or {}).get(name)


def vector_hint(message: Message) -> np.ndarray | None:
    """The intent vector that the gateway computed for its safety check, shape (dimension,), or None."""
    encoded = hint(message, VECTOR)
    return np.frombuffer(base64.b64decode(encoded), np.float32) if encoded else None
