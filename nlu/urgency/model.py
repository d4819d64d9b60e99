"""The trained half of the urgency check: how likely a message tells of a danger, and of which.

The model of intents tells it, which has learned danger and calm from many more kinds of each than a model of dangers
would: on messages of people it never saw it misses fewer and alarms fewer.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from nlu.linear_model import LinearModel
from nlu.training_data import intents
from nlu.urgency.rules import DANGERS

THRESHOLDS = Path(__file__).with_name("thresholds.yml")
WITHOUT_ENCODER = "without_encoder"
CALM, MAYBE = "no", "maybe"
TOLD = (MAYBE, *DANGERS)


@dataclass(frozen=True)
class Estimate:
    """Probabilities of danger and of warning signs, and the likeliest kind of danger."""

    danger: float
    maybe: float
    kind: str


class DangerModel:
    """Of vectors and letters, or of letters alone, for where there is no encoder; it then takes no vectors.

    `unknown` are its intents that `nlu/intents.yml` does not know, which count as calm: it was trained before a change.
    """

    def __init__(self, model: LinearModel):
        self.model = model
        self.unknown = sorted(set(model.classes).difference(intents()))
        self.table = np.array([[kind == told for told in TOLD] for kind in map(kind_of, model.classes)], float)

    def estimate(self, text: str, vector: np.ndarray | None) -> Estimate:
        """`vector` is the text's intent vector, shape (dimension,); None for a model of letters."""
        vectors = np.empty((1, 0)) if vector is None else vector.reshape(1, -1)
        maybe, *dangers = (self.model.probabilities([text], vectors)[0] @ self.table).tolist()
        return Estimate(sum(dangers), maybe, TOLD[1 + int(np.argmax(dangers))])

    @classmethod
    def load(cls, path: Path) -> "DangerModel":
        """Raises OSError or ValueError when the file is missing or broken."""
        return cls(LinearModel.load(path))


@cache
def _thresholds() -> dict[str, float]:
    return yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))


def sure_from(language: str | None) -> float:
    """From which probability of danger a message in `language`, or WITHOUT_ENCODER, is urgent without a rule's help."""
    return _thresholds().get(language or "", _thresholds()["default"])


def kind_of(intent: str) -> str:
    """What an intent tells: a kind of danger, `maybe` or `no`; an unknown one nothing."""
    known = intents().get(intent)
    if known is None:
        return CALM
    return (known.danger or CALM) if known.urgent == "yes" else known.urgent
