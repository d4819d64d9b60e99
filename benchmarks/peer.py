"""The peer of `turn`: a plain Rasa FAQ bot with this project's passages as responses and its phrases as examples.

Each section is a retrieval intent `faq/<section>`; a phrase belongs to the first section that its intent names. Intents
without a section (small talk, out of scope) stay intents of their own. Each gets at most MOST_EXAMPLES phrases from
all languages, since all of them would train for half an hour. The model is trained once and kept in var/benchmarks
until its files change.
"""

import hashlib
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.settings import ROOT, settings
from knowledge.documents import read_folder
from knowledge.passages import cut
from nlu.training_data import intents, phrases

HERE = Path(__file__).with_name("peer")
PYTHON = ROOT / ".venv-rasa/bin/python"
FAQ = "faq"
MOST_EXAMPLES = 200

Item = TypeVar("Item")


def prepare(folder: Path) -> dict[str, str]:
    """Write the bot's files to `folder`; returns the section of each response."""
    sections: dict[str, list[str]] = defaultdict(list)
    for passage in cut(read_folder(settings().knowledge / "documents")):
        sections[passage.section].append(passage.version(passage.original).text)
    examples: dict[str, list[str]] = defaultdict(list)
    for phrase in phrases():
        named = intents()[phrase.intent].sections
        examples[f"{FAQ}/{named[0]}" if named else phrase.intent].append(phrase.text)
    examples = {name: spread(texts, MOST_EXAMPLES) for name, texts in examples.items()}
    plain = sorted(name for name in examples if not name.startswith(f"{FAQ}/"))
    responses = {f"utter_{FAQ}/{s}": [{"text": t} for t in texts] for s, texts in sections.items()}
    responses |= {f"utter_{name}": [{"text": name}] for name in plain}
    rules = [{"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in [FAQ, *plain]]
    nlu = [
        {"intent": n, "examples": "".join(f"- {_escaped(t)}\n" for t in texts)} for n, texts in sorted(examples.items())
    ]
    session = {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}
    domain = {"intents": [FAQ, *plain], "responses": responses, "session_config": session}
    _write(folder / "domain.yml", domain)
    _write(folder / "data/nlu.yml", {"nlu": nlu})
    _write(folder / "data/rules.yml", {"rules": rules})
    for name in ("config.yml", "credentials.yml", "endpoints.yml"):
        shutil.copy(HERE / name, folder / name)
    return {text: section for section, texts in sections.items() for text in texts}


def train(folder: Path, log: Path) -> Path:
    """The trained model of the files in `folder`. Raises CalledProcessError; Rasa's words are then in `log`."""
    content = b"".join(p.read_bytes() for p in sorted(folder.rglob("*.yml")))
    model = settings().var / "benchmarks" / f"peer-{hashlib.sha256(content).hexdigest()[:16]}.tar.gz"
    if not model.exists():
        command = [str(PYTHON), "-m", "rasa", "train", "--quiet", "--out", "models", "--fixed-model-name", "peer"]
        with log.open("w") as output:
            subprocess.run(command, cwd=folder, env=surroundings(), stdout=output, stderr=output, check=True)
        model.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "models/peer.tar.gz", model)
    return model


def command(model: Path, port: int, module: str) -> list[str]:
    """Serve `model` on loopback; `module` is rasa, or nlu.server for Rasa with this project's quicker imports."""
    address = ["--interface", "127.0.0.1", "--port", str(port)]
    return [
        str(PYTHON),
        "-m",
        module,
        "run",
        "--model",
        str(model),
        *address,
        "--credentials",
        "credentials.yml",
        "--quiet",
    ]


def surroundings() -> dict[str, str]:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}


def training() -> str:
    """How little the peer was trained, in words for the report."""
    pipeline: list[dict[str, Any]] = yaml.safe_load((HERE / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    epochs = " and ".join(f"{c['epochs']} ({c['name']})" for c in pipeline if "epochs" in c)
    return f"at most {MOST_EXAMPLES} of the same phrases for each section or intent, {epochs} epochs"


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` items from all over the sequence."""
    most = min(count, len(items))
    return [items[i * len(items) // most] for i in range(most)]


def _escaped(text: str) -> str:
    """Without the brackets that Rasa would read as an entity."""
    return text.translate(str.maketrans("[]{}", "()()"))


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        yaml.safe_dump({"version": "3.1", **content}, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
