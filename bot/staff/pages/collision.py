"""Two people, one file: both texts side by side, and nothing is overwritten that was not seen."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, web
from bot.staff.accounts import Staff
from bot.staff.drafts import Collision, Standing
from bot.staff.web import Sent

router = APIRouter()
BACK = {"hotlines.yml": "/hotlines", "golden.yml": "/golden"}


@router.get("/join")
def overtaken(request: Request, staff: web.Reader, path: str) -> Response:
    """A draft whose file was published anew, or edited on the disk, after the draft was begun."""
    if not drafts.allowed(path):
        raise HTTPException(404)
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, web.console(request).settings.knowledge, path)
    return collided(request, staff, standing) if standing.overtaken else web.go("/publish")


@router.post("/join")
def join(request: Request, sent: web.Form) -> Response:
    """Keep the text that somebody made of both."""
    console, path = web.console(request), sent.text("path")
    if not drafts.allowed(path):
        raise HTTPException(404)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, path)
        text = sent.text("markdown")
        try:
            drafts.save(
                session, console.settings.knowledge, path, text, sent.text("seen"), sent.staff.name, sent.text("base")
            )
        except Collision as collision:
            return collided(request, sent.staff, standing, collision, text)
        accounts.note(session, sent.staff.name, "edited", path)
    return web.go(BACK.get(path, "/publish"), "saved")


def keep(request: Request, sent: Sent, path: str, text: str, back: str, **query: str) -> Response:
    """Keep a whole file as a draft and go back; where somebody was faster, show both."""
    folder = web.console(request).settings.knowledge
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, folder, path)
        try:
            changed = drafts.save(session, folder, path, text, sent.text("seen"), sent.staff.name)
        except Collision as collision:
            return collided(request, sent.staff, standing, collision, text)
        if changed:
            accounts.note(session, sent.staff.name, "edited", path)
    return web.go(back, "saved" if changed else "same", **query)


def collided(
    request: Request, staff: Staff, standing: Standing, collision: Collision | None = None, mine: str | None = None
) -> Response:
    """The page with both texts. Without a collision they are what is published and the draft that it overtook."""
    theirs = collision.theirs if collision else standing.published
    return web.page(
        request,
        staff,
        "collision.html",
        409,
        file=standing.path,
        draft=None if collision else standing.draft,
        mine=(mine if collision else standing.text) or "",
        theirs=theirs or "",
        author=collision.author if collision else "",
        seen=drafts.digest(theirs if collision else standing.text),
        base=drafts.digest(standing.published),
    )
