"""A linear classifier on a sentence vector and hashed character n-grams.

The vector carries meaning across languages; the n-grams carry Quechua, Aymara and Creole, which the encoder hardly
knows, and spelling. Fitted together, the vector leaves the n-grams little to learn, so n-grams that were fitted alone
have a share in the scores: the mean of both scores is less sure of itself where it is wrong. Serves Rasa's intents and
the gateway's urgency alike.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, repeat
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from scipy import optimize, sparse

from nlu import ngrams
from nlu.text import said

NGRAMS = (2, 4)
BUCKETS = 2**15
NGRAMS_SHARE = 0.3
INVERSE_REGULARISATION = 10.0
ROUNDS = 100
PARTS = 2


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
    nothing = np.empty((len(texts), 0), np.float32)
    weights, bias = (alone.weights, alone.bias) if alone else _fit(nothing, found, labels, weight)
    if dimension:
        together, its_bias = _fit((vectors - mean).astype(np.float32), found, labels, weight)
        together *= 1 - NGRAMS_SHARE
        together[dimension:] += weights * NGRAMS_SHARE
        weights, bias = together, its_bias * (1 - NGRAMS_SHARE) + bias * NGRAMS_SHARE
    return LinearModel(sorted(weight), mean, idf, weights, bias)


def class_weights(labels: Sequence[str], balance: float) -> dict[str, float]:
    """How much an example of each class counts."""
    sizes = Counter(labels)
    return {name: (len(labels) / len(sizes) / size) ** balance for name, size in sizes.items()}


def _fit(
    dense: np.ndarray, found: sparse.csr_matrix, labels: Sequence[str], weight: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (features, classes) and bias (classes,), float32, the classes in their names' order.

    The logistic regression of scikit-learn, whose features must be either dense or sparse: with both as sparse it takes
    twice as long.
    """
    classes = sorted(weight)
    wanted = np.array([classes.index(label) for label in labels])
    counts = np.array([weight[label] for label in labels])
    total = counts.sum()
    strength = (2 if len(classes) == 2 else 1) / (INVERSE_REGULARISATION * total)
    counts /= total
    features = dense.shape[1] + found.shape[1]
    borders = np.linspace(0, len(labels), PARTS + 1).astype(int)
    parts = [
        _Part(dense[start:end], found[start:end], wanted[start:end], counts[start:end])
        for start, end in pairwise(borders)
    ]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(features + 1, len(classes))
        losses, slopes = zip(*threads.map(_Part.loss, parts, repeat(weights.astype(np.float32))), strict=True)
        slope = sum(slopes[1:], slopes[0])
        slope[:-1] += strength * weights[:-1]
        return float(sum(losses) + strength / 2 * (weights[:-1] ** 2).sum()), slope.ravel()

    start = np.zeros((features + 1) * len(classes))
    options = {"maxiter": ROUNDS, "maxls": 50, "gtol": 1e-4, "ftol": 1e-14}
    with ThreadPoolExecutor(PARTS) as threads:
        best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    weights = best.x.reshape(features + 1, len(classes)).astype(np.float32)
    return weights[:-1], weights[-1]


class _Part:
    """Some of the examples, whose share of the loss is found in a thread of its own."""

    def __init__(self, dense: np.ndarray, found: sparse.csr_matrix, wanted: np.ndarray, counts: np.ndarray):
        self.dense, self.found, self.wanted, self.counts = dense, found, wanted, counts
        self.rows, self.transposed = np.arange(len(wanted)), found.T.tocsr()

    def loss(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss and its slope (features + 1, classes), float64."""
        dimension = self.dense.shape[1]
        scores = self.dense @ weights[:dimension] + self.found @ weights[dimension:-1] + weights[-1]
        scores -= scores.max(1, keepdims=True)
        odds = np.exp(scores)
        sums = odds.sum(1, keepdims=True)
        missed = self.counts @ (np.log(sums[:, 0]) - scores[self.rows, self.wanted])
        errors = odds / sums
        errors[self.rows, self.wanted] -= 1
        errors *= self.counts[:, None].astype(np.float32)
        slope = [self.dense.T @ errors, self.transposed @ errors, errors.sum(0)[None]]
        return float(missed), np.concatenate(slope).astype(float)
