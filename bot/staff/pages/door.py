"""In and out, the own account, all accounts, and who did what."""

import hmac
import secrets

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy import select
from starlette.datastructures import FormData

from bot.staff import accounts, web
from bot.staff.accounts import AccountError, Staff
from bot.staff.models import Account, Deed, SignIn

log = structlog.get_logger()
router = APIRouter()
BEFORE = "yanapay_staff_door"
SHORT_FORM = 10_000
SHOWN_DEEDS = 300


def _secure(request: Request) -> bool:
    return web.console(request).settings.public_url.startswith("https:") or request.url.scheme == "https"


def _set(response: Response, request: Request, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age, path="/staff", secure=_secure(request), httponly=True, samesite="strict")


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
    return await run_in_threadpool(_come_in, request, form)


def _come_in(request: Request, form: FormData) -> Response:
    given, kept = str(form.get("token", "")), request.cookies.get(BEFORE, "")
    if not kept or not hmac.compare_digest(given.encode(), kept.encode()):
        return _door(request, 403, "again")
    name, password = str(form.get("name", "")).strip()[:60], str(form.get("password", ""))
    try:
        with web.console(request).database.session() as session:
            token = accounts.sign_in(session, name, password, _address(request))
            if token:
                accounts.sign_out(session, request.cookies.get(web.COOKIE, ""))
                accounts.note(session, name, "signed_in")
    except AccountError as error:
        log.warning("staff_sign_in_waits")
        return _door(request, 429, "wait", error.seconds, name)
    if token is None:
        log.warning("staff_sign_in_failed")
        return _door(request, 401, "wrong", 0, name)
    answer = web.go("/")
    _set(answer, request, web.COOKIE, token, int(accounts.LONGEST.total_seconds()))
    answer.delete_cookie(BEFORE, path="/staff")
    return answer


@router.post("/out")
def leave(request: Request, sent: web.Form) -> Response:
    with web.console(request).database.session() as session:
        if sent.text("everywhere"):
            accounts.sign_out_everywhere(session, sent.staff.id)
            accounts.note(session, sent.staff.name, "signed_out_everywhere")
        else:
            accounts.sign_out(session, request.cookies.get(web.COOKIE, ""))
    return _left("out")


@router.get("/account")
def account(request: Request, staff: web.Reader) -> Response:
    return _account(request, staff)


@router.post("/account/language")
def language(request: Request, sent: web.Form) -> Response:
    with web.console(request).database.session() as session:
        accounts.choose_language(session, sent.staff.id, sent.text("language"))
    return web.go("/account")


@router.post("/account/password")
def password(request: Request, sent: web.Form) -> Response:
    """Needs the old one; signs out every browser, this one too."""
    database, staff, new = web.console(request).database, sent.staff, sent.text("new")
    try:
        with database.session() as session:
            right = accounts.verified(session, staff.name, sent.text("old"), _address(request)) is not None
        if not right or new != sent.text("again"):
            return _account(request, staff, 422, "password_differs" if right else "wrong")
        with database.session() as session:
            accounts.set_password(session, staff.name, new)
            accounts.note(session, staff.name, "password_changed")
    except AccountError as error:
        return _account(request, staff, 422, error.code, error.seconds)
    return _left("password")


@router.get("/accounts")
def listed(request: Request, staff: web.Publisher) -> Response:
    return _accounts(request, staff)


@router.post("/accounts")
def add(request: Request, sent: web.PublishersForm) -> Response:
    """A new account, whose password its owner changes."""
    name, role = sent.line("name"), sent.text("role")
    try:
        with web.console(request).database.session() as session:
            accounts.add(session, name, sent.text("password"), role, sent.staff.language)
            accounts.note(session, sent.staff.name, "account_made", f"{name}, {role}")
    except AccountError as error:
        return _accounts(request, sent.staff, 422, error.code)
    return web.go("/accounts", "account_made")


@router.post("/accounts/{name}")
def switch(request: Request, name: str, sent: web.PublishersForm) -> Response:
    """Let somebody in or keep them out; nobody shuts themselves out."""
    on = sent.text("do") == "on"
    if name == sent.staff.name:
        return _accounts(request, sent.staff, 422, "own_account")
    try:
        with web.console(request).database.session() as session:
            accounts.switch(session, name, on)
            accounts.note(session, sent.staff.name, "switched_on" if on else "switched_off", name)
    except AccountError as error:
        return _accounts(request, sent.staff, 422, error.code)
    return web.go("/accounts", "account_changed")


def _account(request: Request, staff: Staff, status: int = 200, problem: str = "", seconds: int = 0) -> Response:
    with web.console(request).database.session() as session:
        browsers = list(session.scalars(select(SignIn).where(SignIn.account_id == staff.id).order_by(SignIn.seen)))
    return web.page(request, staff, "account.html", status, browsers=browsers, problem=problem, seconds=seconds)


def _accounts(request: Request, staff: Staff, status: int = 200, problem: str = "") -> Response:
    with web.console(request).database.session() as session:
        deeds = list(session.scalars(select(Deed).order_by(Deed.id.desc()).limit(SHOWN_DEEDS)))
        people = list(session.scalars(select(Account).order_by(Account.name)))
    return web.page(
        request, staff, "accounts.html", status, deeds=deeds, people=people, problem=problem, roles=accounts.ROLES
    )


def _left(told: str) -> Response:
    answer = web.go("/in", told)
    answer.delete_cookie(web.COOKIE, path="/staff")
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
