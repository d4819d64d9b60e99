"""Actions that answer from the retrieval index.

Each reply is `{"passage": id}`, a passage to show, or `{"say": key}`, a text of the catalogue; `{"language": code}`
asks for another language.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import fit
from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.search import answering, search
from nlu.encoder.encoder import Encoder
from nlu.language import LANGUAGES
from nlu.section_model import section_shares

FindIndex = Callable[[], Index | None]


class IndexAction(Action):
    """An action with the index and the encoder at hand."""

    def __init__(self, find_index: FindIndex, encoder: Encoder | None):
        self.find_index, self.encoder = find_index, encoder

    async def answers(self, tracker: Tracker, expected: Mapping[str, float]) -> list[Passage]:
        """The passages that answer the latest message; none where nothing does, or without index or encoder."""
        index = self.find_index()
        if index is None or self.encoder is None:
            return []
        message = tracker.latest_message
        text = message.get("text") or ""
        language = (message.get("metadata") or {}).get("language", "es")
        vectors = await asyncio.get_running_loop().run_in_executor(None, self.encoder.encode, [text])
        hits = search(index, text, vectors[0], language, 2, expected)
        return answering(hits) if hits and fit.answers(hits[0], message, language) else []


def section_probabilities(tracker: Tracker) -> dict[str, float]:
    """How likely each section holds the answer: the shares of the intents that it usually answers."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    return section_shares({ranked["name"]: ranked.get("share", 0.0) for ranked in ranking})


def show(dispatcher: CollectingDispatcher, *passages: Passage) -> list[EventType]:
    for passage in passages:
        dispatcher.utter_message(json_message={"passage": passage.id})
    return [SlotSet("passage", passages[-1].id), SlotSet("section", passages[-1].section)]


def show_or_say(dispatcher: CollectingDispatcher, passages: list[Passage], key: str) -> list[EventType]:
    """The passages, or the catalogue's text `key` where there are none."""
    if passages:
        return show(dispatcher, *passages)
    dispatcher.utter_message(json_message={"say": key})
    return []


class ActionAnswer(IndexAction):
    """What answers; sections that usually answer the intent are preferred, a pressed topic decides."""

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        chosen = next(tracker.get_latest_entity_values("section"), None)
        index = self.find_index()
        first = next((p for p in index.passages if p.section == chosen), None) if index and chosen else None
        if first:
            return show(dispatcher, first)
        passages = await self.answers(tracker, section_probabilities(tracker))
        return show_or_say(dispatcher, passages, "not_in_document")


class UnsureAction(IndexAction):
    """What was taken for none of ours, or not understood well enough, is answered where the document is near to it."""

    say: str

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked = fit.may_be_a_question(tracker.latest_message)
        passages = await self.answers(tracker, section_probabilities(tracker)) if asked else []
        return show_or_say(dispatcher, passages, self.say)


class ActionDecline(UnsureAction):
    say = "out_of_scope"

    def name(self) -> str:
        return "action_decline"


class ActionClarify(UnsureAction):
    say = "clarify"

    def name(self) -> str:
        return "action_clarify"


class ActionMore(IndexAction):
    """The passage after the one shown last, as long as its section has one."""

    def name(self) -> str:
        return "action_more"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        index, shown = self.find_index(), tracker.get_slot("passage")
        if index is None or not shown:
            dispatcher.utter_message(json_message={"say": "no_topic"})
            return []
        following = index.following(shown)
        if following is None:
            dispatcher.utter_message(json_message={"say": "no_more"})
            return []
        return show(dispatcher, following)


class ActionFollowUp(IndexAction):
    """A question that leans on the answer before: searched in the same section, or asked back without one."""

    def name(self) -> str:
        return "action_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        section = tracker.get_slot("section")
        if not section:
            dispatcher.utter_message(json_message={"say": "no_topic"})
            return []
        passages = await self.answers(tracker, {section: 1.0})
        return show_or_say(dispatcher, passages, "not_in_document")


class ActionChangeLanguage(Action):
    """The language that the message names; asked back when it names none of ours."""

    def name(self) -> str:
        return "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        named = next((v for v in tracker.get_latest_entity_values("language") if v in LANGUAGES), None)
        dispatcher.utter_message(json_message={"language": named} if named else {"say": "capabilities"})
        return []


def all_actions(find_index: FindIndex, encoder: Encoder | None) -> list[Action]:
    kinds = (ActionAnswer, ActionDecline, ActionClarify, ActionMore, ActionFollowUp)
    return [*(kind(find_index, encoder) for kind in kinds), ActionChangeLanguage()]
