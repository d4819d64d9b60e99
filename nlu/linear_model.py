"""A linear classifier on a sentence vector and hashed character n-grams.

The vector carries meaning across languages; the n-grams carry Quechua, Aymara and Creole, which the encoder hardly
knows, and spelling. Serves Rasa's intents and the gateway's urgency alike.
"""

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression

from nlu.text import fold

NGRAMS = (2, 4)
BUCKETS = 2**15
VECTOR_SCALE = 2.5
INVERSE_REGULARISATION = 5.0


class LinearModel:
    """Class probabilities of a text. Train with `train`, keep with `save` and `load`."""

    def __init__(self, classes: list[str], mean: np.ndarray, idf: np.ndarray, weights: np.ndarray, bias: np.ndarray):
        self.classes, self.mean, self.idf, self.weights, self.bias = classes, mean, idf, weights, bias

    @cached_property
    def _ngrams(self) -> HashingVectorizer:
        return _hasher()

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Shape (texts, classes). `vectors` has shape (texts, dimension), as the encoder gives them for queries."""
        scores = _features(self._ngrams, texts, vectors, self.mean, self.idf) @ self.weights.T + self.bias
        scores -= scores.max(1, keepdims=True)
        odds = np.exp(scores)
        return odds / odds.sum(1, keepdims=True)

    def save(self, path: Path) -> None:
        np.savez(
            path, classes=np.array(self.classes), mean=self.mean, idf=self.idf, weights=self.weights, bias=self.bias
        )

    @classmethod
    def load(cls, path: Path) -> "LinearModel":
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
    hasher = _hasher()
    counts = hasher.transform(texts)
    present = np.asarray((counts > 0).sum(0)).ravel()
    idf = (np.log((1 + len(texts)) / (1 + present)) + 1).astype(np.float32)
    mean = vectors.mean(0)
    names, sizes = np.unique(np.asarray(labels), return_counts=True)
    weight = {n: (len(labels) / len(names) / s) ** balance for n, s in zip(names, sizes, strict=True)}
    features = _features(hasher, texts, vectors, mean, idf)
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=60, class_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(features, labels)
    coefficients, bias = model.coef_, model.intercept_
    if len(names) == 2:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        bias = np.concatenate([-bias / 2, bias / 2])
    return LinearModel(model.classes_.tolist(), mean, idf, coefficients.astype(np.float32), bias.astype(np.float32))


def _hasher() -> HashingVectorizer:
    return HashingVectorizer(
        analyzer="char_wb", ngram_range=NGRAMS, n_features=BUCKETS, preprocessor=fold, norm=None, alternate_sign=False
    )


def _features(
    hasher: HashingVectorizer, texts, vectors: np.ndarray, mean: np.ndarray, idf: np.ndarray
) -> sparse.csr_matrix:
    """Centred vectors beside length-normalised tf-idf: (texts, dimension + buckets)."""
    counts = hasher.transform(texts).astype(np.float32).tocsr()
    counts.data = (np.log(counts.data) + 1) * idf[counts.indices]
    norms = np.sqrt(np.asarray(counts.multiply(counts).sum(1)).ravel())
    norms[norms == 0] = 1
    counts = sparse.diags(1 / norms) @ counts
    dense = sparse.csr_matrix(((vectors - mean) * VECTOR_SCALE).astype(np.float32))
    return sparse.hstack([dense, counts]).tocsr().astype(np.float32)
