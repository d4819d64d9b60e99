"""The trained half of the urgency check, on the model that set-up trained and on small ones of its own."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.evaluation.messages import read
from bot.safety.triage import TriageDesk
from bot.settings import settings as gateway_settings
from nlu import linear_model
from nlu.encoder import encoder as encoders
from nlu.intent_models import FILE, LETTERS_FILE
from nlu.paths import ROOT
from nlu.training_data import intents, phrases
from nlu.urgency import rules
from nlu.urgency.model import CALM, MAYBE, DangerModel, kind_of
from nlu.urgency.rules import DANGERS

VAR = gateway_settings().var
URGENT = [
    ("me tienen encerrada y me quitaron el pasaporte", "trafficking"),
    ("my husband is hitting me right now", "violence"),
    ("房子着火了 我们出不去", "disaster"),
    ("ela não respira, desmaiou", "medical"),
    ("je veux mourir, je n'en peux plus", "self_harm"),
    ("pitit mwen an pèdi, li gen 4 an", "child"),
]
QUIET = [
    "¿dónde queda la oficina?",
    "how many countries are members?",
    "谢谢",
    "obrigado",
    "quelle heure est-il",
    "kisa OIM ye",
]


@pytest.fixture(scope="module")
def encoder():
    return encoders.load(VAR / "encoder")


@pytest.fixture(scope="module")
def model() -> DangerModel:
    return DangerModel.load(VAR / FILE)


def test_classes_are_the_intents_and_tell_every_danger(model):
    assert set(model.model.classes) == set(intents())
    assert {kind_of(name) for name in model.model.classes} == {*DANGERS, CALM, MAYBE}


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=80))
@example("")
@example("hola \ud800 ayuda")
def test_an_estimate_is_a_probability_for_any_text(model, encoder, text):
    found = model.estimate(text, encoder.encode([text], "intent")[0])
    assert 0 <= found.danger <= 1
    assert 0 <= found.maybe <= 1
    assert found.danger + found.maybe <= 1 + 1e-6
    assert found.kind in DANGERS


@pytest.mark.parametrize(("text", "kind"), URGENT)
def test_danger_is_felt_in_every_kind(model, encoder, text, kind):
    found = model.estimate(text, encoder.encode([text], "intent")[0])
    assert found.danger > 0.4
    assert found.kind == kind


@pytest.mark.parametrize("text", QUIET)
def test_calm_is_calm(model, encoder, text):
    assert model.estimate(text, encoder.encode([text], "intent")[0]).danger < 0.15


@pytest.mark.parametrize(
    ("text", "language", "level"),
    [
        ("hospital", "es", "maybe"),
        ("el patrón", "es", "maybe"),
        ("police", "fr", "maybe"),
        ("lopital la", "ht", "maybe"),
        ("警察", "zh", "maybe"),
        ("incendio", "es", "yes"),
        ("raped", "en", "yes"),
        ("maqawachkan", "qu", "yes"),
        ("mon patron me frappe", "fr", "yes"),
    ],
)
def test_one_word_that_no_rule_knows_is_asked_back(model, encoder, text, language, level):
    """In Quechua and Aymara a word may be a whole sentence."""
    desk = TriageDesk(rules.load(), model)
    assert desk.judge(text, encoder.encode([text], "intent")[0], language).level == level


def test_letters_alone_find_most_of_the_danger_that_rules_miss():
    """Without an encoder, on messages that are no phrases."""
    cases = read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")))
    desk = TriageDesk(rules.load(), None, DangerModel.load(VAR / LETTERS_FILE))
    alarmed = {c: desk.judge(c.text, None).level == "yes" for c in cases}
    urgent, calm = ([a for c, a in alarmed.items() if c.urgent == kind] for kind in ("yes", "no"))
    by_rules = [desk.by_rules(c.text).level == "yes" for c in cases if c.urgent == "yes"]
    assert np.mean(urgent) > max(0.75, np.mean(by_rules) + 0.3)
    assert np.mean(calm) < 0.08


def test_missing_file_raises(tmp_path):
    with pytest.raises(OSError, match=FILE):
        DangerModel.load(tmp_path / FILE)


@pytest.mark.parametrize("damage", ["empty", "half", "junk"])
def test_broken_file_raises_what_is_promised(tmp_path, damage):
    whole = (VAR / FILE).read_bytes()
    (tmp_path / FILE).write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "junk": b"no model"}[damage])
    with pytest.raises((OSError, ValueError)):
        DangerModel.load(tmp_path / FILE)


def test_kinds_follow_the_intents():
    for name, intent in intents().items():
        assert kind_of(name) == {"yes": intent.danger, "maybe": MAYBE, "no": CALM}[intent.urgent]
    assert kind_of("an intent of another model") == CALM


def test_an_estimate_sums_the_intents_of_a_danger(model, encoder):
    text, vector = "me siguen y tengo miedo", encoder.encode(["me siguen y tengo miedo"], "intent")
    found, table = model.estimate(text, vector[0]), model.model.probabilities([text], vector)[0]
    shares = dict(zip(model.model.classes, table, strict=True))
    assert found.danger == pytest.approx(sum(s for n, s in shares.items() if intents()[n].urgent == "yes"), abs=1e-6)
    assert found.maybe == pytest.approx(shares["trafficking_warning"] + shares["emergency_unclear"], abs=1e-6)


def test_trains_saves_and_loads(tmp_path):
    known = [p for p in phrases() if p.language == "en"]
    known = [p for i in intents() for p in [q for q in known if q.intent == i][:4]]
    vectors = np.random.default_rng(5).normal(size=(len(known), 8)).astype(np.float32)
    linear_model.train([p.text for p in known], vectors, [p.intent for p in known]).save(tmp_path / FILE)
    loaded = DangerModel.load(tmp_path / FILE)
    right = sum(
        (loaded.estimate(p.text, v).danger > 0.5) == (intents()[p.intent].urgent == "yes")
        for p, v in zip(known, vectors, strict=True)
    )
    assert right / len(known) > 0.9
