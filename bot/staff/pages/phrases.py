"""Urgent phrases: the staff's own example sentences by language, and what they would do to messages."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import drafts, lines, web
from bot.staff.accounts import Staff
from bot.staff.pages.collision import keep
from bot.staff.phrases import effects
from knowledge.findings import KnowledgeError
from knowledge.golden import NAME as GOLDEN
from knowledge.golden import read_golden
from knowledge.publication import Change
from knowledge.publication.changes import drafted
from knowledge.urgent import KINDS, read_examples
from nlu.language import LANGUAGES

router = APIRouter()
MOST_MESSAGES = 200
Given = dict[str, list[str]]


@router.get("/phrases")
def form(request: Request, staff: web.Reader, lang: str = "es") -> Response:
    return _page(request, staff, lang)


@router.post("/phrases")
def save(request: Request, sent: web.Form) -> Response:
    """Keeps the sentences as a draft, or only shows what they would do."""
    language = sent.text("language")
    if language not in LANGUAGES:
        raise HTTPException(404)
    given = {kind: _sentences(sent.text(kind)) for kind in KINDS}
    if sent.text("do") == "look":
        return _page(request, sent.staff, language, given, _sentences(sent.text("messages"))[:MOST_MESSAGES])
    head, _ = _kept(request, language)
    return keep(request, sent, _path(language), head + lines.dumped(given), "/phrases", lang=language)


def _page(
    request: Request, staff: Staff, language: str, given: Given | None = None, messages: list[str] | None = None
) -> Response:
    if language not in LANGUAGES:
        raise HTTPException(404)
    console = web.console(request)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, _path(language))
        cases = drafts.standing(session, console.settings.knowledge, GOLDEN).text
    looked = []
    if given:
        changes = [Change(GOLDEN, cases, None), Change(_path(language), lines.dumped(given), None)]
        with drafted(console.settings.knowledge, changes) as folder:
            examples = read_examples(folder)
            try:
                tried = [q.question for q in read_golden(folder / GOLDEN) if q.language == language]
            except KnowledgeError:
                tried = []
        every = list(dict.fromkeys([*(messages or []), *given["urgent"], *given["calm"], *tried]))[:MOST_MESSAGES]
        looked = effects(every, examples, console.reception.desk, console.reception.encoder, language)
    return web.page(
        request,
        staff,
        "phrases.html",
        standing=standing,
        languages=LANGUAGES,
        chosen=language,
        given=given or _kept(request, language)[1],
        messages=messages or [],
        looked=looked,
    )


def _kept(request: Request, language: str) -> tuple[str, Given]:
    """The comment at the head of the file, and its sentences."""
    console = web.console(request)
    with console.database.session() as session:
        text = drafts.standing(session, console.settings.knowledge, _path(language)).text
    try:
        head, loaded = lines.listing(text or "")
    except ValueError:
        head, loaded = "", None
    loaded = loaded if isinstance(loaded, dict) else {}
    return head, {kind: [str(s) for s in loaded.get(kind) or []] for kind in KINDS}


def _path(language: str) -> str:
    return f"urgent/{language}.yml"


def _sentences(text: str) -> list[str]:
    return list(dict.fromkeys(s for line in text.splitlines() if (s := " ".join(line.split()))))
