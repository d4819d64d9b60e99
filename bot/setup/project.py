"""Where the project keeps what set-up makes, and the surroundings in which its commands run."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = (ROOT / (os.environ.get("YANAPAY_VAR") or "var")).resolve()
GATEWAY = ROOT / ".venv"
RASA = ROOT / ".venv-rasa"
LOCK = ROOT / ".setup.lock"

MISLEADING = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX")


def surroundings(**extra: str) -> dict[str, str]:
    """Environment variables for a command: the caller's, less those that would point it at another Python."""
    variables = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    if "PIP_INDEX_URL" in variables:
        variables.setdefault("UV_DEFAULT_INDEX", variables["PIP_INDEX_URL"])
    return {**variables, "YANAPAY_VAR": str(VAR), "RASA_TELEMETRY_ENABLED": "false", **extra}


def shown(path: Path) -> str:
    """A path as a person would type it from the project's folder."""
    return str(path.relative_to(ROOT)) if ROOT in path.parents else str(path)
