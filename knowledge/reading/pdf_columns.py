"""Where the letters of a PDF's page stand in columns, told by a gap that goes down through lines of running text."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

NARROWEST = 8.0
FEWEST_LINES = 3
MIDDLE = (0.2, 0.8)
RUNNING = 0.7

Gap = tuple[float, float]


@dataclass(frozen=True)
class Zone:
    """A part of a page, in points from its upper left, where two columns stand side by side."""

    top: float
    bottom: float
    left: float
    right: float
    gap: Gap


def zones(lines: list[dict[str, Any]]) -> list[Zone]:
    """The columned parts of a page whose lines, each with its letters as "chars", go from edge to edge."""
    found: list[Zone] = []
    start = 0
    while start < len(lines):
        zone, end = _zone(lines, start)
        if zone:
            found.append(zone)
        start = end
    return found


def _zone(lines: list[dict[str, Any]], start: int) -> tuple[Zone | None, int]:
    """The zone that begins at a line, and the line after it; without one, the next line."""
    left, right = min(x["x0"] for x in lines), max(x["x1"] for x in lines)
    for first in gaps(lines[start]):
        gap, end = _down(lines, start, first)
        part = lines[start:end]
        crossing = [x for x in part if x["x0"] < gap[0] and x["x1"] > gap[1]]
        if len(crossing) < FEWEST_LINES or not _running(crossing, gap):
            continue
        share = ((gap[0] + gap[1]) / 2 - left) / (right - left)
        if MIDDLE[0] < share < MIDDLE[1]:
            top, bottom = min(x["top"] for x in part), max(x["bottom"] for x in part)
            return Zone(top, bottom, left, right, gap), end
    return None, start + 1


def _down(lines: list[dict[str, Any]], start: int, gap: Gap) -> tuple[Gap, int]:
    """A gap as narrow as it becomes further down, and the line after the last beside it.

    Last is one with text to the right of the gap, or what goes on to its left without a pause.
    """
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        narrowed = [g for one in _beside(line, gap) if (g := _shared(gap, one))]
        if not narrowed:
            break
        crosses = line["x1"] > gap[1]
        before = lines[number - 1]
        paused = line["top"] - before["bottom"] > 0.6 * (line["bottom"] - line["top"])
        if crosses or (number == end and not paused and _size(line) == _size(before)):
            end = number + 1
        gap = narrowed[0]
    return gap, end


def _beside(line: dict[str, Any], gap: Gap) -> list[Gap]:
    if line["x1"] <= gap[1] - NARROWEST:
        return [(line["x1"], gap[1])]
    if line["x0"] >= gap[0] + NARROWEST:
        return [(gap[0], line["x0"])]
    return gaps(line)


def _shared(one: Gap, other: Gap) -> Gap | None:
    left, right = max(one[0], other[0]), min(one[1], other[1])
    return (left, right) if right - left >= NARROWEST else None


def _running(lines: list[dict[str, Any]], gap: Gap) -> bool:
    """Whether the left column is running text, which fills its width, and not the first cells of a table."""
    edge = min(x["x0"] for x in lines)
    ends = [max(c["x1"] for c in x["chars"] if c["x1"] <= gap[0] + 1) for x in lines]
    return sum(end - edge > RUNNING * (gap[0] - edge) for end in ends) > len(lines) / 2


def gaps(line: dict[str, Any]) -> list[Gap]:
    """The wide spaces between a line's letters, widest first."""
    chars = sorted((c for c in line["chars"] if c["text"].strip()), key=lambda c: c["x0"])
    found = []
    for before, after in pairwise(chars):
        if after["x0"] - before["x1"] >= NARROWEST:
            found.append((before["x1"], after["x0"]))
    return sorted(found, key=lambda g: g[0] - g[1])


def _size(line: dict[str, Any]) -> float:
    return round(float(line["chars"][0]["size"]))
