"""Try it: one question, the published knowledge and the draft, as Telegram and the widget would show the answers."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from markupsafe import Markup, escape

from bot.api.schemas import Reply
from bot.reception import Reception
from bot.staff import drafts, web
from bot.staff.pages.publishing import changes_of
from bot.staff.rehearsal import Tried
from bot.telegram import markup
from knowledge.publication import Change
from nlu.language import LANGUAGES

if TYPE_CHECKING:
    from bot.staff.console import Console

router = APIRouter()


@router.get("/try")
def form(request: Request, staff: web.Reader) -> Response:
    return web.page(request, staff, "try.html", languages=LANGUAGES, text="", chosen="", sides=[], differ=False)


@router.post("/try")
async def ask(request: Request, sent: web.Form) -> Response:
    console, chosen = web.console(request), sent.text("language")
    text = sent.text("text")[: console.settings.longest_text]
    language = chosen if chosen in LANGUAGES else None
    sides: list[tuple[str, Tried | None]] = [("published", await console.rehearsal.ask(text, language, None))]
    changes, draft = await run_in_threadpool(_drafted, console)
    if changes:
        sides.append(("draft", await console.rehearsal.ask(text, language, draft) if draft else None))
    shown = [[r.text for r in side.answer.replies] for _, side in sides if side]
    return web.page(
        request,
        sent.staff,
        "try.html",
        languages=LANGUAGES,
        text=text,
        chosen=chosen,
        sides=sides,
        differ=len(shown) == 2 and shown[0] != shown[1],
        on_telegram=_on_telegram,
        highlighted=_highlighted,
    )


def _drafted(console: "Console") -> tuple[list[Change], Reception | None]:
    """The changes, and the reception that answers with them; None where they cannot be built."""
    with console.database.session() as session:
        changes = changes_of(drafts.listed(session))
    return changes, console.rehearsal.prepare(changes) if changes else None


def _on_telegram(reply: Reply) -> list[Markup]:
    """The messages that Telegram shows for a reply; what they hold is escaped by `markup`."""
    parts = markup.split(reply.text)
    if reply.type == "hotline":
        return [Markup(markup.with_bold(p, [line.phone for line in reply.hotlines or []])) for p in parts]
    return [Markup(markup.folded(p, reply.highlight) if reply.type == "answer" else markup.escaped(p)) for p in parts]


def _highlighted(reply: Reply) -> Markup:
    """A reply as the widget shows it, with the sentence that answers highlighted."""
    text, sentence = escape(reply.text), escape(reply.highlight or "")
    return text.replace(sentence, Markup("<mark>{}</mark>").format(reply.highlight), 1) if sentence else text
