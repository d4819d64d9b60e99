"""The rules that staff write: what their signs mean, and that every file of the project says what it means to say."""

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalogue import catalogue
from knowledge.hotlines import SITUATIONS
from nlu.language import LANGUAGES
from nlu.training_data import intents
from nlu.urgency.rules import DANGERS, FOLDER, GAP_CHARACTERS, GAP_WORDS, Rules, load

FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yml"))}


def rules(folder: Path, danger: list[str], calm: list[str] | None = None, language: str = "es") -> Rules:
    content = {"language": language, "danger": {"violence": danger}, "calm": calm or []}
    (folder / f"{language}.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return Rules(folder)


def patterns(code: str) -> list[tuple[str, str]]:
    content = FILES[code]
    return [
        (kind, p) for kind, listed in [*content["danger"].items(), ("calm", content.get("calm"))] for p in listed or []
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("me pega", "él me pega", True),
        ("me pega", "¡ME PEGA!", True),
        ("me pega", "me, pega", True),
        ("me pega", "me pegaron", False),
        ("me pega", "dame pega", False),
        ("me pega", "pega me", False),
        ("me pega", "me dice y pega", False),
        ("me|nos pega", "nos pega", True),
        ("me|nos pega", "les pega", False),
        ("me|nos pega", "me|nos", False),
        ("me pega", "me _pega_", True),
        ("pega*", "me pegaron", True),
        ("pega*", "pega", True),
        ("pega*", "despega", False),
        ("*pega", "despega", True),
        ("amenaz*|pega* ahora", "amenazan ahora", True),
        ("me ... pega", "me pega", True),
        ("me ... pega", "me dice cosas y pega", True),
        ("me ... pega", "me a b c d pega", True),
        ("me ... pega", "me a b c d e pega", False),
        ("medico", "MÉDICO", True),
        ("medico", "mé­dico", False),
        ("ayuda", "ayudaaaa", True),
        ("m a pris", "on m'a pris", True),
        ("a.b", "axb", False),
        ("si (no)", "si (no)", False),
        ("15", "tengo 15 años", True),
        ("15", "tengo 150", False),
    ],
)
def test_signs_of_a_pattern(tmp_path, pattern, text, found):
    assert (rules(tmp_path, [pattern]).judge(text).danger == "violence") is found


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("打 我", "他打我", True),
        ("打 我", "他打 我", True),
        ("打 我", "他打了我", False),
        ("打|揍 我", "爸爸揍我了", True),
        ("打 ... 我", "打得很厉害我", True),
        ("打 ... 我", "打一二三四五六七八我", True),
        ("打 ... 我", "打一二三四五六七八九我", False),
        ("救命", "快来人，救命！", True),
        ("救命", "救人命", False),
    ],
)
def test_chinese_has_no_word_borders(tmp_path, pattern, text, found):
    assert (rules(tmp_path, [pattern], language="zh").judge(text).danger == "violence") is found


def test_gap_counts_words_as_documented():
    assert (GAP_WORDS, GAP_CHARACTERS) == (4, 8)


def test_calm_contexts_are_told_beside_the_danger(tmp_path):
    found = rules(tmp_path, ["me pega"], ["pelicula"]).judge("en la película él me pega")
    assert (found.danger, found.calm) == ("violence", True)
    assert not rules(tmp_path, ["me pega"]).judge("en la película él me pega").calm
    assert rules(tmp_path, ["me pega"], ["pelicula"]).judge("una película").danger is None


def test_files_of_all_languages_hold_for_every_message(tmp_path):
    rules(tmp_path, ["me pega"])
    both = rules(tmp_path, ["打 我"], language="zh")
    assert both.judge("老板打我").danger == both.judge("老板 me pega").danger == "violence"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("police", True),
        ("Mon patron!!", True),
        ("los documentos", True),
        ("papye m", True),
        ("警察", True),
        ("着急啊", False),
        ("mipatronmeencerro", False),
        ("my boss hits", False),
        ("hospital urgente", False),
        ("secuestrada", False),
        ("me pega", False),
    ],
)
def test_a_single_word_is_bare_unless_it_is_a_cry(text, bare):
    assert Rules().judge(text).bare is bare


def test_no_file_finds_nothing(tmp_path):
    found = Rules(tmp_path).judge("me pega")
    assert (found.danger, found.calm) == (None, False)


def test_every_language_has_its_file():
    assert sorted(FILES) == sorted(LANGUAGES)
    assert all(content["language"] == code for code, content in FILES.items())


@pytest.mark.parametrize("code", sorted(FILES))
def test_every_danger_is_known_and_has_patterns(code):
    assert set(FILES[code]) - {"articles"} == {"language", "danger", "calm", "cries"}
    assert set(FILES[code]["danger"]) == set(DANGERS)
    assert all(FILES[code]["danger"].values())
    assert FILES[code]["calm"]


@pytest.mark.parametrize("code", sorted(FILES))
def test_every_pattern_is_text_and_stands_once(code):
    """YAML takes a bare `no` for False and `13` for a number."""
    listed = patterns(code)
    assert [p for _, p in listed if not isinstance(p, str)] == []
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("code", sorted(FILES))
def test_every_choice_of_every_pattern_can_be_found(tmp_path, code):
    """A capital, an accent or an apostrophe in a pattern would never match, for texts are folded first."""
    glue = "" if code == "zh" else " "
    dead = []
    for kind, pattern in patterns(code):
        tokens = [t.split("|") for t in pattern.split() if t != "..."]
        alone = rules(tmp_path, [pattern], language=code)
        for place, choices in enumerate(tokens):
            for choice in choices:
                words = [t[0] for t in tokens]
                words[place] = choice
                if not alone.judge(glue.join(words).replace("*", "")).danger:
                    dead.append((kind, pattern, choice))
    assert dead == []


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("me quitaron el pasaporte y no me dejan salir", "trafficking"),
        ("老板打我", "trafficking"),
        ("my husband beats me", "violence"),
        ("quiero matarme", "self_harm"),
        ("estou sangrando muito", "medical"),
        ("l'eau monte dans la maison", "disaster"),
        ("mi hijo de 5 años se perdió", "child"),
    ],
)
def test_examples_of_each_danger(text, danger):
    assert load().judge(text).danger == danger


@pytest.mark.parametrize(
    "text",
    [
        "¿dónde queda la oficina?",
        "how many Peruvians live abroad?",
        "你好",
        "mèsi anpil",
        "añay",
        "quero trabalhar no Peru",
        "merci",
    ],
)
def test_ordinary_questions_alarm_nobody(text):
    assert load().judge(text).danger is None


def test_every_danger_has_its_words_its_lines_and_its_intent():
    assert set(DANGERS) <= set(SITUATIONS)
    assert {i.danger for i in intents().values() if i.urgent == "yes"} == set(DANGERS)
    for code in LANGUAGES:
        for danger in (*DANGERS, "general"):
            assert danger in catalogue().languages[code]["hotline"]["intro"]


@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=200))
@example("\ud800")
@example("me ... | * (")
def test_no_text_crashes_it(text):
    found = load().judge(text)
    assert found.danger is None or found.danger in DANGERS


@given(
    st.lists(
        st.sampled_from(["me", "no", "deja", "salir", "pasaporte", "mi", "tiene", "我", "打", "hija", "a"]),
        max_size=300,
    )
)
def test_long_repetitive_texts_end(words):
    load().judge(" ".join(words))


@pytest.mark.parametrize(
    "text", ["auxilio!!", "SOS", "socorro", "au secours", "救命啊", "anmweyyy", "send help", "Yanapt'ita jank'aki"]
)
def test_a_cry_for_help_is_urgent_by_itself(text):
    verdict = load().judge(text)
    assert (verdict.danger, verdict.whole) == ("general", True)


@pytest.mark.parametrize("text", ["socorro perdi meu celular", "sos de argentina?", "calle socorro 120"])
def test_a_cry_within_other_words_is_left_to_the_model(text):
    assert not load().judge(text).whole
