"""Hotlines: the list with what expired, a form for each, and "checked today"."""

import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import drafts, lines, web
from bot.staff.drafts import Standing
from bot.staff.pages.collision import keep
from bot.staff.web import Sent
from knowledge.hotlines import SITUATIONS
from nlu.language import LANGUAGES

router = APIRouter()
HOTLINES = "hotlines.yml"
NEW = "new"


@router.get("/hotlines")
def listed(request: Request, staff: web.Reader) -> Response:
    standing = _standing(request)
    return web.page(
        request,
        staff,
        "hotlines.html",
        standing=standing,
        entries=_entries(standing),
        today=str(datetime.date.today()),
    )


@router.get("/hotlines/{id}")
def form(request: Request, staff: web.Reader, id: str) -> Response:
    standing = _standing(request)
    entry = _entries(standing).get(id)
    if entry is None and id != NEW:
        raise HTTPException(404)
    return web.page(
        request, staff, "hotline.html", standing=standing, entry=entry or {}, situations=SITUATIONS, languages=LANGUAGES
    )


@router.post("/hotlines/{id}")
def save(request: Request, id: str, sent: web.Form) -> Response:
    standing = _standing(request)
    entries = _entries(standing)
    old = entries.get(id)
    if not entries or (old is None and id != NEW):
        raise HTTPException(404)
    name = id if old else sent.line("id")
    entry: dict[str, Any] | None = None
    if sent.text("do") == "renew" and old:
        entry = lines.renewed(old, datetime.date.today())
    elif sent.text("do") != "remove":
        entry = {**(old or {}), **_filled(sent, (old or {}).get("situations") or []), "id": name}
    return keep(request, sent, HOTLINES, lines.replaced(standing.text or "", name, entry), "/hotlines")


def _standing(request: Request) -> Standing:
    with web.console(request).database.session() as session:
        return drafts.standing(session, web.console(request).settings.knowledge, HOTLINES)


def _entries(standing: Standing) -> dict[str, dict[str, Any]]:
    """The entries by id; none where the file cannot be read."""
    try:
        return {str(e.get("id", "")): e for e in lines.entries(standing.text or "")}
    except ValueError:
        return {}


def _filled(sent: Sent, before: list[str]) -> dict[str, Any]:
    """An entry as its form says; sources are lines "date | text". Situations keep their order of `before`."""
    entry: dict[str, Any] = {key: sent.line(key) for key in (*lines.TEXTS, "free")}
    ticked = sent.form.getlist("situations")
    entry["situations"] = [s for s in dict.fromkeys([*before, *SITUATIONS]) if s in ticked]
    entry["languages"] = sent.text("languages").replace(",", " ").split() or None
    sources = [line.partition("|") for line in sent.text("sources").splitlines() if line.strip()]
    entry["sources"] = [{"text": text.strip(), "date": date.strip()} for date, _, text in sources]
    for key in ("name", "purpose"):
        texts = {code: sent.line(f"{key}-{code}") for code in LANGUAGES}
        entry[key] = {code: text for code, text in texts.items() if text}
    return entry
