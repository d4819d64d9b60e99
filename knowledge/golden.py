"""Golden questions, `golden.yml`: which section must answer a question, and how urgent a message is.

They are asked of every change before it is published, of the search with what the trained intents expect of a question,
as in a conversation, but without Rasa: the same files always give the same outcome.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.index import Index
from knowledge.search import answering, search
from knowledge.yaml_files import line_of, read_yaml
from nlu.encoder.encoder import Encoder
from nlu.language import LANGUAGES

NAME = "golden.yml"
LEVELS = ("yes", "maybe", "no")
FIELDS = ("question", "language", "section", "sections", "fact", "urgent")
SHOWN = 2
Judge = Callable[[str, str], str]
"""How urgent a text in a language is: yes, maybe or no."""
Expect = Callable[[str, np.ndarray], Mapping[str, float]]
"""How likely each section holds the answer to a question, by its text and its intent vector of shape (dimension,)."""


@dataclass(frozen=True)
class Question:
    """Either `sections`, one of which must answer, with `fact` in the shown text; or `urgent`: yes, maybe or no."""

    question: str
    language: str
    sections: tuple[str, ...] = ()
    fact: str = ""
    urgent: str = ""


@dataclass(frozen=True)
class Outcome:
    """A golden question as it was asked of a change: `got` with it, `before` without.

    Both are sections with commas between, or yes, maybe or no; `shown` and `shown_before` the texts that answer.
    """

    question: str
    language: str
    wanted: tuple[str, ...]
    got: str
    before: str
    passed: bool
    urgent: bool = False
    shown: str = ""
    shown_before: str = ""
    lacks: str = ""

    @property
    def differs(self) -> bool:
        return self.shown != self.shown_before


def read_golden(path: Path) -> list[Question]:
    """The questions; none where there is no file. Raises KnowledgeError where they cannot be read."""
    return [_question(row) for _, row in _rows(path)]


def check_golden(path: Path, sections: Collection[str]) -> Iterator[Finding]:
    """What is wrong in the file, which need not be there. `sections` are the ids that documents have."""
    try:
        rows = _rows(path)
    except KnowledgeError as error:
        yield from error.findings
        return
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        yield from _row_faults(path, line, row, sections)
        one = _question(row)
        first = seen.setdefault((one.question.casefold(), one.language), line)
        if one.question and first != line:
            yield finding("golden_twice", path, line, question=one.question, line=first)


def ask_sections(
    question: Question, new: Index, old: Index | None, encoder: Encoder, expect: Expect | None = None
) -> Outcome:
    """Which section of the index answers, and which did before."""
    vector, intent = (encoder.encode([question.question], kind)[0] for kind in ("query", "intent"))
    expected = expect(question.question, intent) if expect else {}
    got, shown = _found(question, vector, new, expected)
    before, shown_before = _found(question, vector, old, expected) if old else ((), "")
    fact = question.fact
    lacks = fact if fact.casefold() not in shown.casefold() else ""
    passed = bool(set(got) & set(question.sections)) and not lacks
    names = (", ".join(got), ", ".join(before))
    return Outcome(
        question.question, question.language, question.sections, *names, passed, False, shown, shown_before, lacks
    )


def ask_urgency(question: Question, new: Judge, old: Judge) -> Outcome:
    """How urgent the message is, and was before."""
    got, before = (judge(question.question, question.language) for judge in (new, old))
    wanted = (question.urgent,)
    return Outcome(question.question, question.language, wanted, got, before, got == question.urgent, True)


def _found(
    question: Question, vector: np.ndarray, index: Index, expected: Mapping[str, float]
) -> tuple[tuple[str, ...], str]:
    passages = answering(search(index, question.question, vector, question.language, SHOWN, expected))
    text = "\n\n".join(passage.version(question.language).text for passage in passages)
    return tuple(dict.fromkeys(passage.section for passage in passages)), text


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Each row with its line, values as strings. Raises KnowledgeError."""
    node, loaded = read_yaml(path)
    if isinstance(node, yaml.MappingNode):
        node = next((value for key, value in node.value if key.value == "questions"), None)
        loaded = loaded.get("questions")
    if node is None or loaded == "":
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise KnowledgeError([finding("golden_no_list", path, line_of(node))])
    rows = [(line_of(item), row) for item, row in zip(node.value, loaded, strict=True)]
    if wrong := [line for line, row in rows if not isinstance(row, dict)]:
        raise KnowledgeError([finding("golden_row", path, line) for line in wrong])
    return rows


def _question(row: Mapping[str, Any]) -> Question:
    given = row.get("section") or row.get("sections") or ()
    sections = (given,) if isinstance(given, str) else tuple(str(s) for s in given)
    texts = {name: " ".join(str(row.get(name) or "").split()) for name in ("question", "fact", "urgent")}
    urgent = {"true": "yes", "false": "no"}.get(texts["urgent"], texts["urgent"])
    return Question(texts["question"], str(row.get("language") or "es"), sections, texts["fact"], urgent)


def _row_faults(path: Path, line: int, row: Mapping[str, Any], sections: Collection[str]) -> Iterator[Finding]:
    one = _question(row)
    for field in row.keys() - set(FIELDS):
        yield finding("golden_field", path, line, field=field, known=", ".join(FIELDS))
    if not one.question:
        yield finding("golden_empty", path, line)
    if one.language not in LANGUAGES:
        yield finding("golden_language", path, line, value=one.language, known=", ".join(LANGUAGES))
    if bool(one.sections) == bool(one.urgent):
        yield finding("golden_wants", path, line, question=one.question)
    if one.urgent and one.urgent not in LEVELS:
        yield finding("golden_urgent", path, line, value=one.urgent, known=", ".join(LEVELS))
    for section in one.sections:
        if section not in sections:
            yield finding("golden_section", path, line, id=section, known=", ".join(sorted(sections)))
