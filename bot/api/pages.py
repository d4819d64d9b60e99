"""The help page: hotlines and document as plain HTML in the reader's language, and the chat where scripts run."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from bot.api.problems import reader_language
from bot.api.schemas import Language
from bot.catalogue import catalogue
from knowledge.hotlines import ALWAYS

FOLDER = Path(__file__).parent.parent / "widget"
router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(FOLDER)


@router.get("/")
async def help_page(request: Request, language: Annotated[Language | None, Query(alias="lang")] = None) -> HTMLResponse:
    chosen = language or reader_language(request.headers.get("accept-language"))
    reception = request.app.state.reception
    index = reception.answers.library.index
    passages = [p.version(chosen) for p in index.passages] if index else []
    texts = catalogue()
    lines = sorted(reception.hotlines(), key=lambda line: line.id != ALWAYS)
    return templates.TemplateResponse(
        request,
        "help.html",
        {
            "language": chosen,
            "languages": texts.languages,
            "t": lambda key: texts.text(chosen, key),
            "lines": lines,
            "passages": passages,
        },
        headers={"Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'", "Vary": "Accept-Language"},
    )


@router.get("/widget.js")
async def widget() -> Response:
    return Response((FOLDER / "widget.js").read_text(encoding="utf-8"), media_type="text/javascript")


@router.get("/help.css")
async def style() -> Response:
    return Response((FOLDER / "help.css").read_text(encoding="utf-8"), media_type="text/css")
