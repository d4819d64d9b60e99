"""A Reception for commands: the whole gateway with its own Rasa, on free ports, for as long as the command runs."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI

from bot.app import create_app
from bot.settings import Settings, settings

LONGEST_START = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def running_gateway(wait_for_rasa: bool = True, **changes) -> AsyncIterator[FastAPI]:
    """The gateway on loopback with free ports; waits until Rasa is ready, at most a minute."""
    defaults = {
        "port": free_port(),
        "rasa_port": free_port(),
        "log_level": "ERROR",
        "telegram_token": None,
        "staff": False,
    }
    chosen = Settings(**{**settings().model_dump(), **defaults, **changes})
    app = create_app(chosen)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=chosen.port, log_level="error", access_log=False)
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(LONGEST_START):
            while not server.started:
                await asyncio.sleep(0.05)
            while wait_for_rasa and chosen.rasa and not await app.state.reception.dialogue.ready():
                await asyncio.sleep(0.1)
        yield app
    finally:
        server.should_exit = True
        await serving
