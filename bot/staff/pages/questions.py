"""Questions that people ask, by language: words of a document, and what asks for them."""

import itertools

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import drafts, lines, web
from bot.staff.pages.collision import keep
from bot.staff.web import Sent
from knowledge.questions import FOLDER
from nlu.language import LANGUAGES

router = APIRouter()
SPARE_ROWS = 3
Given = dict[str, list[str]]


@router.get("/questions")
def table(request: Request, staff: web.Reader, lang: str = "es") -> Response:
    console, path = web.console(request), _path(lang)
    with console.database.session() as session:
        standing = drafts.standing(session, console.settings.knowledge, path)
    rows = [*_kept(standing.text)[1].items(), *[("", [])] * SPARE_ROWS]
    return web.page(request, staff, "questions.html", standing=standing, rows=rows, languages=LANGUAGES, chosen=lang)


@router.post("/questions")
def save(request: Request, sent: web.Form) -> Response:
    language = sent.text("language")
    path = _path(language)
    with web.console(request).database.session() as session:
        head, _ = _kept(drafts.standing(session, web.console(request).settings.knowledge, path).text)
    return keep(request, sent, path, head + lines.dumped(_given(sent)), "/questions", lang=language)


def _given(sent: Sent) -> Given:
    """The rows that have both words and questions; those of the same words are put together."""
    given: Given = {}
    names = itertools.takewhile(lambda name: f"{name}answer" in sent.form, (f"row-{n}-" for n in itertools.count()))
    for name in names:
        answer, asked = sent.line(f"{name}answer"), sent.text(f"{name}questions").splitlines()
        questions = [q for line in asked if (q := " ".join(line.split()))]
        if answer and questions:
            given.setdefault(answer, []).extend(questions)
    return {answer: list(dict.fromkeys(questions)) for answer, questions in given.items()}


def _kept(text: str | None) -> tuple[str, Given]:
    """The comment at the head of the file, and its rows."""
    try:
        head, loaded = lines.listing(text or "")
    except ValueError:
        return "", {}
    rows = loaded.items() if isinstance(loaded, dict) else ()
    return head, {str(answer): [str(q) for q in asked] for answer, asked in rows if isinstance(asked, list)}


def _path(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return f"{FOLDER}/{language}.yml"
