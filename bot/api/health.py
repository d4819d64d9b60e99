"""Is the gateway alive, and which of its parts are ready?"""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from bot.telegram.status import Word

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Each part by name, null where this gateway does without; `ready` when all that it uses are there.

    `telegram` tells how that channel does, in a word; the rest is ready without it.
    """

    ready: bool
    rasa: bool | None
    index: bool
    encoder: bool
    urgency_model: bool
    telegram: Word | None


@router.get("/health")
async def health() -> Health:
    return Health()


@router.get("/ready", responses={503: {"model": Readiness}})
async def ready(request: Request, response: Response) -> Readiness:
    reception = request.app.state.reception
    rasa = await reception.dialogue.ready() if reception.dialogue else None
    parts = {
        "rasa": rasa,
        "index": reception.answers.library.index is not None,
        "encoder": reception.encoder is not None,
        "urgency_model": reception.desk.model is not None,
    }
    telegram = request.app.state.telegram
    all_ready = all(part is not False for part in parts.values())
    response.status_code = 200 if all_ready else 503
    return Readiness(ready=all_ready, telegram=telegram.status.word if telegram else None, **parts)
