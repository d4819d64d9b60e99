"""Rasa's side of the talk between gateway and Rasa; it listens on loopback only.

`POST /webhooks/gateway/messages` takes `{"sender", "text", "language", "vector"}`, or `"intent"` and `"entities"` in
place of a text when a button was pressed, and answers `{"intent", "ranking", "entities", "replies"}`.
`DELETE /webhooks/gateway/conversations/<sender>` forgets a conversation.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from nlu.components.message import LANGUAGE, VECTOR


class GatewayChannel(InputChannel):
    @classmethod
    def name(cls) -> str:
        return "gateway"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("gateway", "gateway")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/messages", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = request.json
            agent = request.app.ctx.agent
            hints = {LANGUAGE: body["language"], VECTOR: body.get("vector")}
            if body.get("intent"):
                parsed = _chosen(body["intent"], body.get("entities") or {})
            else:
                parsed = await agent.processor.parse_message(UserMessage(body["text"], metadata=hints))
            collector = CollectingOutputChannel()
            message = UserMessage(
                parsed["text"],
                collector,
                body["sender"],
                parse_data={k: parsed[k] for k in ("text", "intent", "intent_ranking", "entities")},
                input_channel=self.name(),
                metadata={LANGUAGE: body["language"]},
            )
            await on_new_message(message)
            return response.json(
                {
                    "intent": parsed["intent"],
                    "ranking": parsed["intent_ranking"],
                    "entities": parsed["entities"],
                    "replies": [m.get("custom") or {"text": m.get("text")} for m in collector.messages],
                }
            )

        @routes.route("/conversations/<sender>", methods=["DELETE"])
        async def forget(request: Request, sender: str) -> HTTPResponse:
            store = request.app.ctx.agent.tracker_store
            await getattr(store, "_tracker_store", store).delete(sender)
            return response.empty()

        return routes


def _chosen(intent: str, entities: dict[str, str]) -> dict[str, Any]:
    """What the parse of a pressed button is: certain, without a text of its own."""
    found = [
        {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "button"}
        for name, value in entities.items()
    ]
    certain = {"name": intent, "confidence": 1.0}
    return {"text": f"/{intent}", "intent": certain, "intent_ranking": [certain], "entities": found}
