"""Check and publish what was drafted; the history, and undoing."""

import asyncio
from collections.abc import Iterable

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, web
from bot.staff.models import DraftRow
from bot.staff.web import Staff
from bot.staff.workshop import Change, Proposal
from knowledge.findings import Finding, KnowledgeError

log = structlog.get_logger()
router = APIRouter()
LONGEST_REASON = 500


def changes_of(rows: Iterable[DraftRow]) -> list[Change]:
    return [Change(row.path, row.text, row.base) for row in rows]


@router.get("/publish")
def check(request: Request) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    with console.database.session() as session:
        rows = drafts.listed(session)
    proposal = console.workshop.propose(changes_of(rows)) if rows else None
    return _page(request, staff, rows, proposal)


@router.post("/publish")
async def publish(request: Request) -> Response:
    """Publishes what was checked, and only if the drafts are still those that were shown."""
    staff, form = await web.posted(request, "publisher")
    console = web.console(request)
    why = " ".join(str(form.get("why", "")).split())[:LONGEST_REASON]

    def work() -> Response:
        with console.database.session() as session:
            rows = drafts.listed(session)
        if not rows or _fingerprint(rows) != form.get("shown"):
            return web.go("/publish", "changed_meanwhile")
        proposal = console.workshop.propose(changes_of(rows))
        if not why or not proposal.publishable:
            return _page(request, staff, rows, proposal, 422, "" if why else "why_missing")
        try:
            version = console.workshop.publish(proposal, staff.name, why)
        except KnowledgeError as error:
            proposal.findings = error.findings or proposal.findings
            return _page(request, staff, rows, proposal, 422)
        with console.database.session() as session:
            for row in rows:
                now = session.get(DraftRow, row.path)
                if now is not None and now.digest == row.digest:
                    session.delete(now)
            accounts.note(session, staff.name, "published", f"{version.id}: {why}")
        console.reception.answers.library.refresh()
        return web.go("/history", "published")

    return await asyncio.to_thread(work)


@router.get("/history")
def history(request: Request) -> Response:
    staff = web.signed_in(request)
    return web.page(request, staff, "history.html", versions=web.console(request).workshop.history())


@router.get("/history/{id}")
def version(request: Request, id: str) -> Response:
    staff = web.signed_in(request)
    found = next((v for v in web.console(request).workshop.history() if v.id == id), None)
    if found is None:
        raise HTTPException(404)
    return web.page(
        request, staff, "version.html", version=found, files=web.console(request).workshop.content(id), problem=""
    )


@router.post("/history/{id}/undo")
async def undo(request: Request, id: str) -> Response:
    staff, form = await web.posted(request, "publisher")
    console = web.console(request)
    why = " ".join(str(form.get("why", "")).split())[:LONGEST_REASON]

    def work() -> Response:
        found = next((v for v in console.workshop.history() if v.id == id), None)
        if found is None:
            raise HTTPException(404)
        try:
            console.workshop.undo(id, staff.name, why or f"↶ {found.why}"[:LONGEST_REASON])
        except KnowledgeError:
            files = console.workshop.content(id)
            return web.page(request, staff, "version.html", 409, version=found, files=files, problem="undo_conflict")
        with console.database.session() as session:
            accounts.note(session, staff.name, "undone", id)
        console.reception.answers.library.refresh()
        return web.go("/history", "undone")

    return await asyncio.to_thread(work)


def _fingerprint(rows: Iterable[DraftRow]) -> str:
    return drafts.digest("\n".join(f"{row.path} {row.digest}" for row in rows))


def _page(
    request: Request,
    staff: Staff,
    rows: list[DraftRow],
    proposal: Proposal | None,
    status: int = 200,
    problem: str = "",
) -> Response:
    folder = web.console(request).settings.knowledge
    findings = [_shown(f, staff.language, folder) for f in proposal.findings] if proposal else []
    return web.page(
        request,
        staff,
        "publish.html",
        status,
        rows=rows,
        proposal=proposal,
        errors=[f for f in findings if f[0].severity == "error"],
        warnings=[f for f in findings if f[0].severity != "error"],
        shown=_fingerprint(rows),
        problem=problem,
    )


def _shown(found: Finding, language: str, folder) -> tuple[Finding, str]:  # type: ignore[no-untyped-def]
    """A finding in the reader's language with its path from the knowledge folder."""
    path = found.path
    try:
        found = found.in_language(language)
    except KeyError:
        pass
    return found, str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
