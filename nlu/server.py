"""Rasa's own commands with this project's paths and three tunings: `python -m nlu.server train|run|shell|test ...`.

Importing skops before tensorflow takes Rasa's start from 26 s to 5 s; the others are in `tune`.
"""

import os
import sys
import warnings
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
if "run" in sys.argv:
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
warnings.filterwarnings("ignore", category=DeprecationWarning)
warnings.filterwarnings("ignore", category=UserWarning, module="pkg_resources|tensorflow")

import skops.io  # noqa: E402, F401  before tensorflow
from rasa import __version__  # noqa: E402
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.engine.runner.dask import DaskGraphRunner  # noqa: E402

TUNED_VERSION = "3.6.21"
CREDENTIALS = ["--credentials", "nlu/credentials.yml"]
# What Rasa keeps of an earlier training knows its phrases, but not the encoder that it had.
TRAINING = ["--force", "--fixed-model-name", "yanapay"]
DEFAULTS = {"run": CREDENTIALS, "shell": CREDENTIALS, "train": TRAINING}


def tune() -> None:
    """Apply the tunings of a turn to the one version that they were written for.

    Rasa builds a validator of the action protocol at every call (18 ms), and validating costs another 2 ms; the actions
    are our own, and tests hold their results against that schema (tests/actions). Dask schedules the few components of
    a turn as if they were a cluster's work, which takes a sixth of the turn; here each runs when it is needed.
    """
    if __version__ == TUNED_VERSION:
        RemoteAction._validate_action_result = lambda self, result: isinstance(result, dict)
        DaskGraphRunner.run = _run_graph


def _run_graph(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """What `targets` give, by their names; each component's result is a pair of its name and its output."""
    results = {name: (name, value) for name, value in (inputs or {}).items()}

    def result(name: str) -> tuple[str, Any]:
        if name not in results:
            needs = self._graph_schema.nodes[name].needs.values()
            results[name] = self._instantiated_nodes[name](*map(result, needs))
        return results[name]

    return dict(map(result, targets or self._graph_schema.target_names))


def main() -> None:
    from rasa.__main__ import main as rasa

    command = next((a for a in sys.argv[1:] if not a.startswith("-")), "")
    if not {"nlu", "core"}.intersection(sys.argv):
        place = sys.argv.index(command) + 1 if command else 1
        sys.argv[place:place] = DEFAULTS.get(command, [])
    if command == "shell" and "nlu" in sys.argv and not {"-m", "--model"}.intersection(sys.argv):
        sys.argv += ["--model", "models"]
    if command == "run":
        tune()
    rasa()


if __name__ == "__main__":
    main()
