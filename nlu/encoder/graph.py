"""The ONNX graph of the encoder.

Inputs `input_ids` and `attention_mask`, both (texts, tokens) int64; output `sentence_embedding`, (texts, hidden)
float32 of unit length: mean over the tokens, as multilingual-e5 asks for. The weights lie in a file beside the
graph, so that processes on one machine map them and share the memory.

The exact graph multiplies the model's own 4-bit blocks, without a second quantisation, or floats where an adapter
changes them. The fast one, given the ranges
of its activations, multiplies bytes, which takes half the time where a processor has no instructions for neural
networks. Each channel of the activations is scaled down first, and its weights up, so that few large channels don't
take the precision of all others (SmoothQuant, arXiv:2211.10438).
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from nlu.encoder.weights import BLOCK, Quantised, Weights

MICROSOFT = "com.microsoft"
Ranges = Mapping[str, np.ndarray]
MIGRATION = {"qkv": 0.8, "projected": 0.95, "widened": 0.8, "narrowed": 0.8}
ALWAYS_EXACT = frozenset({"l0.narrowed", "l1.narrowed", "l2.narrowed", "l10.projected"})
BYTE = 127
LEAST_RANGE = 1e-5


class GraphWriter:
    """Collects nodes and initialisers of one encoder graph.

    `ranges` has, for each product by its name, the largest absolute value of each of its input channels.
    """

    def __init__(self, weights: Weights, ranges: Ranges | None = None):
        self.weights, self.ranges = weights, ranges
        self.sources: dict[str, str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []

    def tensor(self, name: str, array: np.ndarray) -> str:
        self.initialisers.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, source: str, names: list[str], columns: int, output: str) -> str:
        """`source` times the transposes of the named matrices, side by side, plus their biases."""
        self.sources[output] = source
        bias = self.tensor(f"{output}.bias", np.concatenate([self.weights.vector(f"{name}.b") for name in names]))
        changed = any(name in self.weights.adapter for name in names)
        if not changed and (self.ranges is None or output in ALWAYS_EXACT):
            matrices = [self.weights.matrix(f"{name}.w", columns) for name in names]
            return self.node("Add", [self._in_blocks(source, matrices, output), bias], output)
        table = np.concatenate([self.weights.table(name, columns) for name in names]).T
        if self.ranges is None:
            product = self.node("MatMul", [source, self.tensor(f"{output}.floats", table)], f"{output}.product")
            return self.node("Add", [product, bias], output)
        return self._in_bytes(source, table, bias, output, self.ranges[output])

    def _in_blocks(self, source: str, matrices: list[Quantised], output: str) -> str:
        nibbles = np.concatenate([m.packed() for m in matrices])
        scales = np.concatenate([m.scales for m in matrices]).astype(np.float32)
        rows, columns = len(nibbles), scales.shape[1] * BLOCK
        packed = self.tensor(f"{output}.packed", nibbles.reshape(rows, columns // BLOCK, BLOCK // 2))
        return self.node(
            "MatMulNBits",
            [source, packed, self.tensor(f"{output}.scales", scales.reshape(-1))],
            f"{output}.product",
            MICROSOFT,
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def _in_bytes(self, source: str, table: np.ndarray, bias: str, output: str, largest: np.ndarray) -> str:
        factors = _smoothing(largest, np.abs(table).max(1), MIGRATION[output.partition(".")[2]])
        table = table * factors[:, None]
        scales = np.abs(table).max(0) / BYTE
        smoothed = self.node("Mul", [source, self.tensor(f"{output}.factors", 1 / factors)], f"{output}.smoothed")
        weights = self.tensor(f"{output}.bytes", np.round(table / scales).astype(np.int8))
        scale = self.tensor(f"{output}.scales", scales.astype(np.float32))
        return self.node("DynamicQuantizeMatMul", [smoothed, weights, scale, "", bias], output, MICROSOFT)

    def normalised_sum(self, left: str, right: str, name: str, output: str) -> str:
        scale = self.tensor(f"{output}.scale", self.weights.vector(f"{name}.w"))
        shift = self.tensor(f"{output}.shift", self.weights.vector(f"{name}.b"))
        return self.node(
            "SkipLayerNormalization", [left, right, scale, shift], output, MICROSOFT, epsilon=self.weights.epsilon
        )

    def embeddings(self) -> str:
        words: Quantised = self.weights.matrix("emb.word", self.weights.hidden)
        packed = helper.make_tensor(
            "word.packed",
            TensorProto.UINT4,
            [self.weights.rows, self.weights.hidden],
            words.packed().tobytes(),
            raw=True,
        )
        self.initialisers.append(packed)
        gathered = self.node(
            "GatherBlockQuantized",
            ["word.packed", "input_ids", self.tensor("word.scales", words.scales.astype(np.float32)), self._eights()],
            "word",
            MICROSOFT,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
        )
        positions = self.weights.vector("emb.pos").reshape(-1, self.weights.hidden)
        table = self.tensor("position.table", positions + self.weights.vector("emb.type")[: self.weights.hidden])
        shape = self.node("Shape", ["input_ids"], "shape", start=1, end=2)
        starts, axes = self.tensor("zero", np.array([0])), self.tensor("axis", np.array([0]))
        position = self.node("Slice", [table, starts, shape, axes], "position")
        summed = self.node("Add", [gathered, position], "embedded")
        scale, shift = (self.tensor(f"embedded.{x}", self.weights.vector(f"emb.ln.{x}")) for x in "wb")
        return self.node(
            "LayerNormalization", [summed, scale, shift], "embedded.normalised", epsilon=self.weights.epsilon
        )

    def _eights(self) -> str:
        """Zero points of the word matrix: 8 for each block, two a byte."""
        blocks = self.weights.hidden // BLOCK
        eights = np.full((self.weights.rows, blocks // 2), 0x88, np.uint8)
        self.initialisers.append(
            helper.make_tensor("word.zeros", TensorProto.UINT4, [self.weights.rows, blocks], eights.tobytes(), raw=True)
        )
        return "word.zeros"

    def layer(self, index: int, source: str) -> str:
        hidden, prefix = self.weights.hidden, f"l{index}"
        joined = self.linear(source, [f"{prefix}.{x}" for x in "qkv"], hidden, f"{prefix}.qkv")
        sizes = self.tensor(f"{prefix}.sizes", np.array([hidden] * 3))
        parts = [f"{prefix}.{x}" for x in ("query", "key", "value")]
        self.nodes.append(helper.make_node("Split", [joined, sizes], parts, name=f"{prefix}.split", axis=-1))
        attended = self.node(
            "MultiHeadAttention",
            [*parts, "", "key_mask"],
            f"{prefix}.attended",
            MICROSOFT,
            num_heads=self.weights.heads,
        )
        projected = self.linear(attended, [f"{prefix}.ao"], hidden, f"{prefix}.projected")
        source = self.normalised_sum(projected, source, f"{prefix}.aln", f"{prefix}.middle")
        widened = self.linear(source, [f"{prefix}.fi"], hidden, f"{prefix}.widened")
        active = self.node("Gelu", [widened], f"{prefix}.active", MICROSOFT)
        narrowed = self.linear(active, [f"{prefix}.fo"], self.weights.feed_forward, f"{prefix}.narrowed")
        return self.normalised_sum(narrowed, source, f"{prefix}.oln", f"{prefix}.out")

    def pooled(self, source: str) -> str:
        """Mean over the tokens of each text, scaled to unit length."""
        self.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
        weights = self.node("Unsqueeze", ["mask", self.tensor("last", np.array([-1]))], "mask.column")
        kept = self.node("Mul", [source, weights], "kept")
        total = self.node("ReduceSum", [kept, self.tensor("tokens", np.array([1]))], "total", keepdims=0)
        return self.node("LpNormalization", [total], "sentence_embedding", axis=-1, p=2)


def _smoothing(activations: np.ndarray, weights: np.ndarray, migration: float) -> np.ndarray:
    """How much each channel is scaled, float32; `migration` 1 levels all activations, 0 all weights."""
    factors = np.maximum(activations, LEAST_RANGE) ** migration
    factors /= np.maximum(weights, LEAST_RANGE) ** (1 - migration)
    return (factors / np.exp(np.log(factors).mean())).astype(np.float32)


def write(weights: Weights, path: Path, ranges: Ranges | None = None, sources: bool = False) -> dict[str, str]:
    """Write `path` (the graph) and `path`.data (its weights): the exact graph, or with `ranges` the fast one.

    Returns the name of each product's input by the product's name; with `sources` these are outputs too.
    """
    writer = GraphWriter(weights, ranges)
    writer.node("Cast", ["attention_mask"], "key_mask", to=TensorProto.INT32)
    state = writer.embeddings()
    for index in range(weights.layers):
        state = writer.layer(index, state)
    output = writer.pooled(state)
    watched = dict.fromkeys(writer.sources.values()) if sources else {}
    shape = ["texts", "tokens"]
    graph = helper.make_graph(
        writer.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")],
        [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", weights.hidden]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in watched),
        ],
        writer.initialisers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)])
    model.ir_version = 10
    data = path.with_name(path.name + ".data")
    data.unlink(missing_ok=True)
    onnx.save(model, path, save_as_external_data=True, location=data.name, size_threshold=1024)
    return writer.sources
