"""The pages say what the code does: settings, commands, routes, targets, files and links."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.api import health, messages, pages, schemas
from bot.api.problems import Problem
from bot.app import create_app
from bot.cli import app as command_line
from bot.settings import ROOT, Settings
from knowledge import documents, hotline_checker, hotlines
from nlu.training_data import intents
from nlu.urgency.rules import DANGERS

PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
PREFIX = "YANAPAY_"
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
JSON = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:(?:bot|nlu|knowledge|actions|tests|docs|benchmarks)/|(?=[\w-]+\.(?:yml|toml|lock)))[\w./-]*)`")
COMMAND = re.compile(r"\byanapay ([a-z]+)(?: ([a-z]+))?")
TARGET = re.compile(r"(?:`|^|\n)(?:[A-Z_]+=\S+ )*make ([a-z]+)")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:work|home|root|Users|mnt)/")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page(name: str) -> str:
    return text(ROOT / name)


def rows(name: str) -> dict[str, list[str]]:
    """The rows of a page's tables by what stands in backticks in the first cell."""
    found = {}
    for line in page(name).splitlines():
        cells = [c.strip() for c in line.strip("|").split(" | ")]
        for key in re.findall(r"`([^`]+)`", cells[0]) if line.startswith("|") else ():
            found[key] = [c.strip(" |") for c in cells]
    return found


def slugs(content: str) -> set[str]:
    """The anchors that a Markdown page's headings get."""
    titles = (re.sub(r"[`*]", "", title).strip().lower() for title in HEADING.findall(FENCE.sub("", content)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def commands(command: click.Command, path: str = "yanapay") -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
    for name, found in (below or {}).items():
        yield from commands(found, f"{path} {name}")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", page("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    row = rows("docs/settings.md").get(PREFIX + name.upper())
    assert row, f"docs/settings.md has no row for {PREFIX}{name.upper()}"
    default = Settings.model_fields[name].default
    if isinstance(default, Path):
        default = default.relative_to(ROOT)
    if isinstance(default, bool):
        default = str(default).lower()
    shown = "empty" if default in (None, "") else f"`{default}`"
    assert row[1] == shown
    assert len(row[2]) > 10, "it says nothing about the meaning"


def test_no_page_names_a_variable_that_nothing_reads() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    sources = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "nlu").rglob("*.py"), *(ROOT / "knowledge").rglob("*.py")]
    known |= {
        name for path in (*sources, ROOT / "endpoints.yml") for name in re.findall(rf"{PREFIX}[A-Z_]+\b", text(path))
    }
    named = {name for path in PAGES for name in re.findall(rf"{PREFIX}[A-Z_]+\b", text(path))}
    assert named and not named - known


def test_every_command_is_in_the_readme() -> None:
    found = list(commands(typer.main.get_command(command_line)))
    assert "yanapay knowledge check" in found
    assert not [c for c in found if f"`{c}" not in page("README.md")]


def test_no_page_names_a_command_that_is_not_there() -> None:
    known = set(commands(typer.main.get_command(command_line)))
    groups = {c.split()[1] for c in known if len(c.split()) == 3}
    named = {(path.name, *match) for path in PAGES for match in COMMAND.findall(text(path))}
    wrong = [
        (file, first, second)
        for file, first, second in named
        if f"yanapay {first}" not in known
        and not (first in groups and (not second or f"yanapay {first} {second}" in known))
    ]
    assert named and not wrong


def test_every_operation_of_the_interface_has_a_heading() -> None:
    operations = {
        f"{method.upper()} {path}"
        for path, methods in create_app(Settings(rasa=False)).openapi()["paths"].items()
        for method in methods
    }
    assert "POST /api/messages" in operations
    headings = set(re.findall(r"^## `([^`]+)`$", page("docs/http.md"), re.MULTILINE))
    assert headings == operations


def test_every_page_for_browsers_is_documented() -> None:
    routes = [route for route in pages.router.routes if isinstance(route, APIRoute)]
    assert routes
    for route in routes:
        assert f"`GET {route.path}`" in page("docs/http.md")


def models() -> list[type[BaseModel]]:
    found = [
        v
        for module in (schemas, health)
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, BaseModel)
    ]
    return [m for m in found if m is not BaseModel] + [Problem]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_field_of_the_interface_is_documented(model: type[BaseModel]) -> None:
    assert not [name for name in model.model_fields if not re.search(rf'[`"]{name}[`"]', page("docs/http.md"))]


@pytest.mark.parametrize("kind", [*get_args(schemas.Route), *get_args(schemas.Reply.model_fields["type"].annotation)])
def test_every_route_and_reply_type_is_documented(kind: str) -> None:
    assert f"`{kind}`" in page("docs/http.md")


def test_every_status_that_a_route_may_answer_is_documented() -> None:
    routes = [route for module in (messages, health) for route in module.router.routes if isinstance(route, APIRoute)]
    statuses = {str(status) for route in routes for status in route.responses}
    assert statuses and not [s for s in statuses if not re.search(rf"\b{s}\b", page("docs/http.md"))]


@pytest.mark.parametrize("example", JSON.findall(text(ROOT / "docs/http.md")), ids=lambda example: example[:30])
def test_the_examples_are_what_the_interface_takes_and_gives(example: str) -> None:
    content = json.loads(example)
    for row in content if isinstance(content, list) else [content]:
        fitting = [
            m for m in models() if isinstance(row, dict) and not row.keys() - m.model_fields.keys() and _valid(m, row)
        ]
        assert fitting, f"no model has this form: {sorted(row)}"


def _valid(model: type[BaseModel], content: dict) -> bool:
    try:
        TypeAdapter(model).validate_python(content)
    except ValidationError:
        return False
    return True


def test_every_make_target_is_in_the_readme() -> None:
    assert {"run", "test"} <= targets()
    assert not [t for t in targets() if not re.search(rf"`make {t}\b", page("README.md"))]


def test_no_page_names_a_target_that_is_not_there() -> None:
    assert not {t for path in PAGES for t in TARGET.findall(text(path))} - targets()


def test_the_readme_shows_the_two_commands_in_a_block() -> None:
    blocks = "\n".join(FENCE.findall(page("README.md")))
    assert re.search(r"^make run\b", blocks, re.MULTILINE)
    assert re.search(r"^make test\b", blocks, re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(FENCE.sub("", text(path))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists() and ROOT in target.parents, link
        assert not anchor or anchor in slugs(text(target)), link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_named_files_are_there(path: Path) -> None:
    for name in FILE.findall(text(path)):
        if "CODE" not in name:
            places = (ROOT / name, ROOT / "knowledge" / name)
            assert any(place.exists() for place in places), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_names_a_folder_of_one_machine(path: Path) -> None:
    assert not MACHINE_PATH.search(text(path))


@pytest.mark.parametrize("name", intents())
def test_every_intent_is_listed_under_its_route(name: str) -> None:
    listed = {line.split("|")[1].strip(): line for line in page("docs/nlu.md").splitlines() if line.startswith("| ")}
    assert f"`{name}`" in listed[intents()[name].route]


@pytest.mark.parametrize("kind", DANGERS)
def test_every_kind_of_danger_is_documented(kind: str) -> None:
    assert f"`{kind}`" in page("docs/nlu.md")


@pytest.mark.parametrize(
    "word", [*documents.FIELDS, *documents.STATUSES, *hotline_checker.FIELDS, *hotlines.SITUATIONS]
)
def test_knowledge_fields_are_documented_in_both_languages(word: str) -> None:
    spanish, _, english = page("docs/knowledge.md").partition("\n## In English\n")
    assert f"`{word}`" in spanish and f"`{word}`" in english


def test_the_licence_is_the_one_that_the_project_declares() -> None:
    assert 'license = "Apache-2.0"' in page("pyproject.toml")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", page("LICENSE"))
    assert "APPENDIX: How to apply the Apache License" in page("LICENSE")


def test_the_changelog_tells_of_this_version() -> None:
    version = re.search(r'^version = "([^"]+)"', page("pyproject.toml"), re.MULTILINE)
    assert version and f"## [{version[1]}]" in page("CHANGELOG.md")
