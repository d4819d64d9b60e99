"""Documents: the list, the editor with the original beside a translation, the Markdown, new ones."""

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from bot.staff import accounts, drafts, sheets, web
from bot.staff.drafts import Collision, Standing
from bot.staff.pages.collision import collided
from bot.staff.sheets import Block
from bot.staff.shelf import as_translated, blank, document, original_of, section_text, shelf
from bot.staff.web import Sent
from knowledge.documents import FIELDS, PENDING, STATUSES
from nlu.language import LANGUAGES

router = APIRouter()
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
CODE = re.compile(r"[a-z]{2,3}")
ORIGINAL = "original"
NEW_SECTION = "+"


@router.get("/documents")
def listed(request: Request, staff: web.Reader) -> Response:
    console = web.console(request)
    with console.database.session() as session:
        found = shelf(session, console.settings.knowledge, console.workshop.history())
    missing = {
        name: [code for code in LANGUAGES if code not in {one.language for one in found if one.document == name}]
        for name in dict.fromkeys(one.document for one in found)
    }
    return web.page(request, staff, "documents.html", shelved=found, missing=missing, languages=LANGUAGES)


@router.get("/documents/{name}/{language}")
def editor(request: Request, staff: web.Reader, name: str, language: str) -> Response:
    """The sections as forms; in a translation, what the original says beside each, and what changed in it since."""
    console = web.console(request)
    history = console.workshop.history()
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        found = original_of(session, console.settings.knowledge, name, language)
    if standing.text is None:
        raise HTTPException(404)
    if standing.overtaken:
        return collided(request, staff, standing)
    sheet = sheets.read(standing.text)
    beside: dict[str, dict[str, Any]] = {}
    if found and sheet.fields.get("status") != ORIGINAL:
        place, original = found
        for section in original.sections:
            block = sheet.block(section.id)
            stale = block is not None and block.source != section.digest
            then = None
            if block and stale:
                then = as_translated(history, place.published, place.path, section.id, block.source)
            one = {"title": section.title, "text": section_text(section), "digest": section.digest}
            beside[section.id] = {**one, "stale": stale, "then": then}
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


@router.get("/documents/{name}/{language}/markdown")
def markdown(request: Request, staff: web.Reader, name: str, language: str) -> Response:
    with web.console(request).database.session() as session:
        standing = _standing(request, session, name, language)
    if standing.text is None:
        raise HTTPException(404)
    return web.page(request, staff, "markdown.html", name=name, file=language, standing=standing)


@router.post("/documents/{name}/{language}")
def save(request: Request, name: str, language: str, sent: web.Form) -> Response:
    """Keep what was edited as a draft: the form's fields and sections, its whole Markdown, or its end."""
    console, here = web.console(request), f"/documents/{name}/{language}"
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        text: str | None
        if sent.text("do") == "delete":
            text = None
        else:
            text = sent.text("markdown") if "markdown" in sent.form else _text(standing, sent)
        try:
            changed = drafts.save(
                session, console.settings.knowledge, standing.path, text, sent.text("seen"), sent.staff.name
            )
        except Collision as collision:
            return collided(request, sent.staff, standing, collision, text)
        if changed:
            accounts.note(session, sent.staff.name, "deleted" if text is None else "edited", standing.path)
    if text is None:
        return web.go("/documents", "deleted")
    if sent.text("add"):
        return web.go(here + "#end")
    return web.go(here, "saved" if changed else "same")


@router.post("/documents/translate")
def translate(request: Request, sent: web.Form) -> Response:
    """A new translation as a draft: the original's sections, to be written over."""
    console = web.console(request)
    name, language = sent.text("name"), sent.text("language")
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        original = original_of(session, console.settings.knowledge, name, language)
        if standing.text is None and original and language in LANGUAGES:
            sheet = sheets.read(original[0].text or "")
            sheet.fields.update(language=language, status="draft", reviewed_by="", reviewed_on="")
            for block in sheet.blocks:
                block.source = PENDING if block.level > 1 else None
            text = sheets.write(sheet)
            drafts.save(session, console.settings.knowledge, standing.path, text, standing.seen, sent.staff.name)
            accounts.note(session, sent.staff.name, "edited", standing.path)
    return web.go(f"/documents/{name}/{language}")


@router.post("/documents/new")
def new(request: Request, sent: web.Form) -> Response:
    console = web.console(request)
    title, name, language = sent.line("title"), sent.line("name").lower(), sent.text("language")
    if not title or not NAME.fullmatch(name) or language not in LANGUAGES:
        return web.go("/documents", "name_form")
    with console.database.session() as session:
        standing = _standing(request, session, name, language)
        if standing.text is not None:
            return web.go("/documents", "name_taken")
        text = blank(title, language, ORIGINAL)
        drafts.save(session, console.settings.knowledge, standing.path, text, standing.seen, sent.staff.name)
        accounts.note(session, sent.staff.name, "edited", standing.path)
    return web.go(f"/documents/{name}/{language}")


def _standing(request: Request, session: Session, name: str, language: str) -> Standing:
    if not NAME.fullmatch(name) or not CODE.fullmatch(language):
        raise HTTPException(404)
    return drafts.standing(session, web.console(request).settings.knowledge, f"documents/{name}/{language}.md")


def _text(standing: Standing, sent: Sent) -> str:
    """The file that a filled form means."""
    before = sheets.read(standing.text or "")
    fields = {**before.fields}
    for name in FIELDS:
        if f"field-{name}" in sent.form:
            fields[name] = sent.line(f"field-{name}")
    blocks = []
    for number in itertools.count():
        part = f"block-{number}-"
        if f"{part}level" not in sent.form:
            break
        if sent.text(f"{part}remove"):
            continue
        id, level = sent.text(f"{part}id"), sent.text(f"{part}level")
        old = before.block(id) if id else None
        body = sheets.faithful(old.body if old else "", sent.text(f"{part}body"))
        source = sent.text(f"{part}compared") or sent.text(f"{part}source") or None
        blocks.append(Block(int(level) if level in list("123456") else 2, sent.line(f"{part}title"), id, source, body))
    status = fields.get("status") or getattr(document(standing.text or "", Path(standing.path)), "status", "draft")
    if added := sent.text("add"):
        id = "" if added == NEW_SECTION else added
        blocks.append(Block(2, "", id, None if status == ORIGINAL else PENDING))
    return sheets.write(replace(before, fields=fields, blocks=blocks))
