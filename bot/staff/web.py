"""What every page needs: who is signed in, forms that are read only for them, and pages with their headers."""

import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.staff import accounts
from bot.staff.accounts import Staff
from bot.staff.differences import lines, shown, words
from bot.staff.sheets import html
from bot.staff.words import LANGUAGES, say
from knowledge.documents import FIELDS

if TYPE_CHECKING:
    from bot.staff.console import Console

FOLDER = Path(__file__).parent
COOKIE = "yanapay_staff"
HOME = "/staff/"
FIELD = '<input type="hidden" name="csrf" value="{}">'
LARGEST_FORM = 1_000_000
LARGEST_UPLOAD = 25_000_000
MOST_FIELDS = 5_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
KEPT = "private, max-age=31536000, immutable"
pages = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
pages.filters["markdown"] = lambda text: Markup(html(text or ""))
pages.globals["document_fields"] = FIELDS
pages.globals["word_differences"] = words
pages.globals["shown_differences"] = shown
pages.globals["line_differences"] = lines


class Unknown(Exception):
    """Nobody is signed in."""


class Hardened:
    """Puts the console's headers on every answer."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                kept = {"Cache-Control": KEPT} if scope["query_string"] and "/static/" in scope["path"] else {}
                added = [(k.lower().encode(), v.encode()) for k, v in {**HEADERS, **kept}.items()]
                message["headers"] = [*message["headers"], *(h for h in added if h[0] not in known)]
            await send(message)

        await self.app(scope, receive, with_headers)


def console(request: Request) -> "Console":
    return request.app.state.console


def signed_in(request: Request) -> Staff:
    """Raises Unknown where nobody is signed in."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unknown
    with console(request).database.session() as session:
        staff = accounts.recognise(session, token)
    if staff is None:
        raise Unknown
    return staff


def publishing(request: Request) -> Staff:
    """Raises Unknown, and 403 for who may not publish."""
    staff = signed_in(request)
    if not staff.publisher:
        raise HTTPException(403, "publisher")
    return staff


@dataclass(frozen=True)
class Sent:
    """A form and who sent it."""

    staff: Staff
    form: FormData

    def text(self, name: str) -> str:
        """A field with its lines."""
        return str(self.form.get(name, "")).replace("\r\n", "\n")

    def line(self, name: str) -> str:
        """A field as one line without spare spaces."""
        return " ".join(self.text(name).split())


def _sent(
    by: Callable[[Request], Staff] = signed_in, largest: int = LARGEST_FORM
) -> Callable[[Request], AsyncIterator[Sent]]:
    """Reads a form. Nothing of the body is read for somebody who is not signed in.

    It raises Unknown, 403 for a role or for a form that is not one of ours, 413 as soon as it is larger than `largest`.
    """

    async def read(request: Request) -> AsyncIterator[Sent]:
        staff = await run_in_threadpool(by, request)
        same_origin(request)
        form = await form_of(request, largest)
        try:
            if not hmac.compare_digest(str(form.get("csrf", "")).encode(), staff.csrf.encode()):
                raise HTTPException(403, "csrf")
            yield Sent(staff, form)
        finally:
            await form.close()

    return read


Reader = Annotated[Staff, Depends(signed_in)]
Publisher = Annotated[Staff, Depends(publishing)]
Form = Annotated[Sent, Depends(_sent())]
PublishersForm = Annotated[Sent, Depends(_sent(publishing))]
LargeForm = Annotated[Sent, Depends(_sent(largest=LARGEST_UPLOAD))]


def same_origin(request: Request) -> None:
    """Raises 403 where a browser says that a form comes from another site."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    public = console(request).settings.public_url
    ours = {request.headers.get("host"), urlsplit(public).netloc} - {""}
    if site in ("cross-site", "same-site") or (origin and urlsplit(origin).netloc not in ours):
        raise HTTPException(403, "csrf")


async def form_of(request: Request, largest: int) -> FormData:
    """The form in a request's body, read piece by piece. Raises 413 and 400."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > largest:
        raise HTTPException(413, "too_large")
    multipart = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    headers, stream = Headers(scope=request.scope), _limited(request, largest)
    try:
        if multipart:
            parser = MultiPartParser(headers, stream, max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FORM)
            return await parser.parse()
        return await FormParser(headers, stream, max_fields=MOST_FIELDS, max_part_size=LARGEST_FORM).parse()
    except MultiPartException as error:
        raise HTTPException(400, "form") from error


async def _limited(request: Request, largest: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise HTTPException(413, "too_large")
        yield chunk


def wanted(request: Request) -> str:
    """es or en, as the browser wants, for who is not signed in."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def page(request: Request, staff: Staff | None, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page in the staff's language. `told` in the address names a message of the texts to show above it."""
    language = staff.language if staff else wanted(request)
    told = request.query_params.get("told", "")
    content = pages.get_template(template).render(
        staff=staff,
        language=language,
        t=lambda key, **names: say(language, key, **names),
        told=say(language, f"told.{told}") if told.isidentifier() else "",
        path=request.url.path,
        csrf=lambda: Markup(FIELD.format(escape(staff.csrf))) if staff else "",
        built=console(request).built,
        **values,
    )
    return HTMLResponse(content, status)


def go(path: str, told: str = "", **query: str) -> Response:
    """To another page after a form was dealt with."""
    asked = {**query, **({"told": told} if told else {})}
    return RedirectResponse(f"/staff{path}" + (f"?{urlencode(asked)}" if asked else ""), 303)
