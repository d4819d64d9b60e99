"""`yanapay ask` and `yanapay chat`: one message, or a conversation, with how it was answered."""

import asyncio

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.api.schemas import MessageOut
from bot.cli.running import running_gateway
from bot.reception import Trace

STYLES = {"hotline": "red", "answer": "green", "clarify": "yellow"}


def register(app: typer.Typer) -> None:
    @app.command()
    def ask(text: str, language: str | None = None, rasa: bool = True) -> None:
        """Answer one message; shows route, urgency, language, passage, scores and the way it took."""

        async def once() -> None:
            async with running_gateway(rasa=rasa) as gateway:
                answered, trace = await gateway.state.reception.answer(text, language=language)
                show(answered, trace, Console())

        asyncio.run(once())

    @app.command()
    def chat(rasa: bool = True) -> None:
        """A conversation in the terminal; an empty line ends it."""

        async def talk() -> None:
            console = Console()
            async with running_gateway(rasa=rasa) as gateway:
                conversation = None
                while text := await asyncio.to_thread(console.input, "[bold]> [/]"):
                    answered, trace = await gateway.state.reception.answer(text, conversation)
                    conversation = answered.conversation_id
                    show(answered, trace, console)

        asyncio.run(talk())


def show(answered: MessageOut, trace: Trace, console: Console) -> None:
    table = Table(show_header=False, box=None)
    table.add_row("route", answered.route)
    triage = trace.triage
    if triage:
        rule = f", rule: {triage.rule}" if triage.rule else ""
        table.add_row("urgent", f"{triage.level} ({triage.danger or '-'}, {triage.probability:.2f}{rule})")
    table.add_row("language", answered.language)
    if trace.turn:
        table.add_row("intent", f"{trace.turn.intent} ({trace.turn.confidence:.2f})")
    table.add_row("way", f"{trace.way}, {trace.milliseconds:.0f} ms")
    console.print(table)
    for reply in answered.replies:
        sources = ", ".join(f"{s.document}/{s.section}" for s in reply.sources or [])
        words = Text(reply.text)
        words.highlight_words([reply.highlight] if reply.highlight else [], "bold reverse")
        console.print(
            Panel(words, title=reply.type, subtitle=sources or None, border_style=STYLES.get(reply.type, "dim"))
        )
    if answered.quick_replies:
        console.print("  ".join(f"[reverse] {q.title} [/]" for q in answered.quick_replies))
