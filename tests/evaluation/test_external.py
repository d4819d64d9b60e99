"""Public sets read as messages, and their line in the report."""

import json

import pytest

from bot.evaluation.external import read
from bot.evaluation.messages import Result, mark
from bot.evaluation.report import external_page, external_row


def test_both_halves_of_clinc_are_to_be_declined(tmp_path):
    path = tmp_path / "data_full.json"
    path.write_text(
        json.dumps({"train": [["a", "b"]], "test": [["my balance?", "balance"]], "oos_test": [["who won", "oos"]]})
    )
    cases = read(path)
    assert [c.text for c in cases] == ["my balance?", "who won"]
    assert {c.routes for c in cases} == {("out_of_scope",)}


def test_questions_to_a_firms_bot(tmp_path):
    path = tmp_path / "curekart_test.csv"
    path.write_text('sentence,label\n"Order, please",ORDER\n ,NONE\n')
    assert [c.text for c in read(path)] == ["Order, please"]


def test_sentences_of_a_language_count_for_the_language_alone(tmp_path):
    path = tmp_path / "test.quy"
    path.write_text("Allillanmi kachkani.\n\n")
    (case,) = read(path)
    answer = {"route": "smalltalk", "language": "qu", "urgent": False, "replies": [{"type": "smalltalk", "text": "x"}]}
    row = external_row("test.quy", [Result(case, answer, 1.0, mark(case, answer))])
    assert row == ["test.quy", "1", "–", "0.000", "1.000"]


def test_requests_for_rescue_count_as_urgent_in_whatever_language(tmp_path):
    path = tmp_path / "disaster_response_test.csv"
    head = "message,original,event,request,medical_help,search_and_rescue,security"
    asked = "We are hurt,nou blese,haiti_earthquake,1,1,0,0"
    others = [
        "A job?,yon travay,haiti_earthquake,1,0,0,0",
        "They report,yo di,haiti_earthquake,0,1,0,0",
        "In English,In English,haiti_earthquake,1,1,0,0",
        "Sandy,sandy la,hurricane_sandy,1,1,0,0",
    ]
    path.write_text("\n".join([head, asked, *others]) + "\n")
    (case,) = read(path)
    card = {"type": "hotline", "text": "1818"}
    answer = {"route": "emergency", "language": "ht", "urgent": True, "replies": [card]}
    assert mark(case, answer) == {"urgent": True}
    row = external_row(path.name, [Result(case, answer, 1.0, mark(case, answer))])
    assert row[1:] == ["1", "–", "1.000", "–"]


def test_an_unknown_file_is_refused(tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("x")
    with pytest.raises(ValueError, match="none of the known sets"):
        read(path)


def test_what_gets_a_passage_or_a_card_counts_as_accepted(tmp_path):
    path = tmp_path / "x_test.csv"
    path.write_text("sentence,label\none,A\ntwo,A\nthree,A\nfour,A\n")
    told = {"urgent": False, "language": "en", "route": "out_of_scope", "replies": [{"type": "fallback", "text": "no"}]}
    passage = {**told, "replies": [{"type": "answer", "text": "yes"}]}
    card = {**told, "urgent": True, "replies": [{"type": "hotline", "text": "1818"}]}
    cases = read(path)
    answers = [told, told, passage, card]
    results = [Result(c, a, 1.0, mark(c, a)) for c, a in zip(cases, answers, strict=True)]
    row = external_row("x_test.csv", results)
    assert row[2:4] == ["0.500", "0.250"]
    assert "| x_test.csv | 4 | 0.500 | 0.250 |" in external_page([row])
