"""`yanapay train`: the gateway's models and Rasa's, from the phrases of nlu/data."""

import subprocess

import typer
from rich.console import Console

from bot.settings import settings
from nlu.paths import ROOT


def register(app: typer.Typer) -> None:
    @app.command()
    def train() -> None:
        """Train the language and danger models, then Rasa's."""
        from nlu.train_models import train as train_models

        console = Console(stderr=True)
        with console.status("training the gateway's models"):
            train_models(settings().var)
        with console.status("training Rasa's model"):
            done = subprocess.run(
                [ROOT / ".venv-rasa/bin/python", "-m", "nlu.server", "train", "--quiet"], cwd=ROOT, check=False
            )
        raise typer.Exit(done.returncode)
