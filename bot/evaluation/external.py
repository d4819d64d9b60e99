"""Public sets that nobody here wrote, as messages: what must be declined, and which language a sentence is in.

The files are not in the repository; tests/evaluation/external.md says where they come from.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

from bot.evaluation.messages import ANY_LANGUAGE, Case

HAITI = "haiti_earthquake"
DANGERS = ("medical_help", "search_and_rescue", "security")


def read(path: Path) -> list[Case]:
    """The messages of one public file, told by its name. Raises ValueError for a file of none of the known sets."""
    reader = next((reader for ending, reader in READERS.items() if path.name.endswith(ending)), None)
    if reader is None:
        raise ValueError(f"{path}: none of the known sets; their files end in {', '.join(READERS)}")
    return reader(path)


def _declined(text: str, language: str = "en") -> Case:
    return Case(text, language, ("out_of_scope",), "no", (), None)


def _clinc(path: Path) -> list[Case]:
    """CLINC150's test queries, in scope for it and out of scope: none is for us."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return [_declined(text) for text, _ in [*content["test"], *content["oos_test"]]]


def _hint3(path: Path) -> list[Case]:
    """Questions to three firms' bots."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_declined(row["sentence"]) for row in csv.DictReader(file) if row["sentence"].strip()]


def _disaster(path: Path) -> list[Case]:
    """Requests for medical help, rescue or security after the quake of 2010, in Creole or French as they were sent."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [
            Case(row["original"].strip(), ANY_LANGUAGE, (), "yes", (), None)
            for row in csv.DictReader(file)
            if row["event"] == HAITI
            and row["request"] == "1"
            and any(row[kind] == "1" for kind in DANGERS)
            and row["original"].strip() not in ("", row["message"].strip())
        ]


def _sentences(language: str) -> Callable[[Path], list[Case]]:
    def read(path: Path) -> list[Case]:
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        return [Case(line, language, (), "no", (), None) for line in lines if line]

    return read


READERS: dict[str, Callable[[Path], list[Case]]] = {
    "data_full.json": _clinc,
    "disaster_response_validation.csv": _disaster,
    "disaster_response_test.csv": _disaster,
    "_test.csv": _hint3,
    "test.quy": _sentences("qu"),
    "test.aym": _sentences("ay"),
}
