"""The store of phrase vectors: only what is new is encoded, and what it holds is never another model's or broken."""

from pathlib import Path

import numpy as np
import pytest

from bot.settings import settings
from nlu.encoder import encoder as encoders
from nlu.encoder import phrase_vectors
from nlu.encoder.phrase_vectors import FILE, encode


class Recording:
    """The real encoder, with a list of what it was asked."""

    def __init__(self, inner, name: str = "one"):
        self.inner, self.intent_name, self.dimension = inner, name, inner.dimension
        self.asked: list[str] = []

    def encode(self, texts, kind="query"):
        self.asked += [f"{kind}: {t}" for t in texts]
        return self.inner.encode(texts, kind)


@pytest.fixture(scope="module")
def real():
    return encoders.load(settings().var / "encoder")


def test_only_new_phrases_are_encoded_each_once(real, tmp_path):
    recording = Recording(real)
    first = encode(["hola", "ayuda", "hola"], recording, tmp_path)
    assert recording.asked == ["intent: hola", "intent: ayuda"]
    np.testing.assert_array_equal(first[0], first[2])
    later = Recording(real)
    second = encode(["ayuda", "oficina", "hola"], later, tmp_path)
    assert later.asked == ["intent: oficina"]
    np.testing.assert_allclose(second, real.encode(["ayuda", "oficina", "hola"], "intent"), atol=1e-5)
    idle = Recording(real)
    encode(["oficina", "ayuda"], idle, tmp_path)
    assert idle.asked == []


def test_store_of_another_model_is_not_used(real, tmp_path):
    encode(["hola"], Recording(real, "one"), tmp_path)
    other = Recording(real, "two")
    encode(["hola"], other, tmp_path)
    assert other.asked == ["intent: hola"]


@pytest.mark.parametrize("damage", ["empty", "half", "junk"])
def test_broken_store_is_made_anew(real, tmp_path, damage):
    encode(["hola", "ayuda"], Recording(real), tmp_path)
    path = tmp_path / FILE
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "junk": b"no vectors here"}[damage])
    again = Recording(real)
    encode(["hola"], again, tmp_path)
    assert again.asked == ["intent: hola"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [FILE]


def test_default_folder_is_the_one_of_the_setting(real, tmp_path, monkeypatch):
    monkeypatch.setattr(phrase_vectors, "VAR", tmp_path)
    encode(["hola"], Recording(real))
    assert Path(tmp_path, FILE).is_file()
