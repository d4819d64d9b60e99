"""Golden questions: which section must answer a question, and how urgent a message is."""

import itertools
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.staff import drafts, lines, web
from bot.staff.pages.collision import keep
from bot.staff.shelf import sections
from bot.staff.web import Sent
from knowledge.golden import LEVELS
from knowledge.golden import NAME as GOLDEN
from nlu.language import LANGUAGES

router = APIRouter()
URGENT = "urgent:"
SPARE: dict[str, Any] = {"question": "", "language": "es", "wants": [], "fact": ""}
SPARE_ROWS = 3


@router.get("/golden")
def table(request: Request, staff: web.Reader) -> Response:
    console = web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, GOLDEN)
        titles = sections(session, console.settings.knowledge)
    rows = [_shown(row) for row in _rows(standing.text or "")]
    return web.page(
        request,
        staff,
        "golden.html",
        standing=standing,
        rows=[*rows, *[SPARE] * SPARE_ROWS],
        sections=titles,
        levels=LEVELS,
        languages=LANGUAGES,
    )


@router.post("/golden")
def save(request: Request, sent: web.Form) -> Response:
    with web.console(request).database.session() as session:
        text = drafts.standing(session, web.console(request).settings.knowledge, GOLDEN).text or ""
    names = itertools.takewhile(lambda name: f"{name}question" in sent.form, (f"row-{n}-" for n in itertools.count()))
    rows = [row for name in names if (row := _given(sent, name))]
    try:
        head, loaded = lines.listing(text)
    except ValueError:
        head, loaded = "", None
    content = {**loaded, "questions": rows} if isinstance(loaded, dict) else rows
    return keep(request, sent, GOLDEN, head + lines.dumped(content), "/golden")


def _rows(text: str) -> list[dict[str, Any]]:
    try:
        _, loaded = lines.listing(text)
    except ValueError:
        return []
    rows = loaded.get("questions") if isinstance(loaded, dict) else loaded
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _given(sent: Sent, name: str) -> dict[str, Any] | None:
    """A row as its fields say; None for one that is empty or to be removed."""
    question, fact = sent.line(f"{name}question"), sent.line(f"{name}fact")
    wants = [str(w) for w in sent.form.getlist(f"{name}wants") if w]
    if not question or not wants or sent.text(f"{name}remove"):
        return None
    row: dict[str, Any] = {"question": question, "language": sent.text(f"{name}language")}
    if wants[0].startswith(URGENT):
        return {**row, "urgent": wants[0].removeprefix(URGENT)}
    row |= {"section": wants[0]} if len(wants) == 1 else {"sections": wants}
    return {**row, "fact": fact} if fact else row


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    if "urgent" in row:
        level = {True: "yes", False: "no"}.get(row["urgent"], row["urgent"])
        wants = [f"{URGENT}{level}"]
    else:
        wanted = row.get("section") or row.get("sections") or []
        wants = [wanted] if isinstance(wanted, str) else [str(w) for w in wanted]
    language, fact = str(row.get("language", "es")), str(row.get("fact") or "")
    return {"question": str(row.get("question", "")), "language": language, "wants": wants, "fact": fact}
