"""In and out, the own account, and who did what."""

import asyncio
import hmac
import secrets

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from bot.staff import accounts, web
from bot.staff.accounts import AccountError
from bot.staff.models import Account, Deed, SignIn

log = structlog.get_logger()
router = APIRouter()
BEFORE = "yanapay_staff_door"
SHORT_FORM = 10_000
SHOWN_DEEDS = 300


def _secure(request: Request) -> bool:
    return web.console(request).settings.public_url.startswith("https:") or request.url.scheme == "https"


def _set(response: Response, request: Request, name: str, value: str, **options: int) -> None:
    response.set_cookie(
        name, value, httponly=True, samesite="strict", secure=_secure(request), path="/staff", **options
    )


def _door(request: Request, status: int = 200, problem: str = "", seconds: int = 0, name: str = "") -> Response:
    """The sign-in page; a token in a cookie and in the form says later that the form was ours."""
    with web.console(request).database.session() as session:
        empty = session.scalar(select(Account.id).limit(1)) is None
    token = secrets.token_urlsafe(24)
    answer = web.page(
        request, None, "in.html", status, problem=problem, seconds=seconds, name=name, token=token, empty=empty
    )
    _set(answer, request, BEFORE, token)
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


@router.get("/in")
def door(request: Request) -> Response:
    return _door(request)


@router.post("/in")
async def come_in(request: Request) -> Response:
    web.same_origin(request)
    form = await web.form_of(request, SHORT_FORM)
    given, kept = str(form.get("token", "")), request.cookies.get(BEFORE, "")
    if not kept or not hmac.compare_digest(given.encode(), kept.encode()):
        return await asyncio.to_thread(_door, request, 403, "again")
    name, password = str(form.get("name", "")).strip()[:60], str(form.get("password", ""))
    address = request.client.host if request.client else "unknown"
    try:
        token = await asyncio.to_thread(_try, request, name, password, address)
    except AccountError as error:
        log.warning("staff_sign_in_waits")
        return await asyncio.to_thread(_door, request, 429, "wait", error.seconds, name)
    if token is None:
        log.warning("staff_sign_in_failed")
        return await asyncio.to_thread(_door, request, 401, "wrong", 0, name)
    answer = web.go("/")
    _set(answer, request, web.COOKIE, token, max_age=int(accounts.LONGEST.total_seconds()))
    answer.delete_cookie(BEFORE, path="/staff")
    return answer


def _try(request: Request, name: str, password: str, address: str) -> str | None:
    with web.console(request).database.session() as session:
        old = request.cookies.get(web.COOKIE)
        token = accounts.sign_in(session, name, password, address)
        if token:
            if old:
                accounts.sign_out(session, old)
            accounts.note(session, name, "signed_in")
        return token


@router.post("/out")
async def leave(request: Request) -> Response:
    staff, form = await web.posted(request)
    with web.console(request).database.session() as session:
        if form.get("everywhere"):
            accounts.sign_out_everywhere(session, staff.id)
            accounts.note(session, staff.name, "signed_out_everywhere")
        else:
            accounts.sign_out(session, request.cookies.get(web.COOKIE, ""))
    answer = web.go("/in", "out")
    answer.delete_cookie(web.COOKIE, path="/staff")
    return answer


@router.get("/account")
def account(request: Request) -> Response:
    staff = web.signed_in(request)
    with web.console(request).database.session() as session:
        browsers = list(session.scalars(select(SignIn).where(SignIn.account_id == staff.id).order_by(SignIn.seen)))
    return web.page(request, staff, "account.html", browsers=browsers, problem="")


@router.post("/account/language")
async def language(request: Request) -> Response:
    staff, form = await web.posted(request)
    with web.console(request).database.session() as session:
        accounts.choose_language(session, staff.id, str(form.get("language")))
    return web.go("/account")


@router.post("/account/password")
async def password(request: Request) -> Response:
    """Needs the old one; signs out every browser, this one too."""
    staff, form = await web.posted(request)
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    address = request.client.host if request.client else "unknown"

    def change() -> str:
        with web.console(request).database.session() as session:
            if accounts.sign_in(session, staff.name, old, address) is None:
                return "wrong"
        with web.console(request).database.session() as session:
            if new != again:
                return "password_differs"
            accounts.set_password(session, staff.name, new)
            accounts.note(session, staff.name, "password_changed")
        return ""

    try:
        problem = await asyncio.to_thread(change)
    except AccountError as error:
        problem = error.code
    if problem:
        return web.page(request, staff, "account.html", 422, browsers=[], problem=problem)
    return web.go("/in", "password")


@router.get("/audit")
def audit(request: Request) -> Response:
    staff = web.signed_in(request, "publisher")
    with web.console(request).database.session() as session:
        deeds = list(session.scalars(select(Deed).order_by(Deed.id.desc()).limit(SHOWN_DEEDS)))
        people = list(session.scalars(select(Account).order_by(Account.name)))
    return web.page(request, staff, "audit.html", deeds=deeds, people=people)
