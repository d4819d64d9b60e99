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
    questions,
    trial,
    upload,
)
from bot.staff.rehearsal import Rehearsal
from knowledge.publication import Version, Workshop
from knowledge.publication.repository import RepositoryError, commit

log = structlog.get_logger()
STATIC = Path(__file__).with_name("static")
PAGES = (door, front, documents, collision, upload, golden, questions, hotlines, phrases, trial, publishing, people)
KNOWN_FAULTS = frozenset({"publisher", "csrf", "too_large", "form", "missing"})


class Console:
    """`executors` is the gateway's, by conversation, for the action endpoint."""

    def __init__(
        self,
        settings: Settings,
        reception: Reception,
        workshop: Workshop,
        database: Database,
        executors: dict[str, Any],
    ):
        self.settings, self.reception, self.workshop, self.database = settings, reception, workshop, database
        self.tally = Tally(database)
        self.rehearsal = Rehearsal(reception, workshop, executors)
        self.built = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(STATIC.iterdir()))).hexdigest()[:12]

    def committed(self, version: Version) -> None:
        """Make a publication a commit too, where that is wanted; what git refuses is logged."""
        try:
            if self.settings.knowledge_git:
                commit(self.settings.knowledge, version)
        except RepositoryError as error:
            log.error("publication_not_committed", error=str(error))

    def close(self) -> None:
        self.tally.stop()
        self.database.close()


def open_database(settings: Settings) -> Database | None:
    """None where there is no database to be had: people are answered all the same."""
    try:
        return Database(settings.database, settings.var)
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
