"""Questions that people ask, by language: words of a document, and what asks for them."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.staff import drafts, lines, web
from bot.staff.drafts import Standing
from bot.staff.pages.collision import keep
from bot.staff.web import Sent
from knowledge.findings import KnowledgeError
from knowledge.questions import FOLDER, Asked, parse
from nlu.language import LANGUAGES

router = APIRouter()
SPARE_ROWS = 3


@router.get("/questions")
def table(request: Request, staff: web.Reader, lang: str = "es") -> Response:
    """The rows, or the file's text and what is wrong in it where it has none that could be written back."""
    standing = _standing(request, lang)
    rows, faults = [], []
    try:
        rows = [*_merged(parse(standing.text or "", Path(standing.path))).items(), *[("", [])] * SPARE_ROWS]
    except KnowledgeError as error:
        faults = [f.in_language(staff.language) for f in error.findings]
    return web.page(
        request,
        staff,
        "questions.html",
        standing=standing,
        rows=rows,
        faults=faults,
        languages=LANGUAGES,
        chosen=lang,
    )


@router.post("/questions")
def save(request: Request, sent: web.Form) -> Response:
    language = sent.text("language")
    standing = _standing(request, language)
    text = sent.text("whole") or lines.head(standing.text or "") + lines.dumped(_merged(_given(sent)))
    return keep(request, sent, standing.path, text, "/questions", lang=language)


def _given(sent: Sent) -> Iterator[Asked]:
    """The rows that have both words and questions."""
    names = itertools.takewhile(lambda name: f"{name}answer" in sent.form, (f"row-{n}-" for n in itertools.count()))
    for name in names:
        answer, written = sent.line(f"{name}answer"), sent.text(f"{name}questions").splitlines()
        questions = tuple((0, q) for line in written if (q := " ".join(line.split())))
        if answer and questions:
            yield Asked(answer, questions, 0)


def _merged(rows: Iterable[Asked]) -> dict[str, list[str]]:
    """Words with their questions, those of the same words together."""
    merged: dict[str, dict[str, None]] = {}
    for row in rows:
        merged.setdefault(row.answer, {}).update(dict.fromkeys(text for _, text in row.questions))
    return {answer: list(questions) for answer, questions in merged.items()}


def _standing(request: Request, language: str) -> Standing:
    if language not in LANGUAGES:
        raise HTTPException(404)
    console = web.console(request)
    with console.database.session() as session:
        return drafts.standing(session, console.settings.knowledge, f"{FOLDER}/{language}.yml")
