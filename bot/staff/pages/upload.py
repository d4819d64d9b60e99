"""Upload: a file is read, shown as it was understood with what was lost, and kept as a draft if somebody wants it."""

import asyncio
import re

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from bot.staff import accounts, drafts, reading, web
from bot.staff.drafts import Collision
from bot.staff.pages.documents import NAME
from bot.staff.shelf import blank
from knowledge.findings import KnowledgeError
from nlu.language import LANGUAGES

router = APIRouter()
LARGEST_UPLOAD = 25_000_000
NOT_A_NAME = re.compile(r"[^a-z0-9]+")


@router.get("/upload")
def form(request: Request) -> Response:
    staff = web.signed_in(request)
    return web.page(request, staff, "upload.html", findings=[], result=None, languages=LANGUAGES)


@router.post("/upload")
async def preview(request: Request) -> Response:
    staff, sent = await web.posted(request, largest=LARGEST_UPLOAD)
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return web.go("/upload", "no_file")
    name = file.filename.replace("\\", "/").rsplit("/", 1)[-1][:200]
    content = await file.read()
    await sent.close()
    try:
        result = await asyncio.to_thread(reading.read, content, name)
    except KnowledgeError as error:
        findings = [_worded(f, staff.language) for f in error.findings]
        return web.page(
            request, staff, "upload.html", 422, findings=findings, result=None, languages=LANGUAGES, file=name
        )
    slug = NOT_A_NAME.sub("-", name.rsplit(".", 1)[0].lower()).strip("-") or "documento"
    return web.page(
        request, staff, "upload.html", findings=[], result=result, languages=LANGUAGES, slug=slug[:40], file=name
    )


@router.post("/upload/keep")
async def keep(request: Request) -> Response:
    staff, sent = await web.posted(request, largest=web.LARGEST_FORM * 4)
    console = web.console(request)
    name, language = str(sent.get("name", "")).strip().lower(), str(sent.get("language", ""))
    title = " ".join(str(sent.get("title", "")).split())
    if not NAME.fullmatch(name) or language not in LANGUAGES or not title:
        return web.go("/upload", "name_form")
    path = f"documents/{name}/{language}.md"
    text = blank(title, language, str(sent.get("status")) if sent.get("status") == "draft" else "original", str(sent.get("markdown", "")))
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, path)
        try:
            drafts.save(session, console.settings.knowledge, path, text, "", staff.name)
        except Collision as collision:
            return web.page(
                request,
                staff,
                "collision.html",
                409,
                address=f"/staff/documents/{name}/{language}",
                mine=text,
                theirs=collision.theirs or "",
                author=collision.author or (standing.draft.author if standing.draft else ""),
                seen=drafts.digest(collision.theirs),
            )
        accounts.note(session, staff.name, "imported", path)
    return web.go(f"/documents/{name}/{language}", "imported")


def _worded(found, language):  # type: ignore[no-untyped-def]
    try:
        return found.in_language(language)
    except KeyError:
        return found
