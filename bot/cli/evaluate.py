"""`yanapay evaluate`: message sets against the whole bot, questions against an index of any folder."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bot.evaluation import external as external_sets
from bot.evaluation import messages as message_sets
from bot.evaluation.report import EXTERNAL_HEAD, Measured, external_page, external_row, page
from bot.evaluation.typing import typed, ways
from bot.settings import settings
from nlu.paths import ROOT

app = typer.Typer(help="Measure the bot on message sets, and the search on questions.", no_args_is_help=True)
console = Console(width=None if Console().is_terminal else 140, soft_wrap=False)
THRESHOLDS = ROOT / "tests/evaluation/thresholds.yml"
COURTESIES = ROOT / "tests/evaluation/courtesies.yml"


@app.command()
def messages(
    files: Annotated[
        list[Path], typer.Argument(help="JSON Lines: text, lang, routes, urgent, sections, fact.", exists=True)
    ],
    url: Annotated[str | None, typer.Option(help="A gateway that runs already; else one is started.")] = None,
    thresholds: Annotated[Path, typer.Option(help="Least shares by measure and languages.", exists=True)] = THRESHOLDS,
    misses: Annotated[bool, typer.Option(help="Show each miss in words.")] = False,
    output: Annotated[Path | None, typer.Option(help="Write the figures as JSON.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page, with a baseline measured beside it.")] = None,
    border: Annotated[
        list[Path] | None, typer.Option(help="Sets at the border of danger, for a table of their own on the page.")
    ] = None,
    words: Annotated[
        list[Path] | None, typer.Option(help="Sets whose misses the page shows in words, instead of those measured.")
    ] = None,
) -> None:
    """Route, urgency, section, fact, refusal, language and latency per language. Exit code 1 below the thresholds."""
    try:
        cases, word_cases, border_cases = (message_sets.read(p) if p else [] for p in (files, words, border))
    except ValueError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None

    try:
        with console.status(f"{len(cases)} messages"):
            results = asyncio.run(message_sets.run(cases, url) if url else _run(cases))
    except httpx.ConnectError:
        console.print(f"[red]No gateway answers at {url}.[/]")
        raise typer.Exit(2) from None
    console.print(_table(results))
    if misses:
        _print_misses(results)
    if output:
        output.write_text(json.dumps(_figures(results), indent=1) + "\n", encoding="utf-8")
    if report:
        with console.status("the baseline"):
            measured = Measured(files, results, _figures(results), _figures(asyncio.run(_run(cases, baseline=True))))
        with console.status("misses in words"):
            missed = asyncio.run(_run(word_cases)) if words else results
        with console.status("the same, typed otherwise"):
            otherwise = asyncio.run(_run_otherwise(cases, results))
        with console.status("the border of danger"):
            bordering = asyncio.run(_measured(border, border_cases)) if border else None
        told = page(measured, bordering, otherwise, words or files, missed)
        report.write_text(told, encoding="utf-8")
    short = message_sets.below(results, thresholds)
    for line in short:
        console.print(f"[red]below[/] {line}")
    raise typer.Exit(1 if short else 0)


async def _run(cases: list[message_sets.Case], baseline: bool = False) -> list[message_sets.Result]:
    async with _serving(baseline) as url:
        return await message_sets.run(cases, url)


async def _measured(files: Sequence[Path], cases: list[message_sets.Case]) -> Measured:
    ours, baseline = await _run(cases), await _run(cases, baseline=True)
    return Measured(files, ours, _figures(ours), _figures(baseline))


async def _run_otherwise(
    cases: list[message_sets.Case], results: list[message_sets.Result]
) -> dict[str, list[message_sets.Result]]:
    """The results of each way to type the same messages; `results` are those of the messages as they are."""
    sets = {name: typed(cases, way) for name, way in ways(COURTESIES).items()}
    async with _serving() as url:
        return {name: results if a_set == cases else await message_sets.run(a_set, url) for name, a_set in sets.items()}


@contextlib.asynccontextmanager
async def _serving(baseline: bool = False) -> AsyncIterator[str]:
    """The URL of a gateway started for it; the baseline has no Rasa and no danger model: rules and nearest passage."""
    from bot.cli.running import running_gateway

    async with running_gateway(rasa=not baseline) as gateway:
        if baseline:
            desk = gateway.state.reception.desk
            desk.model = desk.letters = None
        yield f"http://127.0.0.1:{gateway.state.settings.port}"


def _groups(results: list[message_sets.Result]) -> dict[str, list[message_sets.Result]]:
    groups = {code: [r for r in results if r.case.lang == code] for code in message_sets.LANGUAGES}
    return {**{k: v for k, v in groups.items() if v}, "all": results}


def _figures(results: list[message_sets.Result]) -> dict[str, dict[str, float | int]]:
    figures: dict[str, dict[str, float | int]] = {}
    for name, group in _groups(results).items():
        shares = {m: s[0] for m in message_sets.MEASURES if (s := message_sets.share(group, m))}
        p50, p95 = message_sets.latency(group)
        figures[name] = {"messages": len(group), **shares, "p50_ms": p50, "p95_ms": p95}
    return figures


def _table(results: list[message_sets.Result]) -> Table:
    table = Table("", "messages", *message_sets.MEASURES, "p50 ms", "p95 ms")
    for name, group in _groups(results).items():
        cells = [f"{s[0]:.3f}" if (s := message_sets.share(group, m)) else "-" for m in message_sets.MEASURES]
        p50, p95 = message_sets.latency(group)
        table.add_row(name, str(len(group)), *cells, f"{p50:.0f}", f"{p95:.0f}", end_section=name == "ay")
    return table


def _print_misses(results: list[message_sets.Result]) -> None:
    for result in results:
        missed = [m for m, met in result.marks.items() if not met]
        if missed:
            case, answer = result.case, result.answer
            got = f"{answer['language']}/{answer['route']}/{'urgent' if answer['urgent'] else 'calm'}"
            console.print(
                f"[yellow]{' '.join(missed)}[/] {case.lang} wanted {'|'.join(case.routes)}, got {got}: {case.text}",
                highlight=False,
            )


@app.command()
def external(
    files: Annotated[list[Path], typer.Argument(help="Public sets: tests/evaluation/external.md.", exists=True)],
    report: Annotated[Path | None, typer.Option(help="Write a page.")] = None,
) -> None:
    """Public sets: how much is accepted that should be declined, how much alarms, whether the language is right."""
    try:
        sets = {path: external_sets.read(path) for path in files}
    except ValueError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    with console.status(f"{sum(map(len, sets.values()))} messages"):
        results = asyncio.run(_run([case for cases in sets.values() for case in cases]))
    rows, start = [], 0
    for path, cases in sets.items():
        chosen = results[start : start + len(cases)]
        start += len(cases)
        rows.append(external_row(path.name, chosen))
    table = Table(*EXTERNAL_HEAD)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if report:
        report.write_text(external_page(rows), encoding="utf-8")


@app.command()
def retrieval(
    documents: Annotated[Path, typer.Option(help="Folder of knowledge files.", exists=True, file_okay=False)],
    questions: Annotated[
        Path, typer.Option(help="JSON Lines: question, lang, and passage, section or answer.", exists=True)
    ],
) -> None:
    """Recall@1/3/10, MRR and nDCG@10 of words alone, meaning alone and both together."""
    from bot.app import load_encoder
    from bot.evaluation.retrieval import measure

    chosen = settings().model_copy(update={"encoder_threads": 2})
    encoder = load_encoder(chosen)
    if encoder is None:
        console.print("[red]No encoder:[/] run `make setup`.")
        raise typer.Exit(1)
    try:
        with console.status("encoding and searching"):
            figures = measure(documents, questions, encoder)
    except ValueError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    table = Table("", "questions", "recall@1", "recall@3", "recall@10", "MRR", "nDCG@10")
    for way, f in figures.items():
        shown = (f.recall_1, f.recall_3, f.recall_10, f.mrr, f.ndcg_10)
        table.add_row(way, str(f.questions), *(f"{v:.4f}" for v in shown))
    console.print(table)
