"""How large the encoder's activations get, for the fast graph: measured with the exact one on a few hundred texts."""

from pathlib import Path

import numpy as np
import onnxruntime

from nlu.encoder import graph
from nlu.encoder.pieces import Pieces
from nlu.encoder.weights import Weights

TEXTS = Path(__file__).parent / "calibration_texts.txt"


def ranges(weights: Weights, pieces: Path, exact: Path) -> dict[str, np.ndarray]:
    """The largest absolute value of each input channel of each product.

    `pieces` is the tokeniser's file; the exact graph is written to `exact`.
    """
    tokeniser = Pieces(pieces)
    sources = graph.write(weights, exact, sources=True)
    session = onnxruntime.InferenceSession(str(exact), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    largest: dict[str, np.ndarray] = {}
    for text in TEXTS.read_text(encoding="utf-8").splitlines():
        ids = np.array([tokeniser.ids(f"query: {text}")])
        for name, values in zip(
            names, session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)}), strict=True
        ):
            highest = np.abs(values[0]).max(0)
            largest[name] = np.maximum(largest.get(name, 0), highest)
    return {product: largest[source] for product, source in sources.items()}
