"""The trained half of the urgency check: how likely a message tells of a danger, and of which."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from nlu.linear_model import LinearModel, train
from nlu.training_data import Phrase, intents

FILE, LETTERS_FILE = "danger.npz", "danger_letters.npz"
THRESHOLDS = Path(__file__).with_name("thresholds.yml")
WITHOUT_ENCODER = "without_encoder"
CALM, MAYBE = "no", "maybe"


@dataclass(frozen=True)
class Estimate:
    """Probabilities of danger and of warning signs, and the likeliest kind of danger."""

    danger: float
    maybe: float
    kind: str


class DangerModel:
    """Of vectors and letters, or of letters alone, for where there is no encoder; it then takes no vectors."""

    def __init__(self, model: LinearModel):
        self.model = model
        self.kinds = [i for i, name in enumerate(model.classes) if name not in (CALM, MAYBE)]

    def estimate(self, text: str, vector: np.ndarray | None) -> Estimate:
        """`vector` is the text's intent vector, shape (dimension,); None for a model of letters."""
        vectors = np.empty((1, 0)) if vector is None else vector.reshape(1, -1)
        row = self.model.probabilities([text], vectors)[0]
        kind = max(self.kinds, key=lambda i: row[i])
        return Estimate(
            float(sum(row[i] for i in self.kinds)),
            float(row[self.model.classes.index(MAYBE)]),
            self.model.classes[kind],
        )

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


def label(phrase: Phrase) -> str:
    """The class of a training phrase: a kind of danger, `maybe` or `no`."""
    intent = intents()[phrase.intent]
    return (intent.danger or CALM) if intent.urgent == "yes" else intent.urgent


def fit(phrases: list[Phrase], vectors: np.ndarray, letters: LinearModel | None = None) -> LinearModel:
    """Train on phrases and their vectors, shape (phrases, dimension); a dimension of 0 makes a model of letters.

    `letters` is the model of letters of the same phrases, where there is one already.
    """
    return train([p.text for p in phrases], vectors, [label(p) for p in phrases], alone=letters)
