"""Rasa's DIETClassifier on this project's sentence vectors and character n-grams, for `classifiers`.

Trained and asked in Rasa's environment: `benchmarks/diet/config.yml` has its pipeline, `diet_parse.py` asks it.
"""

import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks import peer
from nlu.training_data import Phrase, intents

CONFIG = Path(__file__).with_name("diet") / "config.yml"
QUICK_EPOCHS = 1


@dataclass(frozen=True)
class Answers:
    """`confidences` has shape (texts, intents), in the order of `nlu/intents.yml`.

    `seconds` of all cores and `minutes` on the clock are those of the training.
    """

    confidences: np.ndarray
    milliseconds: list[float]
    seconds: float
    minutes: float


def epochs() -> int:
    return _classifier(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))["epochs"]


def answers(phrases: Sequence[Phrase], texts: Sequence[str], log: Path, quick: bool) -> Answers:
    """Train on `phrases` and ask for `texts`. Raises CalledProcessError; Rasa's words are then in `log`."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _prepare(folder, phrases, quick)
        (folder / "texts.json").write_text(json.dumps(list(texts)), encoding="utf-8")
        started, used = time.perf_counter(), _processor_seconds()
        files = ["--nlu", "nlu.yml", "--config", "config.yml", "--out", "models", "--fixed-model-name", "diet"]
        _run(["rasa", "train", "nlu", *files], folder, log)
        minutes, seconds = (time.perf_counter() - started) / 60, _processor_seconds() - used
        model = str(folder / "models/diet.tar.gz")
        _run(["benchmarks.diet_parse", model, "texts.json", "answers.json"], folder, log)
        found = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    confidences = np.array([[a["confidences"].get(name, 0.0) for name in intents()] for a in found])
    return Answers(confidences, [a["milliseconds"] for a in found], seconds, minutes)


def _prepare(folder: Path, phrases: Sequence[Phrase], quick: bool) -> None:
    examples: dict[str, list[str]] = {}
    for phrase in phrases:
        examples.setdefault(phrase.intent, []).append(phrase.text)
    nlu = [{"intent": n, "examples": "".join(f"- {t}\n" for t in texts)} for n, texts in examples.items()]
    content = yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, width=10**6)
    (folder / "nlu.yml").write_text(content, encoding="utf-8")
    shutil.copy(CONFIG, folder / "config.yml")
    if quick:
        config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
        _classifier(config)["epochs"] = QUICK_EPOCHS
        (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")


def _run(arguments: list[str], folder: Path, log: Path) -> None:
    surroundings = {**peer.surroundings(), "RASA_MAX_CACHE_SIZE": "0"}
    with log.open("a") as output:
        command = [str(peer.PYTHON), "-m", *arguments]
        subprocess.run(command, cwd=folder, env=surroundings, stdout=output, stderr=output, check=True)


def _processor_seconds() -> float:
    """Of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _classifier(config: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in config["pipeline"] if c["name"] == "DIETClassifier")
