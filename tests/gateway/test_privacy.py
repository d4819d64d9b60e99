"""Nothing that a person writes is left behind: in no file, in no cookie, in no memory of an ended conversation."""

import os
import secrets
import string
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from nlu.paths import ROOT
from nlu.text import fold
from tests.gateway.messages import QUESTIONS
from tests.gateway.serving import kinds, say, shown

WRITTEN_BY_OTHERS = {".git", ".pytest_cache", ".ruff_cache", ".mypy_cache"}


def unheard_of(length: int = 12) -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(length)).capitalize()


@pytest.fixture(scope="module")
def personal() -> dict[str, str]:
    """A name, a telephone number and a word that nobody wrote before this run."""
    return {"name": unheard_of(), "phone": f"9{secrets.randbelow(10**8):08}", "word": unheard_of(16).lower()}


def messages(personal: dict[str, str]) -> Iterator[str]:
    """Calm, urgent, unclear, foreign, too long: each with everything personal in it."""
    about = f"{personal['name']} {personal['phone']} {personal['word']}"
    yield f"Hola, soy {about}"
    yield f"Me llamo {about} y el patrón me quitó el pasaporte, no me deja salir"
    yield f"{about} ¿dónde queda la oficina de la OIM?"
    yield f"/{about}"
    yield f"/restart {about}"
    yield f"/topic {personal['word']}"
    yield f"{about} النجدة من فضلكم أين يقع المكتب"
    yield f"<b>{about}</b>\x00 {{}} %s"
    yield f"{about} " * 300
    yield about


def send_everything(address: httpx.URL, personal: dict[str, str]) -> list[httpx.Response]:
    """All messages, then requests that go wrong: the answers to all of them. Each has a connection of its own."""
    about, half_an_emoji = " ".join(personal.values()), "\\ud83d"
    json, name, phone, word = {"Content-Type": "application/json"}, *personal.values()
    with httpx.Client(base_url=address, timeout=20, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        post = client.post
        answers = [post("/api/messages", json={"text": text}) for text in messages(personal)]
        answers += [
            post("/api/messages", json={"text": about, word: about}),
            post("/api/messages", json={"text": [about]}),
            post("/api/messages", json={"text": about, "conversation_id": about}),
            post("/api/messages", content=f'{{"text": "{about}'.encode(), headers=json),
            post("/api/messages", content=f'{{"text": "{about} {half_an_emoji}"}}'.encode(), headers=json),
            post("/api/messages", content=about.encode() * 5000),
            post("/api/feedback", json={"conversation_id": phone, "helpful": about}),
            client.delete(f"/api/conversations/{name}"),
            client.get(f"/{word}?q={phone}", headers={"User-Agent": name}),
            client.get("/", headers={"Referer": f"http://x/{word}", "Cookie": f"n={name}"}),
        ]
    return answers


def written_since(start: float, *folders: Path) -> Iterator[Path]:
    """Every file under `folders` that changed since `start`; what other tools write is left out."""
    for folder in folders:
        for parent, names, files in os.walk(folder):
            names[:] = [n for n in names if n not in WRITTEN_BY_OTHERS]
            for path in (Path(parent, name) for name in files):
                if path.is_file() and path.stat().st_mtime >= start - 1:
                    yield path


def holds(path: Path, personal: dict[str, str]) -> list[str]:
    """Which of the personal things a file holds, in whatever case."""
    content = path.read_bytes()
    small = content.lower()
    return [kind for kind, value in personal.items() if value.lower().encode() in small]


def test_nothing_is_written(gateway, personal):
    answers = send_everything(gateway.client.base_url, personal)
    assert {response.status_code for response in answers} >= {200, 204, 404, 413, 422}
    broken = {"sender": personal["name"], "text": personal["word"], "vector": "!"}
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway.rasa_port}/webhooks/gateway", timeout=20) as rasa:
        assert rasa.post("/messages", json=broken).status_code == 500
    time.sleep(1)
    files = list(written_since(gateway.started, gateway.folder, ROOT))
    names = {p.name for p in files if p.is_relative_to(gateway.folder)}
    assert {gateway.log.name, gateway.rasa_log.name, gateway.endpoints.name} <= names
    assert {str(p): found for p in files if (found := holds(p, personal))} == {}


def test_nothing_is_said_back(gateway, personal):
    answers = send_everything(gateway.client.base_url, personal)
    assert [r.url for r in answers if any(value in r.text for value in personal.values())] == []


def test_log_is_of_events_alone(gateway):
    say(gateway.client, "hola")
    assert '"event": "message_answered"' in gateway.log.read_text("utf-8")


def test_endpoints_with_the_secret_are_for_the_owner_alone(gateway):
    assert gateway.endpoints.stat().st_mode & 0o077 == 0


def test_no_cookie(gateway, personal):
    pages = [gateway.client.get(path) for path in ("/", "/widget.js", "/api/languages", "/health")]
    answers = [*send_everything(gateway.client.base_url, personal), *pages]
    assert [r.url for r in answers if "set-cookie" in r.headers] == []


def test_no_other_site_is_asked(gateway):
    page = gateway.client.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://" not in page.text.split("<main>")[0] and "https://" not in page.text.split("<main>")[0]


def test_conversation_ends_by_itself(mortal):
    """After the idle time neither topic nor language is known, in the gateway or in Rasa."""
    mortal.wait_for_rasa()
    conversation = say(mortal.client, QUESTIONS["es"], language="qu")["conversation_id"]
    follow_up = say(mortal.client, "y eso donde queda", conversation)
    assert follow_up["language"] == "qu" and shown(follow_up)[0]["section"] == "contact"
    time.sleep(7)
    later = say(mortal.client, "y eso donde queda", conversation)
    assert (later["language"], kinds(later)) == ("es", ["clarify"])


def reachable(root: Any) -> Iterator[str]:
    """Every string that the objects under `root` hold."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, dict):
            waiting += [*thing.keys(), *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset)):
            waiting += thing
        elif hasattr(thing, "__dict__") and not isinstance(thing, (type, ModuleType)):
            waiting += vars(thing).values()


def test_no_memory_of_a_deleted_conversation(lone):
    word = unheard_of()
    conversation = say(lone.client, f"{word}, ¿dónde queda la oficina?")["conversation_id"]
    assert lone.client.delete(f"/api/conversations/{conversation}").status_code == 204
    left = [s for s in reachable(lone.app.state) if fold(word) in fold(s) or conversation in s]
    assert left == []
