"""`yanapay knowledge`: check the knowledge files, build the index, search it."""

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import settings
from knowledge.checker import check as check_files
from knowledge.checker import stamp as stamp_files
from knowledge.documents import read_folder
from knowledge.findings import Finding, KnowledgeError, has_errors
from knowledge.passages import cut

app = typer.Typer(help="Check, build and search the knowledge files.", no_args_is_help=True)
console = Console()


def show(findings: list[Finding]) -> None:
    colours = {"error": "red", "warning": "yellow"}
    for f in findings:
        console.print(
            f"[{colours[f.severity]}]{f.severity}[/] {f.path}:{f.line}: {f.message}", highlight=False, soft_wrap=True
        )
        console.print(f"    → {f.remedy}", highlight=False, soft_wrap=True)


@app.command()
def check() -> None:
    """Check every knowledge file strictly. Exit code 1 when something must be mended."""
    findings = check_files(settings().knowledge)
    show(findings)
    errors = sum(f.severity == "error" for f in findings)
    console.print(f"[{'red' if errors else 'green'}]{errors} errors, {len(findings) - errors} warnings[/]")
    raise typer.Exit(1 if errors else 0)


@app.command()
def build() -> None:
    """Build the index from the knowledge files; a faulty file stops it and the old index stays."""
    findings = check_files(settings().knowledge)
    if has_errors(findings):
        show(findings)
        raise typer.Exit(1)
    from bot.app import load_encoder
    from knowledge import index

    encoder = load_encoder(settings())
    if encoder is None:
        console.print("[red]No encoder:[/] run `make setup`.")
        raise typer.Exit(1)
    passages = cut(read_folder(settings().knowledge / "documents"))
    with console.status(f"encoding {len(passages)} passages"):
        generation = index.build(passages, encoder, settings().var / "index")
    console.print(f"[green]built[/] {len(passages)} passages, generation {generation.name}")


@app.command()
def stamp() -> None:
    """Mark translations whose heading says `source=pending` as made from the original as it stands now."""
    for path in stamp_files(settings().knowledge):
        console.print(f"stamped {path}")


@app.command()
def search(query: str, language: str | None = None, count: int = 3) -> None:
    """Search the built index."""
    from bot.app import load_encoder
    from knowledge import index
    from knowledge.search import search as find
    from nlu.language import identify

    encoder = load_encoder(settings())
    if encoder is None:
        raise typer.Exit(1)
    code = language or identify(query).language
    try:
        hits = find(index.load(settings().var / "index"), query, encoder.encode([query])[0], code, count)
    except (FileNotFoundError, KnowledgeError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from None
    table = Table("passage", "score", "meaning", "words", "text")
    for hit in hits:
        text = hit.passage.version(code).text
        table.add_row(hit.passage.id, f"{hit.score:.3f}", f"{hit.dense:.3f}", f"{hit.lexical:.2f}", text[:160] + "…")
    console.print(table)
