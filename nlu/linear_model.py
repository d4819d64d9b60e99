"""A linear classifier on a sentence vector and hashed character n-grams.

The vector carries meaning across languages; the n-grams carry Quechua, Aymara and Creole, which the encoder hardly
knows, and spelling. Serves Rasa's intents and the gateway's urgency alike.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlu import ngrams

NGRAMS = (2, 4)
BUCKETS = 2**15
VECTOR_SCALE = 1.0
INVERSE_REGULARISATION = 5.0


class LinearModel:
    """Class probabilities of a text. Train with `train`, keep with `save` and `load`.

    `weights` has shape (dimension + buckets, classes): first those of the vector, then those of the n-grams.
    """

    def __init__(self, classes: list[str], mean: np.ndarray, idf: np.ndarray, weights: np.ndarray, bias: np.ndarray):
        self.classes, self.mean, self.idf, self.weights, self.bias = classes, mean, idf, weights, bias

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Shape (texts, classes). `vectors` has shape (texts, dimension), as the encoder gives them for queries."""
        dimension = len(self.mean)
        scores = (vectors - self.mean) * VECTOR_SCALE @ self.weights[:dimension] + self.bias
        for row, text in zip(scores, texts, strict=True):
            places, values = ngrams.weighted(text, *NGRAMS, self.idf)
            row += values @ self.weights[dimension + places]
        scores -= scores.max(1, keepdims=True)
        odds = np.exp(scores)
        return odds / odds.sum(1, keepdims=True)

    def save(self, path: Path) -> None:
        np.savez(
            path, classes=np.array(self.classes), mean=self.mean, idf=self.idf, weights=self.weights, bias=self.bias
        )

    @classmethod
    def load(cls, path: Path | BinaryIO) -> "LinearModel":
        """Raises OSError for a file that is not there, ValueError for one that is broken."""
        try:
            with np.load(path) as saved:
                return cls(saved["classes"].tolist(), saved["mean"], saved["idf"], saved["weights"], saved["bias"])
        except (EOFError, KeyError, BadZipFile) as error:
            raise ValueError(f"{path}: not a model; run `make setup`") from error


def train(texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str], balance: float = 0.5) -> LinearModel:
    """Fit on equally long `texts`, `vectors` (texts, dimension) and `labels`.

    Each class weighs its size to the power `1 - balance`: 0 leaves the classes as they are, 1 makes all equal.
    """
    idf = ngrams.inverse_frequencies(texts, *NGRAMS, BUCKETS)
    mean = vectors.mean(0)
    names, sizes = np.unique(np.asarray(labels), return_counts=True)
    weight = {n: (len(labels) / len(names) / s) ** balance for n, s in zip(names, sizes, strict=True)}
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=60, class_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(_features(texts, vectors, mean, idf), labels)
    coefficients, bias = model.coef_, model.intercept_
    if len(names) == 2:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        bias = np.concatenate([-bias / 2, bias / 2])
    weights = np.ascontiguousarray(coefficients.T, np.float32)
    return LinearModel(model.classes_.tolist(), mean, idf, weights, bias.astype(np.float32))


def _features(texts: Sequence[str], vectors: np.ndarray, mean: np.ndarray, idf: np.ndarray) -> sparse.csr_matrix:
    """Centred vectors beside tf-idf: (texts, dimension + buckets)."""
    dense = sparse.csr_matrix(((vectors - mean) * VECTOR_SCALE).astype(np.float32))
    return sparse.hstack([dense, ngrams.matrix(texts, *NGRAMS, idf)]).tocsr()
