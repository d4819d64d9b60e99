"""What a reading could not keep, said in the words of `losses.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template

import yaml

WORDS = Path(__file__).with_name("losses.yml")
DEFAULT_LANGUAGE = "es"


@dataclass(frozen=True)
class Loss:
    """One kind of thing that was lost or changed; `values` has `count` at least."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """The loss in `es` or `en`."""
        entry = _words()[self.code]
        return Template(entry.get(language) or entry[DEFAULT_LANGUAGE]).safe_substitute(self.values)

    def __str__(self) -> str:
        return self.words(DEFAULT_LANGUAGE)


class Losses:
    """Counts losses while a file is read."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._values: dict[str, dict[str, object]] = {}

    def add(self, code: str, count: int = 1, **values: object) -> None:
        if count:
            self._counts[code] = self._counts.get(code, 0) + count
            self._values.setdefault(code, {}).update(values)

    def listed(self) -> list[Loss]:
        return [Loss(code, {"count": count, **self._values[code]}) for code, count in self._counts.items()]


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load(WORDS.read_text("utf-8"))
