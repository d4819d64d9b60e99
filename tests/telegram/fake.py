"""A Bot API that misbehaves as it is told: cut, slow, 429, 5xx, HTML instead of JSON, 403, 409, lost answers.

Plain asyncio streams in a thread of its own (or a process: `python -m tests.telegram.fake PORT`), because it shares the
cores with what it tests. Checks what Telegram checks of a message, and refuses the same things with 400.
"""

import asyncio
import contextlib
import json
import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "4242:AAfakeTokenForTestsOnly_0123456789abcd"
USERNAME = "YanapayTestBot"
ME = {"id": 4242, "is_bot": True, "first_name": "Yanapay", "username": USERNAME}
HTML_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}
LIMITS = {"sendMessage": 4096}


@dataclass(frozen=True)
class Fault:
    """`cut` closes the connection without an answer; `lost` does so after the call was carried out."""

    status: int = 200
    body: bytes | None = None
    retry_after: int | None = None
    description: str = "fault"
    cut: bool = False
    lost: bool = False
    delay: float = 0.0


def flood(seconds: int = 1) -> Fault:
    return Fault(429, retry_after=seconds, description=f"Too Many Requests: retry after {seconds}")


BAD_GATEWAY = Fault(502, HTML_PAGE)
CUT = Fault(cut=True)
BLOCKED = Fault(403, description="Forbidden: bot was blocked by the user")


class Refused(Exception):
    pass


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Refused(f'can\'t parse entities: unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused("can't parse entities: unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(params: dict[str, Any]) -> str:
    """The text of a message as people read it. Raises Refused for markup that Telegram would not take."""
    if params.get("parse_mode") != "HTML":
        return params["text"]
    parser = _Text()
    parser.feed(params["text"])
    parser.close()
    if parser.open:
        raise Refused("can't parse entities: can't find end tag")
    return parser.text


@dataclass
class Sent:
    """A message that arrived."""

    chat_id: int
    message_id: int
    text: str
    params: dict[str, Any]
    at: float

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [b for row in self.params.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


@dataclass
class FakeTelegram:
    """`fault` decides for each call by method and parameters what goes wrong; None is nothing."""

    fault: Callable[[str, dict[str, Any]], Fault | None] = lambda method, params: None
    port: int = 0
    sent: list[Sent] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    attempts: int = 0
    webhook: dict[str, Any] = field(default_factory=dict)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    profile: dict[tuple[str, str], Any] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    confirmed: int = 0

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.ids: dict[int, int] = defaultdict(lambda: 100)
        self.arrived: asyncio.Event
        self._polls = 0
        self._server: asyncio.Server
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()
        self._connections: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "FakeTelegram":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._open())
        self._ready.set()
        self.loop.run_forever()
        for writer in list(self._connections):
            writer.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    async def _open(self) -> None:
        self.arrived = asyncio.Event()
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def push(self, *updates: dict[str, Any]) -> None:
        """Have updates ready for whoever polls."""

        def action() -> None:
            self.updates.extend(updates)
            self.arrived.set()

        self.loop.call_soon_threadsafe(action)

    def texts(self, chat_id: int | None = None) -> list[str]:
        return [s.text for s in list(self.sent) if chat_id in (None, s.chat_id)]

    def wait(self, count: int, seconds: float = 20.0, chat_id: int | None = None) -> list[Sent]:
        """At least `count` messages, in one chat or all. Raises TimeoutError with what there was."""
        return self.until(lambda: [s for s in list(self.sent) if chat_id in (None, s.chat_id)], count, seconds)

    def until(self, look: Callable[[], list[Any]], count: int = 1, seconds: float = 20.0) -> list[Any]:
        deadline = time.monotonic() + seconds
        while len(found := look()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} of {count}: {found}")
            time.sleep(0.01)
        return found

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._request(reader, writer):
                pass
        self._connections.discard(writer)
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = head.split(" ", 2)[1]
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
        method = urlsplit(target).path.rpartition("/")[2]
        params = {k: v if k == "text" else _value(v) for k, v in parse_qsl(body.decode(), keep_blank_values=True)}
        self.attempts += 1
        fault = self.fault(method, params)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.cut:
            return False
        if f"/bot{TOKEN}/" not in target:
            status, answer = 401, _error(401, "Unauthorized")
        elif fault and (fault.status != 200 or fault.body is not None):
            parameters = {"retry_after": fault.retry_after} if fault.retry_after is not None else None
            status, answer = fault.status, fault.body or _error(fault.status, fault.description, parameters)
        else:
            status, answer = await self._answer(method, params)
        if fault and fault.lost:
            return False
        kind = "application/json" if answer[:1] == b"{" else "text/html"
        lines = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(answer)}\r\n\r\n"
        writer.write(lines.encode() + answer)
        await writer.drain()
        return True

    async def _answer(self, method: str, params: dict[str, Any]) -> tuple[int, bytes]:
        try:
            result = await getattr(self, f"_{method}", self._other)(method, params)
        except Refused as error:
            self.rejected.append(f"{method}: {error}")
            return 400, _error(400, f"Bad Request: {error}")
        except Conflicting as error:
            return 409, _error(409, f"Conflict: {error}")
        if method != "getUpdates":
            self.calls.append((method, params))
        return 200, json.dumps({"ok": True, "result": result}).encode()

    async def _other(self, method: str, params: dict[str, Any]) -> Any:
        return True

    async def _getMe(self, method: str, params: dict[str, Any]) -> Any:
        return ME

    async def _sendMessage(self, method: str, params: dict[str, Any]) -> Any:
        text = plain(params)
        if not text.strip():
            raise Refused("message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LIMITS[method]:
            raise Refused("message is too long")
        for one in (b for row in params.get("reply_markup", {}).get("inline_keyboard", []) for b in row):
            if "callback_data" in one and not 0 < len(one["callback_data"].encode()) <= 64:
                raise Refused("BUTTON_DATA_INVALID")
            if "url" in one and not one["url"].startswith(("http://", "https://", "tg://")):
                raise Refused("BUTTON_URL_INVALID")
        chat = int(params["chat_id"])
        self.ids[chat] += 1
        self.sent.append(Sent(chat, self.ids[chat], text, params, time.time()))
        kind = "private" if chat > 0 else "group"
        described = {"id": chat, "type": kind, "first_name": "x", "title": "x"}
        return {"message_id": self.ids[chat], "date": int(time.time()), "chat": described, "from": ME, "text": text}

    async def _deleteMessages(self, method: str, params: dict[str, Any]) -> Any:
        if not 1 <= len(params["message_ids"]) <= 100:
            raise Refused("message identifiers are not specified")
        self.deleted += [(int(params["chat_id"]), n) for n in params["message_ids"]]
        return True

    async def _setWebhook(self, method: str, params: dict[str, Any]) -> Any:
        self.webhook = params
        return True

    async def _deleteWebhook(self, method: str, params: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _getWebhookInfo(self, method: str, params: dict[str, Any]) -> Any:
        url = self.webhook.get("url", "")
        return {"url": url, "has_custom_certificate": False, "pending_update_count": 0}

    async def _profile(self, method: str, params: dict[str, Any]) -> Any:
        lengths = {"description": 512, "short_description": 120}
        for name, most in lengths.items():
            if len(params.get(name, "")) > most:
                raise Refused(f"{name} is too long")
        for command in params.get("commands", []):
            if not re.fullmatch("[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise Refused("BOT_COMMAND_INVALID")
        self.profile[method, params["language_code"]] = params
        return True

    _setMyCommands = _setMyDescription = _setMyShortDescription = _profile

    async def _getUpdates(self, method: str, params: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            raise Conflicting("can't use getUpdates method while webhook is active")
        self._polls += 1
        own = self._polls
        offset = int(params.get("offset") or 0)
        self.confirmed = max(self.confirmed, offset)
        deadline = time.monotonic() + float(params.get("timeout") or 0)
        while True:
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
            if self.updates:
                return self.updates[: int(params.get("limit") or 100)]
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            self.arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.arrived.wait(), min(left, 0.5))
            if own != self._polls:
                raise Conflicting("terminated by other getUpdates request; make sure that only one runs")


class Conflicting(Exception):
    pass


def _value(text: str) -> Any:
    if text[:1] in "[{" or text in ("true", "false") or text.lstrip("-").isdigit():
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text


def _error(status: int, description: str, parameters: dict[str, Any] | None = None) -> bytes:
    content: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        content["parameters"] = parameters
    return json.dumps(content).encode()


if __name__ == "__main__":
    server = FakeTelegram(port=int(sys.argv[1])).start()
    threading.Event().wait()
