"""Vectors of training phrases, alone and in company, kept on disk between trainings; only new phrases are encoded.

`python -m nlu.encoder.phrase_vectors FOLDER` encodes all, on two cores. For the project's own data files
only, never for what people write.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from nlu.company import lessons
from nlu.encoder.encoder import Encoder, load
from nlu.paths import VAR
from nlu.text import said
from nlu.training_data import phrases

FILE = "phrase_vectors.npz"


def encode(texts: Sequence[str], encoder: Encoder, folder: Path | None = None) -> np.ndarray:
    """Intent vectors of `texts`, shape (texts, dimension); reads and refreshes the store in `folder` (default: var)."""
    path = (folder or VAR) / FILE
    known = _read(path, encoder)
    wordings = [said(t) for t in texts]
    missing = [w for w in dict.fromkeys(wordings) if w not in known]
    if missing:
        known.update(zip(missing, encoder.encode(missing, "intent"), strict=True))
        _write(path, encoder, known)
    return np.stack([known[w] for w in wordings])


def encode_all(folder: Path) -> int:
    """Put the vectors of all phrases that Rasa learns from into the store in `folder`; how many they are."""
    return len(encode([p.text for p in lessons(list(phrases()))], load(threads=2), folder))


def _read(path: Path, encoder: Encoder) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as saved:
            if str(saved["encoder"]) != encoder.intent_name:
                return {}
            return dict(zip(json.loads(saved["texts"].tobytes()), saved["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def _write(path: Path, encoder: Encoder, known: dict[str, np.ndarray]) -> None:
    partial = path.with_name(f"{path.stem}.{os.getpid()}.npz")
    texts = np.frombuffer(json.dumps(list(known)).encode(), np.uint8)
    np.savez(partial, encoder=encoder.intent_name, texts=texts, vectors=np.stack(list(known.values())))
    partial.replace(path)


if __name__ == "__main__":
    print(f"{encode_all(Path(sys.argv[1]))} phrases encoded")
