"""What is not a document: golden questions, hotlines, urgent phrases."""

import asyncio
import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, lines, web
from bot.staff.drafts import Collision, Standing
from bot.staff.phrases import effects
from bot.staff.web import Staff
from bot.staff.workshop import GOLDEN, golden_rows
from knowledge.hotlines import SITUATIONS
from nlu.language import LANGUAGES

router = APIRouter()
HOTLINES = "hotlines.yml"
LEVELS = ("yes", "maybe", "no")
MOST_ROWS = 2_000
SPARE_ROWS = 3
SHOWN_MESSAGES = 200


@router.get("/golden")
def golden(request: Request) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, GOLDEN)
    try:
        rows = [_row(row) for row in golden_rows(standing.text or "")]
    except ValueError:
        rows = []
    spare: list[dict[str, Any]] = [{"question": "", "language": "es", "wants": [], "fact": ""}] * SPARE_ROWS
    index = console.reception.answers.library.index
    sections = list(dict.fromkeys(p.section for p in index.passages)) if index else []
    return web.page(
        request,
        staff,
        "golden.html",
        standing=standing,
        rows=[*rows, *spare],
        sections=sections,
        levels=LEVELS,
        languages=LANGUAGES,
    )


@router.post("/golden")
async def save_golden(request: Request) -> Response:
    staff, form = await web.posted(request)
    rows = []
    for number in range(MOST_ROWS):
        if f"row-{number}-question" not in form:
            break
        question = " ".join(str(form[f"row-{number}-question"]).split())
        wants = [str(w) for w in form.getlist(f"row-{number}-wants") if w]
        fact = " ".join(str(form.get(f"row-{number}-fact", "")).split())
        if not question or not wants or form.get(f"row-{number}-remove"):
            continue
        row: dict[str, Any] = {"question": question, "language": str(form.get(f"row-{number}-language", "es"))}
        if wants[0].startswith("urgent:"):
            row["urgent"] = wants[0].removeprefix("urgent:")
        else:
            row["section" if len(wants) == 1 else "sections"] = wants[0] if len(wants) == 1 else wants
            row.update({"fact": fact} if fact else {})
        rows.append(row)
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, web.console(request).settings.knowledge, GOLDEN)
        try:
            head, loaded = lines.listing(standing.text or "", None)
        except ValueError:
            head, loaded = "", None
        content: Any = {**loaded, "questions": rows} if isinstance(loaded, dict) else rows
        return _save(request, staff, session, standing, form, head + lines.dumped(content), "/golden")


@router.get("/hotlines")
def hotlines(request: Request) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, HOTLINES)
    try:
        found = lines.entries(standing.text or "")
    except ValueError:
        found = []
    today = datetime.date.today()
    return web.page(
        request, staff, "hotlines.html", standing=standing, entries=found, today=str(today), broken=not found
    )


@router.get("/hotlines/{id}")
def hotline(request: Request, id: str) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, HOTLINES)
    found = _entry(standing, id)
    if found is None and id != "new":
        raise HTTPException(404)
    return web.page(
        request, staff, "hotline.html", standing=standing, entry=found or {}, situations=SITUATIONS, languages=LANGUAGES
    )


@router.post("/hotlines/{id}")
async def save_hotline(request: Request, id: str) -> Response:
    staff, form = await web.posted(request)
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, web.console(request).settings.knowledge, HOTLINES)
        old = _entry(standing, id)
        if old is None and id != "new":
            raise HTTPException(404)
        name = id if old else str(form.get("id") or form.get("phone", "")).strip()
        entry: dict[str, Any] | None = None
        if form.get("do") == "renew" and old:
            entry = lines.renewed(old, datetime.date.today())
        elif form.get("do") != "remove":
            entry = {**(old or {}), **_filled(form), "id": name}
        text = lines.replaced(standing.text or "", name, entry)
        return _save(request, staff, session, standing, form, text, "/hotlines")


@router.get("/phrases")
def phrases(request: Request) -> Response:
    staff = web.signed_in(request)
    return _phrases(request, staff, _language(request), None, [])


@router.post("/phrases")
async def save_phrases(request: Request) -> Response:
    """Keeps the sentences as a draft, or only shows what they would do."""
    staff, form = await web.posted(request)
    console = web.console(request)
    language = str(form.get("language", "es"))
    if language not in LANGUAGES:
        raise HTTPException(404)
    given = {kind: _sentences(str(form.get(kind, ""))) for kind in ("urgent", "calm")}
    if form.get("do") == "look":
        messages = _sentences(str(form.get("messages", "")))[:SHOWN_MESSAGES]
        return await asyncio.to_thread(_phrases, request, staff, language, given, messages)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, f"urgent/{language}.yml")
        try:
            head, _ = lines.listing(standing.text or "", None)
        except ValueError:
            head = ""
        text = head + lines.dumped(given)
        return _save(request, staff, session, standing, form, text, f"/phrases?lang={language}")


def _phrases(
    request: Request, staff: Staff, language: str, given: dict[str, list[str]] | None, messages: list[str]
) -> Response:
    console = web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, f"urgent/{language}.yml")
        cases = drafts.standing(session, console.settings.knowledge, GOLDEN).text
    if given is None:
        try:
            _, loaded = lines.listing(standing.text or "", None)
        except ValueError:
            loaded = {}
        loaded = loaded if isinstance(loaded, dict) else {}
        given = {kind: [str(s) for s in loaded.get(kind) or []] for kind in ("urgent", "calm")}
        looked = []
    else:
        try:
            tried = [str(row.get("question", "")) for row in golden_rows(cases or "") if row.get("language") == language]
        except ValueError:
            tried = []
        every = list(dict.fromkeys([*messages, *given["urgent"], *given["calm"], *tried]))[:SHOWN_MESSAGES]
        judge = console.judge
        looked = effects(
            every, given["urgent"], given["calm"], lambda text: judge(text, language), console.reception.encoder
        )
    return web.page(
        request,
        staff,
        "phrases.html",
        standing=standing,
        languages=LANGUAGES,
        chosen=language,
        given=given,
        messages=messages,
        looked=looked,
    )


def _save(
    request: Request, staff: Staff, session: Session, standing: Standing, form: FormData, text: str, back: str
) -> Response:
    """Keep a draft and go back; where somebody was faster, show both."""
    folder = web.console(request).settings.knowledge
    try:
        changed = drafts.save(session, folder, standing.path, text, str(form.get("seen", "")), staff.name)
    except Collision as collision:
        return web.page(
            request,
            staff,
            "collision.html",
            409,
            address=f"/staff/raw?path={standing.path}",
            mine=text,
            theirs=collision.theirs or "",
            author=collision.author,
            seen=drafts.digest(collision.theirs),
        )
    if changed:
        accounts.note(session, staff.name, "edited", standing.path)
    place, _, query = back.partition("?")
    return web.go(place, "saved" if changed else "same", **dict([query.split("=")] if query else []))


@router.post("/raw")
async def raw(request: Request) -> Response:
    """A whole file, as the page for two editors sends it."""
    staff, form = await web.posted(request)
    path = request.query_params.get("path", "")
    if not drafts.allowed(path):
        raise HTTPException(404)
    text = str(form.get("markdown", "")).replace("\r\n", "\n")
    back = {HOTLINES: "/hotlines", GOLDEN: "/golden"}.get(path, "/publish")
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, web.console(request).settings.knowledge, path)
        return _save(request, staff, session, standing, form, text, back)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    if "urgent" in row:
        level = {True: "yes", False: "no"}.get(row["urgent"], row["urgent"])
        wants = [f"urgent:{level}"]
    else:
        wanted = row.get("section") or row.get("sections") or []
        wants = [wanted] if isinstance(wanted, str) else [str(w) for w in wanted]
    return {
        "question": str(row.get("question", "")),
        "language": str(row.get("language", "es")),
        "wants": wants,
        "fact": str(row.get("fact") or ""),
    }


def _entry(standing: Standing, id: str) -> dict[str, Any] | None:
    try:
        return next((e for e in lines.entries(standing.text or "") if e.get("id") == id), None)
    except ValueError:
        return None


def _filled(form: FormData) -> dict[str, Any]:
    """An entry as its form says; sources are lines "date | text"."""
    entry: dict[str, Any] = {key: str(form.get(key, "")).strip() for key in lines.TEXTS}
    entry["free"] = str(form.get("free", ""))
    entry["situations"] = [str(s) for s in form.getlist("situations") if s in SITUATIONS]
    entry["languages"] = str(form.get("languages", "")).replace(",", " ").split() or None
    entry["sources"] = [
        {"text": text.strip(), "date": date.strip()}
        for line in str(form.get("sources", "")).splitlines()
        if line.strip()
        for date, _, text in [line.partition("|")]
    ]
    for key in ("name", "purpose"):
        texts = {code: " ".join(str(form.get(f"{key}-{code}", "")).split()) for code in LANGUAGES}
        entry[key] = {code: text for code, text in texts.items() if text}
    return entry


def _language(request: Request) -> str:
    chosen = request.query_params.get("lang", "es")
    return chosen if chosen in LANGUAGES else "es"


def _sentences(text: str) -> list[str]:
    return list(dict.fromkeys(s for line in text.splitlines() if (s := " ".join(line.split()))))
