"""What is wrong in a knowledge file, said in plain words to people who do not program.

The words are in `findings.yml`, in English and Spanish, keyed by code. Needs only PyYAML: `hotlines` depends on it.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Literal

import yaml

LANGUAGE_SETTING = "YANAPAY_STAFF_LANGUAGE"
DEFAULT_LANGUAGE = "es"
MESSAGES = Path(__file__).with_name("findings.yml")

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One fault: `severity` is error (may not be published) or warning; `line` counts from 1, 0 is the whole file."""

    severity: Severity
    path: Path
    line: int
    message: str
    remedy: str
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    def in_language(self, language: str) -> "Finding":
        """The same finding in `es` or `en`."""
        return finding(self.code, self.path, self.line, language, **self.values)

    def at(self, path: Path) -> "Finding":
        """The same finding in another file."""
        return replace(self, path=path)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} {self.remedy}"


class KnowledgeError(Exception):
    """A knowledge file cannot be used; `findings` says why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("\n".join(str(f) for f in self.findings))


def finding(code: str, path: Path, line: int, language: str | None = None, /, **values: object) -> Finding:
    """The finding `code` of `findings.yml`, with `values` in its words.

    `language` is es or en; without it the environment's YANAPAY_STAFF_LANGUAGE decides. Raises KeyError for a code that
    the file lacks.
    """
    entry = _messages()[code]
    language = language or in_language()
    words = entry.get(language) or entry[DEFAULT_LANGUAGE]
    message, remedy = (Template(words[part]).safe_substitute(values) for part in ("message", "remedy"))
    return Finding(entry["severity"], path, line, message, remedy, code, values)


def in_language() -> str:
    """What the environment's YANAPAY_STAFF_LANGUAGE says, es without it."""
    return os.environ.get(LANGUAGE_SETTING, "").strip().lower()[:2] or DEFAULT_LANGUAGE


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(f.severity == "error" for f in findings)


@lru_cache(maxsize=1)
def _messages() -> dict:
    return yaml.safe_load(MESSAGES.read_text("utf-8"))
