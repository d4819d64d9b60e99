"""A linear classifier on a sentence vector and hashed character n-grams.

The vector carries meaning across languages; the n-grams carry Quechua, Aymara and Creole, which the encoder hardly
knows, and spelling. Fitted together, the vector leaves the n-grams little to learn, so n-grams that were fitted alone
have a share in the scores: the mean of both scores is less sure of itself where it is wrong. Serves Rasa's intents and
the gateway's urgency alike.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlu import ngrams
from nlu.text import said

NGRAMS = (2, 4)
BUCKETS = 2**15
NGRAMS_SHARE = 0.3
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
        scores = (vectors - self.mean) @ self.weights[:dimension] + self.bias
        for row, text in zip(scores, texts, strict=True):
            places, values = ngrams.weighted(said(text), *NGRAMS, self.idf)
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


def train(
    texts: Sequence[str],
    vectors: np.ndarray,
    labels: Sequence[str],
    balance: float = 0.5,
    alone: LinearModel | None = None,
) -> LinearModel:
    """Fit on equally long `texts`, `vectors` (texts, dimension) and `labels`; a dimension of 0 leaves n-grams alone.

    Each class weighs its size to the power `1 - balance`: 0 leaves the classes as they are, 1 makes all equal. `alone`
    is the model of n-grams of the same texts and labels, where there is one already.
    """
    texts = [said(text) for text in texts]
    idf = ngrams.inverse_frequencies(texts, *NGRAMS, BUCKETS)
    mean, dimension = vectors.mean(0), vectors.shape[1]
    weight = class_weights(labels, balance)
    found = ngrams.matrix(texts, *NGRAMS, idf)
    weights, bias = (alone.weights, alone.bias) if alone else _fit(found, labels, weight)
    if dimension:
        dense = sparse.csr_matrix((vectors - mean).astype(np.float32))
        together, its_bias = _fit(sparse.hstack([dense, found]).tocsr(), labels, weight)
        together *= 1 - NGRAMS_SHARE
        together[dimension:] += weights * NGRAMS_SHARE
        weights, bias = together, its_bias * (1 - NGRAMS_SHARE) + bias * NGRAMS_SHARE
    return LinearModel(sorted(weight), mean, idf, weights, bias)


def class_weights(labels: Sequence[str], balance: float) -> dict[str, float]:
    """How much an example of each class counts."""
    sizes = Counter(labels)
    return {name: (len(labels) / len(sizes) / size) ** balance for name, size in sizes.items()}


def _fit(features: sparse.csr_matrix, labels: Sequence[str], weight: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (features, classes) and bias (classes,), float32, the classes in their names' order."""
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=60, class_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(features, labels)
    coefficients, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        bias = np.concatenate([-bias / 2, bias / 2])
    return np.ascontiguousarray(coefficients.T, np.float32), bias.astype(np.float32)
