"""What people do with the bot beside asking: start, languages, sources, opinions, forgetting; and how answers look."""

import json
import re
import time

import pytest

from bot.catalogue import catalogue
from bot.telegram import commands, markup
from knowledge.index import load
from nlu.language import LANGUAGES
from nlu.paths import ROOT
from tests.gateway.messages import QUESTIONS, URGENT
from tests.telegram import updates
from tests.telegram.fake import ME

EVERY = pytest.mark.parametrize("language", LANGUAGES)


def said(language: str, key: str, **values: str) -> str:
    return catalogue().text(language, key, **values)


def name(language: str, command: str) -> str:
    return commands.name_in(language, command, catalogue())


def data(reply) -> list[str]:
    return [b["callback_data"] for b in reply.buttons if "callback_data" in b]


def ask(bot, person: int, language: str):
    """The passage that answers a question, and the notice before it: this gateway has no Rasa."""
    return bot.replies(person, updates.written(person, QUESTIONS[language], language), count=2)[1]


@EVERY
def test_start_says_what_is_kept_before_the_first_question(bot, language):
    person = bot.person()
    (hello,) = bot.replies(person, updates.written(person, "/start", language))
    assert hello.text.startswith(said(language, "greeting")[:40]) and "Telegram" in hello.text
    assert f"/{name(language, 'delete')}" in hello.text and "1818" in hello.text
    assert len([d for d in data(hello) if d.startswith("/topic")]) == 7 and "command:language" in data(hello)


@EVERY
@pytest.mark.parametrize("command", commands.NAMES)
def test_every_command_has_a_name_of_its_own_in_each_language(bot, language, command):
    """And the Spanish names of the issue work for everybody."""
    person = bot.person()
    both = {name(language, command), name("es", command)}
    for typed in both:
        replies = bot.replies(person, updates.written(person, f"/{typed}", language))
        if command == "help":
            assert said(language, "capabilities")[:30] in replies[0].text
            assert all(f"/{name(language, c)}" in replies[0].text for c in commands.NAMES)
        if command == "emergency":
            assert said(language, "hotline.outro") in replies[0].text
        if command == "source":
            assert replies[0].text == said(language, "telegram.no_source")
        if command == "delete":
            assert replies[0].text == said(language, "telegram.deleted")


@pytest.mark.parametrize("word", ["trata", "trabajo", "emergencia", "ayuda", "migracion", "oim", "contacto"])
def test_deep_links_open_a_topic(bot, word):
    person = bot.person()
    hello, passage = bot.replies(person, updates.written(person, f"/start {word}"), count=2)
    assert hello.text.startswith("Hola") and any(d.startswith("source:") for d in data(passage))


@EVERY
def test_deep_links_choose_a_language(bot, language):
    person = bot.person()
    hello, _ = bot.replies(person, updates.written(person, f"/start trata-{language}", "de"), count=2)
    assert hello.text.startswith(said(language, "greeting")[:30])
    (other,) = bot.replies(person, updates.written(person, f"/start {language}", "de"))
    assert other.text == hello.text


@pytest.mark.parametrize("word", ["", "nonsense", "-", "x" * 64, "trata-de", "<b>"])
def test_odd_deep_links_greet(bot, word):
    person = bot.person()
    assert bot.replies(person, updates.written(person, f"/start {word}"))[0].text.startswith("Hola")


@EVERY
def test_languages_by_buttons_and_by_name(bot, language):
    person = bot.person()
    (offer,) = bot.replies(person, updates.written(person, "/idioma"))
    assert data(offer) == [f"/language {code}" for code in LANGUAGES]
    (chosen,) = bot.replies(person, updates.pressed(person, f"/language {language}"))
    assert chosen.text == said(language, "language_set")
    own = catalogue().languages[language]["name"]
    (named,) = bot.replies(person, updates.written(person, f"/language {own}"))
    assert named.text == said(language, "language_set")


@pytest.mark.parametrize("command", ["ayuda", "emergencia", "idioma", "fuente", "unheard_of"])
def test_danger_behind_a_command_is_heard(bot, command):
    person = bot.person()
    count = 2 if command == "emergencia" else 1
    replies = bot.replies(person, updates.written(person, f"/{command} {URGENT['es'][0][1]}"), count=count)
    assert all(said("es", "hotline.outro") in r.text for r in replies)


@EVERY
def test_the_source_is_the_original_word_for_word(bot, language):
    person = bot.person()
    answer = ask(bot, person, language)
    (pressed,) = [d for d in data(answer) if d.startswith("source:")]
    quotes = {p.quote for p in load(ROOT / "var/index").passages}
    shown, again = bot.replies(
        person, updates.pressed(person, pressed), updates.written(person, f"/{name(language, 'source')}"), count=2
    )
    assert any(quote.strip() in shown.text for quote in quotes)
    assert shown.text == again.text and shown.text.startswith(said(language, "telegram.source_of"))
    assert "<blockquote expandable>" in shown.params["text"]


@EVERY
@pytest.mark.parametrize("opinion", ["yes", "no"])
def test_an_opinion_is_thanked_for_and_its_buttons_go(bot, language, opinion):
    person = bot.person()
    answer = ask(bot, person, language)
    bot.fake.calls.clear()
    bot.tell(updates.pressed(person, f"helpful:{opinion}", language, reply_markup=answer.params["reply_markup"]))
    (toast,) = bot.fake.until(lambda: [p for m, p in bot.fake.calls if m == "answerCallbackQuery"])
    (edit,) = bot.fake.until(lambda: [p for m, p in bot.fake.calls if m == "editMessageReplyMarkup"])
    assert toast["text"] == said(language, "feedback_thanks")
    left = [b["callback_data"] for row in edit["reply_markup"]["inline_keyboard"] for b in row]
    assert left and not [d for d in left if d.startswith("helpful")]


@EVERY
def test_deleting_takes_both_sides_messages_and_the_conversation(bot, language):
    person = bot.person()
    sent = updates.written(person, f"/language {language}", "es")
    (first,) = bot.replies(person, sent)
    offer = bot.fake.texts(person)[-1]
    assert offer
    (told,) = bot.replies(person, updates.written(person, f"/{name(language, 'delete')}", "fr"))
    assert told.text == said(language, "telegram.deleted")
    gone = {n for chat, n in bot.fake.deleted if chat == person}
    assert {first.message_id, first.message_id + 1, sent["message"]["message_id"]} <= gone
    assert told.message_id not in gone
    (after,) = bot.replies(person, updates.update(**updates.message(person, "fr", **updates.KINDS["voice"])))
    assert after.text == said("fr", "telegram.kinds.voice")


def test_deleting_in_a_group_takes_the_answers_to_this_person_only(bot):
    rosa, ana = bot.person(), bot.person()
    group = updates.chat(rosa, "group")

    def written(person: int, text: str) -> dict:
        return updates.update(**{**updates.message(person, text=text), "chat": group})

    mine, others = bot.replies(-rosa, written(rosa, "/ayuda"), written(ana, "/ayuda"), count=2)
    asked = written(rosa, "/borrar")
    (told,) = bot.replies(-rosa, asked)
    gone = {n for chat, n in bot.fake.deleted if chat == -rosa}
    assert mine.message_id in gone and others.message_id not in gone
    assert asked["message"]["message_id"] not in gone
    assert told.text == said("es", "telegram.deleted_group")


def test_more_than_a_hundred_messages_are_deleted_in_portions(bot):
    person = bot.person()
    bot.tell(*(updates.written(person, "/language en") for _ in range(120)))
    bot.fake.wait(120, 40, chat_id=person)
    bot.fake.calls.clear()
    bot.replies(person, updates.written(person, "/borrar"))
    portions = [p["message_ids"] for m, p in bot.fake.calls if m == "deleteMessages" and p["chat_id"] == person]
    assert [len(p) for p in portions] == [100, 100, 41] and len({n for p in portions for n in p}) == 241


def test_slow_turns_show_that_somebody_writes(bot, monkeypatch):
    answer_now = bot.hold_back(monkeypatch)
    person = bot.person()
    bot.fake.calls.clear()
    bot.tell(updates.written(person, "hola"))
    (shown,) = bot.fake.until(lambda: [p for m, p in bot.fake.calls if m == "sendChatAction"])
    answer_now()
    assert (shown["chat_id"], shown["action"]) == (person, "typing")
    bot.fake.wait(1, chat_id=person)
    quick = bot.person()
    monkeypatch.undo()
    bot.fake.calls.clear()
    bot.replies(quick, updates.written(quick, "/language en"))
    assert not [m for m, _ in bot.fake.calls if m == "sendChatAction"]


def test_a_turn_that_fails_is_answered_all_the_same(bot, monkeypatch):
    async def broken(*words, **named):
        raise RuntimeError("broken")

    monkeypatch.setattr(bot.gateway.app.state.reception, "answer", broken)
    person = bot.person()
    bot.tell(updates.written(person, "hola"))
    (reply,) = bot.fake.wait(1, chat_id=person)
    assert reply.text == said("es", "errors.unavailable") and "1818" in reply.text


def test_whatever_telegram_would_refuse_was_never_sent(bot):
    assert not bot.fake.rejected
    for sent in list(bot.fake.sent):
        assert markup.length(sent.text) <= 4096
        assert all(len(d.encode()) <= 64 for d in data(sent))
        assert sent.params["link_preview_options"] == {"is_disabled": True}


def test_answers_fold_at_a_sentence():
    text = (
        "Una frase corta. " * 30 + "\n\n" + "Otra frase, con 3,5 millones y el Sr. Pérez <b>. " * 20 + "\n\n(Borrador.)"
    )
    shown = markup.folded(text)
    before, _, rest = shown.partition("<blockquote expandable>")
    hidden, _, after = rest.partition("</blockquote>")
    assert before.rstrip().endswith(".") and hidden.endswith(".") and after.strip() == "(Borrador.)"
    assert 200 < len(before) < 600 and "&lt;b&gt;" in hidden
    plain = re.sub(r"\s", "", re.sub("</?blockquote[^>]*>", "", shown).replace("&lt;", "<").replace("&gt;", ">"))
    assert plain == re.sub(r"\s", "", text)
    assert markup.folded("Corta & breve.") == "Corta &amp; breve."


def test_the_sentence_that_answers_is_shown_in_bold():
    sentence = "Son 3,5 millones, dice <b>."
    bold = "<b>Son 3,5 millones, dice &lt;b&gt;.</b>"
    assert markup.folded(f"Antes. {sentence} Después.", sentence) == f"Antes. {bold} Después."
    shown = markup.folded("Una frase corta. " * 60 + f"{sentence} Más.\n\n(Borrador.)", sentence)
    first, _, rest = shown.partition("<blockquote expandable>")
    hidden, _, after = rest.partition("</blockquote>")
    assert first.strip() == bold and after.strip() == "(Borrador.)"
    assert hidden.startswith("Una frase corta.") and "Son 3,5 millones" in hidden


@pytest.mark.parametrize(
    "text", ["Frase una. " * 900, "好的。" * 3000, "x" * 9000, "🆘 " * 4000, "a\n" * 5000], ids=str.split
)
def test_long_texts_are_split_below_the_limit_between_sentences(text):
    parts = markup.split(text)
    assert len(parts) > 1 and all(0 < markup.length(p) <= 4096 for p in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
    if "." in text or "。" in text:
        assert all(p[-1] in ".。" for p in parts)


def test_numbers_are_bold_but_not_within_others():
    shown = markup.with_bold("1818, 105 y 1051; <105>", ["1818", "105"])
    assert shown == "<b>1818</b>, <b>105</b> y 1051; &lt;<b>105</b>&gt;"


@pytest.mark.parametrize("bad", ["", "x" * 65, "ñ" * 33])
def test_a_button_that_telegram_would_refuse_cannot_be_made(bad):
    with pytest.raises(ValueError):
        markup.button("x", bad)


def test_what_telegram_shows_before_the_first_message_fits(bot):
    for (method, code), params in bot.fake.profile.items():
        content = json.dumps(params, ensure_ascii=False)
        if method != "setMyCommands":
            assert "1818" in content and "105" in content, code
        else:
            assert [c["command"] for c in params["commands"]] == [name(code or "es", c) for c in commands.NAMES]


def test_a_reply_to_the_bot_in_private(bot):
    person = bot.person()
    to = {**updates.message(person, text="…"), "from": ME}
    (reply,) = bot.replies(person, updates.written(person, "/language en", reply_to_message=to))
    assert reply.text == said("en", "language_set")
    assert "reply_parameters" not in reply.params


def test_late_answers_come_without_a_sound(bot):
    person = bot.person()
    sent = updates.message(person, text="/language en")
    old = {**sent, "date": int(time.time()) - 3600}
    late, now = bot.replies(person, updates.update(**old), updates.written(person, "/language en"), count=2)
    assert late.params["disable_notification"] is True and now.params["disable_notification"] is False
