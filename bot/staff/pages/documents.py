"""Documents: the list, the editor with the original beside a translation, the Markdown, drafts given back or sent on."""

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, sheets, web
from bot.staff.drafts import Collision, Standing
from bot.staff.shelf import as_translated, blank, document, original_of, section_text, shelf
from bot.staff.sheets import Block, Sheet
from bot.staff.web import Staff
from knowledge.documents import FIELDS, STATUSES
from nlu.language import LANGUAGES

router = APIRouter()
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
CODE = re.compile(r"[a-z]{2,3}")
MOST_BLOCKS = 500


@router.get("/documents")
def listed(request: Request) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    with console.database.session() as session:
        found = shelf(session, console.settings.knowledge, console.workshop.history())
    missing = {
        name: [code for code in LANGUAGES if code not in {one.language for one in found if one.document == name}]
        for name in dict.fromkeys(one.document for one in found)
    }
    return web.page(request, staff, "documents.html", shelved=found, missing=missing)


@router.get("/documents/{name}/{language}")
def editor(request: Request, name: str, language: str) -> Response:
    staff = web.signed_in(request)
    with web.console(request).database.session() as session:
        standing = _standing(request, session, name, language)
    if standing.text is None:
        raise HTTPException(404)
    return _editor(request, staff, name, language, standing)


@router.get("/documents/{name}/{language}/markdown")
def markdown(request: Request, name: str, language: str) -> Response:
    staff = web.signed_in(request)
    with web.console(request).database.session() as session:
        standing = _standing(request, session, name, language)
    if standing.text is None:
        raise HTTPException(404)
    return web.page(request, staff, "markdown.html", name=name, file=language, standing=standing)


@router.post("/documents/{name}/{language}")
async def save(request: Request, name: str, language: str) -> Response:
    """Keep what was edited as a draft: the form's fields and sections, or its whole Markdown."""
    staff, form = await web.posted(request)
    console = web.console(request)
    here = f"/documents/{name}/{language}"
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        seen = str(form.get("seen", ""))
        try:
            text = str(form["markdown"]).replace("\r\n", "\n") if "markdown" in form else _text(request, standing, form)
            changed = drafts.save(session, console.settings.knowledge, standing.path, text, seen, staff.name)
        except Collision as collision:
            return web.page(
                request,
                staff,
                "collision.html",
                409,
                address=f"/staff{here}",
                mine=text,
                theirs=collision.theirs or "",
                author=collision.author,
                seen=drafts.digest(collision.theirs),
            )
        if changed:
            accounts.note(session, staff.name, "edited", standing.path)
    anchor = str(form.get("add", ""))
    return web.go(here + ("#end" if anchor else ""), "" if anchor else "saved" if changed else "same")


@router.post("/drafts/discard")
async def discard(request: Request) -> Response:
    staff, form = await web.posted(request)
    path = str(form.get("path", ""))
    with web.console(request).database.session() as session:
        drafts.discard(session, path)
        accounts.note(session, staff.name, "discarded", path)
    return web.go("/publish", "discarded")


@router.post("/drafts/submit")
async def submit(request: Request) -> Response:
    """All drafts of somebody, or one, wait for a publisher."""
    staff, form = await web.posted(request)
    with web.console(request).database.session() as session:
        for row in drafts.listed(session):
            if row.path == form.get("path") or form.get("path") == "*":
                row.waiting = True
                accounts.note(session, staff.name, "submitted", row.path)
    return web.go("/publish", "submitted")


@router.post("/documents/translate")
async def translate(request: Request) -> Response:
    """A new translation as a draft: the original's sections, to be written over."""
    staff, form = await web.posted(request)
    console = web.console(request)
    name, language = str(form.get("name", "")), str(form.get("language", ""))
    if language not in LANGUAGES:
        raise HTTPException(404)
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        original = original_of(session, console.settings.knowledge, name, language)
        if standing.text is None and original:
            sheet = sheets.read(original[0].text or "")
            sheet.fields.update(language=language, status="draft", reviewed_by="", reviewed_on="")
            for block in sheet.blocks:
                block.source = "pending" if block.level > 1 else None
            drafts.save(session, console.settings.knowledge, standing.path, sheets.write(sheet), "", staff.name)
            accounts.note(session, staff.name, "edited", standing.path)
    return web.go(f"/documents/{name}/{language}")


@router.post("/documents/new")
async def new(request: Request) -> Response:
    staff, form = await web.posted(request)
    console = web.console(request)
    title, language = " ".join(str(form.get("title", "")).split()), str(form.get("language", "es"))
    name = str(form.get("name", "")).strip().lower()
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        if not title or standing.text is not None:
            return web.go("/documents", "name_taken")
        text = blank(title, language, "original")
        drafts.save(session, console.settings.knowledge, standing.path, text, "", staff.name)
        accounts.note(session, staff.name, "edited", standing.path)
    return web.go(f"/documents/{name}/{language}")


def _standing(request: Request, session: Any, name: str, language: str) -> Standing:
    if not NAME.fullmatch(name) or not CODE.fullmatch(language):
        raise HTTPException(404)
    folder = web.console(request).settings.knowledge
    return drafts.standing(session, folder, f"documents/{name}/{language}.md")


def _editor(request: Request, staff: Staff, name: str, language: str, standing: Standing) -> Response:
    console = web.console(request)
    history = console.workshop.history()
    with console.database.session() as session:
        found = original_of(session, console.settings.knowledge, name, language)
    sheet = sheets.read(standing.text or "")
    beside: dict[str, dict[str, Any]] = {}
    if found and sheet.fields.get("status") != "original":
        place, original = found
        for section in original.sections:
            block = sheet.block(section.id)
            then = None
            stale = block is not None and block.source != section.digest
            if block and stale:
                then = as_translated(history, place.published, place.path, section.id, block.source)
            text = section_text(section)
            beside[section.id] = {
                "title": section.title, "text": text, "digest": section.digest, "stale": stale, "then": then,
            }  # fmt: skip
    return web.page(
        request,
        staff,
        "editor.html",
        name=name,
        file=language,
        standing=standing,
        sheet=sheet,
        fields=[f for f in FIELDS if f != "language"],
        statuses=STATUSES,
        beside=beside,
        original_language=found[1].language if found else language,
        missing=[(id, one) for id, one in beside.items() if sheet.block(id) is None],
    )


def _text(request: Request, standing: Standing, form: FormData) -> str:
    """The file that a filled form means."""
    before = sheets.read(standing.text or "")
    one = document(standing.text or "", _path(standing))
    fields = {**before.fields}
    for name in FIELDS:
        if f"field-{name}" in form:
            fields[name] = " ".join(str(form[f"field-{name}"]).split())
    blocks = []
    for number in range(MOST_BLOCKS):
        if f"block-{number}-level" not in form:
            break

        def given(part: str, number: int = number) -> str:
            return str(form.get(f"block-{number}-{part}", ""))

        if given("remove"):
            continue
        old = before.block(given("id")) if given("id") else None
        body = sheets.faithful(old.body if old else "", given("body"))
        level = int(given("level")) if given("level") in "123456" else 2
        source = given("compared") or given("source") or None
        blocks.append(Block(level, " ".join(given("title").split()), given("id"), source, body))
    status = fields.get("status", one.status if one else "draft")
    if form.get("add") == "section":
        blocks.append(Block(2, "", "", None if status == "original" else "pending"))
    elif form.get("add"):
        blocks.append(Block(2, "", str(form["add"]), "pending"))
    return sheets.write(Sheet(fields, blocks, before.raw))


def _path(standing: Standing) -> Any:
    from pathlib import Path

    return Path(standing.path)
