"""The models of intents come out of Rasa's archive whole, or not at all."""

import io
import tarfile

import pytest

from bot.app import section_model
from bot.safety.triage import TriageDesk
from nlu.intent_models import ARCHIVE, FILE, LETTERS_FILE, out_of_scope_weight, unpack
from nlu.linear_model import LinearModel
from nlu.training_data import intents
from nlu.urgency import rules
from nlu.urgency.model import DangerModel


def archive(path, **files: bytes):
    with tarfile.open(path, "w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(f"components/train_Intents/{name}.npz")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def test_both_come_out_of_the_project_s_own_archive(tmp_path):
    unpack(tmp_path)
    for name in (FILE, LETTERS_FILE):
        assert LinearModel.load(tmp_path / name).classes == sorted(intents())
    assert {path.name for path in tmp_path.iterdir()} == {FILE, LETTERS_FILE}


def test_what_they_hold_replaces_what_was_there(tmp_path):
    (tmp_path / FILE).write_bytes(b"old")
    unpack(tmp_path, archive(tmp_path / "it.tar.gz", intents=b"new", intents_letters=b"letters"))
    assert (tmp_path / FILE).read_bytes() == b"new" and (tmp_path / LETTERS_FILE).read_bytes() == b"letters"


def test_no_archive_raises(tmp_path):
    with pytest.raises(OSError, match="none"):
        unpack(tmp_path, tmp_path / "none.tar.gz")


def test_an_archive_of_another_model_leaves_the_files_as_they_are(tmp_path):
    (tmp_path / FILE).write_bytes(b"old")
    with pytest.raises(ValueError, match=LETTERS_FILE):
        unpack(tmp_path, archive(tmp_path / "it.tar.gz", intents=b"new"))
    assert (tmp_path / FILE).read_bytes() == b"old"


@pytest.mark.parametrize("damage", ["empty", "half", "junk"])
def test_a_broken_archive_raises_what_is_promised(tmp_path, damage):
    whole = ARCHIVE.read_bytes()
    broken = tmp_path / "it.tar.gz"
    broken.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "junk": b"no archive"}[damage])
    with pytest.raises(ValueError, match="train it again"):
        unpack(tmp_path, broken)


def test_the_weight_is_that_of_rasa_s_pipeline(tmp_path):
    assert out_of_scope_weight() > 1
    other = tmp_path / "config.yml"
    other.write_text("pipeline:\n- name: nlu.components.intents.RouteIntents\n  out_of_scope_weight: 2.5\n")
    assert out_of_scope_weight(other) == 2.5
    other.write_text("pipeline:\n- name: nlu.components.tokens.SpacyTokens\n")
    assert out_of_scope_weight(other) == 1.0


def test_without_model_or_weight_the_gateway_goes_on_without_sections(tmp_path, monkeypatch):
    assert section_model(TriageDesk(rules.load(), None)) is None
    unpack(tmp_path)
    desk = TriageDesk(rules.load(), DangerModel.load(tmp_path / FILE))
    assert section_model(desk) is not None
    monkeypatch.setattr("nlu.section_model.out_of_scope_weight", lambda: out_of_scope_weight(tmp_path / "none.yml"))
    assert section_model(desk) is None


def test_intents_that_are_no_longer_ours_are_told(tmp_path, monkeypatch):
    unpack(tmp_path)
    assert DangerModel.load(tmp_path / FILE).unknown == []
    known = {name: intent for name, intent in intents().items() if name != "trafficking_danger"}
    monkeypatch.setattr("nlu.urgency.model.intents", lambda: known)
    assert DangerModel.load(tmp_path / FILE).unknown == ["trafficking_danger"]
