"""The page of figures that `yanapay evaluate messages --report` writes: ours, the baseline beside, per language."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.evaluation.messages import MEASURES, Result, share

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
EXTERNAL_HEAD = ("set", "messages", "accepted as ours", "marked urgent", "language right")


@dataclass(frozen=True)
class Measured:
    """Message sets, what became of each message, and the figures of that, ours and the baseline's."""

    files: Sequence[Path]
    results: list[Result]
    ours: Figures
    baseline: Figures


def page(
    measured: Measured,
    border: Measured | None,
    otherwise: Mapping[str, list[Result]],
    words_files: Sequence[Path],
    words_results: list[Result],
) -> str:
    """Markdown; each cell is ours, and in brackets the baseline's. Below are the same messages typed otherwise, sets at
    the border of danger, the confusion of routes, and misses in words.

    The misses may be of other sets than the figures, so that nobody who mends them spoils the measure.
    """
    lines = [
        "# How well messages are understood",
        "",
        f"Written by `make evaluate` on {_names(measured.files)} of tests/evaluation/messages: {len(measured.results)}",
        "messages, none of them a training phrase. In brackets the baseline: the urgency rules alone and the",
        "nearest passage, without Rasa and without the danger model, on the same messages. Labels are one author's;",
        "Quechua and Aymara await a speaker's review. Sets that nobody here wrote:",
        "[evaluation-external.md](evaluation-external.md).",
        "",
        *_figures_table(measured),
        "",
        *(f"- **{name}**: {meaning}" for name, meaning in MEANINGS.items()),
    ]
    parts = [lines, _otherwise(otherwise), _confusion(measured.results), _misses(words_files, words_results)]
    if border:
        parts.insert(2, _border(border))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _figures_table(measured: Measured) -> list[str]:
    rows = [
        [language, str(row["messages"]), *(_cell(row.get(m), measured.baseline[language].get(m)) for m in MEASURES)]
        for language, row in measured.ours.items()
    ]
    return _table([["", "messages", *MEASURES], *rows])


def _border(measured: Measured) -> list[str]:
    lines = [
        "## At the border of danger",
        "",
        f"Of {_names(measured.files)}, {len(measured.results)} messages, hard on purpose: danger that hides in a",
        "harmless question, harmless questions about the same things, danger that is over, good news with a danger",
        "behind it, heavy words without any.",
        "",
    ]
    return lines + _figures_table(measured)


def _names(files: Sequence[Path]) -> str:
    return ", ".join(sorted({f"`{path.parent.name}/`" for path in files}))


def _otherwise(results: Mapping[str, list[Result]]) -> list[str]:
    rows = [
        [name, *(_cell(found[0], None) if (found := share(group, m)) else "–" for m in MEASURES)]
        for name, group in results.items()
    ]
    return ["## The same messages, typed otherwise", "", *_table([["", *MEASURES], *rows])]


def _confusion(results: list[Result]) -> list[str]:
    """Messages by the route that was wanted and the one that was given."""
    pairs = Counter((_wanted(r), r.answer["route"]) for r in results)
    routes = sorted({route for pair in pairs for route in pair})
    rows = [[wanted, *(str(pairs[wanted, given] or "") for given in routes)] for wanted in routes]
    return ["## Confusion of routes", "", *_table([["wanted, given", *routes], *rows])]


def _wanted(result: Result) -> str:
    """The route that was given, where it is among those accepted, else the first of these."""
    given = result.answer["route"]
    return given if given in result.case.routes else result.case.routes[0]


def _misses(files: Sequence[Path], results: list[Result]) -> list[str]:
    lines = ["## Misses in words", "", f"Of {_names(files)}, {len(results)} messages.", ""]
    for measure in MEASURES:
        rows = [
            [r.case.lang, r.case.text.replace("|", "/"), "/".join(r.case.routes), r.answer["route"]]
            for r in results
            if r.marks.get(measure) is False
        ]
        if rows:
            head = ["", "message", "wanted", "given"]
            lines += [f"### {measure}: {MEANINGS[measure]}", "", *_table([head, *rows]), ""]
    return lines[:-1]


def _table(rows: list[list[str]]) -> list[str]:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return [head, "|---" * len(rows[0]) + "|", *body]


def _cell(ours: float | None, other: float | None) -> str:
    return "–" if ours is None else f"{ours:.3f}" + ("" if other is None else f" ({other:.3f})")


def external_row(name: str, results: list[Result]) -> list[str]:
    """One public set's line: accepted are those that get a passage or a card, where all should be declined."""
    declining = [r for r in results if "refused" in r.marks]
    taken = [not r.marks["refused"] or r.answer["urgent"] for r in declining]
    urgent = [bool(r.answer["urgent"]) for r in results]
    language = share(results, "language")
    shares = [sum(x) / len(x) if x else None for x in (taken, urgent)]
    return [name, str(len(results)), *(_cell(s, None) for s in (*shares, language[0] if language else None))]


def external_page(rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [
        "# Public sets that nobody here wrote",
        "",
        "Written by `make evaluate-external`; where the files come from: tests/evaluation/external.md. The queries",
        "of CLINC150 and HINT3 are all out of scope for us: accepted is what gets a passage or a hotline card. The",
        "Quechua and Aymara sentences count for the language alone, the requests after the quake of 2010 in Haiti for",
        "urgency. None of these texts is a phrase of ours. But phrases out of scope were written with the subjects of",
        "the first two in mind, so that other assistants' and firms' questions may fare worse; and some are calls of",
        "the disaster set's training part (nlu/data/README.md), so that calls from elsewhere may fare worse too.",
        "",
        *_table([list(EXTERNAL_HEAD), *rows]),
    ]
    return "\n".join(lines) + "\n"
