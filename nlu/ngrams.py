"""Character n-grams of folded text, hashed into buckets: what a text looks like, whatever its language.

Windows of the text with single spaces between and around its words; none spans a space, so that each lies in one word
and its edges. Hashing works on the whole text at once, for it stands in the way of every message.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from nlu.text import fold

SPACE = 32
MULTIPLIER, MIXER = np.uint32(0x01000193), np.uint32(0x85EBCA6B)


def counted(text: str, shortest: int, longest: int, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """The buckets that a text's n-grams fall into, ascending, and how many fall into each. `buckets`: a power of 2."""
    codes = np.frombuffer(f" {' '.join(fold(text).split())} ".encode("utf-32-le"), np.uint32)
    space = codes == SPACE
    hashes, crossing, found = codes, np.zeros(len(codes), bool), []
    for length in range(1, longest + 1):
        if length > 1:
            hashes = hashes[:-1] * MULTIPLIER + codes[length - 1 :]
        if length > 2:
            crossing = crossing[:-1] | space[length - 2 : -1]
        elif length == 2:
            crossing = crossing[:-1]
        if length >= shortest:
            found.append(hashes[~crossing] + np.uint32(length))
    mixed = np.concatenate(found)
    mixed = (mixed ^ (mixed >> np.uint32(15))) * MIXER
    mixed ^= mixed >> np.uint32(13)
    return np.unique(mixed & np.uint32(buckets - 1), return_counts=True)


def weighted(text: str, shortest: int, longest: int, idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Buckets and tf-idf weights of unit length. `idf` has a value for each bucket."""
    places, counts = counted(text, shortest, longest, len(idf))
    values = (np.log(counts, dtype=np.float32) + 1) * idf[places]
    return places, values / max(float(np.sqrt(values @ values)), 1e-9)


def inverse_frequencies(texts: Sequence[str], shortest: int, longest: int, buckets: int) -> np.ndarray:
    """Shape (buckets,), float32: how rare the n-grams of each bucket are among `texts`."""
    present = np.zeros(buckets)
    for text in texts:
        present[counted(text, shortest, longest, buckets)[0]] += 1
    return (np.log((1 + len(texts)) / (1 + present)) + 1).astype(np.float32)


def matrix(texts: Sequence[str], shortest: int, longest: int, idf: np.ndarray) -> sparse.csr_matrix:
    """The weights of all `texts`, shape (texts, buckets)."""
    rows = [weighted(text, shortest, longest, idf) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places, values = (np.concatenate(parts) if parts else np.empty(0) for parts in zip(*rows, strict=True))
    return sparse.csr_matrix((values, places.astype(np.int32), ends), (len(texts), len(idf)), np.float32)
