"""Rasa's action protocol, for our own Rasa server alone: it must name the secret that the gateway gave it."""

import hmac
import json
import zlib

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/internal", include_in_schema=False)
LARGEST = 4_000_000


@router.post("/actions/{secret}")
async def run(secret: str, request: Request) -> JSONResponse:
    if not hmac.compare_digest(secret, request.app.state.actions_secret):
        raise HTTPException(404)
    body = await request.body()
    if request.headers.get("content-encoding") == "deflate":
        body = zlib.decompressobj().decompress(body, LARGEST)
    if len(body) >= LARGEST:
        raise HTTPException(413)
    call = json.loads(body)
    executor: ActionExecutor = request.app.state.rehearsals.get(call.get("sender_id"), request.app.state.actions)
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as error:
        return JSONResponse({"error": str(error), "action_name": error.action_name}, 400)
    except ActionNotFoundException as error:
        return JSONResponse({"error": str(error), "action_name": error.action_name}, 404)
    return JSONResponse(result if isinstance(result, dict) else result.model_dump())
