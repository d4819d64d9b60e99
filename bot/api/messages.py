"""Messages in, answers out; conversations forgotten; feedback counted."""

import structlog
from fastapi import APIRouter, Request, Response

from bot.api.problems import described, wanted_language
from bot.api.schemas import ConversationId, FeedbackIn, LanguageOut, MessageIn, MessageOut
from bot.catalogue import catalogue

log = structlog.get_logger()
router = APIRouter(prefix="/api", tags=["conversation"])


@router.post("/messages", response_model=MessageOut, responses=described(400, 413, 422, 429, 500))
async def message(body: MessageIn, request: Request) -> Response:
    """Answer one message of a person, in the language of the message."""
    reception = request.app.state.reception
    hint = wanted_language(request.headers.get("accept-language"))
    answered, _ = await reception.answer(body.text, body.conversation_id, body.language, hint, "web")
    if not reception.conversations.has(answered.conversation_id):
        await reception.forget(answered.conversation_id)
    return Response(answered.model_dump_json(exclude_none=True), media_type="application/json")


@router.delete("/conversations/{conversation_id}", status_code=204, responses=described(422))
async def forget(conversation_id: ConversationId, request: Request) -> Response:
    """Forget a conversation at once, here and in Rasa."""
    await request.app.state.reception.forget(conversation_id)
    return Response(status_code=204)


@router.post("/feedback", status_code=204, responses=described(400, 413, 422, 429))
async def feedback(body: FeedbackIn, request: Request) -> Response:
    """Count whether an answer helped; nothing that identifies anyone is kept."""
    log.info("feedback", helpful=body.helpful)
    request.app.state.reception.rate(body.conversation_id, "web", body.helpful)
    return Response(status_code=204)


@router.get("/languages")
async def languages() -> list[LanguageOut]:
    """The languages that the bot speaks, each with its own name."""
    known = catalogue().languages.items()
    rows = ({"code": code, "name": texts["name"], "draft": texts["status"] == "draft"} for code, texts in known)
    return [LanguageOut.model_validate(row) for row in rows]
