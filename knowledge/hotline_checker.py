"""The strict check of `hotlines.yml`. A wrong number is worse than none: a fact without a source is refused."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from knowledge.documents import is_date, parse_date
from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.hotlines import ALWAYS, SITUATIONS, load, value

OLD_DAYS = 180
REQUIRED = ("id", "phone", "operator", "situations", "area", "name", "purpose")
FIELDS = (*REQUIRED, "option", "hours", "free", "languages", "sources", "checked", "valid_until")
LISTS = ("situations", "languages", "sources")
MAPPINGS = ("name", "purpose")
ALLOWED = {"hours": (None, "24h"), "free": (None, "true", "false")}


def check_hotlines(path: Path, today: date, languages: Iterable[str]) -> list[Finding]:
    """The findings for `path`. `languages` are those in which every name and purpose should stand."""
    try:
        loaded, entries = load(path)
    except KnowledgeError as error:
        return error.findings
    findings: list[Finding] = []
    seen: set[str] = set()
    for line, entry in entries:
        id = str(entry.get("id", "?"))
        if id in seen:
            findings.append(finding("hotline_twice", path, line, id=id))
        seen.add(id)
        findings += _field_faults(path, line, id, entry)
        findings += _source_faults(path, line, id, entry)
        findings += _date_faults(path, line, id, entry, today)
        findings += _language_faults(path, line, id, entry, languages)
    if ALWAYS not in seen:
        findings.append(finding("hotline_1818_missing", path, 0))
    return findings + list(_order_faults(path, loaded.get("order"), entries))


def _field_faults(path: Path, line: int, id: str, entry: dict) -> Iterator[Finding]:
    for key in REQUIRED:
        if not value(entry, key):
            yield finding("hotline_field_missing", path, line, id=id, field=key)
    for key, found in entry.items():
        filled = value(entry, key)
        if key not in FIELDS:
            yield finding("hotline_field_unknown", path, line, id=id, field=key, known=", ".join(FIELDS))
        elif filled is not None and not isinstance(filled, list if key in LISTS else dict if key in MAPPINGS else str):
            yield finding("hotline_field_wrong", path, line, id=id, field=key, value=found)
        elif key in ALLOWED and filled not in ALLOWED[key]:
            allowed = ", ".join(text or "null" for text in ALLOWED[key])
            yield finding("hotline_value", path, line, id=id, field=key, value=found, allowed=allowed)
    for key in ("phone", "option"):
        digits = value(entry, key)
        if isinstance(digits, str) and not (digits.isascii() and digits.isdigit()):
            yield finding("hotline_digits", path, line, id=id, field=key, value=digits)
    for situation in _listed(entry, "situations"):
        if situation not in SITUATIONS:
            yield finding("hotline_situation", path, line, id=id, value=situation, known=", ".join(SITUATIONS))
    if id == ALWAYS and (absent := [s for s in SITUATIONS if s not in _listed(entry, "situations")]):
        yield finding("hotline_1818_situations", path, line, missing=", ".join(absent))


def _source_faults(path: Path, line: int, id: str, entry: dict) -> Iterator[Finding]:
    sources = _listed(entry, "sources")
    if not sources:
        yield finding("hotline_no_source", path, line, id=id)
    for source in sources:
        text, written = (source.get("text"), source.get("date")) if isinstance(source, dict) else (None, None)
        if not text or not isinstance(written, str) or not is_date(written):
            yield finding("hotline_source_wrong", path, line, id=id)


def _date_faults(path: Path, line: int, id: str, entry: dict, today: date) -> Iterator[Finding]:
    days = {}
    for key in ("checked", "valid_until"):
        written = value(entry, key)
        days[key] = parse_date(written) if isinstance(written, str) else None
        if written is None:
            yield finding("hotline_unchecked", path, line, id=id, field=key)
        elif days[key] is None:
            yield finding("hotline_date", path, line, id=id, field=key, value=written)
    checked, until = days["checked"], days["valid_until"]
    if until is not None and until < today:
        yield finding("hotline_expired", path, line, id=id, value=until)
    if checked is not None and checked > today:
        yield finding("hotline_future", path, line, id=id, value=checked)
    elif checked is not None and (today - checked).days > OLD_DAYS:
        yield finding("hotline_old", path, line, id=id, value=checked, days=(today - checked).days)


def _language_faults(path: Path, line: int, id: str, entry: dict, languages: Iterable[str]) -> Iterator[Finding]:
    for key in MAPPINGS:
        texts = entry.get(key)
        if not isinstance(texts, dict):
            continue
        if not texts.get("es"):
            yield finding("hotline_spanish", path, line, id=id, field=key)
        if absent := [language for language in languages if language != "es" and not texts.get(language)]:
            yield finding("hotline_language", path, line, id=id, field=key, missing=", ".join(absent))


def _order_faults(path: Path, order: object, entries: list[tuple[int, dict]]) -> Iterator[Finding]:
    order = order if isinstance(order, dict) else {}
    lines = path.read_text("utf-8-sig").split("\n")
    top = next((i for i, line in enumerate(lines, 1) if line.startswith("order:")), len(lines))
    where = {line.split(":")[0].strip(): i for i, line in enumerate(lines, 1) if i > top and ":" in line}
    situations = {str(entry.get("id")): _listed(entry, "situations") for _, entry in entries}
    for name in SITUATIONS:
        line, ids = where.get(name, top), order.get(name)
        if not isinstance(ids, list) or not ids:
            yield finding("order_missing", path, line, situation=name)
            continue
        for id in map(str, ids):
            if id not in situations:
                yield finding("order_unknown_line", path, line, situation=name, id=id)
            elif name not in situations[id]:
                yield finding("order_differs", path, line, situation=name, id=id)
    for name in order:
        if name not in SITUATIONS:
            yield finding("order_unknown", path, where.get(name, top), situation=name, known=", ".join(SITUATIONS))


def _listed(entry: dict, key: str) -> list:
    found = value(entry, key)
    return found if isinstance(found, list) else []
