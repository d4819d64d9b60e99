"""Errors as RFC 9457 problem documents; each tells the hotlines too, in the reader's language."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from bot.catalogue import catalogue
from nlu.language import DEFAULT, LANGUAGES

KEYS = {
    400: "invalid",
    404: "not_found",
    405: "invalid",
    413: "too_long",
    415: "invalid",
    422: "invalid",
    429: "too_fast",
}
TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    429: "Too many requests",
}


class Problem(BaseModel):
    """`detail` is for people, `errors` name the fields at fault without what was sent."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    hotline: str = "1818"
    errors: list[str] = []


def reader_language(header: str | None) -> str:
    """The language of ours that an Accept-Language header wants most, or the default."""
    return wanted_language(header) or DEFAULT


def wanted_language(header: str | None) -> str | None:
    """The language of ours that an Accept-Language header wants most, if any."""
    wanted: list[tuple[float, str]] = []
    for part in (header or "").split(","):
        name, _, weight = part.partition(";")
        code = name.strip().lower().split("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if code in LANGUAGES and quality > 0:
            wanted.append((quality, code))
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else None


def problem(
    status: int, language: str, errors: list[str] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    detail = catalogue().text(language, f"errors.{KEYS.get(status, 'unavailable')}")
    body = Problem(title=TITLES.get(status, "Unavailable"), status=status, detail=detail, errors=errors or [])
    return JSONResponse(body.model_dump(), status, headers, media_type="application/problem+json")


def add_handlers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        return problem(error.status_code, reader_language(request.headers.get("accept-language")), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [_field(e["loc"], str(e["type"])) for e in error.errors()]
        return problem(422, reader_language(request.headers.get("accept-language")), fields)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return problem(500, reader_language(request.headers.get("accept-language")))


def _field(location: Sequence[str | int], kind: str) -> str:
    """Where and what is wrong; a name that the sender made up is not repeated."""
    known = location[:-1] if kind == "extra_forbidden" else location
    return ".".join(str(p) for p in known) + ": " + kind


def described(*statuses: int) -> dict[int | str, dict]:
    """The `responses=` of a route that may answer with these problems."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": TITLES.get(status, "Unavailable"), "content": content} for status in statuses}
