"""Try it: one question, the published knowledge and the draft side by side, as Telegram and the widget would show it."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from bot.api.schemas import Reply
from bot.staff import drafts, web
from bot.staff.pages.publishing import changes_of
from bot.telegram import markup
from nlu.language import LANGUAGES

router = APIRouter()


@router.get("/try")
def form(request: Request) -> Response:
    staff = web.signed_in(request)
    return web.page(request, staff, "try.html", languages=LANGUAGES, text="", chosen="", sides=[], differ=False)


@router.post("/try")
async def ask(request: Request) -> Response:
    staff, sent = await web.posted(request)
    console = web.console(request)
    text, chosen = str(sent.get("text", ""))[: console.settings.longest_text], str(sent.get("language", ""))
    language = chosen if chosen in LANGUAGES else None
    with console.database.session() as session:
        changes = changes_of(drafts.listed(session))
    sides: list[tuple[str, Any]] = [("published", await console.rehearsal.ask(text, language, None))]
    if changes:
        draft = await asyncio.to_thread(console.rehearsal.prepare, changes)
        sides.append(("draft", await console.rehearsal.ask(text, language, draft) if draft else None))
    shown = [[r.text for r in side.answer.replies] for _, side in sides if side]
    return web.page(
        request,
        staff,
        "try.html",
        languages=LANGUAGES,
        text=text,
        chosen=chosen,
        sides=sides,
        differ=len(shown) == 2 and shown[0] != shown[1],
        on_telegram=_on_telegram,
    )


def _on_telegram(reply: Reply) -> list[Markup]:
    """The messages that Telegram shows for a reply; what they hold is escaped by `markup`."""
    parts = markup.split(reply.text)
    if reply.type == "hotline":
        return [Markup(markup.with_bold(p, [line.phone for line in reply.hotlines or []])) for p in parts]
    return [Markup(markup.folded(p) if reply.type == "answer" else markup.escaped(p)) for p in parts]
