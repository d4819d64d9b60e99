"""The same messages as other hands would type them: what is asked stays, and so should the answer.

The courtesies are by an author who saw neither those that are left out nor those that the encoder was taught with.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import yaml

from bot.evaluation.messages import Case

Typed = Callable[[Case], str]


def ways(courtesies: Path) -> dict[str, Typed]:
    """By name. `courtesies` is a YAML file: for each language several ways of `greeting` and of `thanks`."""
    polite: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(courtesies.read_text(encoding="utf-8"))

    def said(case: Case, name: str) -> str:
        known = polite.get(case.lang, {}).get(name) or [""]
        return known[crc32(case.text.encode()) % len(known)]

    return {
        "as they are": lambda case: case.text,
        "capital and full stop": lambda case: f"{case.text[:1].upper()}{case.text[1:].rstrip('.?!')}.",
        "all in capitals": lambda case: case.text.upper(),
        "no marks": lambda case: "".join(c for c in case.text if c.isalnum() or c.isspace() or c in "'’-@"),
        "a greeting before": lambda case: f"{said(case, 'greeting')} {case.text}",
        "thanks after": lambda case: f"{case.text} {said(case, 'thanks')}",
    }


def typed(cases: list[Case], way: Typed) -> list[Case]:
    return [replace(case, text=way(case)) for case in cases]
