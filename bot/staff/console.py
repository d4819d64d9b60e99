"""The console's parts together, and its application that the gateway mounts at /staff."""

import hashlib
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from bot.reception import Reception
from bot.settings import Settings
from bot.staff import web
from bot.staff.counts import Tally
from bot.staff.database import Database
from bot.staff.history import DatabaseHistory
from bot.staff.pages import (
    collision,
    documents,
    door,
    front,
    golden,
    hotlines,
    people,
    phrases,
    publishing,
    trial,
    upload,
)
from bot.staff.rehearsal import Rehearsal
from bot.staff.workshop import Workshop

log = structlog.get_logger()
STATIC = Path(__file__).with_name("static")
PAGES = (door, front, documents, collision, upload, golden, hotlines, phrases, trial, publishing, people)
KNOWN_FAULTS = frozenset({"publisher", "csrf", "too_large", "form", "missing"})


class Console:
    """Raises SQLAlchemyError where the database cannot be opened."""

    def __init__(self, settings: Settings, reception: Reception, executors: dict[str, Any]):
        self.settings, self.reception = settings, reception
        self.database = Database(settings.database, settings.var)
        self.tally = Tally(self.database)
        history = DatabaseHistory(self.database)
        self.workshop = Workshop(settings.knowledge, settings.var, reception.encoder, history, self.judge)
        self.rehearsal = Rehearsal(reception, self.workshop, executors)
        self.built = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(STATIC.iterdir()))).hexdigest()[:12]

    def judge(self, text: str, language: str) -> str:
        """How urgent a text is: yes, maybe or no."""
        encoder = self.reception.encoder
        vector = encoder.encode([text])[0] if encoder else None
        return self.reception.desk.judge(text, vector, language).level

    def close(self) -> None:
        self.tally.stop()
        self.database.close()


def open_console(settings: Settings, reception: Reception, executors: dict[str, Any]) -> Console | None:
    """None where there is no database to be had: people are answered all the same."""
    try:
        return Console(settings, reception, executors)
    except (SQLAlchemyError, OSError) as error:
        log.error("staff_database_missing", error=type(error).__name__)
        return None


def staff_app(console: Console) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = console
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)))

    @app.exception_handler(web.Unknown)
    async def unknown(request: Request, error: web.Unknown) -> Response:
        return web.go("/in")

    @app.exception_handler(HTTPException)
    async def fault(request: Request, error: HTTPException) -> Response:
        try:
            staff = await run_in_threadpool(web.signed_in, request)
        except (web.Unknown, SQLAlchemyError):
            staff = None
        code = error.detail if error.detail in KNOWN_FAULTS else "missing"
        headers = {"Connection": "close"} if error.status_code == 413 else {}
        answer = web.page(request, staff, "fault.html", error.status_code, code=code)
        answer.headers.update(headers)
        return answer

    @app.exception_handler(SQLAlchemyError)
    async def away(request: Request, error: SQLAlchemyError) -> Response:
        log.error("staff_database_away", error=type(error).__name__)
        return web.page(request, None, "fault.html", 503, code="database")

    app.add_middleware(web.Hardened)
    return app
