"""Check and publish what was drafted; drafts sent on or given up; the history, and undoing."""

from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, web
from bot.staff.accounts import Staff
from bot.staff.models import DraftRow
from knowledge.findings import Finding
from knowledge.publication import Change, Proposal, Refused

router = APIRouter()
LONGEST_REASON = 500


def changes_of(rows: Iterable[DraftRow]) -> list[Change]:
    return [Change(row.path, row.text, row.base) for row in rows]


@router.get("/publish")
def check(request: Request, staff: web.Reader) -> Response:
    console = web.console(request)
    with console.database.session() as session:
        rows = drafts.listed(session)
    proposal = console.workshop.propose(changes_of(rows)) if rows or console.workshop.refused else None
    return _page(request, staff, rows, proposal)


@router.post("/publish")
def publish(request: Request, sent: web.PublishersForm) -> Response:
    """Publishes what was checked, and only if the drafts are still those that were shown."""
    console, staff = web.console(request), sent.staff
    why = sent.line("why")[:LONGEST_REASON]
    with console.database.session() as session:
        rows = drafts.listed(session)
    if not rows or _fingerprint(rows) != sent.text("shown"):
        return web.go("/publish", "changed_meanwhile")
    changes = changes_of(rows)
    if console.reception.encoder is None or not why:
        status, problem = (422, "why_missing") if console.reception.encoder else (503, "no_encoder")
        return _page(request, staff, rows, console.workshop.propose(changes), status, problem)
    try:
        version = console.workshop.publish(changes, staff.name, why)
    except Refused as refused:
        return _page(request, staff, rows, refused.proposal, 422)
    console.committed(version)
    with console.database.session() as session:
        for row in rows:
            drafts.discard(session, row.path, row.digest)
        accounts.note(session, staff.name, "published", f"{version.id}: {why}")
    console.reception.answers.library.refresh()
    return web.go("/history", "published")


@router.post("/drafts/discard")
def discard(request: Request, sent: web.Form) -> Response:
    path = sent.text("path")
    with web.console(request).database.session() as session:
        if not drafts.discard(session, path, sent.text("seen")):
            return web.go("/publish", "changed_meanwhile")
        accounts.note(session, sent.staff.name, "discarded", path)
    return web.go("/publish", "discarded")


@router.post("/drafts/submit")
def submit(request: Request, sent: web.Form) -> Response:
    """A draft waits for a publisher."""
    with web.console(request).database.session() as session:
        row = session.get(DraftRow, sent.text("path"))
        if row is None:
            return web.go("/publish", "changed_meanwhile")
        row.waiting = True
        accounts.note(session, sent.staff.name, "submitted", row.path)
    return web.go("/publish", "submitted")


@router.get("/history")
def history(request: Request, staff: web.Reader) -> Response:
    return web.page(request, staff, "history.html", versions=web.console(request).workshop.history())


@router.get("/history/{id}")
def version(request: Request, staff: web.Reader, id: str) -> Response:
    return _version(request, staff, id)


@router.post("/history/{id}/undo")
def undo(request: Request, id: str, sent: web.PublishersForm) -> Response:
    """Puts back what stood before, unless it was changed again since."""
    console = web.console(request)
    if console.reception.encoder is None:
        return _version(request, sent.staff, id, 503, "no_encoder")
    try:
        version = console.workshop.undo(id, sent.staff.name, sent.line("why")[:LONGEST_REASON])
    except KeyError:
        raise HTTPException(404) from None
    except Refused:
        return _version(request, sent.staff, id, 409, "undo_conflict")
    console.committed(version)
    with console.database.session() as session:
        accounts.note(session, sent.staff.name, "undone", id)
    console.reception.answers.library.refresh()
    return web.go("/history", "undone")


def _version(request: Request, staff: Staff, id: str, status: int = 200, problem: str = "") -> Response:
    workshop = web.console(request).workshop
    found = next((v for v in workshop.history() if v.id == id), None)
    if found is None:
        raise HTTPException(404)
    return web.page(request, staff, "version.html", status, version=found, files=workshop.content(id), problem=problem)


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


def _shown(found: Finding, language: str, folder: Path) -> tuple[Finding, str]:
    """A finding in the reader's language with its path from the knowledge folder."""
    path = found.path
    return found.in_language(language), str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
