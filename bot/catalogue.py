"""What the bot says, one file a language in `bot/texts`. A key that a language lacks is said in Spanish."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "texts"
UNSUPPORTED = Path(__file__).parent / "unsupported.yml"
ORIGINAL = "es"


class Catalogue:
    """Texts by dotted keys, such as `hotline.intro.child`."""

    def __init__(self, folder: Path = FOLDER):
        self.languages = {p.stem: yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.yml"))}

    def text(self, language: str, key: str, **values: str) -> str:
        """The text under `key`, its {names} filled from `values`. Raises KeyError for a key that Spanish lacks."""
        for code in (language, ORIGINAL):
            found = self._find(self.languages.get(code, {}), key)
            if found is not None:
                return str(found).format(**values) if values else str(found)
        raise KeyError(key)

    def unsupported(self, foreign: str) -> str | None:
        """What can be said in a language that is none of ours, by its code or its script; None where nothing can."""
        known = _unsupported()
        return known["languages"].get(known["scripts"].get(foreign, foreign))

    @staticmethod
    def _find(texts: Any, key: str) -> Any:
        for part in key.split("."):
            if not isinstance(texts, dict) or part not in texts:
                return None
            texts = texts[part]
        return texts


@cache
def _unsupported() -> dict[str, dict[str, str]]:
    return yaml.safe_load(UNSUPPORTED.read_text(encoding="utf-8"))


@cache
def catalogue() -> Catalogue:
    return Catalogue()
