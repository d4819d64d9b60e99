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
PARTS = "up", "down", "scales"
BYTE, LEAST_RANGE = 127, 1e-12


@dataclass(frozen=True)
class Adapter:
    """`factors` has for each changed matrix (up, down) of shapes (rows, rank) and (rank, columns), float32."""

    factors: Mapping[str, tuple[np.ndarray, np.ndarray]]

    def __contains__(self, name: str) -> bool:
        return name in self.factors

    def change(self, name: str) -> np.ndarray:
        """What is added to the matrix, float32, shape (rows, columns)."""
        up, down = self.factors[name]
        return up @ down

    def halfway(self, other: "Adapter", rank: int) -> "Adapter":
        """The mean of both changes, of at most `rank`: it generalises better than either (arXiv:2109.01903)."""
        factors = {}
        for name in self.factors:
            left, values, right = np.linalg.svd((self.change(name) + other.change(name)) / 2, full_matrices=False)
            factors[name] = left[:, :rank] * values[:rank], right[:rank]
        return Adapter(factors)

    def write(self, path: Path = FILE) -> None:
        """Kept in bytes, with a scale for each direction of the change."""
        arrays: dict[str, Any] = {}
        for name, (up, down) in self.factors.items():
            (arrays[f"{name}.up"], scales), (rows, scales_of_rows) = _in_bytes(up.T), _in_bytes(down)
            arrays[f"{name}.down"], arrays[f"{name}.scales"] = rows, scales * scales_of_rows
        np.savez_compressed(path, **arrays)

    @classmethod
    def read(cls, path: Path = FILE) -> "Adapter":
        """Raises OSError where there is none, KeyError or ValueError for a broken file."""
        with np.load(path) as saved:
            names = sorted({name.rpartition(".")[0] for name in saved.files})
            return cls({name: _factors(*(saved[f"{name}.{part}"] for part in PARTS)) for name in names})


def _in_bytes(directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row as int8, and what a step of it is worth, float32."""
    scales = np.maximum(np.abs(directions).max(1), LEAST_RANGE).astype(np.float32) / BYTE
    return np.round(directions / scales[:, None]).astype(np.int8), scales


def _factors(up: np.ndarray, down: np.ndarray, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both factors in float32; what they are worth is shared evenly."""
    root = np.sqrt(scales)[:, None]
    return (up * root).T, down * root
