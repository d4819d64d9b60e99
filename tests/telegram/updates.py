"""Updates as Telegram sends them, by what a person did."""

import itertools
import time
from typing import Any

from tests.telegram.fake import ME, USERNAME

NUMBERS = itertools.count(700_000_000)
MESSAGES = itertools.count(5_000)
FILE = {"file_id": "AgAC", "file_unique_id": "AQAD"}
KINDS: dict[str, dict[str, Any]] = {
    "voice": {"voice": {**FILE, "duration": 4}},
    "audio": {"audio": {**FILE, "duration": 4}},
    "photo": {"photo": [{**FILE, "width": 90, "height": 90}]},
    "video": {"video": {**FILE, "width": 9, "height": 9, "duration": 1}},
    "video note": {"video_note": {**FILE, "length": 240, "duration": 3}},
    "animation": {
        "animation": {**FILE, "width": 9, "height": 9, "duration": 1},
        "document": FILE,
    },
    "sticker": {
        "sticker": {
            **FILE, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False,
            "emoji": "🆘"
        }
    },
    "location": {"location": {"latitude": -12.05, "longitude": -77.04}},
    "live location": {"location": {"latitude": -12.05, "longitude": -77.04, "live_period": 900}},
    "venue": {
        "venue": {"location": {"latitude": -12.05, "longitude": -77.04}, "title": "Taller", "address": "Av. Grau"},
        "location": {"latitude": -12.05, "longitude": -77.04},
    },
    "contact": {"contact": {"phone_number": "+51987654321", "first_name": "Rosa"}},
    "document": {"document": {**FILE, "file_name": "contrato.pdf"}},
    "poll": {
        "poll": {
            "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
            "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
        }
    },
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
}  # fmt: skip


def user(number: int, language: str | None = "es") -> dict[str, Any]:
    found = {"id": number, "is_bot": False, "first_name": "Rosa", "username": f"rosa{number}"}
    return {**found, "language_code": language} if language else found


def chat(number: int, kind: str = "private") -> dict[str, Any]:
    return {"id": number, "type": kind, "first_name": "Rosa"} if kind == "private" else {
        "id": -number, "type": kind, "title": "Vecinos"
    }  # fmt: skip


def message(person: int, language: str | None = "es", where: str = "private", **content: Any) -> dict[str, Any]:
    """The message itself; `content` holds its text or anything else."""
    text = content.get("text", "")
    if text.startswith("/"):
        content.setdefault("entities", [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}])
    return {
        "message_id": next(MESSAGES),
        "date": int(time.time()),
        "from": user(person, language),
        "chat": chat(person, where),
        **content,
    }


def update(kind: str = "message", **content: Any) -> dict[str, Any]:
    return {"update_id": next(NUMBERS), kind: content}


def written(person: int, text: str, language: str | None = "es", **more: Any) -> dict[str, Any]:
    return update(**message(person, language, text=text, **more))


def pressed(person: int, data: str, language: str | None = "es", inaccessible: bool = False, **more: Any) -> dict:
    there = {"message_id": 77, "date": 0 if inaccessible else int(time.time()), "chat": chat(person)}
    if not inaccessible:
        there |= {"from": ME, "text": "…", **more}
    content = {"id": "99", "from": user(person, language), "chat_instance": "1", "message": there, "data": data}
    return update("callback_query", **content)


def member(person: int, before: str, now: str, where: str = "private", language: str = "es") -> dict[str, Any]:
    def status(word: str) -> dict[str, Any]:
        extra = {"until_date": 0} if word == "kicked" else {}
        return {"status": word, "user": ME, **extra}

    content = {
        "chat": chat(person, where),
        "from": user(person, language),
        "date": int(time.time()),
        "old_chat_member": status(before),
        "new_chat_member": status(now),
    }
    return update("my_chat_member", **content)


def mention(text: str) -> dict[str, Any]:
    """A text that begins with the bot's name."""
    name = f"@{USERNAME}"
    return {"text": f"{name} {text}", "entities": [{"type": "mention", "offset": 0, "length": len(name)}]}
