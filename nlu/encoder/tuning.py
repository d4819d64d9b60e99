"""Teach the encoder our phrases: `yanapay train --adapter anew` (or `further`) writes `adapter.npz`.

Low-rank changes of its matrices (LoRA, arXiv:2106.09685) are learned with two linear heads on the text's vector, one
for the intent, one for the kind of danger. The heads are thrown away: what the models of the project learn from the
changed vectors, they learn at each training, in seconds. To learn anew takes about two and a half hours on two cores,
to go on from what was learned an hour and a half; both are only worth it when phrases of many new situations have come
in. The matrices that the serving graph keeps exact stay as they are.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from nlu.company import Company
from nlu.encoder.adapter import Adapter
from nlu.encoder.encoder import PROMPTS
from nlu.encoder.graph import ALWAYS_EXACT
from nlu.encoder.noise import noisy
from nlu.text import said
from nlu.training_data import Phrase
from nlu.urgency.model import kind_of

RANK, SCALE = 64, 2.0
ROUNDS, ROUNDS_MORE, BATCH = 7, 3, 32
RATE, HEAD_RATE, DECAY, HEADS_FIRST, WARM_UP = 4e-4, 1e-3, 0.01, 0.015, 0.06
AGAIN, LEAST_CHANCE = 0.5, 0.1
SMOOTHING, DROPOUT, HEAD_SCALE, BALANCE = 0.05, 0.1, 12.0, 0.5
LONGEST = 160
LENGTH_JITTER = 2
SEED = 1
PLACES = {
    "q": ("attention.self.query", "qkv"),
    "k": ("attention.self.key", "qkv"),
    "v": ("attention.self.value", "qkv"),
    "ao": ("attention.output.dense", "projected"),
    "fi": ("intermediate.dense", "widened"),
    "fo": ("output.dense", "narrowed"),
}


class Changed(nn.Module):
    """A linear layer that stays as it is, and the low-rank change that is learned beside it."""

    def __init__(self, layer: nn.Linear):
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(RANK, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, RANK))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        change = (inputs @ self.down.to(inputs.dtype).T) @ (self.up * SCALE).to(inputs.dtype).T
        return self.layer(inputs) + change


class Heads(nn.Module):
    """Scores of intents and of kinds of danger from unit vectors."""

    def __init__(self, dimension: int, intents: int, dangers: int):
        super().__init__()
        self.intents, self.dangers = nn.Linear(dimension, intents), nn.Linear(dimension, dangers)
        self.scale = nn.Parameter(torch.tensor(HEAD_SCALE))

    def forward(self, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        kept = functional.dropout(vectors, DROPOUT) * self.scale
        return self.intents(kept), self.dangers(kept)


class Labels:
    """What each phrase stands for, as numbers, and how much each class weighs."""

    def __init__(self, names: Sequence[str]):
        self.classes, self.numbers = np.unique(np.asarray(names), return_inverse=True)
        sizes = np.bincount(self.numbers)
        self.weights = torch.tensor((len(names) / len(sizes) / sizes) ** BALANCE, dtype=torch.float32)

    def loss(self, scores: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        wanted = torch.from_numpy(self.numbers[rows])
        return functional.cross_entropy(scores, wanted, self.weights, label_smoothing=SMOOTHING)

    def told(self, scores: torch.Tensor, rows: np.ndarray) -> np.ndarray:
        """The share that the right one has in the scores."""
        shares = scores.detach().softmax(1).numpy()
        return shares[np.arange(len(rows)), self.numbers[rows]]


class Batches:
    """Batches of rows, and of tokens as typed: each phrase once, then in a round half, mostly those not yet `told`."""

    def __init__(self, phrases: Sequence[Phrase], tokeniser: PreTrainedTokenizerBase, rounds: int, random: Random):
        self.phrases, self.tokeniser, self.rounds, self.random = phrases, tokeniser, rounds, random
        self.company = Company(phrases)
        self.told = np.zeros(len(phrases))
        self.again = round(len(phrases) * AGAIN)
        self.choice = np.random.default_rng(SEED)

    def __len__(self) -> int:
        return math.ceil(len(self.phrases) / BATCH) + (self.rounds - 1) * math.ceil(self.again / BATCH)

    def __iter__(self) -> Iterator[tuple[np.ndarray, BatchEncoding]]:
        yield from self._of_one_length(np.arange(len(self.phrases)))
        for _ in range(self.rounds - 1):
            chances = 1 - self.told + LEAST_CHANCE
            rows = self.choice.choice(len(chances), self.again, replace=False, p=chances / chances.sum())
            yield from self._of_one_length(rows)

    def _of_one_length(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, BatchEncoding]]:
        """Texts of about one length together, in any order."""
        tokens = self.tokeniser([self._typed(row) for row in rows], truncation=True, max_length=LONGEST)
        order = np.argsort([len(ids) + self.random.random() * LENGTH_JITTER for ids in tokens["input_ids"]])
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        self.random.shuffle(batches)
        for batch in batches:
            parts = {name: [values[place] for place in batch] for name, values in tokens.items()}
            yield rows[batch], self.tokeniser.pad(parts, return_tensors="pt")

    def _typed(self, row: int) -> str:
        text = noisy(self.company.around(self.phrases[row], self.random), self.random)
        return f"{PROMPTS['intent']}: {said(text)}"


def tune(
    phrases: Sequence[Phrase],
    folder: Path,
    advance: Callable[[float], None] = lambda share: None,
    start: Adapter | None = None,
) -> Adapter:
    """Learn from `phrases` with the sentence-transformers model in `folder`; `advance` is told the share done.

    Goes on from `start`, for fewer rounds, where that is given, and gives what lies halfway.
    """
    torch.manual_seed(SEED)
    random = Random(SEED)
    tokeniser = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(
        folder, dtype=torch.bfloat16, attn_implementation="eager", hidden_dropout_prob=0.0
    )
    model.requires_grad_(False)
    changed = _change(model, start)
    intents, dangers = Labels([p.intent for p in phrases]), Labels([kind_of(p.intent) for p in phrases])
    batches = Batches(phrases, tokeniser, ROUNDS_MORE if start else ROUNDS, random)
    heads = Heads(model.config.hidden_size, len(intents.classes), len(dangers.classes))
    learned = [parameter for layer in changed.values() for parameter in (layer.down, layer.up)]
    groups = [{"params": learned, "lr": RATE}, {"params": list(heads.parameters()), "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = len(batches)
    share_of_rate = [lambda step: _rate(step, steps), lambda step: _heads_rate(step, steps)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, share_of_rate)
    model.train()
    for step, (rows, inputs) in enumerate(batches, 1):
        states, mask = model(**inputs).last_hidden_state.float(), inputs["attention_mask"][..., None]
        scores = heads(functional.normalize((states * mask).sum(1), dim=-1))
        loss = intents.loss(scores[0], rows) + dangers.loss(scores[1], rows)
        batches.told[rows] = np.minimum(intents.told(scores[0], rows), dangers.told(scores[1], rows))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        advance(step / steps)
    factors = {
        name: (layer.up.detach().numpy() * SCALE, layer.down.detach().numpy()) for name, layer in changed.items()
    }
    return Adapter(factors).halfway(start, RANK) if start else Adapter(factors)


def _change(model: PreTrainedModel, start: Adapter | None) -> dict[str, Changed]:
    """Put a change, that of `start` or none yet, beside each matrix that may change; by their names in `weights.py`."""
    changed = {}
    for number, layer in enumerate(model.get_submodule("encoder.layer").children()):
        for short, (path, product) in PLACES.items():
            if f"l{number}.{product}" in ALWAYS_EXACT:
                continue
            parent = layer.get_submodule(path.rpartition(".")[0])
            name = path.rpartition(".")[2]
            change = changed[f"l{number}.{short}"] = Changed(getattr(parent, name))
            if start:
                up, down = map(torch.from_numpy, start.factors[f"l{number}.{short}"])
                change.up.data[:, : len(down)], change.down.data[: len(down)] = up / SCALE, down
            setattr(parent, name, change)
    return changed


def _rate(step: int, steps: int) -> float:
    """None until the heads know something, then up in a straight line, and down to nothing."""
    since = step - HEADS_FIRST * steps
    return min(1.0, max(0.0, (since + 1) / (WARM_UP * steps))) * _heads_rate(step, steps)


def _heads_rate(step: int, steps: int) -> float:
    return max(0.0, 1 - step / steps)
