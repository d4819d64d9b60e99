"""`hotlines.yml` and other lists as forms: one entry is written anew, all else in the file stays as it stands."""

import datetime
import itertools
import re
from typing import Any

import yaml

from knowledge.hotlines import NOTHING, SITUATIONS

TEXTS = ("phone", "option", "operator", "area", "hours", "checked", "valid_until")
ORDER = ("id", "phone", "option", "operator", "situations", "area", "hours", "free", "languages", "sources")
ORDER_REST = ("checked", "valid_until", "name", "purpose")
VALID_DAYS = 180
KEY = re.compile(r"(?:  - |    )(?P<key>\w+):")
TOP_LEVEL = re.compile(r"^[^\s#-]")


def entries(text: str) -> list[dict[str, Any]]:
    """The entries, values as strings. Raises ValueError where the file cannot be read."""
    try:
        loaded = yaml.load(text, Loader=yaml.BaseLoader)
        return [dict(e) for e in loaded["hotlines"]]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError("hotlines") from error


def replaced(text: str, id: str, entry: dict[str, Any] | None) -> str:
    """The file with the entry called `id` written anew, added where it is missing, or taken out where it is None."""
    lines = text.split("\n")
    spans = _spans(text)
    start, end = spans.get(id, (None, None))
    if start is None:
        start = end = max((stop for _, stop in spans.values()), default=len(lines))
    old = next((e for e in entries(text) if e.get("id") == id), {})
    new = _written(entry, old, lines[start:end]) if entry else []
    text = "\n".join([*lines[:start], *new, *lines[end:]])
    return _ordered(text, id, list(entry["situations"]) if entry else [])


def renewed(entry: dict[str, Any], today: datetime.date) -> dict[str, Any]:
    """Checked today, and valid for half a year."""
    return {**entry, "checked": str(today), "valid_until": str(today + datetime.timedelta(VALID_DAYS))}


def listing(text: str) -> tuple[str, Any]:
    """The comment at the head of a YAML file, and what it holds. Raises ValueError where it cannot be read."""
    try:
        return head(text), yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError("yaml") from error


def dumped(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)


def head(text: str) -> str:
    """The comment and the empty lines before anything else."""
    return "".join(itertools.takewhile(lambda line: not line.strip() or line[0] == "#", text.splitlines(keepends=True)))


def _spans(text: str) -> dict[str, tuple[int, int]]:
    """The lines, from 0, of each entry: from its dash to the line before the next, or before what follows the list."""
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(node, yaml.MappingNode):
        return {}
    listed = next((value for key, value in node.value if key.value == "hotlines"), None)
    starts = [item.start_mark.line for item in listed.value] if listed else []
    lines = text.split("\n")
    last = next((i for i in range(starts[-1], len(lines)) if TOP_LEVEL.match(lines[i])), len(lines)) if starts else 0
    while starts and last > starts[-1] and lines[last - 1].startswith("#"):
        last -= 1
    ids = [entry.get("id", "") for entry in entries(text)]
    return dict(zip(ids, zip(starts, [*starts[1:], last], strict=True), strict=True))


def _written(entry: dict[str, Any], old: dict[str, Any], lines: list[str]) -> list[str]:
    """The lines of an entry: those of `old` for every key whose value is the same."""
    kept: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        found = KEY.match(line)
        key = found["key"] if found else key
        kept.setdefault(key, []).append(line)
    written: list[str] = []
    for name in (*ORDER, *ORDER_REST):
        value = _typed(name, entry.get(name))
        if name in kept and value == _typed(name, old.get(name)):
            written += kept[name]
        else:
            dumped = yaml.safe_dump({name: value}, allow_unicode=True, sort_keys=False, width=110)
            written += [f"    {line}" for line in dumped.rstrip("\n").split("\n")]
    written = [line for line in written if line.strip()]
    return ["  - " + written[0][4:], *written[1:], ""]


def _typed(key: str, value: Any) -> Any:
    if value is None or (isinstance(value, str) and value.strip() in NOTHING):
        return None
    if key == "free":
        return value == "true"
    if key in ("checked", "valid_until"):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _ordered(text: str, id: str, situations: list[str]) -> str:
    """The lists under `order` with the entry in those of its situations and in no other."""
    try:
        order = (yaml.load(text, Loader=yaml.BaseLoader) or {}).get("order") or {}
    except (yaml.YAMLError, AttributeError):
        return text
    wanted = {name: [i for i in ids if i != id or name in situations] for name, ids in order.items()}
    for name in situations:
        if name in SITUATIONS and id not in wanted.setdefault(name, []):
            wanted[name].append(id)
    if wanted == order:
        return text
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("order:"))
    end = next((i for i in range(start + 1, len(lines)) if TOP_LEVEL.match(lines[i])), len(lines))
    new = [f"  {name}: [{', '.join(repr(i) for i in ids)}]" for name, ids in wanted.items()]
    return "\n".join([*lines[: start + 1], *new, *([""] if end == len(lines) else []), *lines[end:]])
