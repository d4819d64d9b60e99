"""Rasa's own commands with this project's paths and two tunings: `python -m nlu.server train|run|shell|test ...`.

Importing skops before tensorflow takes Rasa's start from 26 s to 5 s; the other tuning is `tune`.
"""

import os
import sys
import warnings

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

TUNED_VERSION = "3.6.21"
CREDENTIALS = ["--credentials", "nlu/credentials.yml"]
DEFAULTS = {"run": CREDENTIALS, "shell": CREDENTIALS}


def tune() -> None:
    """Apply the tuning of actions to the one version that it was written for.

    Rasa builds a validator of the action protocol at every call (18 ms), and validating costs another 2 ms; the actions
    are our own, and tests hold their results against that schema (tests/actions).
    """
    if __version__ == TUNED_VERSION:
        RemoteAction._validate_action_result = lambda self, result: isinstance(result, dict)


def main() -> None:
    from rasa.__main__ import main as rasa

    command = next((a for a in sys.argv[1:] if not a.startswith("-")), "")
    if "--credentials" not in sys.argv and "nlu" not in sys.argv:
        sys.argv += DEFAULTS.get(command, [])
    if command == "shell" and "nlu" in sys.argv and not {"-m", "--model"}.intersection(sys.argv):
        sys.argv += ["--model", "models"]
    tune()
    rasa()


if __name__ == "__main__":
    main()
