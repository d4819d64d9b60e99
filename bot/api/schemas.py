"""What goes over the wire: requests and answers of the public HTTP contract."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nlu.training_data import intents

Language = Literal["es", "en", "pt", "fr", "zh", "ht", "qu", "ay"]
Route = Literal[
    "trafficking",
    "labour_migration",
    "emergency",
    "assistance",
    "migration_peru",
    "about_iom",
    "contact",
    "smalltalk",
    "out_of_scope",
]
ReplyType = Literal["hotline", "answer", "clarify", "fallback", "smalltalk", "notice"]
ConversationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
ROUTES = frozenset(i.route for i in intents().values())


class MessageIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        description="What the person wrote, or the payload of a quick reply.", examples=["¿Dónde queda la oficina?"]
    )
    conversation_id: ConversationId | None = Field(None, description="Opaque; left out, a new conversation begins.")
    language: Language | None = Field(
        None, description="An explicit choice of language; it holds for the conversation."
    )


class HotlineLine(BaseModel):
    id: str
    name: str
    phone: str
    option: str | None = None
    purpose: str
    hours: str | None = None
    checked: str


class Source(BaseModel):
    document: str
    section: str
    title: str
    language: str
    quote: str = Field(description="The passage as it stands in the original document, verbatim.")
    quote_language: str = Field(description="The language of the quote.")
    translated: bool


class Reply(BaseModel):
    type: ReplyType
    text: str
    highlight: str | None = Field(
        None, description="The sentence of `text`, verbatim, that answers the question; left out where none stands out."
    )
    hotlines: list[HotlineLine] | None = None
    sources: list[Source] | None = None


class QuickReply(BaseModel):
    title: str
    payload: str


class MessageOut(BaseModel):
    conversation_id: str
    language: Language
    route: Route
    urgent: bool
    replies: list[Reply]
    quick_replies: list[QuickReply]


class FeedbackIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: ConversationId
    helpful: bool


class LanguageOut(BaseModel):
    code: Language
    name: str
    draft: bool
