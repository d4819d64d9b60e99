"""What staff's own urgent and calm sentences do to messages: the plain stand-in for the function of `knowledge`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.text import fold

NEAR = 0.93


@dataclass(frozen=True)
class Effect:
    """`before` and `after` are yes, maybe or no; `near` the sentence that decided."""

    message: str
    before: str
    after: str
    near: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def effects(
    messages: Iterable[str], urgent: list[str], calm: list[str], judge: Callable[[str], str], encoder: Any
) -> list[Effect]:
    """How each message is judged without the sentences and with them."""
    known = [*urgent, *calm]
    vectors = encoder.encode(known) if encoder and known else np.zeros((0, 1))
    folded = {fold(s): s for s in urgent}
    found = []
    for message in messages:
        before, after, near = judge(message), "", ""
        if fold(message) in folded:
            after, near = "yes", folded[fold(message)]
        elif len(vectors):
            scores = vectors @ encoder.encode([message])[0]
            best = int(scores.argmax())
            if scores[best] >= NEAR:
                near = known[best]
                after = "yes" if best < len(urgent) else "no" if before == "maybe" else before
        found.append(Effect(message, before, after or before, near))
    return found
