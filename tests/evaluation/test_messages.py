"""Measuring messages: what counts as met, the thresholds, and files that can't be read."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import evaluate
from bot.cli.running import free_port
from bot.evaluation.messages import LANGUAGES, MEASURES, Case, Result, below, latency, mark, read, share
from bot.evaluation.report import Measured, page
from bot.evaluation.typing import typed, ways
from nlu import language

SETS = Path(__file__).parent / "messages"


def case(
    urgent: str = "no", routes: tuple[str, ...] = ("contact",), sections: tuple[str, ...] = (), fact: str | None = None
) -> Case:
    return Case("texto", "es", routes, urgent, sections, fact)


def reply(
    kind: str = "answer", text: str = "Texto.", section: str | None = None, quote: str = "Cita."
) -> dict[str, Any]:
    return {"type": kind, "text": text, "sources": [{"section": section, "quote": quote}] if section else []}


def answer(*replies: dict[str, Any], route: str = "contact", urgent: bool = False, code: str = "es") -> dict[str, Any]:
    return {"route": route, "urgent": urgent, "language": code, "replies": list(replies)}


CARD = reply("hotline", "Llame al 1818.")
MARKS = [
    (case(), answer(), {"route": True, "language": True, "calm": True}),
    (case(), answer(route="smalltalk"), {"route": False, "language": True, "calm": True}),
    (case(routes=("contact", "smalltalk")), answer(route="smalltalk"), {"route": True, "language": True, "calm": True}),
    (case(), answer(code="en"), {"route": True, "language": False, "calm": True}),
    (case(), answer(CARD, urgent=True), {"route": True, "language": True, "calm": False}),
    (case("yes"), answer(CARD, urgent=True), {"route": True, "language": True, "urgent": True}),
    (case("yes"), answer(reply(), CARD, urgent=True), {"route": True, "language": True, "urgent": False}),
    (
        case("yes"),
        answer(reply("hotline", "Llame al 105."), urgent=True),
        {"route": True, "language": True, "urgent": False},
    ),
    (case("yes"), answer(CARD, urgent=False), {"route": True, "language": True, "urgent": False}),
    (case("yes"), answer(urgent=True), {"route": True, "language": True, "urgent": False}),
    (case("maybe"), answer(reply("notice", "Puede llamar al 1818.")), {"route": True, "language": True, "maybe": True}),
    (case("maybe"), answer(reply("notice", "Tenga cuidado.")), {"route": True, "language": True, "maybe": False}),
    (
        case(sections=("contact",)),
        answer(reply(section="contact")),
        {"route": True, "language": True, "calm": True, "section": True},
    ),
    (
        case(sections=("contact",)),
        answer(reply(section="iom_peru")),
        {"route": True, "language": True, "calm": True, "section": False},
    ),
    (case(sections=("contact",)), answer(), {"route": True, "language": True, "calm": True, "section": False}),
    (case("yes", sections=("contact",)), answer(CARD, urgent=True), {"route": True, "language": True, "urgent": True}),
    (
        case(fact="8,400"),
        answer(reply(text="Hay 8.400.")),
        {"route": True, "language": True, "calm": True, "fact": True},
    ),
    (
        case(fact="Piso 14"),
        answer(reply(section="contact", quote="PISO  14")),
        {"route": True, "language": True, "calm": True, "fact": True},
    ),
    (case(fact="1951"), answer(reply(text="En 1966.")), {"route": True, "language": True, "calm": True, "fact": False}),
    (
        case(routes=("out_of_scope",)),
        answer(reply("fallback"), route="out_of_scope"),
        {"route": True, "language": True, "calm": True, "refused": True},
    ),
    (
        case(routes=("out_of_scope",)),
        answer(reply("answer"), route="out_of_scope"),
        {"route": True, "language": True, "calm": True, "refused": False},
    ),
    (case(routes=("out_of_scope", "contact")), answer(reply()), {"route": True, "language": True, "calm": True}),
]


@pytest.mark.parametrize(("wanted", "got", "marks"), MARKS)
def test_marks(wanted, got, marks):
    assert mark(wanted, got) == marks
    assert set(marks) <= set(MEASURES)


def results(**met: list[bool]) -> list[Result]:
    """`es=[True, False]`: the route of two Spanish cases, one met."""
    return [
        Result(Case("t", code, ("contact",), "no", (), None), {}, 10.0, {"route": m})
        for code, marks in met.items()
        for m in marks
    ]


def test_shares_count_the_cases_that_have_the_mark():
    found = results(es=[True, True, False, False])
    assert share(found, "route") == (0.5, 4)
    assert share(found, "fact") is None
    assert share([], "route") is None


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("route: {es en: 0.75}", []),
        ("route: {es en: 0.76}", ["route es en: 0.750 < 0.76 (of 4)"]),
        ("route: {es: 0.6, en: 0.9}", ["route es: 0.500 < 0.6 (of 2)"]),
        ("fact: {es: 1.0}", []),
        ("route: {zh: 1.0}", []),
        ("route: {es: 0.51}\nlanguage: {es: 1}", ["route es: 0.500 < 0.51 (of 2)"]),
    ],
)
def test_thresholds(tmp_path, written, short):
    (tmp_path / "thresholds.yml").write_text(written)
    assert below(results(es=[True, False], en=[True, True]), tmp_path / "thresholds.yml") == short


def test_the_projects_thresholds_are_of_known_measures_and_all_languages():
    import yaml

    content = yaml.safe_load((SETS.parent / "thresholds.yml").read_text("utf-8"))
    assert set(content) <= set(MEASURES)
    for groups in content.values():
        assert sorted(code for codes in groups for code in codes.split()) == sorted(LANGUAGES)
        assert all(0 < least <= 1 for least in groups.values())


def test_languages_are_those_of_the_project():
    assert LANGUAGES == language.LANGUAGES


def test_latency_is_the_middle_and_the_slow_end():
    def took(*times: float) -> list[Result]:
        return [Result(case(), {}, t, {}) for t in times]

    assert latency(took(5)) == (5, 5)
    assert latency(took(*range(1, 102))) == (51, 96)
    assert latency(took(3, 1, 2))[0] == 2


def test_no_messages_at_all_are_said_to_be_none(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n\n")
    try:
        cases = read([tmp_path / "empty.jsonl"])
    except ValueError as error:
        assert "empty.jsonl" in str(error)
    else:
        assert cases == []
        latency([])


GOOD = {"text": "hola", "lang": "es", "routes": ["smalltalk"], "urgent": "no", "sections": ["contact"], "fact": "1818"}


def test_reads_lines_and_leaves_out_blank_ones(tmp_path):
    lines = [json.dumps(GOOD), "", json.dumps({k: GOOD[k] for k in ("text", "lang", "routes", "urgent")}), "  "]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps(GOOD), "utf-8")
    found = read([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert found == [
        Case("hola", "es", ("smalltalk",), "no", ("contact",), "1818"),
        Case("hola", "es", ("smalltalk",), "no", (), None),
        Case("hola", "es", ("smalltalk",), "no", ("contact",), "1818"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        '"text"',
        "null",
        json.dumps({k: v for k, v in GOOD.items() if k != "text"}),
        json.dumps({k: v for k, v in GOOD.items() if k != "urgent"}),
        json.dumps({**GOOD, "routes": None}),
        json.dumps({**GOOD, "routes": "smalltalk"}),
        json.dumps({**GOOD, "urgent": True}),
        json.dumps({**GOOD, "urgent": "perhaps"}),
        json.dumps({**GOOD, "text": None}),
    ],
)
def test_a_broken_line_says_file_and_line(tmp_path, line):
    """A line that is read as something else would be measured wrongly without a word."""
    path = tmp_path / "broken.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"broken\.jsonl:3"):
        read([path])


@pytest.mark.parametrize(
    ("part", "urgent"), [("dev", {"yes", "maybe", "no"}), ("test", {"yes", "maybe", "no"}), ("border", {"yes", "no"})]
)
def test_the_projects_sets_can_be_read(part, urgent):
    cases = read(sorted((SETS / part).glob("*.jsonl")))
    assert {c.lang for c in cases} == set(LANGUAGES)
    assert {c.urgent for c in cases} == urgent


def test_the_page_has_figures_confusion_and_misses():
    right = case(routes=("contact", "about_iom"))
    wrong = replace(case(routes=("trafficking",)), text="a | b")
    results = [
        Result(right, {"route": "about_iom"}, 1.0, {"route": True}),
        Result(wrong, {"route": "contact"}, 1.0, {"route": False}),
    ]
    own = Measured([Path("test/es.jsonl")], results, {"all": {"messages": 2, "route": 0.5}}, {"all": {"route": 0.25}})
    border = Measured([Path("border/es.jsonl")], results, {"all": {"messages": 9, "route": 0.1}}, {"all": {}})
    otherwise, words = {"in capitals": results[:1]}, [Path("dev/es.jsonl")]
    text = page(own, border, otherwise, words, results)
    assert "| all | 2 | 0.500 (0.250) |" in text
    assert "`border/`" in text and "| all | 9 | 0.100 |" in text
    assert "`border/`" not in page(own, None, otherwise, words, results)
    assert "| in capitals | 1.000 | – |" in text
    assert "| trafficking |  | 1 |  |" in text
    assert f"| {wrong.lang} | a / b | trafficking | contact |" in text


def test_messages_typed_otherwise_keep_what_is_asked():
    asked = replace(case(routes=("contact",)), text="donde queda, porfa?", lang="ht")
    texts = {name: typed([asked], way)[0].text for name, way in ways(SETS.parent / "courtesies.yml").items()}
    assert texts.pop("as they are") == asked.text
    assert texts.pop("capital and full stop") == "Donde queda, porfa."
    assert texts.pop("all in capitals") == "DONDE QUEDA, PORFA?"
    assert texts.pop("no marks") == "donde queda porfa"
    assert texts.pop("a greeting before").endswith(asked.text) and texts.pop("thanks after").startswith(asked.text)
    assert not texts


def test_there_are_courtesies_in_every_language():
    for way in list(ways(SETS.parent / "courtesies.yml").values())[-2:]:
        told = [typed([replace(case(), text="x", lang=code)], way)[0].text.strip() for code in LANGUAGES]
        assert len(set(told)) == len(LANGUAGES) and "x" not in told


@pytest.mark.parametrize("right", [True, False])
def test_the_command_needs_nothing_but_files_and_fails_below_the_thresholds(tmp_path, monkeypatch, right):
    (tmp_path / "es.jsonl").write_text(json.dumps(GOOD) + "\n", "utf-8")

    async def run(cases, baseline=False):
        return [Result(c, {"route": "contact"}, 1.0, {"route": right}) for c in cases]

    monkeypatch.setattr("bot.cli.evaluate._run", run)
    result = CliRunner().invoke(evaluate.app, ["messages", str(tmp_path / "es.jsonl")])
    assert result.exit_code == (0 if right else 1), result.output


def test_a_gateway_that_does_not_answer_is_named(tmp_path):
    (tmp_path / "es.jsonl").write_text(json.dumps(GOOD) + "\n", "utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    result = CliRunner().invoke(evaluate.app, ["messages", str(tmp_path / "es.jsonl"), "--url", url])
    assert result.exit_code == 2 and url in result.output
