"""Which section of the document a message asks for, by the intents of the trained Rasa model, without Rasa."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import yaml

from nlu.linear_model import LinearModel
from nlu.paths import ROOT
from nlu.training_data import intents

ARCHIVE = ROOT / "models" / "yanapay.tar.gz"
CONFIG = ROOT / "config.yml"
FILE, COMPONENT, WEIGHT = "intents.npz", "nlu.components.intents.RouteIntents", "out_of_scope_weight"
OUT_OF_SCOPE = "out_of_scope"


def section_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """How likely each section holds the answer: the shares of the intents that it usually answers."""
    found: dict[str, float] = {}
    for name, share in shares.items():
        known = intents().get(name)
        for section in known.sections if known else ():
            found[section] = found.get(section, 0.0) + share
    return found


class SectionModel:
    """`weight` is what a share of `out_of_scope` counts for."""

    def __init__(self, model: LinearModel, weight: float):
        self.model, self.weight = model, weight

    def shares(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """The share of each intent; they add up to 1. `vector` is the text's intent vector, shape (dimension,)."""
        row = self.model.probabilities([text], vector[None])[0]
        row = row * [self.weight if name == OUT_OF_SCOPE else 1.0 for name in self.model.classes]
        return dict(zip(self.model.classes, (row / row.sum()).tolist(), strict=True))

    def expected(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each section holds the answer."""
        return section_shares(self.shares(text, vector))

    @classmethod
    def load(cls, archive: Path = ARCHIVE, config: Path = CONFIG) -> "SectionModel":
        """Raises OSError where there is no Rasa model, ValueError where it is another one than ours."""
        with tarfile.open(archive) as packed:
            member = next((m for m in packed.getmembers() if m.name.endswith(FILE)), None)
            file = packed.extractfile(member) if member else None
            if file is None:
                raise ValueError(f"{archive}: no {FILE}")
            model = LinearModel.load(io.BytesIO(file.read()))
        pipeline = yaml.safe_load(config.read_text("utf-8"))["pipeline"]
        return cls(model, next((float(c[WEIGHT]) for c in pipeline if c["name"] == COMPONENT and WEIGHT in c), 1.0))
