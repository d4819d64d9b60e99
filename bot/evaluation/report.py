"""The page of figures that `yanapay evaluate messages --report` writes: ours, the baseline beside, per language."""

from collections.abc import Mapping
from pathlib import Path

from bot.evaluation.messages import MEASURES

Figures = Mapping[str, Mapping[str, float | int]]
MEANINGS = {
    "route": "route among those accepted",
    "urgent": "urgent message: marked urgent, hotline card with 1818 first",
    "calm": "calm message: not marked urgent",
    "maybe": "unclear message: 1818 named",
    "section": "question: a passage of a right section shown",
    "fact": "fact question: the fact in the text or quote shown",
    "refused": "out of scope: no passage shown",
    "language": "answered in the message's language",
}


def page(figures: Figures, baseline: Figures, files: list[Path]) -> str:
    """Markdown; each cell is ours, and in brackets the baseline's."""
    names = ", ".join(sorted({f"`{path.parent.name}/`" for path in files}))
    lines = [
        "# How well messages are understood",
        "",
        f"Written by `make evaluate` on {names} of tests/evaluation/messages ({figures['all']['messages']} messages,",
        "none of them a training phrase). In brackets the baseline: the urgency rules alone and the nearest passage,",
        "without Rasa and without the danger model, on the same messages. Labels are one author's; Quechua and Aymara",
        "await a speaker's review.",
        "",
        "| | messages | " + " | ".join(MEASURES) + " |",
        "|---|---|" + "---|" * len(MEASURES),
    ]
    for language, row in figures.items():
        cells = [_cell(row.get(m), baseline[language].get(m)) for m in MEASURES]
        lines.append(f"| {language} | {row['messages']} | " + " | ".join(cells) + " |")
    lines += ["", *(f"- **{name}**: {meaning}" for name, meaning in MEANINGS.items()), ""]
    return "\n".join(lines)


def _cell(ours: float | None, other: float | None) -> str:
    return "–" if ours is None else f"{ours:.3f}" + ("" if other is None else f" ({other:.3f})")
