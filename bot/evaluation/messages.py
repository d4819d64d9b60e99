"""How well messages are understood and answered, per language.

A message set is JSON Lines: `text`, `lang`, `routes` (those accepted), `urgent` (yes, maybe or no), `sections` that
hold the answer, `fact` (words that a right answer's text or quote contains, or null).
"""

import asyncio
import json
import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import yaml

URGENT = ("yes", "maybe", "no")
LANGUAGES = ("es", "en", "pt", "fr", "zh", "ht", "qu", "ay")
ANY_LANGUAGE = ""
MEASURES = ("route", "urgent", "calm", "maybe", "section", "fact", "refused", "language")


@dataclass(frozen=True)
class Case:
    text: str
    lang: str
    routes: tuple[str, ...]
    urgent: str
    sections: tuple[str, ...]
    fact: str | None


@dataclass(frozen=True)
class Result:
    """`marks` has True or False for each measure that the case counts for."""

    case: Case
    answer: dict[str, Any]
    milliseconds: float
    marks: dict[str, bool]


def read(paths: Sequence[Path]) -> list[Case]:
    """Cases of all files. Raises ValueError with file and line for one that can't be read."""
    cases = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if (
                    not isinstance(row["text"], str)
                    or not isinstance(row["routes"], list)
                    or row["urgent"] not in URGENT
                ):
                    raise ValueError("text must be words, routes a list, urgent yes, maybe or no")
                cases.append(
                    Case(
                        row["text"],
                        row["lang"],
                        tuple(row["routes"]),
                        row["urgent"],
                        tuple(row.get("sections") or ()),
                        row.get("fact") or None,
                    )
                )
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}:{number}: {error!r}; a line needs text, lang, routes and urgent") from error
    if not cases:
        raise ValueError(f"no messages in {', '.join(str(p) for p in paths)}")
    return cases


async def run(cases: list[Case], url: str, at_once: int = 2) -> list[Result]:
    """Send each case as a conversation of its own to the gateway at `url`."""
    gate = asyncio.Semaphore(at_once)

    async def one(case: Case, client: httpx.AsyncClient) -> Result:
        async with gate:
            started = time.perf_counter()
            response = await client.post("/api/messages", json={"text": case.text})
            took = (time.perf_counter() - started) * 1000
        response.raise_for_status()
        answer = response.json()
        return Result(case, answer, took, mark(case, answer))

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        return await asyncio.gather(*(one(c, client) for c in cases))


def mark(case: Case, answer: dict[str, Any]) -> dict[str, bool]:
    """Each measure that the case counts for, and whether the answer meets it."""
    replies = answer["replies"]
    sources = [s for r in replies for s in r.get("sources") or []]
    shown = " ".join([*(r["text"] for r in replies), *(s["quote"] for s in sources)])
    marks = {"route": answer["route"] in case.routes} if case.routes else {}
    if case.lang != ANY_LANGUAGE:
        marks["language"] = answer["language"] == case.lang
    if case.urgent == "yes":
        first = replies[0] if replies else {"type": "none", "text": ""}
        marks["urgent"] = bool(answer["urgent"]) and first["type"] == "hotline" and "1818" in first["text"]
    elif case.urgent == "no":
        marks["calm"] = not answer["urgent"]
    else:
        marks["maybe"] = "1818" in " ".join(r["text"] for r in replies)
    if case.sections and case.urgent == "no":
        marks["section"] = any(s["section"] in case.sections for s in sources)
    if case.fact:
        marks["fact"] = _plain(case.fact) in _plain(shown)
    if case.routes == ("out_of_scope",):
        marks["refused"] = not any(r["type"] == "answer" for r in replies)
    return marks


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).lower()).strip()


def share(results: list[Result], measure: str) -> tuple[float, int] | None:
    """Share met and number of cases, or None where no case counts."""
    marks = [r.marks[measure] for r in results if measure in r.marks]
    return (sum(marks) / len(marks), len(marks)) if marks else None


def latency(results: list[Result]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    times = sorted(r.milliseconds for r in results)
    if len(times) < 2:
        return times[0], times[0]
    cuts = quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]


def below(results: list[Result], thresholds: Path) -> list[str]:
    """What falls short of the thresholds file: `measure: {languages: least share}`, several languages with spaces."""
    found = []
    for measure, groups in yaml.safe_load(thresholds.read_text(encoding="utf-8")).items():
        for languages, least in groups.items():
            chosen = [r for r in results if r.case.lang in str(languages).split()]
            got = share(chosen, measure)
            if got and got[0] < least:
                found.append(f"{measure} {languages}: {got[0]:.3f} < {least} (of {got[1]})")
    return found
