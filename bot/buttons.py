"""Quick replies: their payloads, and what a payload means when it comes back as a message's text."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from bot.api.schemas import QuickReply
from bot.catalogue import Catalogue
from nlu.language import LANGUAGES
from nlu.training_data import intents

PAYLOAD = re.compile(r"/(?P<name>more|topic|safe|language)(?: (?P<value>[a-z_]{2,40}))?")
Name = Literal["more", "topic", "safe", "language"]
TOPICS = {
    "trafficking": "counter_trafficking",
    "labour_migration": "labour_migration",
    "emergency": "emergencies",
    "assistance": "assistance_operations",
    "migration_peru": "migration_overview",
    "about_iom": "iom_peru",
    "contact": "contact",
}

VALUES: dict[Name, Collection[str | None]] = {
    "more": (None,),
    "topic": tuple(TOPICS),
    "safe": ("yes", "no"),
    "language": LANGUAGES,
}


@dataclass(frozen=True)
class Button:
    name: Name
    value: str | None


def pressed(text: str) -> Button | None:
    """The button whose payload `text` is, or None for anything that a person typed."""
    match = PAYLOAD.fullmatch(text.strip())
    if match is None:
        return None
    name, value = cast(Name, match["name"]), match["value"]
    return Button(name, value) if value in VALUES[name] else None


def topics(language: str, texts: Catalogue, routes: list[str] | None = None) -> list[QuickReply]:
    return [
        QuickReply(title=texts.text(language, f"topics.{r}"), payload=f"/topic {r}") for r in routes or list(TOPICS)
    ]


def likely_routes(ranking: list[dict], most: int = 3) -> list[str]:
    """The routes of the likeliest intents that have a topic, best first; all topics where none has."""
    known = intents()
    routes = [known[r["name"]].route for r in ranking if r["name"] in known]
    return [r for r in dict.fromkeys(routes) if r in TOPICS][:most] or list(TOPICS)


def more(language: str, texts: Catalogue) -> QuickReply:
    return QuickReply(title=texts.text(language, "more_button"), payload="/more")


def safety(language: str, texts: Catalogue) -> list[QuickReply]:
    return [
        QuickReply(title=texts.text(language, f"safe_{answer}_button"), payload=f"/safe {answer}")
        for answer in ("no", "yes")
    ]
