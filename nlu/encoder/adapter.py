"""What our own phrases taught the encoder: low-rank changes of its matrices (LoRA, arXiv:2106.09685).

`tuning.py` learns them once; they are kept as a small file of the project and added to the packaged weights whenever
the encoder is built. Names are those of `weights.py`: "l3.q" for the query projection of the fourth layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("adapter.npz")


@dataclass(frozen=True)
class Adapter:
    """`factors` has for each changed matrix (up, down) of shapes (rows, rank) and (rank, columns)."""

    factors: Mapping[str, tuple[np.ndarray, np.ndarray]]

    def __contains__(self, name: str) -> bool:
        return name in self.factors

    def change(self, name: str) -> np.ndarray:
        """What is added to the matrix, float32, shape (rows, columns)."""
        up, down = self.factors[name]
        return up.astype(np.float32) @ down.astype(np.float32)

    def write(self, path: Path = FILE) -> None:
        """Kept in float16."""
        arrays: dict[str, Any] = {}
        for name, (up, down) in self.factors.items():
            arrays[f"{name}.up"], arrays[f"{name}.down"] = up.astype(np.float16), down.astype(np.float16)
        np.savez_compressed(path, **arrays)

    @classmethod
    def read(cls, path: Path = FILE) -> "Adapter":
        """Raises OSError where there is none, KeyError or ValueError for a broken file."""
        with np.load(path) as saved:
            names = {name.rpartition(".")[0] for name in saved.files}
            return cls({name: (saved[f"{name}.up"], saved[f"{name}.down"]) for name in sorted(names)})
