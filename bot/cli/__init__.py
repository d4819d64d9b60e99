"""`yanapay`, the command line. One module a command."""

import typer

from bot.cli import ask, evaluate, knowledge, serve, staff, train

app = typer.Typer(help="Yanapay, the multilingual help chatbot.", no_args_is_help=True, pretty_exceptions_enable=False)
serve.register(app)
ask.register(app)
train.register(app)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(staff.app, name="staff")


def main() -> None:
    app()
