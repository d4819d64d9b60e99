"""What is said in reply to a message: names of passages and texts become words, buttons and the route of the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot import buttons
from bot.answers import Answers, Question
from bot.api.schemas import MessageOut, QuickReply, Reply, ReplyType
from bot.catalogue import Catalogue
from bot.conversations import Conversation
from bot.dialogue import Turn
from bot.safety.card import hotline_card
from bot.safety.triage import Triage
from knowledge.hotlines import GENERAL, Hotlines
from nlu.language import DEFAULT
from nlu.training_data import intents

SURE_OF_DANGER = 0.6
DANGER_IS_THE_TOPIC = 0.25
WIDELY_READ = ("en", "es")
UNSURE = ("nlu_fallback", "out_of_scope")
WITH_TOPICS = ("greeting", "capabilities", "affirm", "safe_yes", "out_of_scope", "no_topic", "not_in_document")
SMALLTALK = ("greeting", "thanks", "good_news", "goodbye", "bot_challenge", "capabilities", "affirm", "deny")
REPLY_TYPES: dict[str, ReplyType] = dict.fromkeys((*SMALLTALK, "language_set", "safe_yes"), "smalltalk")
REPLY_TYPES |= dict.fromkeys(("clarify", "safe_check", "no_topic"), "clarify")
REPLY_TYPES |= dict.fromkeys(("out_of_scope", "not_in_document"), "fallback")


@dataclass
class Response:
    """An answer in the making. `question` is what its passages are to answer, None where nothing was asked."""

    conversation: Conversation
    route: str = "smalltalk"
    urgent: bool = False
    replies: list[Reply] = field(default_factory=list)
    quick_replies: list[QuickReply] = field(default_factory=list)
    question: Question | None = None

    @property
    def language(self) -> str:
        return self.conversation.language or DEFAULT


class Responder:
    """Fills in responses, and keeps in the conversation what was shown last and which language was asked for.

    `texts` and `answers` have the words, `hotlines` the lines of the card.
    """

    def __init__(self, texts: Catalogue, answers: Answers, hotlines: Callable[[], Hotlines]):
        self.texts, self.answers, self.hotlines = texts, answers, hotlines

    def card(self, danger: str | None, language: str) -> Reply:
        """The hotline card for a kind of danger, None where it is unknown."""
        return hotline_card(danger or GENERAL, language, self.hotlines(), self.texts)

    def alarm(self, danger: str | None, response: Response) -> None:
        """Make the response urgent: the hotline card comes first."""
        response.urgent, response.route = True, _route(danger)
        response.replies.append(self.card(danger, response.language))

    def alarmed(self, answer: MessageOut, danger: str | None) -> MessageOut:
        """An answer that is found to be urgent only now, with the card first."""
        replies = [self.card(danger, answer.language), *answer.replies]
        return answer.model_copy(
            update={"urgent": True, "route": _route(danger), "replies": replies, "quick_replies": []}
        )

    def tell(self, key: str, response: Response) -> None:
        """Add the text called `key`, with the buttons that belong to it."""
        text = self.texts.text(response.language, key)
        response.replies.append(Reply(type=REPLY_TYPES.get(key, "notice"), text=text))
        if key == "safe_check":
            response.quick_replies = buttons.safety(response.language, self.texts)
        elif key in WITH_TOPICS and not response.quick_replies:
            self.offer_topics(response)
        if key == "not_in_document":
            response.route = "out_of_scope"

    def offer_topics(self, response: Response, routes: list[str] | None = None) -> None:
        response.quick_replies = buttons.topics(response.language, self.texts, routes)

    def decline_language(self, foreign: str, response: Response) -> None:
        widely_read = (self.texts.text(code, "unsupported_language") for code in WIDELY_READ)
        told = [text for text in (self.texts.unsupported(foreign), *widely_read) if text]
        response.replies.append(Reply(type="notice", text="\n".join(told)))
        response.route = response.route if response.urgent else "out_of_scope"

    def follow(self, turn: Turn, response: Response) -> None:
        """Put Rasa's replies in words; after an alarm only a passage of the document may follow the card."""
        known = intents()
        intent = known.get(turn.intent)
        passages = [reply for reply in turn.replies if "passage" in reply]
        if response.urgent:
            if intent and intent.urgent == "yes":
                response.route = intent.route
                self.say(passages, response)
            return
        route = intent.route if intent else None
        if turn.intent in ("more", "follow_up"):
            route = self.answers.route(response.conversation.section)
        if turn.intent == "nlu_fallback":
            route = next((known[r["name"]].route for r in turn.ranking if r["name"] in known), None)
            self.offer_topics(response, buttons.likely_routes(turn.ranking))
        if turn.intent in UNSURE and passages:
            route = self.answers.route(self.answers.section(passages[0]["passage"]))
        response.route = route or "out_of_scope"
        self.say(turn.replies, response)

    def say(self, replies: list[dict[str, Any]], response: Response) -> None:
        """Put replies of Rasa's actions (`actions/answers.py`) in words."""
        for reply in replies:
            if "passage" in reply:
                self.show(reply["passage"], response)
            elif "language" in reply:
                response.conversation.language, response.conversation.chosen = reply["language"], True
                self.tell("language_set", response)
            elif "say" in reply:
                self.tell(reply["say"], response)

    def show(self, passage: str, response: Response) -> None:
        """Add a passage of the document, and the button for what follows it there; one that is gone is told so."""
        shown = self.answers.reply(passage, response.language, response.question)
        if shown is None:
            if not response.urgent:
                self.tell("not_in_document", response)
            return
        response.replies.append(shown)
        conversation = response.conversation
        conversation.passage, conversation.section = passage, self.answers.section(passage)
        more = buttons.more(response.language, self.texts)
        response.quick_replies = [q for q in response.quick_replies if q != more]
        if self.answers.has_more(passage):
            response.quick_replies.append(more)

    def answer_directly(self, question: Question, response: Response) -> None:
        """Without Rasa: an honest sentence and the best passages, if any are near enough."""
        found = self.answers.nearest(question, response.language)
        self.tell("degraded_notice", response)
        if not found:
            response.route = "out_of_scope"
            self.tell("out_of_scope", response)
            return
        response.route, response.question = self.answers.route(self.answers.section(found[0])), question
        for passage in found:
            self.show(passage, response)

    def ask_whether_safe(self, triage: Triage, turn: Turn | None, response: Response) -> None:
        """Ask it where danger is unclear, once, in place of small talk and of guesses at one word."""
        if response.urgent or any("1818" in r.text for r in response.replies if r.type in ("notice", "clarify")):
            return
        known = intents().get(turn.intent) if turn else None
        rasa_is_sure = (
            known is not None and turn is not None and known.urgent != "no" and turn.confidence >= SURE_OF_DANGER
        )
        if triage.level != "maybe" and not rasa_is_sure:
            return
        answered = response.route not in ("smalltalk", "out_of_scope")
        if not answered and triage.probability >= DANGER_IS_THE_TOPIC:
            response.route = _route(triage.danger)
        kept = [r for r in response.replies if r.type != "clarify"] if answered and not triage.bare else []
        response.replies.clear()
        self.tell("safe_check", response)
        response.replies += kept


def _route(danger: str | None) -> str:
    return "trafficking" if danger == "trafficking" else "emergency"
