"""Everything that people really send, in each of the eight languages: what is said, and that the lines are named."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.catalogue import catalogue
from bot.telegram import commands
from nlu.language import LANGUAGES
from tests.gateway.messages import QUESTIONS, URGENT
from tests.telegram import updates
from tests.telegram.fake import ME, USERNAME

EVERY = pytest.mark.parametrize("language", LANGUAGES)
ANSWERED_AS = {
    "voice": "voice",
    "audio": "voice",
    "photo": "photo",
    "video": "video",
    "video note": "video",
    "animation": "video",
    "sticker": "sticker",
    "location": "location",
    "live location": "location",
    "venue": "location",
    "contact": "contact",
    "document": "document",
    "poll": "poll",
    "dice": "sticker",
}
FORWARDED = {"forward_origin": {"type": "hidden_user", "sender_user_name": "Ana", "date": 1_700_000_000}}
CAPTIONED = ("photo", "video", "document", "voice")


def said(language: str, key: str, **values: str) -> str:
    return catalogue().text(language, key, **values)


def urgent(language: str) -> str:
    return URGENT[language][0][1]


@EVERY
@pytest.mark.parametrize("kind", ANSWERED_AS)
def test_what_has_no_text_is_answered_in_the_persons_language_with_the_lines(bot, language, kind):
    person = bot.person()
    (reply,) = bot.replies(person, updates.update(**updates.message(person, language, **updates.KINDS[kind])))
    assert reply.text == said(language, f"telegram.kinds.{ANSWERED_AS[kind]}")
    assert "1818" in reply.text and "105" in reply.text
    assert reply.buttons


@EVERY
def test_the_language_of_the_conversation_comes_before_that_of_the_phone(bot, language):
    other = "en" if language != "en" else "fr"
    person = bot.person()
    _, reply = bot.replies(
        person,
        updates.pressed(person, f"/language {language}", other),
        updates.update(**updates.message(person, other, **updates.KINDS["voice"])),
        count=2,
    )
    assert reply.text == said(language, "telegram.kinds.voice")


@pytest.mark.parametrize("code", [None, "de", "", "uk"])
def test_spanish_where_no_language_is_known(bot, code):
    person = bot.person()
    (reply,) = bot.replies(person, updates.update(**updates.message(person, code, **updates.KINDS["voice"])))
    assert reply.text == said("es", "telegram.kinds.voice")


@pytest.mark.parametrize(("code", "language"), [("pt-br", "pt"), ("zh-hans", "zh"), ("EN", "en")])
def test_languages_of_regions(bot, code, language):
    person = bot.person()
    (reply,) = bot.replies(person, updates.update(**updates.message(person, code, **updates.KINDS["photo"])))
    assert reply.text == said(language, "telegram.kinds.photo")


@EVERY
def test_danger_in_a_text(bot, language):
    """The card is a message of its own, the first one, with numbers as plain text and to be copied at a tap."""
    person = bot.person()
    (card,) = bot.replies(person, updates.written(person, urgent(language), language))
    assert said(language, "hotline.outro") in card.text
    assert "1818" in card.text and {"1818", "105"} <= {b.get("copy_text", {}).get("text") for b in card.buttons}
    assert "tel:" not in card.params["text"] and "<b>1818</b>" in card.params["text"]


@EVERY
@pytest.mark.parametrize("kind", CAPTIONED)
def test_danger_under_a_picture(bot, language, kind):
    person = bot.person()
    content = {**updates.KINDS[kind], "caption": urgent(language)}
    (card,) = bot.replies(person, updates.update(**updates.message(person, language, **content)))
    assert "1818" in card.text


@EVERY
def test_a_question_under_a_picture(bot, language):
    person = bot.person()
    content = {**updates.KINDS["photo"], "caption": QUESTIONS[language]}
    first, answer = bot.replies(person, updates.update(**updates.message(person, language, **content)), count=2)
    assert first.text.startswith(said(language, "telegram.caption"))
    assert any(b["callback_data"].startswith("source:") for b in answer.buttons)


@EVERY
def test_danger_in_a_forwarded_message(bot, language):
    person = bot.person()
    sent = updates.written(person, urgent(language), language, **FORWARDED)
    (card,) = bot.replies(person, sent)
    assert "1818" in card.text
    assert card.params["reply_parameters"]["message_id"] == sent["message"]["message_id"]


@EVERY
def test_a_forwarded_voice_note(bot, language):
    person = bot.person()
    sent = updates.update(**updates.message(person, language, **updates.KINDS["voice"], **FORWARDED))
    (reply,) = bot.replies(person, sent)
    assert reply.text == said(language, "telegram.kinds.voice")


@EVERY
def test_an_edited_message_is_answered_again(bot, language):
    person = bot.person()
    first = updates.message(person, language, text=QUESTIONS[language])
    edited = {**first, "text": QUESTIONS[language], "edit_date": first["date"] + 5}
    replies = bot.replies(person, updates.update(**first), updates.update("edited_message", **edited), count=4)
    assert replies[2].text.startswith(said(language, "telegram.edited"))
    assert replies[2].params["reply_parameters"]["message_id"] == first["message_id"]
    assert replies[3].text == replies[1].text


@EVERY
def test_an_edit_that_tells_of_danger(bot, language):
    person = bot.person()
    edited = {**updates.message(person, language, text=urgent(language)), "edit_date": 1_800_000_000}
    (card,) = bot.replies(person, updates.update("edited_message", **edited))
    assert "1818" in card.text


@EVERY
def test_a_reply_is_a_message_like_any_other(bot, language):
    person = bot.person()
    to = {**updates.message(person, language, text="…"), "from": ME}
    (card,) = bot.replies(person, updates.written(person, urgent(language), language, reply_to_message=to))
    assert "1818" in card.text


@EVERY
def test_a_very_long_text(bot, language):
    person = bot.person()
    word = "好" if language == "zh" else "palabra "
    chosen = updates.pressed(person, f"/language {language}")
    _, reply = bot.replies(person, chosen, updates.written(person, word * (4000 // len(word)), language), count=2)
    assert reply.text == said(language, "errors.too_long")


@EVERY
def test_danger_in_a_very_long_text(bot, language):
    person = bot.person()
    text = urgent("es") + " " + "palabra " * 300
    replies = bot.replies(person, updates.written(person, text, language), count=2)
    assert "1818" in replies[0].text and len(replies[0].buttons) >= 2


@EVERY
def test_a_burst_is_answered_in_order(bot, language):
    person = bot.person()
    wanted = [code for code in LANGUAGES for _ in range(2)]
    replies = bot.replies(person, *(updates.written(person, f"/language {c}") for c in wanted), count=len(wanted))
    assert [r.text for r in replies] == [said(c, "language_set") for c in wanted]


def test_danger_told_in_several_short_messages(bot):
    """None of them is urgent by itself."""
    person = bot.person()
    parts = ("mi jefe tiene", "mi pasaporte", "y no me deja salir", "de la casa")
    bot.tell(*(updates.written(person, part) for part in parts))
    found = bot.fake.until(lambda: [t for t in bot.fake.texts(person) if said("es", "hotline.outro") in t])
    assert "1818" in found[0]


@EVERY
def test_emoji_and_nothing_else(bot, language):
    person = bot.person()
    (reply,) = bot.replies(person, updates.written(person, "🆘😭", language))
    assert reply.text == said(language, "errors.no_words")


@EVERY
@pytest.mark.parametrize("data", ["source:0000000000000000", "nonsense", "/topic nonsense", "command:nothing"])
def test_an_old_button(bot, language, data):
    person = bot.person()
    (reply,) = bot.replies(person, updates.pressed(person, data, language, inaccessible=True))
    key = "source_gone" if data.startswith("source") else "old_button"
    assert reply.text == said(language, f"telegram.{key}")


@EVERY
def test_more_of_a_conversation_that_is_forgotten(bot, language):
    person = bot.person()
    (reply,) = bot.replies(person, updates.pressed(person, "/more", language, inaccessible=True))
    assert reply.text == said(language, "no_topic")


@EVERY
@pytest.mark.parametrize("addressed", ["mention", "reply", "command"])
def test_a_group_when_addressed(bot, language, addressed):
    person = bot.person()
    text = {"text": urgent(language)}
    if addressed == "mention":
        text = updates.mention(urgent(language))
    elif addressed == "reply":
        text["reply_to_message"] = {**updates.message(person, where="group", text="…"), "from": ME}
    else:
        text["text"] = f"/emergencia@{USERNAME}"
    sent = updates.update(**updates.message(person, language, where="group", **text))
    (card,) = bot.replies(-person, sent)
    assert said(language, "hotline.outro") in card.text
    assert card.params["reply_parameters"]["message_id"] == sent["message"]["message_id"]
    link = card.buttons[-1]
    assert link["text"] == said(language, "telegram.private_button")
    assert link["url"] == f"https://t.me/{USERNAME}?start={language}"


@EVERY
def test_a_voice_note_in_reply_in_a_group(bot, language):
    person = bot.person()
    to = {**updates.message(person, where="group", text="…"), "from": ME}
    content = {**updates.KINDS["voice"], "reply_to_message": to}
    (reply,) = bot.replies(-person, updates.update(**updates.message(person, language, where="group", **content)))
    assert reply.text == said(language, "telegram.kinds.voice")


@EVERY
def test_added_to_a_group(bot, language):
    person = bot.person()
    (hello,) = bot.replies(-person, updates.member(person, "left", "member", "group", language))
    assert hello.text == said(language, "telegram.group_hello", help=commands.name_in(language, "help", catalogue()))


@dataclass
class Ignored:
    name: str
    content: dict[str, Any]
    kind: str = "message"
    where: str = "private"


IGNORED = [
    Ignored("talk in a group", {"text": "El patrón me quitó el pasaporte"}, where="group"),
    Ignored("a photo in a group", updates.KINDS["photo"], where="supergroup"),
    Ignored("another bot's command", {"text": "/help@OtherBot"}, where="group"),
    Ignored("a mention of somebody else", {
        "text": "@rosa mira", "entities": [{"type": "mention", "offset": 0, "length": 5}]
    }, where="group"),
    Ignored("a channel post", {"text": "Noticias", "sender_chat": {"id": -5, "type": "channel", "title": "N"}},
            kind="channel_post", where="channel"),
    Ignored("a pinned message", {"pinned_message": updates.message(1, text="x")}),
    Ignored("a member who came", {"new_chat_members": [updates.user(5)]}, where="group"),
    Ignored("a live location that moves", {**updates.KINDS["live location"], "edit_date": 1}, kind="edited_message"),
    Ignored("a timer", {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}),
]  # fmt: skip


@pytest.mark.parametrize("ignored", IGNORED, ids=lambda ignored: ignored.name)
def test_what_is_nobodys_question_gets_no_answer(bot, ignored):
    person = bot.person()
    content = updates.message(person, where=ignored.where, **ignored.content)
    chat = content["chat"]["id"]
    assert bot.replies(chat, updates.update(ignored.kind, **content), count=0) == []


@EVERY
def test_a_message_in_a_form_that_nobody_knows_yet(bot, language):
    person = bot.person()
    unknown = {"poll": {"id": "of a later version"}}
    (reply,) = bot.replies(person, updates.update(**updates.message(person, language, **unknown)))
    assert reply.text == said(language, "telegram.kinds.other")
    (card,) = bot.replies(person, updates.written(person, urgent(language), language, **unknown))
    assert "1818" in card.text


def test_somebody_who_blocked_the_bot(bot):
    """The conversation is forgotten, and nothing is sent."""
    person = bot.person()
    bot.replies(person, updates.written(person, "/language fr"), updates.member(person, "member", "kicked"), count=1)
    (reply,) = bot.replies(person, updates.update(**updates.message(person, "pt", **updates.KINDS["voice"])))
    assert reply.text == said("pt", "telegram.kinds.voice")


@pytest.mark.parametrize("sent", [{}, {"update_id": "x"}, {"update_id": 5, "message": {"chat": 5}}, [], 7, None, "x",
                                  {"update_id": 6, "callback_query": {"id": "1"}}], ids=repr)  # fmt: skip
def test_nonsense_is_acknowledged_and_harms_nobody(bot, sent):
    bot.tell(sent)
    person = bot.person()
    assert len(bot.replies(person, updates.written(person, "/language en"))) == 1
