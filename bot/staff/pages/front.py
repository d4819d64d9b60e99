"""The first page: what needs somebody's hand."""

import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.staff import drafts, web
from bot.staff.shelf import shelf
from knowledge.findings import KnowledgeError
from knowledge.hotlines import read_hotlines

router = APIRouter()
SOON_DAYS = 30
SHOWN_VERSIONS = 5


@router.get("/")
def front(request: Request, staff: web.Reader) -> Response:
    console = web.console(request)
    folder, history = console.settings.knowledge, console.workshop.history()
    today = datetime.date.today()
    try:
        lines = list(read_hotlines(folder / "hotlines.yml"))
        broken = False
    except KnowledgeError:
        lines, broken = [], True
    with console.database.session() as session:
        rows = drafts.listed(session)
        shelved = shelf(session, folder, history)
    reception = console.reception
    return web.page(
        request,
        staff,
        "front.html",
        expired=[line for line in lines if line.valid_until < today],
        soon=[line for line in lines if today <= line.valid_until < today + datetime.timedelta(SOON_DAYS)],
        broken=broken,
        refused=console.workshop.refused is not None,
        waiting=[row for row in rows if row.waiting],
        open=[row for row in rows if not row.waiting],
        stale=[one for one in shelved if one.stale],
        drafted=[one for one in shelved if one.status == "draft"],
        history=history[:SHOWN_VERSIONS],
        parts={
            "index": reception.answers.library.index is not None,
            "encoder": reception.encoder is not None,
            "danger_model": reception.desk.model is not None,
        },
    )
