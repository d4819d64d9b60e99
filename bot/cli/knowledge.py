"""`yanapay knowledge`: the knowledge files without the console, with the same checks."""

import asyncio
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.settings import settings
from knowledge.checker import check as check_files
from knowledge.checker import stamp as stamp_files
from knowledge.files import write
from knowledge.findings import Finding, KnowledgeError, has_errors
from knowledge.golden import Outcome
from knowledge.publication import Proposal, Refused, Unrecorded, Version, Workshop

app = typer.Typer(help="Check, try, publish, undo and search the knowledge files.", no_args_is_help=True)
console = Console()
COLOURS = {"error": "red", "warning": "yellow"}
KINDS = {"added": "[green]+[/]", "removed": "[red]−[/]", "changed": "[yellow]~[/]"}


def show(findings: list[Finding]) -> None:
    for f in findings:
        place = f"{f.path}:{f.line}" if f.line else str(f.path)
        told = f"[{COLOURS[f.severity]}]{f.severity}[/] {escape(place)}: {escape(f.message)}"
        console.print(told, highlight=False, soft_wrap=True)
        console.print(f"    → {escape(f.remedy)}", highlight=False, soft_wrap=True)


@app.command()
def check() -> None:
    """Check every knowledge file strictly. Exit code 1 when something must be mended."""
    findings = check_files(settings().knowledge)
    show(findings)
    errors = sum(f.severity == "error" for f in findings)
    console.print(f"[{'red' if errors else 'green'}]{errors} errors, {len(findings) - errors} warnings[/]")
    raise typer.Exit(1 if errors else 0)


@app.command()
def diff() -> None:
    """What publishing the edited files would change, in plain words. Exit code 1 when they may not be published."""
    with _workshop() as workshop, console.status("trying the golden questions"):
        proposal = workshop.propose()
    _show_proposal(proposal)
    raise typer.Exit(0 if proposal.publishable else 1)


@app.command()
def golden() -> None:
    """Ask the golden questions of the files as they are. Exit code 1 when one fails."""
    with _workshop() as workshop, console.status("asking"):
        proposal = workshop.propose()
    if has_errors(proposal.findings):
        show(proposal.findings)
        raise typer.Exit(1)
    table = Table("", "question", "language", "wanted", "got")
    for one in proposal.golden:
        mark = "[green]✓[/]" if one.passed else "[red]✗[/]"
        table.add_row(mark, escape(one.question), one.language, ", ".join(one.wanted), _got(one))
    console.print(table)
    _count(proposal)
    raise typer.Exit(1 if proposal.failed else 0)


@app.command()
def publish(why: Annotated[str, typer.Option("--why", "-m", help="What changed, for the history.")]) -> None:
    """Check and publish the edited files, all or none; a server that runs answers from them within seconds."""
    with _workshop() as workshop:
        try:
            with console.status("checking, trying, building"):
                version = workshop.publish([], getpass.getuser(), why)
        except Refused as refused:
            _show_proposal(refused.proposal)
            raise typer.Exit(0 if not refused.proposal.files else 1) from None
    _published(version)


@app.command()
def undo(
    id: Annotated[str, typer.Argument(help="As `history` shows it; the last one without.")] = "",
    why: Annotated[str, typer.Option("--why", "-m", help="Why, for the history.")] = "",
) -> None:
    """Put back what stood before a publication."""
    with _workshop() as workshop:
        found = id or next((v.id for v in workshop.history()), "")
        try:
            with console.status("checking, building"):
                version = workshop.undo(found, getpass.getuser(), why)
        except KeyError:
            console.print("[red]There is no such publication:[/] see `yanapay knowledge history`.")
            raise typer.Exit(1) from None
        except Refused as refused:
            _show_proposal(refused.proposal)
            raise typer.Exit(1) from None
    _published(version)


@app.command()
def history(count: int = 20) -> None:
    """What was published, the newest first."""
    with _workshop(tries=False) as workshop:
        versions = workshop.history()
    table = Table("id", "when (UTC)", "who", "why", "files")
    for v in versions[:count]:
        table.add_row(v.id, f"{v.at:%Y-%m-%d %H:%M}", escape(v.who) or "–", escape(v.why), "\n".join(v.files))
    console.print(table)


@app.command(name="import")
def import_file(
    file: Path,
    document: Annotated[str, typer.Option(help="Short name of the document: letters a to z, digits, hyphens.")] = "",
    language: Annotated[str, typer.Option(help="Language of the text.")] = "es",
    draft: Annotated[bool, typer.Option("--translation", help="It is a translation, not the original.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Write it into the knowledge folder.")] = False,
) -> None:
    """Show how a .docx, .odt, .pdf, .html, .xlsx, .txt or .md is understood, and what is lost; keep it if asked to."""
    from bot.staff.sheets import document_name
    from bot.staff.shelf import blank
    from knowledge.findings import in_language
    from knowledge.reading import read

    try:
        result = read(file.read_bytes(), file.name)
    except OSError as error:
        console.print(f"[red]{file}:[/] {error.strerror}")
        raise typer.Exit(1) from None
    except KnowledgeError as error:
        show(error.findings)
        raise typer.Exit(1) from None
    name = document or document_name(file.name)
    text = blank(result.title, language, "draft" if draft else "original", result.markdown)
    place = settings().knowledge / "documents" / name / f"{language}.md"
    console.print(escape(text), highlight=False, soft_wrap=True)
    for loss in result.lost:
        console.print(f"[yellow]lost[/] {escape(loss.words(in_language()))}", highlight=False)
    if not keep:
        console.print(f"Nothing was written. With --keep it goes to {place}.")
    elif place.exists():
        console.print(f"[red]{place} is there already:[/] choose another --document.")
        raise typer.Exit(1)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, text)
        console.print(f"[green]written[/] {place}: see `yanapay knowledge diff`")


@app.command()
def watch() -> None:
    """Take in what is edited in the files from now on, until Ctrl-C. A server that runs does that by itself."""
    from knowledge.publication.watcher import watched

    async def follow(workshop: Workshop) -> None:
        async for proposal in watched(workshop):
            _show_proposal(proposal)
            console.print("[green]published[/]" if proposal.publishable else "[red]refused[/]")

    with _workshop() as workshop:
        console.print(f"watching {workshop.folder}")
        try:
            asyncio.run(follow(workshop))
        except KeyboardInterrupt:
            console.print()


@app.command()
def build() -> None:
    """Build the index from the knowledge files; a faulty file stops it and the old index stays."""
    findings = check_files(settings().knowledge)
    if has_errors(findings):
        show(findings)
        raise typer.Exit(1)
    with _workshop(tries=False) as workshop, console.status("encoding the passages"):
        if workshop.encoder is None:
            raise typer.Exit(_no_encoder())
        generation = workshop.build()
    console.print(f"[green]built[/] generation {generation.name}")


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
        raise typer.Exit(_no_encoder())
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


@contextmanager
def _workshop(tries: bool = True) -> Iterator[Workshop]:
    """The workshop with the console's history; `tries` where golden questions are asked."""
    from bot.app import load_encoder, open_desk, open_workshop, section_model
    from bot.staff.console import open_database
    from bot.staff.history import DatabaseHistory

    own = settings()
    encoder = load_encoder(own)
    if tries and encoder is None:
        raise typer.Exit(_no_encoder())
    database = open_database(own)
    try:
        desk = open_desk(own, encoder) if tries else None
        if desk and (workshop := open_workshop(own, encoder, desk, section_model(desk), database)):
            yield workshop
        else:
            history = DatabaseHistory(database) if database else Unrecorded()
            yield Workshop(own.knowledge, own.var, encoder, history)
    finally:
        if database:
            database.close()


def _published(version: Version) -> None:
    from knowledge.publication.repository import RepositoryError, commit

    console.print(f"[green]published[/] {version.id}: {', '.join(version.files)}")
    try:
        if settings().knowledge_git and commit(settings().knowledge, version):
            console.print("[green]committed[/]")
    except RepositoryError as error:
        console.print(f"[yellow]not committed:[/] {escape(str(error))}")


def _show_proposal(proposal: Proposal) -> None:
    if not proposal.files:
        console.print("Nothing was changed since the last publication.")
    for path in proposal.files:
        console.print(f"[bold]{escape(path)}[/]", highlight=False)
        for s in (s for s in proposal.sections if s.path == path):
            console.print(f"  {KINDS[s.kind]} {escape(s.title)} ({s.section})", highlight=False)
            if any(s.numbers):
                gone, new = (" ".join(numbers) or "–" for numbers in s.numbers)
                console.print(f"      numbers: [red]{gone}[/] → [green]{new}[/]", highlight=False)
    for id, kind in proposal.hotlines:
        console.print(f"  {KINDS[kind]} help line {id}", highlight=False)
    for path, id in proposal.stale:
        console.print(f"[yellow]stale translation[/] {path}: {id}", highlight=False)
    show(proposal.findings)
    for path in proposal.conflicts:
        console.print(f"[red]changed again since[/] {path}", highlight=False)
    for one in proposal.golden:
        if not one.passed:
            told = f"[red]golden question[/] {escape(one.question)} ({one.language}): wanted {', '.join(one.wanted)}"
            console.print(f"{told}, got {_got(one)}", highlight=False)
        elif one.differs or one.got != one.before:
            console.print(f"[yellow]answer differs[/] {escape(one.question)} ({one.language})", highlight=False)
    if proposal.golden:
        _count(proposal)


def _count(proposal: Proposal) -> None:
    passed = len(proposal.golden) - len(proposal.failed)
    console.print(f"{passed} of {len(proposal.golden)} golden questions as wanted")


def _got(one: Outcome) -> str:
    return one.got + (f" without “{escape(one.lacks)}”" if one.lacks else "")


def _no_encoder() -> int:
    console.print("[red]No encoder:[/] run `make setup`.")
    return 1
