"""What arrived: an update of Telegram as one of the kinds of things that people send, or as nothing to answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from telegram import CallbackQuery, ChatMemberUpdated, Message, MessageEntity, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.telegram import commands

Kind = Literal[
    "text",
    "command",
    "button",
    "voice",
    "photo",
    "video",
    "sticker",
    "location",
    "contact",
    "document",
    "poll",
    "other",
    "blocked",
    "joined",
]
ATTACHMENTS: dict[str, Kind] = {
    "voice": "voice",
    "audio": "voice",
    "photo": "photo",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "sticker": "sticker",
    "venue": "location",
    "location": "location",
    "contact": "contact",
    "document": "document",
    "poll": "poll",
    "dice": "sticker",
    "game": "other",
    "invoice": "other",
    "paid_media": "photo",
    "story": "video",
    "checklist": "other",
    "passport_data": "other",
}
BARE = ("message_id", "date", "from", "chat", "text", "caption", "message_thread_id", "is_topic_message")
NOTHING = {"title": "", "description": "", "start_parameter": "", "currency": "", "total_amount": 0}
LEFT = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)


@dataclass(frozen=True)
class Arrival:
    """`text` is what was written or the data of a button. `written` is in seconds since the epoch.

    `message_id` is what an answer may reply to, `thread` the topic of a forum. `rows` are the buttons of the message
    whose button was pressed.
    """

    kind: Kind
    chat_id: int
    user_id: int
    private: bool
    language: str | None = None
    text: str = ""
    command: commands.Command | None = None
    message_id: int | None = None
    thread: int | None = None
    callback: str | None = None
    rows: Sequence[Sequence[dict[str, Any]]] = ()
    written: float = 0.0
    forwarded: bool = False
    edited: bool = False
    captioned: bool = False

    @property
    def owner(self) -> int:
        """Whose conversation it is within the chat: 0 in a private one."""
        return 0 if self.private else self.user_id


@dataclass(frozen=True)
class Identity:
    """The bot itself: its id stands in the token; its username is None until Telegram has told it."""

    id: int
    username: str | None = None


def arrival(update: Update, bot: Identity) -> Arrival | None:
    """What is to be answered, or None: channel posts, service messages, talk among others in a group."""
    if update.callback_query:
        return _button(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.is_automatic_forward:
        return None
    if message.from_user.is_bot and message.sender_chat is None:
        return None
    found = _message(message, message.from_user)
    if found is None:
        return None
    if update.edited_message:
        if found.kind != "text" and found.kind != "command":
            return None  # a live location that moves, a new thumbnail: nobody wrote anything
        found = replace(found, edited=True)
    return found if found.private else _addressed(found, message, bot)


def bare(update: dict[str, Any]) -> dict[str, Any]:
    """An update with only the plainest parts of its message, of the kind "other" where nothing was written."""
    found: dict[str, Any] = {"update_id": update["update_id"]}
    for name in ("message", "edited_message"):
        if name in update:
            message = {k: v for k, v in update[name].items() if k in BARE}
            found[name] = message if {"text", "caption"} & message.keys() else {**message, "invoice": NOTHING}
    return found


def _button(query: CallbackQuery) -> Arrival | None:
    message = query.message
    if message is None:
        return None
    chat = message.chat
    markup = message.reply_markup if isinstance(message, Message) else None
    return Arrival(
        "button",
        chat.id,
        query.from_user.id,
        chat.type == ChatType.PRIVATE,
        _language(query.from_user),
        query.data or "",
        message_id=message.message_id,
        thread=_thread(message) if isinstance(message, Message) else None,
        callback=query.id,
        rows=markup.to_dict()["inline_keyboard"] if markup else (),
    )


def _membership(change: ChatMemberUpdated) -> Arrival | None:
    private = change.chat.type == ChatType.PRIVATE
    before, now = change.old_chat_member.status, change.new_chat_member.status
    kind: Kind | None = None
    if now in LEFT:
        kind = "blocked"
    elif before in LEFT and not private and change.chat.type != ChatType.CHANNEL:
        kind = "joined"
    if kind is None:
        return None
    return Arrival(kind, change.chat.id, change.from_user.id, private, _language(change.from_user))


def _message(message: Message, user: User) -> Arrival | None:
    text = message.text or message.caption or ""
    kind: Kind | None = "text" if text else _attachment(message)
    if kind is None:
        return None
    command = commands.typed(text) if message.text else None
    return Arrival(
        "command" if command else kind,
        message.chat.id,
        user.id,
        message.chat.type == ChatType.PRIVATE,
        _language(user),
        text,
        command,
        message.message_id,
        _thread(message),
        written=message.date.timestamp(),
        forwarded=message.forward_origin is not None,
        captioned=bool(message.caption),
    )


def _attachment(message: Message) -> Kind | None:
    for name, kind in ATTACHMENTS.items():
        if getattr(message, name, None):
            return kind
    return None


def _addressed(found: Arrival, message: Message, bot: Identity) -> Arrival | None:
    """In a group only what is meant for the bot: a command, a mention, or a reply to it."""
    if message.chat.type == ChatType.CHANNEL:
        return None
    if found.command:
        named = found.command.bot
        return found if named is None or _same(named, bot.username) else None
    answered = message.reply_to_message
    if answered and answered.from_user and answered.from_user.id == bot.id:
        return found
    entities = {**message.parse_entities(), **message.parse_caption_entities()} if found.text else {}
    for entity, words in entities.items():
        mention = entity.type == MessageEntity.MENTION and _same(words[1:], bot.username)
        meant = entity.type == MessageEntity.TEXT_MENTION and entity.user is not None and entity.user.id == bot.id
        if mention or meant:
            return replace(found, text=found.text.replace(words, "", 1).strip())
    return None


def _same(name: str, username: str | None) -> bool:
    return username is not None and name.casefold() == username.casefold()


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _language(user: User) -> str | None:
    return user.language_code
