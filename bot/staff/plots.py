"""Bars as SVG, made here: no script draws anything. Every bar has its number beside it, for who cannot see bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, ROW, LABEL, NUMBER = 640, 26, 200, 60
COLUMN_HEIGHT = 120
MOST_NUMBERED = 31


@dataclass(frozen=True)
class Bar:
    """`value` None: too few to say."""

    label: str
    value: int | None


def bars(rows: Sequence[Bar], title: str, few: str) -> Markup:
    """Horizontal bars with their labels."""
    most = max((row.value or 0 for row in rows), default=0) or 1
    room = WIDTH - LABEL - NUMBER
    parts = []
    for number, row in enumerate(rows):
        y = number * ROW
        length = round(room * (row.value or 0) / most)
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 18}" text-anchor="end">{escape(row.label[:28])}</text>'
            f'<rect x="{LABEL}" y="{y + 4}" width="{length}" height="{ROW - 8}" rx="3"/>'
            f'<text x="{LABEL + length + 6}" y="{y + 18}">{escape(few) if row.value is None else row.value}</text>'
        )
    return _svg(parts, len(rows) * ROW, title)


def days(rows: Sequence[Bar], title: str, few: str) -> Markup:
    """One column a day with its number above it; a day with too few has a mark without a height."""
    most = max((row.value or 0 for row in rows), default=0) or 1
    step = WIDTH / max(len(rows), 1)
    foot = ROW + COLUMN_HEIGHT
    parts = []
    for number, row in enumerate(rows):
        height = max(round(COLUMN_HEIGHT * (row.value or 0) / most), 2)
        x, width = round(number * step, 1), round(max(step - 2, 1), 1)
        told = few if row.value is None else row.value
        parts.append(
            f'<rect x="{x}" y="{foot - height}" width="{width}" height="{height}">'
            f"<title>{escape(row.label)}: {escape(told)}</title></rect>"
        )
        if told and len(rows) <= MOST_NUMBERED:
            middle = round(x + width / 2, 1)
            parts.append(f'<text x="{middle}" y="{foot - height - 6}" text-anchor="middle">{escape(told)}</text>')
    for x, anchor, row in ((0, "start", rows[0]), (WIDTH, "end", rows[-1])) if rows else ():
        parts.append(f'<text x="{x}" y="{foot + 18}" text-anchor="{anchor}">{escape(row.label)}</text>')
    return _svg(parts, foot + 24, title)


def _svg(parts: list[str], height: int, title: str) -> Markup:
    return Markup(
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {max(height, 1)}" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )
