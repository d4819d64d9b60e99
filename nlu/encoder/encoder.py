"""Sentences to vectors: one interface, two ways of serving the same sentence-transformers model.

A text has a vector for each kind of use: `query` and `passage` are e5's own, for the search; `intent` is what our
phrases taught the encoder (`adapter.py`), for intents and danger, of what is said however it was typed. `load()` takes
the model folder that `python -m nlu.encoder.build` prepares and serves its graphs of bytes through onnxruntime; any
other sentence-transformers folder or name is served through that library.
"""

import hashlib
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from nlu.courtesies import without_courtesies
from nlu.encoder.pieces import Pieces
from nlu.paths import VAR
from nlu.text import said

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Kind = Literal["query", "passage", "intent"]
GRAPH, INTENT_GRAPH = "onnx/model_int8.onnx", "onnx/intent_int8.onnx"
PROMPTS: dict[Kind, str] = {"query": "query", "passage": "passage", "intent": "query"}
READ: dict[Kind, Callable[[str], str]] = {"query": without_courtesies, "passage": str, "intent": said}
PIECES = "sentencepiece.bpe.model"
DEFAULT = VAR / "encoder"
CACHED_VECTORS = 512


class Encoder(Protocol):
    """Turns texts into unit vectors. `name` changes with what the search gets, `intent_name` with intent vectors."""

    name: str
    intent_name: str
    dimension: int

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> np.ndarray:
        """Vectors of shape (len(texts), dimension), float32, unit length."""
        ...


class OnnxEncoder:
    """The prepared graphs on onnxruntime, their weights memory-mapped and shared between processes.

    A graph is opened when it is first used. Each text runs by itself: the graph scales its bytes by the largest value
    of a run, so that company would change a text's vector. `threads` texts run at a time.
    """

    def __init__(self, folder: Path, threads: int = 1):
        self.folder, self.threads = folder, threads
        self.pieces = Pieces(folder / PIECES)
        self.name, self.intent_name = _fingerprint(folder, GRAPH), _fingerprint(folder, INTENT_GRAPH)
        self.sessions: dict[str, InferenceSession] = {}
        self.opening = Lock()
        self.dimension = int(self.session(GRAPH).get_outputs()[0].shape[1])

    def session(self, graph: str) -> "InferenceSession":
        with self.opening:
            if graph not in self.sessions:
                self.sessions[graph] = _open(self.folder / graph)
            return self.sessions[graph]

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if len(texts) == 1 or self.threads == 1:
            for row, text in enumerate(texts):
                vectors[row] = self._vector(text, kind)
            return vectors
        with ThreadPoolExecutor(self.threads) as pool:
            for row, vector in enumerate(pool.map(lambda text: self._vector(text, kind), texts)):
                vectors[row] = vector
        return vectors

    def _vector(self, text: str, kind: Kind) -> np.ndarray:
        session = self.session(INTENT_GRAPH if kind == "intent" else GRAPH)
        return session.run(None, self.inputs(text, kind))[0][0]

    def inputs(self, text: str, kind: Kind) -> dict[str, np.ndarray]:
        """What the graph takes for one text."""
        ids = np.array([self.pieces.ids(f"{PROMPTS[kind]}: {READ[kind](text)}")])
        return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or by name; its own prompts are used where it has them.

    It was taught nothing by our phrases: a text's `intent` vector is the `query` vector of what it says.
    """

    def __init__(self, model: str):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(model, device="cpu", model_kwargs={"dtype": "float32"})
        self.name = self.intent_name = model
        self.dimension = int(self.model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], kind: Kind = "query", batch: int = 16) -> np.ndarray:
        from nlu.encoder.normalisation import normalise

        prompt = PROMPTS[kind] if PROMPTS[kind] in self.model.prompts else None
        vectors = self.model.encode(
            [normalise(READ[kind](t)) for t in texts],
            prompt_name=prompt,
            batch_size=batch,
            normalize_embeddings=True,
        )
        return np.asarray(vectors, np.float32)


def _open(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _fingerprint(folder: Path, graph: str) -> str:
    """A name that changes with the weights, so that stored vectors of other weights are not taken for its own."""
    with (folder / f"{graph}.data").open("rb") as weights:
        return f"{folder.name}-{hashlib.file_digest(weights, 'blake2b').hexdigest()[:12]}"


class CachedEncoder:
    """Remembers the last vectors, so that one message is encoded once on its way through the gateway.

    Who asks for a vector that is being made waits for it, and makes it where that failed. The texts themselves are not
    kept: a vector is found by a hash with a key that only this process knows.
    """

    def __init__(self, encoder: Encoder, size: int = CACHED_VECTORS):
        self.encoder, self.size = encoder, size
        self.name, self.intent_name, self.dimension = encoder.name, encoder.intent_name, encoder.dimension
        self.key = secrets.token_bytes(32)
        self.known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self.in_the_making: dict[bytes, Event] = {}
        self.lock = Lock()

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> np.ndarray:
        if len(texts) != 1:
            return self.encoder.encode(texts, kind)
        key = hashlib.blake2b(f"{kind}: {texts[0]}".encode("utf-8", "replace"), digest_size=16, key=self.key).digest()
        with self.lock:
            if key in self.known:
                self.known.move_to_end(key)
                return self.known[key]
            others = self.in_the_making.get(key)
            if others is None:
                made = self.in_the_making[key] = Event()
        if others:
            others.wait()
            vectors = self.known.get(key)
            return self.encoder.encode(texts, kind) if vectors is None else vectors
        try:
            vectors = self.encoder.encode(texts, kind)
            with self.lock:
                self.known[key] = vectors
                while len(self.known) > self.size:
                    self.known.popitem(last=False)
            return vectors
        finally:
            del self.in_the_making[key]
            made.set()


def load(model: str | Path | None = None, threads: int = 1) -> Encoder:
    """The encoder at `model`: a folder with the prepared graph, or any sentence-transformers folder or name.

    Without one, YANAPAY_ENCODER, then the folder that set-up prepared. Raises FileNotFoundError with what to do
    when that folder is missing.
    """
    chosen = str(model or os.environ.get("YANAPAY_ENCODER") or DEFAULT)
    folder = Path(chosen)
    if (folder / GRAPH).is_file():
        return OnnxEncoder(folder, threads)
    if folder == DEFAULT or (
        folder.is_absolute() and not any((folder / f).is_file() for f in ("modules.json", "config.json"))
    ):
        raise FileNotFoundError(f"{folder} holds no encoder: run `make setup`, or name another in YANAPAY_ENCODER")
    return SentenceTransformerEncoder(chosen)
