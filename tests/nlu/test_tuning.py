"""Teaching the encoder: what is learned is a small change, and another one for other phrases."""

import random

import numpy as np
import pytest
from transformers import AutoTokenizer

from bot.settings import settings
from nlu.company import Company, accompanied
from nlu.encoder import tuning
from nlu.encoder.adapter import Adapter
from nlu.encoder.graph import ALWAYS_EXACT
from nlu.encoder.noise import noisy
from nlu.training_data import Phrase

FOLDER = settings().var / "encoder"
PHRASES = [
    *(Phrase(text, "es", "greeting", "es-a") for text in ("hola", "buenas", "buenos dias", "que tal")),
    *(Phrase(text, "es", "contact", "es-b") for text in ("donde queda la oficina", "direccion", "en que piso estan")),
]


@pytest.fixture(scope="module")
def learned() -> Adapter:
    told: list[float] = []
    adapter = tuning.tune(PHRASES, FOLDER, told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    return adapter


def test_every_matrix_but_the_exact_ones_may_change(learned):
    exact = {name.partition(".")[0] for name in ALWAYS_EXACT if name.endswith("narrowed")}
    assert "l11.q" in learned
    assert "l0.q" in learned
    assert [name for name in learned.factors if name.endswith(".fo") and name.partition(".")[0] in exact] == []
    assert all(np.isfinite(learned.change(name)).all() for name in learned.factors)
    assert max(np.abs(learned.change(name)).max() for name in learned.factors) > 0


def test_going_on_changes_what_was_learned_a_little(learned):
    further = tuning.tune(PHRASES, FOLDER, start=learned)
    for name in ("l5.v", "l11.q"):
        step = np.abs(further.change(name) - learned.change(name)).max()
        assert 0 < step < np.abs(learned.change(name)).max()


def test_each_round_after_the_first_takes_half_of_the_phrases_mostly_those_not_yet_told():
    phrases = [Phrase(f"hola {number}", "es", "greeting", "es-a") for number in range(400)]
    batches = tuning.Batches(phrases, AutoTokenizer.from_pretrained(FOLDER), 3, random.Random(1))
    batches.told[:200] = 1.0
    taken_at_once = [rows.tolist() for rows, inputs in batches if len(rows) == len(inputs["input_ids"])]
    assert len(taken_at_once) == len(batches)
    first, again = taken_at_once[:13], taken_at_once[13:]
    assert sorted(row for rows in first for row in rows) == list(range(400))
    taken = [row for rows in again for row in rows]
    assert len(taken) == 400
    assert sum(row >= 200 for row in taken) > 300


def test_halfway_is_the_mean_of_both_changes(learned):
    none = Adapter({name: (up * 0, down) for name, (up, down) in learned.factors.items()})
    halfway = learned.halfway(none, tuning.RANK)
    np.testing.assert_allclose(halfway.change("l5.v"), learned.change("l5.v") / 2, atol=1e-6)


def test_an_adapter_is_read_as_it_was_written(learned, tmp_path):
    path = tmp_path / "adapter.npz"
    learned.write(path)
    again = Adapter.read(path)
    assert again.factors.keys() == learned.factors.keys()
    np.testing.assert_allclose(again.change("l5.v"), learned.change("l5.v"), atol=1e-4)


def test_the_projects_adapter_fits_the_model():
    adapter = Adapter.read()
    assert adapter.change("l3.fi").shape == (1536, 384)
    assert adapter.change("l3.fo").shape == (384, 1536)
    assert {name.partition(".")[2] for name in adapter.factors} == set(tuning.PLACES)


def test_hurried_typing_keeps_most_letters_and_never_empties_a_phrase():
    source = random.Random(3)
    texts = [noisy("Me quitó el pasaporte, señorita", source) for _ in range(200)]
    changed = [t for t in texts if t != "Me quitó el pasaporte, señorita"]
    assert 20 < len(changed) < 100
    assert all(len(t) > 24 for t in texts)
    assert all(noisy("¿?", source) for _ in range(50))


def test_company_leaves_the_point_whole_and_small_talk_alone():
    source = random.Random(5)
    danger = Phrase("no me deja salir", "es", "trafficking_danger", "es-c")
    company = Company([*PHRASES, danger])
    around = {company.around(danger, source) for _ in range(400)}
    assert all("no me deja salir" in text for text in around)
    assert any("hola" in text for text in around) and any("direccion" in text for text in around)
    assert {company.around(PHRASES[0], source) for _ in range(200)} == {"hola"}
    questions = {company.around(PHRASES[4], source) for _ in range(400)}
    assert len(questions) > 2 and not any("salir" in text or "direccion" in text for text in questions)


def test_who_has_no_company_stands_alone():
    alone = Phrase("no me deja salir", "es", "trafficking_danger", "es-c")
    assert {Company([alone]).around(alone, random.Random(1)) for _ in range(100)} == {alone.text}


def test_company_for_the_linear_models_is_the_same_at_every_call_and_of_what_was_given():
    dangers = [Phrase(f"no me deja salir de la casa {n}", "es", "trafficking_danger", "es-c") for n in range(200)]
    taught = accompanied([*PHRASES, *dangers])
    assert taught == accompanied([*PHRASES, *dangers])
    assert 5 < len(taught) < 80
    assert [p for p in accompanied([*PHRASES, *dangers[1:]]) if p not in taught] == []
    assert all(p.text not in {d.text for d in dangers} and p.situation in ("es-b", "es-c") for p in taught)
    assert {p.intent for p in taught if "salir" in p.text} == {"trafficking_danger"}
