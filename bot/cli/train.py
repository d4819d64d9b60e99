"""`yanapay train`: the gateway's models and Rasa's, from the phrases of nlu/data."""

import subprocess
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from bot.settings import settings
from nlu.paths import ROOT

Teaching = Literal["anew", "further"]


def register(app: typer.Typer) -> None:
    @app.command()
    def train(
        adapter: Annotated[
            Teaching | None,
            typer.Option(help="Teach the encoder the phrases first: 2.5 hours of two cores anew, 1.5 further."),
        ] = None,
    ) -> None:
        """Train Rasa's model, which tells intents and dangers, and that of languages."""
        from nlu import train_models
        from nlu.encoder import phrase_vectors

        console = Console(stderr=True)
        if adapter:
            _teach(adapter, console)
        var = settings().var
        with console.status("encoding the phrases"):
            phrase_vectors.encode_all(var)
        with console.status("training Rasa's model"):
            done = subprocess.run(
                [ROOT / ".venv-rasa/bin/python", "-m", "nlu.server", "train", "--quiet"], cwd=ROOT, check=False
            )
        if done.returncode:
            raise typer.Exit(done.returncode)
        with console.status("training the gateway's models"):
            train_models.languages(var)
            train_models.intents(var)


def _teach(teaching: Teaching, console: Console) -> None:
    from nlu.encoder import build, tuning
    from nlu.encoder.adapter import Adapter
    from nlu.training_data import phrases

    folder = settings().var / "encoder"
    with Progress(console=console) as progress:
        task = progress.add_task("teaching the encoder", total=1.0)
        start = Adapter.read() if teaching == "further" else None
        tuning.tune(list(phrases()), folder, lambda share: progress.update(task, completed=share), start).write()
    with console.status("building the encoder"):
        build.build(folder)
