"""The ONNX graph of the encoder on its own 4-bit blocks: no second quantisation.

Inputs `input_ids` and `attention_mask`, both (texts, tokens) int64; output `sentence_embedding`, (texts, hidden)
float32 of unit length: mean over the tokens, as multilingual-e5 asks for. The weights lie in a file beside the
graph, so that processes on one machine map them and share the memory.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from nlu.encoder.weights import BLOCK, Quantised, Weights

MICROSOFT = "com.microsoft"


class GraphWriter:
    """Collects nodes and initialisers of one encoder graph."""

    def __init__(self, weights: Weights, accuracy_level: int):
        self.weights = weights
        self.accuracy_level = accuracy_level
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
        matrices = [self.weights.matrix(f"{name}.w", columns) for name in names]
        nibbles = np.concatenate([m.packed() for m in matrices])
        scales = np.concatenate([m.scales for m in matrices]).astype(np.float32)
        rows = len(nibbles)
        packed = self.tensor(f"{output}.packed", nibbles.reshape(rows, columns // BLOCK, BLOCK // 2))
        product = self.node(
            "MatMulNBits",
            [source, packed, self.tensor(f"{output}.scales", scales.reshape(-1))],
            f"{output}.product",
            MICROSOFT,
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=self.accuracy_level,
        )
        bias = np.concatenate([self.weights.vector(f"{name}.b") for name in names])
        return self.node("Add", [product, self.tensor(f"{output}.bias", bias)], output)

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


def write(weights: Weights, path: Path, accuracy_level: int = 4) -> None:
    """Write `path` (the graph) and `path`.data (its weights). `accuracy_level` 4 computes in int8, 0 in float32."""
    writer = GraphWriter(weights, accuracy_level)
    writer.node("Cast", ["attention_mask"], "key_mask", to=TensorProto.INT32)
    state = writer.embeddings()
    for index in range(weights.layers):
        state = writer.layer(index, state)
    output = writer.pooled(state)
    shape = ["texts", "tokens"]
    graph = helper.make_graph(
        writer.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", weights.hidden])],
        writer.initialisers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)])
    model.ir_version = 10
    data = path.with_name(path.name + ".data")
    data.unlink(missing_ok=True)
    onnx.save(model, path, save_as_external_data=True, location=data.name, size_threshold=1024)
