"""The encoder: the graph that serves equals the model folder it comes from, whatever people paste."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bot.settings import settings as gateway_settings
from nlu.encoder import encoder as encoders
from nlu.encoder.adapter import Adapter
from nlu.encoder.encoder import GRAPH, INTENT_GRAPH, PIECES, CachedEncoder, OnnxEncoder, SentenceTransformerEncoder
from nlu.encoder.normalisation import normalise
from nlu.encoder.pieces import BEGIN, END, POSITIONS, UNKNOWN
from nlu.encoder.tuning import PLACES

FOLDER = gateway_settings().var / "encoder"
SENTENCES = [
    "me quitaron el pasaporte y no me dejan salir",
    "¿Cuántos peruanos viven fuera del país?",
    "where is the office of the organisation in Lima?",
    "a patroa ficou com meus documentos",
    "où se trouve le bureau, svp ?",
    "老板拿走了我的护照，不让我出去",
    "yo pran paspò m epi yo pa kite m soti",
    "pasaportiyta qichuwan, mana lluqsiyta atinichu",
    "pasaporte apaqapxitu, janiw mistuykititi",
    "Где находится офис?",
    "أين يقع المكتب؟",
    "ok",
]
ODD = [
    "",
    " ",
    "👍🏽 ayuda!!",
    "٣٤ ½ ﷺ",
    "e\u0301",
    "a\u200bb \u00a0 c",
    "K'uychi ch'aska",
    "<s>hola</s><pad>",
    "\x00\x07",
    "a\ud800b",
]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    loaded = encoders.load(FOLDER)
    assert isinstance(loaded, OnnxEncoder)
    return loaded


@pytest.fixture(scope="module")
def tokeniser() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


@pytest.fixture(scope="module")
def reference() -> SentenceTransformerEncoder:
    """In float32: the folder holds float16, which takes a processor a hundred times as long."""
    loaded = SentenceTransformerEncoder(str(FOLDER))
    loaded.model.float()
    return loaded


@pytest.fixture(scope="module")
def taught() -> SentenceTransformerEncoder:
    """The folder's model with the adapter added to its matrices."""
    loaded = SentenceTransformerEncoder(str(FOLDER))
    loaded.model.float()
    adapter = Adapter.read()
    layers = loaded.model[0].auto_model.encoder.layer
    with torch.no_grad():
        for name in adapter.factors:
            number, _, matrix = name[1:].partition(".")
            place = layers[int(number)].get_submodule(PLACES[matrix][0])
            place.weight += torch.from_numpy(adapter.change(name))
    return loaded


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_graph_gives_the_vectors_of_the_sentence_transformers_folder(encoder, reference, kind):
    texts = [*SENTENCES, "un párrafo largo " * 20]
    expected, served = reference.encode(texts, kind), encoder.encode(texts, kind)
    assert served.shape == expected.shape == (len(texts), reference.dimension)
    assert cosines(served, expected).min() > 0.998
    shuffled = np.roll(expected, 1, axis=0)
    assert cosines(served, shuffled).max() < 0.999


def test_intent_vectors_are_those_of_the_model_with_the_adapter(encoder, reference, taught):
    texts = [*SENTENCES, " ".join(SENTENCES[:4])]
    served = encoder.encode(texts, "intent")
    near = cosines(served, taught.encode(texts, "intent"))
    assert near.min() > 0.98 and np.median(near) > 0.998
    assert cosines(served, reference.encode(texts, "intent")).min() < 0.9


def test_what_says_the_same_in_two_languages_has_nearly_one_intent_vector(encoder):
    held, where, bought = encoder.encode(
        [
            "the lady keeps my passport and I cannot leave the house",
            "la señora me guarda el pasaporte y no puedo salir de la casa",
            "¿dónde compro una maleta barata?",
        ],
        "intent",
    )
    assert held @ where > held @ bought + 0.3


def test_both_ways_of_serving_take_the_same_care_of_odd_texts(encoder, reference):
    texts = [t for t in ODD if normalise(t)]
    assert len(texts) > 5
    assert cosines(encoder.encode(texts), reference.encode(texts)).min() > 0.995


def test_vectors_are_float32_of_unit_length(encoder):
    vectors = encoder.encode([*SENTENCES, *ODD])
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_to_encode_is_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_prefixes_are_those_of_e5(encoder, tokeniser):
    query, passage = encoder.encode(["la oficina"], "query"), encoder.encode(["la oficina"], "passage")
    assert np.abs(query - passage).max() > 1e-3
    for kind, vector in (("query", query), ("passage", passage)):
        ids = np.array([tokeniser.encode(f"{kind}: la oficina").ids])
        raw = encoder.session(GRAPH).run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        np.testing.assert_allclose(vector, raw, atol=1e-6)
    bare = np.array([tokeniser.encode("la oficina").ids])
    without = encoder.session(GRAPH).run(None, {"input_ids": bare, "attention_mask": np.ones_like(bare)})[0]
    assert np.abs(query - without).max() > 1e-3


def test_the_other_way_applies_the_same_prefixes(reference):
    explicit = reference.model.encode(["query: la oficina", "passage: la oficina"], normalize_embeddings=True)
    np.testing.assert_allclose(reference.encode(["la oficina"], "query")[0], explicit[0], atol=2e-3)
    np.testing.assert_allclose(reference.encode(["la oficina"], "passage")[0], explicit[1], atol=2e-3)
    assert np.abs(explicit[0] - explicit[1]).max() > 4e-3


@pytest.mark.parametrize("text", [*SENTENCES, *ODD])
def test_token_ids_are_those_of_the_hugging_face_tokeniser(encoder, tokeniser, text):
    prefixed = f"query: {text}"
    assert encoder.pieces.ids(prefixed) == tokeniser.encode(normalise(prefixed)).ids


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_token_ids_agree_on_generated_texts(encoder, tokeniser, text):
    """A typed "▁" is the pieces' own mark for a space; NFKC may leave it, and then only its count differs."""
    prefixed = f"query: {text}".replace("▁", "")
    assert encoder.pieces.ids(prefixed) == tokeniser.encode(normalise(prefixed)).ids


def test_letters_that_the_model_lacks_are_one_unknown_piece(encoder):
    assert UNKNOWN in encoder.pieces.ids("query: 𓀀")


def test_company_order_and_padding_change_no_vector(encoder):
    texts = [*SENTENCES, "una historia muy larga que no termina " * 20]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([t]) for t in texts])
    backwards = encoder.encode(texts[::-1])[::-1]
    side_by_side = OnnxEncoder(FOLDER, threads=2).encode(texts)
    for other in (alone, backwards, side_by_side):
        np.testing.assert_allclose(together, other, atol=1e-5)


def test_long_texts_are_cut_at_the_models_512_positions(encoder):
    ids = encoder.pieces.ids("query: " + "palabra " * 2000)
    assert len(ids) == POSITIONS == 512
    assert (ids[0], ids[-1]) == (BEGIN, END)
    assert END not in ids[1:-1]
    long, longer = encoder.encode(["palabra " * 600, "palabra " * 600 + "policía socorro"])
    np.testing.assert_array_equal(long, longer)
    short = encoder.encode(["palabra " * 100])[0]
    assert np.abs(long - short).max() > 1e-4


def test_a_vector_is_remembered_and_the_memory_bounded(encoder):
    class Counting:
        name, intent_name, dimension = encoder.name, encoder.intent_name, encoder.dimension

        def __init__(self):
            self.texts: list[str] = []

        def encode(self, texts, kind="query"):
            self.texts += [f"{kind} {t}" for t in texts]
            return encoder.encode(texts, kind)

    inner = Counting()
    cached = CachedEncoder(inner, size=2)
    first = cached.encode(["uno"])
    np.testing.assert_array_equal(cached.encode(["uno"]), first)
    assert inner.texts == ["query uno"]
    cached.encode(["uno"], "passage")
    assert inner.texts == ["query uno", "passage uno"]
    assert np.abs(cached.encode(["uno"], "intent") - first).max() > 1e-3
    cached.encode(["dos"])
    cached.encode(["tres"])
    assert len(cached.known) == 2
    np.testing.assert_array_equal(cached.encode(["uno"]), first)
    assert inner.texts.count("query uno") == 2


def test_who_asks_for_a_vector_in_the_making_waits_for_it():
    begun, go_on = Event(), Event()

    class Slow:
        name, intent_name, dimension = "slow", "slow", 2
        calls, broken = 0, False

        def encode(self, texts, kind="query"):
            self.calls += 1
            begun.set()
            assert go_on.wait(10)
            if self.broken:
                raise ValueError("no vector")
            return np.ones((1, 2), np.float32)

    slow = Slow()
    cached = CachedEncoder(slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cached.encode, ["uno"])
        assert begun.wait(10)
        second = pool.submit(cached.encode, ["uno"])
        sleep(0.1)
        go_on.set()
        np.testing.assert_array_equal(first.result(10), second.result(10))
    assert slow.calls == 1 and not cached.in_the_making
    slow.broken = True
    with pytest.raises(ValueError, match="no vector"):
        cached.encode(["dos"])
    slow.broken = False
    assert cached.encode(["dos"]).shape == (1, 2)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A BERT of two small layers with random weights, as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "hola",
        "ayuda",
        "oficina",
        "donde",
        "query",
        "passage",
        ":",
        "la",
    ]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    torch.manual_seed(7)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **sizes)).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


def test_another_sentence_transformers_folder_serves_by_setting(tiny, monkeypatch):
    monkeypatch.setenv("YANAPAY_ENCODER", str(tiny))
    loaded = encoders.load()
    assert isinstance(loaded, SentenceTransformerEncoder)
    assert loaded.dimension == 32
    vectors = loaded.encode(["hola ayuda", "donde oficina", "hola ayuda"])
    assert (vectors.dtype, vectors.shape) == (np.float32, (3, 32))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_a_model_without_prompts_gets_none_and_its_own_are_used(tiny, tmp_path):
    from sentence_transformers import SentenceTransformer

    plain = encoders.load(tiny)
    np.testing.assert_allclose(plain.encode(["hola"], "query"), plain.encode(["hola"], "passage"), atol=1e-6)
    prompts = {"query": "query : ", "passage": "passage : "}
    SentenceTransformer(str(tiny), prompts=prompts, device="cpu").save(str(tmp_path / "prompted"))
    with_prompts = encoders.load(tmp_path / "prompted")
    np.testing.assert_allclose(with_prompts.encode(["hola"], "query"), plain.encode(["query : hola"]), atol=1e-5)
    np.testing.assert_allclose(with_prompts.encode(["hola"], "passage"), plain.encode(["passage : hola"]), atol=1e-5)


def test_missing_default_folder_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("YANAPAY_ENCODER", raising=False)
    monkeypatch.setattr(encoders, "DEFAULT", tmp_path / "var" / "encoder")
    with pytest.raises(FileNotFoundError, match=r"var/encoder.*make setup"):
        encoders.load()


def test_missing_folder_as_the_gateway_names_it_says_what_to_do(tmp_path, monkeypatch):
    """The gateway names the prepared folder by its absolute path, wherever it runs."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(FileNotFoundError, match="make setup"):
        encoders.load(tmp_path / "var" / "encoder")


@pytest.mark.parametrize(("graph", "name"), [(GRAPH, "name"), (INTENT_GRAPH, "intent_name")])
def test_other_weights_in_the_same_folder_have_another_name(tmp_path, encoder, graph, name):
    """Names tell stored vectors of one model from another's, so a rebuilt folder must not keep its name."""
    folder = tmp_path / FOLDER.name
    (folder / GRAPH).parent.mkdir(parents=True)
    for file in (GRAPH, f"{GRAPH}.data", INTENT_GRAPH, f"{INTENT_GRAPH}.data", PIECES):
        shutil.copyfile(FOLDER / file, folder / file)
    same = encoders.load(folder)
    assert (same.name, same.intent_name) == (encoder.name, encoder.intent_name)
    weights = bytearray((folder / f"{graph}.data").read_bytes())
    middle = len(weights) // 2
    weights[middle : middle + 4096] = bytes(4096)
    (folder / f"{graph}.data").write_bytes(weights)
    other = encoders.load(folder)
    changed = {own for own in ("name", "intent_name") if getattr(other, own) != getattr(encoder, own)}
    assert changed == {name}
