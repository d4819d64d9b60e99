"""The custom actions as Rasa calls them: rasa-sdk's executor, a tracker as Rasa sends it, the project's own index."""

import json
import subprocess
from typing import Any

import jsonschema_rs
import pytest
import yaml
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.answers import all_actions
from bot.catalogue import catalogue
from bot.settings import settings as gateway_settings
from knowledge import index as indexes
from knowledge.index import Index
from nlu.encoder import encoder as encoders
from nlu.paths import ROOT

VAR = gateway_settings().var
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
SLOTS = dict.fromkeys([*DOMAIN["slots"], "requested_slot", "session_started_metadata"])


@pytest.fixture(scope="module")
def encoder():
    return encoders.load(VAR / "encoder")


@pytest.fixture(scope="module")
def index() -> Index:
    return indexes.load(VAR / "index")


def executor(index: Index | None, encoder) -> ActionExecutor:
    made = ActionExecutor()
    for action in all_actions(lambda: index, encoder):
        made.register_action(action)
    return made


@pytest.fixture(scope="module")
def actions(index, encoder) -> ActionExecutor:
    return executor(index, encoder)


def call(
    action: str,
    text: str = "",
    intents: dict[str, float] | None = None,
    entities: dict[str, str] | None = None,
    language: str = "es",
    **slots: str,
) -> dict[str, Any]:
    """The body that Rasa 3.6 posts to its action endpoint; `intents` with their shares are what it understood."""
    ranking = [{"name": name, "confidence": share, "share": share} for name, share in (intents or {}).items()]
    found = [
        {"entity": name, "value": value, "start": 0, "end": len(value), "extractor": "EntityRules"}
        for name, value in (entities or {}).items()
    ]
    parsed = {
        "text": text,
        "intent": ranking[0] if ranking else {"name": None, "confidence": 0.0},
        "intent_ranking": ranking,
        "entities": found,
    }
    message = {**parsed, "message_id": "b1f3", "metadata": {"language": language}}
    listen = {"event": "action", "timestamp": 1, "name": "action_listen", "policy": None, "confidence": None}
    heard = {"event": "user", "timestamp": 2, "parse_data": parsed, "input_channel": "gateway", **message}
    tracker = {
        "sender_id": "7c0e",
        "slots": {**SLOTS, **slots},
        "latest_message": message,
        "latest_event_time": 2,
        "followup_action": None,
        "paused": False,
        "events": [listen, heard],
        "latest_input_channel": "gateway",
        "active_loop": {},
        "latest_action": {"action_name": "action_listen"},
        "latest_action_name": "action_listen",
    }
    return {"next_action": action, "sender_id": "7c0e", "tracker": tracker, "domain": DOMAIN, "version": "3.6.21"}


async def run(actions: ActionExecutor, *arguments: Any, **named: Any) -> tuple[list[dict], dict[str, Any]]:
    """What is said, and the slots that are set."""
    result = await actions.run(call(*arguments, **named))
    content = result if isinstance(result, dict) else result.model_dump()
    said = [r["custom"] for r in content["responses"]]
    assert all(r["text"] in (None, "") for r in content["responses"])
    return said, {e["name"]: e["value"] for e in content["events"] if e["event"] == "slot"}


def test_the_domain_names_these_actions(actions):
    assert set(actions.actions) == set(DOMAIN["actions"])


@pytest.mark.parametrize(
    ("text", "intent", "language", "section"),
    [
        ("¿qué hace la OIM contra la trata?", "trafficking_information", "es", "counter_trafficking"),
        ("where is the office?", "contact", "en", "contact"),
        ("国际移民组织是哪年成立的", "iom_world", "zh", "iom_world"),
        ("konbyen pewouvyen ki kite peyi a", "migration_figures", "ht", "migration_overview"),
    ],
)
async def test_answers_with_a_passage_and_remembers_it(actions, index, text, intent, language, section):
    said, slots = await run(actions, "action_answer", text, {intent: 0.9}, language=language)
    assert 1 <= len(said) <= 2 and all(set(r) == {"passage"} for r in said)
    passages = [index.passage(r["passage"]) for r in said]
    assert {p.section for p in passages} == {section}
    assert slots == {"passage": passages[-1].id, "section": section}


async def test_the_intents_share_tips_the_balance(actions, index):
    question = "¿y eso cómo es?"
    for intent, section in (("contact", "contact"), ("iom_projects", "national_projects")):
        said, _ = await run(actions, "action_answer", question, {intent: 1.0})
        assert index.passage(said[0]["passage"]).section == section


async def test_a_pressed_topic_shows_its_first_passage(actions, index):
    said, slots = await run(actions, "action_answer", "/topic", {"topic": 1.0}, {"section": "labour_migration"})
    assert said == [{"passage": "oim-peru/labour_migration/1"}]
    assert slots["section"] == "labour_migration"


async def test_an_unknown_topic_is_searched_like_a_text(actions, index):
    said, _ = await run(actions, "action_answer", "¿dónde queda la oficina?", {"contact": 0.8}, {"section": "nothing"})
    assert index.passage(said[0]["passage"]).section == "contact"


async def test_intents_that_nobody_knows_break_nothing(actions, index):
    said, _ = await run(actions, "action_answer", "la oficina", {"nlu_fallback": 0.5, "invented": 0.5})
    assert index.passage(said[0]["passage"])


NEAR = [
    ("es", "¿Qué países forman parte de la Alianza del Pacífico y de la CAN?"),
    ("en", "How many member states and observer states does the IOM have?"),
    ("pt", "Quantos escritórios e funcionários a OIM tem no mundo?"),
    ("fr", "Combien d'États membres compte l'OIM ?"),
    ("zh", "国际移民组织有多少个成员国？"),
    ("ht", "Konbyen peyi manm OIM genyen?"),
    ("qu", "OIMqa hayka Estado Miembrokunayuqmi?"),
    ("ay", "OIM taqi uraqpachan qawqha oficinanakanisa?"),
]


@pytest.mark.parametrize(("action", "unsure"), [("action_decline", "out_of_scope"), ("action_clarify", "clarify")])
@pytest.mark.parametrize(("language", "text"), NEAR)
async def test_what_is_unsure_is_answered_where_the_document_is_near(actions, index, action, unsure, language, text):
    shares = {"out_of_scope": 0.3, "iom_world": 0.5}
    said, slots = await run(actions, action, text, shares, language=language)
    assert index.passage(said[0]["passage"]) and slots["section"]
    said, slots = await run(actions, action, "el gato duerme en el sofa azul", shares, language=language)
    assert (said, slots) == ([{"say": unsure}], {})


@pytest.mark.parametrize("intent", ["greeting", "trafficking_danger", "emergency_unclear"])
async def test_unsure_danger_and_small_talk_are_asked_back(actions, intent):
    said, _ = await run(actions, "action_clarify", NEAR[0][1], {intent: 0.5, "iom_world": 0.4})
    assert said == [{"say": "clarify"}]


@pytest.mark.parametrize("text", ["", " ", "\x00", "?" * 2000])
async def test_a_message_without_words_breaks_nothing(actions, text):
    said, _ = await run(actions, "action_answer", text)
    assert 1 <= len(said) <= 2


async def test_more_goes_on_to_the_sections_end(actions, index):
    name = index.passages[0].section
    section = [p.id for p in index.passages if p.section == name]
    assert len(section) > 1
    seen, shown = [section[0]], section[0]
    while True:
        said, slots = await run(actions, "action_more", "más", {"more": 1.0}, passage=shown, section=name)
        if "say" in said[0]:
            break
        shown = said[0]["passage"]
        assert slots == {"passage": shown, "section": name}
        seen.append(shown)
    assert seen == section
    assert (said, slots) == ([{"say": "no_more"}], {})


async def test_more_of_nothing_asks_for_the_topic(actions):
    assert await run(actions, "action_more", "más", {"more": 1.0}) == ([{"say": "no_topic"}], {})


async def test_more_of_a_passage_that_is_gone_ends_quietly(actions):
    assert await run(actions, "action_more", "más", {"more": 1.0}, passage="oim-peru/contact/99") == (
        [{"say": "no_more"}],
        {},
    )


@pytest.mark.parametrize("section", ["contact", "iom_world", "emergencies"])
async def test_a_follow_up_stays_in_the_section(actions, index, section):
    said, slots = await run(actions, "action_follow_up", "¿y desde cuándo?", {"follow_up": 0.9}, section=section)
    assert index.passage(said[0]["passage"]).section == section == slots["section"]


async def test_a_follow_up_of_nothing_asks_for_the_topic(actions):
    assert await run(actions, "action_follow_up", "¿y cuánto cuesta?", {"follow_up": 0.9}) == (
        [{"say": "no_topic"}],
        {},
    )


@pytest.mark.parametrize("code", ["es", "en", "pt", "fr", "zh", "ht", "qu", "ay"])
async def test_the_language_that_is_named_is_asked_for(actions, code):
    said, slots = await run(actions, "action_change_language", "…", {"change_language": 1.0}, {"language": code})
    assert (said, slots) == ([{"language": code}], {})


@pytest.mark.parametrize("entities", [{}, {"language": "de"}, {"place": "Lima"}])
async def test_no_language_of_ours_is_no_change(actions, entities):
    said, _ = await run(actions, "action_change_language", "auf Deutsch bitte", {"change_language": 1.0}, entities)
    assert said == [{"say": "capabilities"}]


@pytest.mark.parametrize(
    ("action", "slots"),
    [
        ("action_answer", {}),
        ("action_decline", {}),
        ("action_clarify", {}),
        ("action_more", {"passage": "oim-peru/contact/1"}),
        ("action_follow_up", {"section": "contact"}),
    ],
)
async def test_without_an_index_something_that_can_be_said_is_said(encoder, action, slots):
    said, changed = await run(executor(None, encoder), action, "¿dónde?", {"contact": 1.0}, **slots)
    assert changed == {}
    assert [catalogue().text("es", r["say"]) for r in said]


async def test_without_an_encoder_topics_and_more_still_answer(index):
    without = executor(index, None)
    assert (await run(without, "action_answer", "/topic", {}, {"section": "contact"}))[0] == [
        {"passage": "oim-peru/contact/1"}
    ]
    first = index.passages[0].id
    assert (await run(without, "action_more", passage=first))[0] == [{"passage": index.following(first).id}]
    assert (await run(without, "action_answer", "¿dónde?", {"contact": 1.0}))[0] == [{"say": "not_in_document"}]


async def test_an_action_of_another_name_is_refused(actions):
    with pytest.raises(ActionNotFoundException):
        await actions.run(call("action_nothing"))


async def test_results_have_the_form_that_rasa_expects(actions):
    """nlu/server.py takes Rasa's own check of it out of every call."""
    words = "import json; from rasa.core.actions.action import RemoteAction as A"
    words += "; print(json.dumps(A.action_response_format_spec()))"
    told = subprocess.run([ROOT / ".venv-rasa/bin/python", "-c", words], capture_output=True, text=True, check=True)
    schema = jsonschema_rs.Draft7Validator(json.loads(told.stdout.splitlines()[-1]))
    for body in (
        call("action_answer", "¿cuántos peruanos viven fuera?", {"migration_figures": 1.0}),
        call("action_decline", "mañana llueve"),
        call("action_more"),
        call("action_follow_up", "y eso?", section="contact"),
        call("action_change_language", "english please", entities={"language": "en"}),
    ):
        result = await actions.run(body)
        schema.validate(result if isinstance(result, dict) else result.model_dump())
