"""The phrases, the intents and the rules of the dialogue, held against each other and against the message sets."""

import json
import re
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from knowledge.questions import read_questions
from nlu.language import LANGUAGES
from nlu.text import words
from nlu.training_data import FOLDER, LOADER, Phrase, intents, phrases

ROOT = FOLDER.parent
MESSAGES = ROOT / "tests" / "evaluation" / "messages"
ROUTES = {
    "trafficking",
    "labour_migration",
    "emergency",
    "assistance",
    "migration_peru",
    "about_iom",
    "contact",
    "smalltalk",
    "out_of_scope",
}
FEWEST_WORDS = 3


def read(path: Path) -> dict:
    return yaml.load(path.read_bytes(), LOADER)


@pytest.fixture(scope="module")
def known() -> list[Phrase]:
    return list(phrases())


@pytest.fixture(scope="module")
def trained(known) -> set[str]:
    asked = read_questions(ROOT.parent / "knowledge")
    return {words(p.text) for p in known} | {words(q) for one in asked for _, q in one.questions}


def test_every_line_of_the_files_is_a_phrase(known):
    lines = [
        line
        for path in FOLDER.glob("data/*/*.yml")
        if path.parent.name in LANGUAGES
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("    ")
    ]
    assert len(lines) == len(known) > 5000
    assert all(line.startswith("    - ") for line in lines)
    assert all(p.text and p.text == p.text.strip() for p in known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_intent(known, language):
    counts = Counter(p.intent for p in known if p.language == language)
    assert set(counts) == set(intents())
    assert min(counts.values()) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_holds_the_intents_of_its_route(language):
    for path in (FOLDER / "data" / language).glob("*.yml"):
        assert path.stem in ROUTES
        assert {intents()[block["intent"]].route for block in read(path)["nlu"]} == {path.stem}
    assert {path.stem for path in (FOLDER / "data" / language).glob("*.yml")} == ROUTES


def test_a_situation_is_one_block_and_names_its_language():
    blocks = [
        (path.parent.name, b["metadata"]["situation"])
        for path in FOLDER.glob("data/*/*.yml")
        if "nlu" in (d := read(path))
        for b in d["nlu"]
    ]
    assert [s for s, n in Counter(s for _, s in blocks).items() if n > 1] == []
    assert [s for language, s in blocks if not s.startswith(f"{language}-")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_under_two_intents(known, language):
    """Compared as they are matched: without capitals, accents and punctuation."""
    under = defaultdict(set)
    for phrase in known:
        if phrase.language == language:
            under[words(phrase.text) or phrase.text].add(phrase.intent)
    assert {text: names for text, names in under.items() if len(names) > 1} == {}


def test_no_brackets_which_are_rasas_marks(known):
    assert [p.text for p in known if re.search(r"[\[\](){}]", p.text)] == []


def test_dev_and_train_share_no_situation_and_both_are_filled(known):
    parts = {part: {p.situation for p in known if p.part == part} for part in ("train", "dev")}
    assert not parts["train"] & parts["dev"]
    assert 0.1 < len(parts["dev"]) / (len(parts["dev"]) + len(parts["train"])) < 0.2
    assert {p.intent for p in known if p.part == "train"} == set(intents())


def test_intents_are_those_of_the_domain():
    domain = read(ROOT / "domain.yml")
    assert set(domain["intents"]) == {*intents(), "topic"}
    assert len(domain["intents"]) == len(set(domain["intents"]))


def test_intents_have_a_route_an_urgency_and_sections_of_the_document():
    from knowledge.documents import read_document

    sections = {s.id for s in read_document(ROOT / "knowledge/documents/oim-peru/es.md").sections}
    assert {i.route for i in intents().values()} == ROUTES
    for intent in intents().values():
        assert intent.urgent in ("yes", "maybe", "no")
        assert (intent.danger is not None) == (intent.urgent == "yes")
        assert set(intent.sections) <= sections
    assert {s for i in intents().values() for s in i.sections} == sections


def steps(kind: str) -> list[dict]:
    content = read(FOLDER / "data" / "dialogue" / f"{kind}.yml")
    return [step for entry in content[kind] for step in entry["steps"]]


def test_a_rule_answers_every_intent_and_what_nlu_cannot_tell():
    assert {s["intent"] for s in steps("rules") if "intent" in s} == {*intents(), "topic", "nlu_fallback"}
    entries = read(FOLDER / "data" / "dialogue" / "rules.yml")["rules"]
    assert [e["rule"] for e in entries if not any("action" in s for s in e["steps"])] == []
    opened = Counter(e["steps"][0]["intent"] for e in entries if "intent" in e["steps"][0])
    assert [name for name, count in opened.items() if count > 1] == []


def test_actions_and_responses_of_the_dialogue_exist():
    from actions.answers import all_actions

    domain = read(ROOT / "domain.yml")
    used = {s["action"] for kind in ("rules", "stories") for s in steps(kind) if "action" in s}
    own = {a.name() for a in all_actions(lambda: None, None)}
    assert own == set(domain["actions"])
    assert {a for a in used if not a.startswith("action_")} <= set(domain["responses"])
    assert {a for a in used if a.startswith("action_")} - own <= {"action_listen", "action_default_fallback"}
    assert {s["intent"] for s in steps("stories") if "intent" in s} <= set(domain["intents"])


@pytest.mark.parametrize("part", ["test", "dev", "border"])
def test_message_sets_cover_every_language_with_known_routes(part):
    assert {p.stem for p in (MESSAGES / part).glob("*.jsonl")} == set(LANGUAGES)
    for path in (MESSAGES / part).glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert {row["lang"] for row in rows} == {path.stem}
        assert {r for row in rows for r in row["routes"]} <= ROUTES
        assert {row["urgent"] for row in rows} <= {"yes", "maybe", "no"}


@pytest.mark.parametrize("part", ["test", "dev", "border"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_to_measure_with_is_a_training_phrase_or_a_known_question(trained, language, part):
    """Greetings of one or two words are everybody's; anything longer would make the figures flatter us."""
    rows = [json.loads(line) for line in (MESSAGES / part / f"{language}.jsonl").read_text("utf-8").splitlines()]
    found = [
        r["text"]
        for r in rows
        if words(r["text"]) in trained and not (r["routes"] == ["smalltalk"] and len(r["text"].split()) < FEWEST_WORDS)
    ]
    assert found == []


def test_no_message_is_in_two_sets():
    texts = {
        part: {
            words(json.loads(line)["text"])
            for path in (MESSAGES / part).glob("*.jsonl")
            for line in path.read_text("utf-8").splitlines()
        }
        for part in ("test", "dev", "border")
    }
    assert [a & b for a, b in combinations(texts.values(), 2)] == [set(), set(), set()]
