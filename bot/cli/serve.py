"""`yanapay serve`: the gateway with its Rasa server."""

import socket

import typer
import uvicorn
from rich.console import Console

from bot.settings import settings


def register(app: typer.Typer) -> None:
    @app.command()
    def serve() -> None:
        """Serve the chat until Ctrl-C. Settings: docs/settings.md."""
        chosen = settings()
        console = Console(stderr=True)
        for name, port in (
            ("YANAPAY_PORT", chosen.port),
            *((("YANAPAY_RASA_PORT", chosen.rasa_port),) if chosen.rasa else ()),
        ):
            if _taken(chosen.host if name == "YANAPAY_PORT" else "127.0.0.1", port):
                console.print(
                    f"[red]Port {port} is taken.[/] Stop what uses it, or choose another: {name}={port + 1} make run"
                )
                raise typer.Exit(1)
        from bot.app import create_app

        console.print(f"[bold green]Yanapay[/] is at [link]http://{chosen.host}:{chosen.port}[/]  (Ctrl-C stops it)")
        uvicorn.run(
            create_app(chosen),
            host=chosen.host,
            port=chosen.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(chosen.trusted_proxies),
            forwarded_allow_ips=chosen.trusted_proxies or None,
            timeout_graceful_shutdown=5,
        )


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
