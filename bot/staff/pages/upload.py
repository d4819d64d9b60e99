"""Upload: a file is read, shown as it was understood with what was lost, and kept as a draft if somebody wants it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from bot.staff import accounts, drafts, sheets, web
from bot.staff.drafts import Collision
from bot.staff.pages.collision import collided
from bot.staff.pages.documents import NAME, ORIGINAL
from bot.staff.shelf import blank
from knowledge.findings import KnowledgeError
from knowledge.reading import ENDINGS
from knowledge.reading.apart import read_apart
from nlu.language import LANGUAGES

router = APIRouter()


@router.get("/upload")
def form(request: Request, staff: web.Reader) -> Response:
    return web.page(request, staff, "upload.html", findings=[], result=None, languages=LANGUAGES, endings=ENDINGS)


@router.post("/upload")
def preview(request: Request, sent: web.LargeForm) -> Response:
    file = sent.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return web.go("/upload", "no_file")
    name = file.filename.replace("\\", "/").rsplit("/", 1)[-1][:200]
    try:
        result = read_apart(file.file.read(), name)
    except KnowledgeError as error:
        return web.page(
            request,
            sent.staff,
            "upload.html",
            422,
            findings=[f.in_language(sent.staff.language) for f in error.findings],
            result=None,
            languages=LANGUAGES,
            endings=ENDINGS,
            file=name,
        )
    slug = sheets.document_name(name) or "documento"
    return web.page(
        request,
        sent.staff,
        "upload.html",
        findings=[],
        result=result,
        languages=LANGUAGES,
        endings=ENDINGS,
        slug=slug,
        file=name,
    )


@router.post("/upload/keep")
def keep(request: Request, sent: web.LargeForm) -> Response:
    folder = web.console(request).settings.knowledge
    name, language, title = sent.line("name").lower(), sent.text("language"), sent.line("title")
    if not NAME.fullmatch(name) or language not in LANGUAGES or not title:
        return web.go("/upload", "name_form")
    path = f"documents/{name}/{language}.md"
    status = "draft" if sent.text("status") == "draft" else ORIGINAL
    text = blank(title, language, status, sent.text("markdown"))
    with web.console(request).database.session() as session:
        standing = drafts.standing(session, folder, path)
        try:
            drafts.save(session, folder, path, text, "", sent.staff.name)
        except Collision as collision:
            return collided(request, sent.staff, standing, collision, text)
        accounts.note(session, sent.staff.name, "imported", path)
    return web.go(f"/documents/{name}/{language}", "imported")
