"""Which section of the document a message asks for, by its intents."""

from collections.abc import Mapping

import numpy as np

from nlu.intent_models import OUT_OF_SCOPE, out_of_scope_weight
from nlu.linear_model import LinearModel
from nlu.training_data import intents


def section_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """How likely each section holds the answer: the shares of the intents that it usually answers."""
    found: dict[str, float] = {}
    for name, share in shares.items():
        known = intents().get(name)
        for section in known.sections if known else ():
            found[section] = found.get(section, 0.0) + share
    return found


class SectionModel:
    """`model` tells intents; `weight` is what a share of `out_of_scope` counts for, where it is not Rasa's."""

    def __init__(self, model: LinearModel, weight: float | None = None):
        self.model, self.weight = model, out_of_scope_weight() if weight is None else weight

    def shares(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """The share of each intent; they add up to 1. `vector` is the text's intent vector, shape (dimension,)."""
        row = self.model.probabilities([text], vector[None])[0]
        row = row * [self.weight if name == OUT_OF_SCOPE else 1.0 for name in self.model.classes]
        return dict(zip(self.model.classes, (row / row.sum()).tolist(), strict=True))

    def expected(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each section holds the answer."""
        return section_shares(self.shares(text, vector))
