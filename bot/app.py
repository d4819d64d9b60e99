"""The gateway: builds its parts, serves them, and takes Rasa up and down with itself."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from rasa_sdk.executor import ActionExecutor

from actions.answers import all_actions
from bot import logs
from bot.answers import Answers
from bot.api import actions, health, messages, pages
from bot.api.limits import BodyLimit, RateLimit
from bot.api.problems import add_handlers
from bot.catalogue import catalogue
from bot.conversations import Conversations
from bot.dialogue import Dialogue
from bot.hotline_board import HotlineBoard
from bot.library import Library
from bot.rasa_process import RasaProcess
from bot.reception import Reception
from bot.safety.examples import ExampleBoard
from bot.safety.triage import TriageDesk, judge_with
from bot.settings import Settings
from bot.staff.console import Console, open_database, staff_app
from bot.staff.database import Database
from bot.staff.history import DatabaseHistory
from bot.telegram import webhook
from bot.telegram.channel import telegram_channel
from bot.widget.assembly import Assembly, Settled
from knowledge.golden import Judge
from knowledge.publication import Unrecorded, Workshop, recover
from knowledge.publication.watcher import watched
from knowledge.urgent import read_examples
from nlu.encoder import encoder as encoders
from nlu.encoder.encoder import CachedEncoder, Encoder, Kind
from nlu.intent_models import FILE, LETTERS_FILE
from nlu.paths import ROOT
from nlu.section_model import SectionModel
from nlu.urgency import rules
from nlu.urgency.model import DangerModel

log = structlog.get_logger()
ANY_ADDRESS = ("0.0.0.0", "::", "localhost")
FORGET_EVERY = 30.0
SHOWN_FINDINGS = 20


def create_app(settings: Settings) -> FastAPI:
    """The whole gateway. Parts that can't be loaded are logged and done without; the safety path always stands."""
    logs.configure(settings.log_level)
    app = FastAPI(
        title="Yanapay", version="0.1.0", lifespan=_lifespan, description="Multilingual help for migrants in Peru."
    )
    _recover(settings)
    encoder = load_encoder(settings)
    library = Library(settings.var / "index", encoder.name if encoder else None)
    app.state.settings = settings
    app.state.actions_secret = settings.actions_secret or secrets.token_urlsafe(24)
    app.state.actions = _executor(library, encoder)
    desk = open_desk(settings, encoder)
    sections = section_model(desk)
    app.state.reception = Reception(
        Conversations(settings.conversation_minutes),
        desk,
        HotlineBoard(settings.knowledge / "hotlines.yml", settings.var / "hotlines.yml"),
        catalogue(),
        Answers(library, catalogue(), sections),
        encoder,
        _dialogue(settings),
        settings.longest_text,
    )
    app.state.assembly = Assembly(
        catalogue(),
        app.state.reception.hotlines,
        Settled(settings.longest_text, settings.conversation_minutes, settings.exit_page),
    )
    app.state.rehearsals = {}
    database = open_database(settings) if settings.staff else None
    app.state.workshop = open_workshop(settings, encoder, desk, sections, database)
    app.state.console = None
    if database and app.state.workshop:
        app.state.console = Console(settings, app.state.reception, app.state.workshop, database, app.state.rehearsals)
        app.state.reception.tally = app.state.console.tally
        app.mount("/staff", staff_app(app.state.console))
    app.state.telegram = telegram_channel(settings, app.state.reception)
    for module in (messages, health, actions, pages, *((webhook,) if app.state.telegram else ())):
        app.include_router(module.router)
    add_handlers(app)
    app.add_middleware(RateLimit, per_minute=settings.messages_per_minute)
    app.add_middleware(BodyLimit, largest=settings.largest_body)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Retry-After"],
        )
    return app


def load_encoder(settings: Settings) -> Encoder | None:
    model = settings.encoder or settings.var / "encoder"
    try:
        encoder = CachedEncoder(encoders.load(model, settings.encoder_threads))
        for kind in get_args(Kind):
            encoder.encode(["Yanapay"], kind)
        return encoder
    except Exception as error:
        log.error("encoder_missing", error=type(error).__name__)
        return None


def open_desk(settings: Settings, encoder: Encoder | None) -> TriageDesk:
    model, letters = (load_danger_model(settings.var / name) for name in (FILE, LETTERS_FILE))
    return TriageDesk(rules.load(), model, letters, ExampleBoard(settings.knowledge, encoder))


def load_danger_model(path: Path) -> DangerModel | None:
    try:
        model = DangerModel.load(path)
    except Exception as error:
        log.error("danger_model_missing", file=path.name, error=type(error).__name__)
        return None
    if model.unknown:
        log.error("danger_model_of_other_intents", file=path.name, unknown=model.unknown)
    return model


def section_model(desk: TriageDesk) -> SectionModel | None:
    """Of the desk's own model of intents; None, and logged, where Rasa's pipeline can't be read."""
    try:
        return SectionModel(desk.model.model) if desk.model else None
    except Exception as error:
        log.error("section_model_missing", error=type(error).__name__)
        return None


def _recover(settings: Settings) -> None:
    """A publication that was cut off is carried on before anything is read."""
    try:
        recover(settings.knowledge, settings.var)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.error("publication_not_recovered", error=type(error).__name__)


def open_workshop(
    settings: Settings,
    encoder: Encoder | None,
    desk: TriageDesk,
    sections: SectionModel | None,
    database: Database | None,
) -> Workshop | None:
    """Where knowledge files are tried and published; None, and logged, where it can't be had."""

    def judging(folder: Path) -> Judge:
        return judge_with(desk, encoder, read_examples(folder))

    history = DatabaseHistory(database) if database else Unrecorded()
    try:
        return Workshop(
            settings.knowledge, settings.var, encoder, history, judging, sections.expected if sections else None
        )
    except Exception as error:
        log.error("workshop_missing", error=type(error).__name__)
        return None


def _executor(library: Library, encoder: Encoder | None) -> ActionExecutor:
    executor = ActionExecutor()
    for action in all_actions(lambda: library.index, encoder):
        executor.register_action(action)
    return executor


def _dialogue(settings: Settings) -> Dialogue | None:
    if settings.rasa_url:
        return Dialogue(settings.rasa_url, settings.rasa_timeout)
    return Dialogue(f"http://127.0.0.1:{settings.rasa_port}", settings.rasa_timeout) if settings.rasa else None


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    dialogue: Dialogue | None = app.state.reception.dialogue
    rasa = None
    if dialogue and settings.rasa and not settings.rasa_url:
        host = "127.0.0.1" if settings.host in ANY_ADDRESS else settings.host
        url = f"http://{host}:{settings.port}/internal/actions/{app.state.actions_secret}"
        rasa = RasaProcess(ROOT, settings.var, settings.rasa_port, url, settings.conversation_minutes, dialogue)
        rasa.start()
    tasks = [asyncio.create_task(_forget(app.state.reception.conversations))]
    if settings.watch and app.state.workshop and app.state.workshop.encoder:
        tasks.append(asyncio.create_task(_watch(app.state.workshop, app.state.reception.answers.library)))
    if app.state.telegram:
        await app.state.telegram.start()
    log.info("gateway_started", port=settings.port)
    yield
    if app.state.telegram:
        await app.state.telegram.stop()
    for task in tasks:
        task.cancel()
    if rasa:
        await rasa.stop()
    if dialogue:
        await dialogue.close()
    if app.state.console:
        app.state.console.close()
    log.info("gateway_stopped")


async def _watch(workshop: Workshop, library: Library) -> None:
    """Knowledge files that somebody edits are taken in while serving."""
    try:
        async for proposal in watched(workshop):
            if proposal.publishable:
                await asyncio.to_thread(library.refresh)
                log.info("knowledge_taken_in", files=len(proposal.files))
            else:
                found = [f"{f.path.name}:{f.line} {f.code}" for f in proposal.findings if f.severity == "error"]
                log.error("knowledge_refused", findings=found[:SHOWN_FINDINGS], golden_failed=len(proposal.failed))
    except Exception as error:
        log.error("knowledge_not_watched", error=type(error).__name__)


async def _forget(conversations: Conversations) -> None:
    """Conversations end on time even when nobody writes."""
    while True:
        await asyncio.sleep(FORGET_EVERY)
        conversations.forget_old()
