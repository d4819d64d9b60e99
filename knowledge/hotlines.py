"""The help lines, from `hotlines.yml`. They must show when everything else is broken: only PyYAML is needed here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.findings import KnowledgeError, finding
from knowledge.yaml_files import line_of, read_yaml

PATH = Path(__file__).with_name("hotlines.yml")
SITUATIONS = ("trafficking", "violence", "disaster", "medical", "child", "self_harm", "general")
GENERAL = "general"
ALWAYS = "1818"
FALLBACK_LANGUAGE = "es"
NOTHING = ("", "null", "~")


@dataclass(frozen=True)
class Source:
    """`date` is a day, a month or a year: 2026-11-23, 2026-11 or 2026."""

    text: str
    date: str


@dataclass(frozen=True)
class Hotline:
    """One help line. `option` is the key to press after the call is answered; None is unknown, never "no".

    `situations` are the dangers that it is for, the main one first; `area` is PE for the whole country, or a place;
    `hours` is "24h" or None; `languages` are those that are answered there, empty where unknown.
    """

    id: str
    phone: str
    option: str | None
    operator: str
    situations: tuple[str, ...]
    area: str
    hours: str | None
    free: bool | None
    languages: tuple[str, ...]
    sources: tuple[Source, ...]
    checked: date
    valid_until: date
    names: Mapping[str, str]
    purposes: Mapping[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, or in Spanish."""
        return self.names.get(language) or self.names[FALLBACK_LANGUAGE]

    def purpose(self, language: str) -> str:
        """What the line is for, in `language` or in Spanish."""
        return self.purposes.get(language) or self.purposes[FALLBACK_LANGUAGE]


class Hotlines(Sequence[Hotline]):
    """All help lines, in the order of the file."""

    def __init__(self, lines: Sequence[Hotline], order: Mapping[str, Sequence[str]]) -> None:
        self._lines = {line.id: line for line in lines}
        self._order = {situation: tuple(ids) for situation, ids in order.items()}

    def for_situation(self, name: str) -> list[Hotline]:
        """The lines to show for a situation, the first first; 1818 is always among them.

        A name that is not known, or has no order, counts as "general".
        """
        ids = self._order.get(name) or self._order.get(GENERAL, ())
        return [self._lines[id] for id in dict.fromkeys((*ids, ALWAYS)) if id in self._lines]

    def get(self, id: str) -> Hotline | None:
        return self._lines.get(id)

    def __getitem__(self, index: Any) -> Any:
        return list(self._lines.values())[index]

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Hotline]:
        return iter(self._lines.values())


def read_hotlines(path: Path = PATH) -> Hotlines:
    """The help lines in `path`. Raises KnowledgeError where it can't be read, lacks a field, or lacks 1818."""
    path = Path(path)
    loaded, entries = load(path)
    lines = []
    for line, entry in entries:
        try:
            lines.append(_hotline(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            values = {"id": entry.get("id", "?"), "field": str(error).strip("'")}
            raise KnowledgeError([finding("hotline_unreadable", path, line, **values)]) from error
    if all(line.id != ALWAYS for line in lines):
        raise KnowledgeError([finding("hotline_1818_missing", path, 0)])
    order = loaded.get("order")
    listed = {k: v for k, v in order.items() if isinstance(v, list)} if isinstance(order, dict) else {}
    return Hotlines(lines, listed)


def load(path: Path) -> tuple[dict, list[tuple[int, dict]]]:
    """The file, and each entry of its `hotlines` with the line, from 1, where it starts.

    Values are mappings, lists and strings only, so that 0115 stays 0115. Raises KnowledgeError where it can't be read.
    """
    if not path.exists():
        raise KnowledgeError([finding("file_missing", path, 0)])
    node, loaded = read_yaml(path, "hotlines_unreadable")
    if not isinstance(node, yaml.MappingNode) or not isinstance(loaded.get("hotlines"), list):
        raise KnowledgeError([finding("hotlines_unreadable", path, 1)])
    listed = next(item for key, item in node.value if key.value == "hotlines")
    entries = [(line_of(i), entry) for i, entry in zip(listed.value, loaded["hotlines"], strict=True)]
    if wrong := [line for line, entry in entries if not isinstance(entry, dict)]:
        raise KnowledgeError([finding("hotlines_unreadable", path, wrong[0])])
    return loaded, entries


def value(entry: dict, key: str) -> Any:
    """A field of an entry as it is in the file; None where it is missing, empty or null."""
    found = entry.get(key)
    return None if isinstance(found, str) and found.strip() in NOTHING else found


def _hotline(entry: dict) -> Hotline:
    free = value(entry, "free")
    return Hotline(
        id=_required(entry, "id"),
        phone=_required(entry, "phone"),
        option=value(entry, "option"),
        operator=_required(entry, "operator"),
        situations=tuple(_required(entry, "situations")),
        area=_required(entry, "area"),
        hours=value(entry, "hours"),
        free=None if free is None else free == "true",
        languages=tuple(value(entry, "languages") or ()),
        sources=tuple(Source(source["text"], source["date"]) for source in _required(entry, "sources")),
        checked=date.fromisoformat(_required(entry, "checked")),
        valid_until=date.fromisoformat(_required(entry, "valid_until")),
        names=_texts(entry, "name"),
        purposes=_texts(entry, "purpose"),
    )


def _required(entry: dict, key: str) -> Any:
    found = value(entry, key)
    if not found:
        raise KeyError(key)
    return found


def _texts(entry: dict, key: str) -> dict[str, str]:
    texts = {k: text for k, text in _required(entry, key).items() if isinstance(text, str) and text.strip()}
    if FALLBACK_LANGUAGE not in texts:
        raise KeyError(f"{key}: {FALLBACK_LANGUAGE}")
    return texts
