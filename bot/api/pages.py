"""What browsers fetch: the chat's script and its parts, and pages that are plain HTML where no script runs."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from bot.api.problems import reader_language
from bot.api.schemas import Language
from bot.catalogue import catalogue
from bot.widget.assembly import FOLDER, Assembly, Asset
from knowledge import tables
from knowledge.documents import plain
from knowledge.hotlines import ALWAYS
from knowledge.passages import Version
from knowledge.tables import Table
from nlu.language import LANGUAGES

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(FOLDER)
SOON = "public, max-age=300, stale-while-revalidate=86400"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
SITE = re.compile(r"https?://[\w.:\[\]-]+|\*")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'; frame-ancestors 'self'"
)
THEMES, POSITIONS = ("light", "dark"), ("left", "right")
Chosen = Annotated[Language | None, Query(alias="lang")]


def _sent(request: Request, asset: Asset, keep: str, **headers: str) -> Response:
    """An asset, or 304 where the browser has it already."""
    common = {"ETag": f'W/"{asset.tag}"', "Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
    common |= {"Vary": "Accept-Encoding, Accept-Language", **headers}
    if asset.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=common)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        common["Content-Encoding"] = "gzip"
    return Response(asset.zipped if zipped else asset.body, headers=common, media_type=asset.media_type)


def _page(request: Request, name: str, language: str, **values: Any) -> Response:
    assembly: Assembly = request.app.state.assembly
    sites = [s for s in request.app.state.settings.allowed_origins if SITE.fullmatch(s)]
    html = templates.get_template(name).render(
        language=language,
        languages=catalogue().languages,
        t=lambda key: catalogue().text(language, key),
        version=assembly.version,
        settings=request.app.state.settings,
        **values,
    )
    headers = {"Content-Security-Policy": " ".join([POLICY, *sites]), "Referrer-Policy": "no-referrer"}
    return _sent(request, Asset(html.encode(), "text/html"), ASK_AGAIN, **headers)


def _parts(version: Version) -> Iterator[str | Table]:
    """A passage's text and its tables, as people are shown them."""
    for part in tables.parts(version.markdown) if version.markdown else [version.text]:
        if isinstance(part, Table):
            yield Table(tuple(map(plain, part.headings)), tuple(tuple(map(plain, row)) for row in part.rows))
        else:
            yield plain(part) if version.markdown else part


def _language(request: Request, chosen: str | None) -> str:
    return chosen or reader_language(request.headers.get("accept-language"))


@router.get("/")
async def help_page(request: Request, language: Chosen = None) -> Response:
    """Hotlines and document in the reader's language, and the chat where scripts run."""
    chosen = _language(request, language)
    reception = request.app.state.reception
    index = reception.answers.library.index
    passages = [p.version(chosen) for p in index.passages] if index else []
    lines = sorted(reception.hotlines(), key=lambda line: line.id != ALWAYS)
    return _page(request, "help.html", chosen, lines=lines, passages=passages, parts=_parts)


@router.get("/chat")
async def chat_page(request: Request, language: Chosen = None) -> Response:
    """The chat alone, for a frame."""
    return _page(request, "chat.html", _language(request, language))


@router.get("/example")
async def example_page(request: Request) -> Response:
    """A page with the chat on it, and a form for its attributes."""
    asked = request.query_params
    attributes = {
        "language": asked.get("lang", "") if asked.get("lang") in LANGUAGES else "",
        "title": asked.get("title", "")[:60],
        "greeting": asked.get("greeting", "")[:200],
        "color": asked.get("color", "") if re.fullmatch(r"#[0-9a-fA-F]{6}", asked.get("color", "")) else "",
        "position": asked.get("position", "") if asked.get("position") in POSITIONS else "",
        "theme": asked.get("theme", "") if asked.get("theme") in THEMES else "",
        "keep": "on" if "keep" in asked else "",
        "button": "#own-button" if "button" in asked else "",
    }
    return _page(request, "example.html", "en", attributes={k: v for k, v in attributes.items() if v})


@router.get("/widget.js")
async def widget(request: Request, language: Annotated[str, Query(alias="lang")] = "") -> Response:
    """The whole chat: script, style, and the texts of the language that is asked for or read."""
    assembly: Assembly = request.app.state.assembly
    chosen = language if language in LANGUAGES else _language(request, None)
    asset = assembly(f"{chosen}.js")
    if asset is None:
        raise HTTPException(404)
    return _sent(request, asset, SOON, **{"Cross-Origin-Resource-Policy": "cross-origin"})


@router.get("/widget/{version}/{name}")
async def part(request: Request, version: str, name: str) -> Response:
    """The texts of another language, or a style; for ever where the version is the present one."""
    assembly: Assembly = request.app.state.assembly
    asset = assembly(name)
    if asset is None:
        raise HTTPException(404)
    keep = FOREVER if version == assembly.version else ASK_AGAIN
    return _sent(request, asset, keep, **{"Cross-Origin-Resource-Policy": "cross-origin"})
