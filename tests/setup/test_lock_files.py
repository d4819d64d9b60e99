"""The lock files: exact versions and nothing that ties them to one machine, its registry or its folders."""

import re
import tomllib

import pytest

from bot.setup.environments import TORCH
from bot.setup.locks import FOR_GRAPHICS_CARDS, name
from bot.setup.project import ROOT

LOCKS = ["requirements.lock", "requirements-test.lock", "requirements-rasa.lock"]
LINE = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][\w.!+-]*( ; [^/@]+)?")


def lines(lock: str) -> list[str]:
    return [line for line in (ROOT / lock).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def names(lock: str) -> set[str]:
    return {name(line) for line in lines(lock)}


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_a_name_and_an_exact_version(lock):
    assert len(lines(lock)) > 5
    assert [line for line in lines(lock) if not LINE.fullmatch(line)] == []
    assert len(names(lock)) == len(lines(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_no_host_no_index_and_no_path(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?:|//|file:|--|@ |(?:^|\s)[./~]\S*/|\b\d{1,3}(?:\.\d{1,3}){3}:\d", text, re.MULTILINE)
    assert str(ROOT) not in text


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    gateway, tests, rasa = (names(lock) for lock in LOCKS)
    assert {normal(r) for r in project["project"]["dependencies"]} <= gateway
    assert {normal(r) for r in project["project"]["optional-dependencies"]["test"]} <= tests | gateway
    assert {normal(r) for r in project["tool"]["yanapay"]["rasa"]["requirements"]} <= rasa


def test_exact_versions_of_the_project_are_kept():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-rasa.lock": project["tool"]["yanapay"]["rasa"]["requirements"],
    }
    for lock, requirements in asked.items():
        for requirement in requirements:
            if "==" in requirement:
                assert requirement in lines(lock)


def test_what_the_tests_add_is_only_what_the_gateway_lacks():
    assert names("requirements.lock") & names("requirements-test.lock") == set()


def test_torch_comes_apart_and_nothing_for_graphics_cards():
    assert [n for n in names("requirements.lock") if n.startswith(FOR_GRAPHICS_CARDS)] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", TORCH)
