"""The help lines: what is shown, in which order, and that little is needed to show it."""

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from knowledge.findings import KnowledgeError
from knowledge.hotlines import PATH, SITUATIONS, read_hotlines

ROOT = Path(__file__).parents[2]
ORDER = {
    "trafficking": ["1818", "105"],
    "violence": ["105", "100", "1818"],
    "disaster": ["116", "105", "1818"],
    "medical": ["106", "116", "1818"],
    "child": ["105", "100", "1818"],
    "self_harm": ["113", "106", "1818"],
    "general": ["105", "1818"],
}


@pytest.fixture
def raw() -> dict:
    return yaml.load(PATH.read_text("utf-8"), Loader=yaml.BaseLoader)


def write(folder: Path, raw: object) -> Path:
    path = folder / "hotlines.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize("situation", SITUATIONS)
def test_order(situation):
    assert [line.id for line in read_hotlines().for_situation(situation)] == ORDER[situation]


def test_an_unknown_situation_is_general():
    assert [line.id for line in read_hotlines().for_situation("meteorite")] == ORDER["general"]


def test_facts():
    hotlines = read_hotlines()
    assert [line.id for line in hotlines] == ["1818", "105", "100", "116", "106", "113"]
    first = hotlines.get("1818")
    assert (first.phone, first.option, first.hours, first.free, first.area) == ("1818", "1", "24h", True, "PE")
    assert set(first.situations) == set(SITUATIONS)
    assert (first.checked, first.valid_until) == (date(2026, 11, 23), date(2027, 5, 31))
    assert hotlines.get("113").option == "5"
    assert hotlines.get("113").free is None
    assert hotlines.get("106").area == "Lima Metropolitana"
    assert hotlines.get("100").languages == ("es", "qu", "ay")
    assert all(line.sources for line in hotlines)


def test_names_in_all_languages_and_spanish_for_others():
    for line in read_hotlines():
        assert set(line.names) == set(line.purposes) == {"es", "en", "pt", "fr", "zh", "ht", "qu", "ay"}
        assert line.name("de") == line.name("es")
        assert line.purpose("de") == line.purpose("es")
    assert read_hotlines().get("105").name("zh") == "警察"


def test_1818_is_shown_even_where_the_order_forgets_it(tmp_path, raw):
    raw["order"] = {"violence": ["105", "999"]}
    hotlines = read_hotlines(write(tmp_path, raw))
    assert [line.id for line in hotlines.for_situation("violence")] == ["105", "1818"]
    assert [line.id for line in hotlines.for_situation("medical")] == ["1818"]


def test_numbers_stay_as_written(tmp_path, raw):
    text = yaml.safe_dump(raw, allow_unicode=True).replace("phone: '116'", "phone: 0115")
    path = tmp_path / "hotlines.yml"
    path.write_text(text, "utf-8")
    assert read_hotlines(path).get("116").phone == "0115"


@pytest.mark.parametrize(
    "key", ["phone", "operator", "situations", "area", "sources", "checked", "valid_until", "name"]
)
def test_a_line_without_a_fact_is_refused(tmp_path, raw, key):
    del raw["hotlines"][1][key]
    with pytest.raises(KnowledgeError) as caught:
        read_hotlines(write(tmp_path, raw))
    (found,) = caught.value.findings
    assert found.code == "hotline_unreadable"
    assert found.line > 1
    assert "105" in found.message
    assert key in found.message


@pytest.mark.parametrize("text", ["", "hotlines", "hotlines: 3", "hotlines: [1818]", "- a", "hotlines:\n  - {id: [\n"])
def test_a_broken_file_is_refused(tmp_path, text):
    path = tmp_path / "hotlines.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(KnowledgeError) as caught:
        read_hotlines(path)
    assert [f.code for f in caught.value.findings] == ["hotlines_unreadable"]


def test_without_1818_the_file_is_refused(tmp_path, raw):
    del raw["hotlines"][0]
    with pytest.raises(KnowledgeError) as caught:
        read_hotlines(write(tmp_path, raw))
    assert [f.code for f in caught.value.findings] == ["hotline_1818_missing"]


def test_only_yaml_is_needed():
    program = (
        "import sys\nbefore = set(sys.modules)\nfrom knowledge.hotlines import read_hotlines\nread_hotlines()\n"
        "loaded = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(name for name in loaded - set(sys.stdlib_module_names) if 'cython' not in name))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(result.stdout)) <= {"knowledge", "yaml", "_yaml"}
