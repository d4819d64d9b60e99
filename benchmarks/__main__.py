"""`python -m benchmarks [NAMES]`: measure, show the figures, and write them to benchmarks/<name>.md."""

import shlex
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.report import Report

NAMES = ("turn", "scale", "retrieval", "classifiers", "telegram", "publication", "paint")


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"Some of {', '.join(NAMES)}; all without any.")] = None,
    quick: Annotated[bool, typer.Option(help="A short try that writes no file.")] = False,
    xquad: Annotated[
        Path | None,
        typer.Option(help="Folder of XQuAD's es.json and more, for retrieval.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Measure and write benchmarks/<name>.md. The machine should have nothing else to do."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers that run are ended
    console = Console()
    chosen = names or list(NAMES)
    if wrong := [n for n in chosen if n not in NAMES]:
        console.print(f"[red]There is no benchmark {', '.join(wrong)}.[/] There are: {', '.join(NAMES)}")
        raise typer.Exit(2)
    for name in chosen:
        arguments = [name, *(["--xquad FOLDER"] if name == "retrieval" and xquad else [])]
        command = f"make benchmark ARGS={shlex.quote(' '.join(arguments))}"
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            report = _run(name, progress, quick, command, xquad)
        report.print(console)
        if not quick:
            console.print(f"[green]written[/] benchmarks/{report.write().name}")


def _run(name: str, progress: Progress, quick: bool, command: str, xquad: Path | None) -> Report:
    if name == "turn":
        from benchmarks import turn

        return turn.run(progress, quick, command)
    if name == "scale":
        from benchmarks import scale

        return scale.run(progress, quick, command)
    if name == "classifiers":
        from benchmarks import classifiers

        return classifiers.run(progress, quick, command)
    if name == "telegram":
        from benchmarks import telegram

        return telegram.run(progress, quick, command)
    if name == "publication":
        from benchmarks import publication

        return publication.run(progress, quick, command)
    if name == "paint":
        from benchmarks import paint

        return paint.run(progress, quick, command)
    from benchmarks import retrieval

    return retrieval.run(progress, quick, command, xquad)


if __name__ == "__main__":
    typer.run(main)
