"""The console's words: `texts/es.yml` and `texts/en.yml`, the same keys in both."""

from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("es", "en")


@cache
def texts(language: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{language}.yml").read_text("utf-8"))


def say(language: str, key: str, **values: object) -> str:
    """The text at `key` ("errors.wait"), its $names filled in. A name that nobody worded is shown as it is."""
    found: Any = texts(language if language in LANGUAGES else LANGUAGES[0])
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, str):
        return key.rsplit(".", 1)[-1]
    return Template(found).safe_substitute({name: str(value) for name, value in values.items()})
