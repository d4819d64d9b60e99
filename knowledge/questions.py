"""How people ask for what a document tells, `questions/<language>.yml`: words of an original, and what asks for them.

The search compares a question with these, too, where it chooses among the nearest passages and the sentence to mark: a
question is more like another one than like its answer. Unrelated ones have a cosine of up to ALIKE.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from knowledge.documents import plain
from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.passages import KnownQuestion, Passage
from knowledge.yaml_files import line_of, read_yaml
from nlu.language import LANGUAGES
from nlu.text import words

FOLDER = "questions"
LONGEST = 300
ALIKE = 0.85


@dataclass(frozen=True)
class Asked:
    """`answer` are words of an original, letter by letter; white space and capitals don't matter."""

    answer: str
    language: str
    questions: tuple[str, ...]


def read_questions(folder: Path) -> list[Asked]:
    """All of a knowledge folder. Raises KnowledgeError where a file cannot be read."""
    paths = sorted((folder / FOLDER).glob("*.yml"))
    return [
        Asked(answer, path.stem, tuple(text for _, text in questions))
        for path in paths
        for _, answer, questions in _read(path)
    ]


def check_questions(folder: Path, originals: Iterable[str]) -> Iterator[Finding]:
    """What is wrong in the files of `questions/`, which need not be there. `originals` are the texts of sections."""
    texts = [_flat(text) for text in originals]
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        if path.suffix != ".yml" or path.stem not in LANGUAGES:
            known = ", ".join(f"{code}.yml" for code in LANGUAGES)
            yield finding("questions_file", path, 0, name=path.name, known=known)
            continue
        try:
            rows = _read(path)
        except KnowledgeError as error:
            yield from error.findings
            continue
        seen: dict[str, int] = {}
        for line, answer, questions in rows:
            if not any(_flat(answer) in text for text in texts):
                yield finding("questions_answer", path, line, answer=answer)
            for place, text in questions:
                if not words(text):
                    yield finding("questions_empty", path, place)
                elif len(text) > LONGEST:
                    yield finding("questions_long", path, place, limit=LONGEST)
                elif (first := seen.setdefault(words(text), place)) != place:
                    yield finding("questions_twice", path, place, question=text, line=first)


def with_questions(passages: Iterable[Passage], asked: Iterable[Asked]) -> list[Passage]:
    """The passages, each with the questions that words in it answer."""
    wanted = [(_flat(one.answer), one.questions) for one in asked]

    def answered(passage: Passage) -> tuple[KnownQuestion, ...]:
        text = _flat(passage.quote)
        sentences = [_flat(s) for s in passage.versions[passage.original].sentences]
        places: dict[str, int | None] = {}
        for answer, questions in wanted:
            if answer in text:
                place = next((i for i, sentence in enumerate(sentences) if answer in sentence), None)
                places |= dict.fromkeys([q for q in questions if q not in places], place)
        return tuple(KnownQuestion(text, place) for text, place in places.items())

    return [replace(passage, questions=answered(passage)) for passage in passages]


def _flat(text: str) -> str:
    return " ".join(plain(text).casefold().split())


def _read(path: Path) -> list[tuple[int, str, list[tuple[int, str]]]]:
    """Line, words of the answer and questions with their lines. Raises KnowledgeError."""
    node, _ = read_yaml(path)
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise KnowledgeError([finding("questions_form", path, line_of(node))])
    rows, faults = [], []
    for key, value in node.value:
        items = value.value if isinstance(value, yaml.SequenceNode) else []
        wrong = [n for n in items if not isinstance(n, yaml.ScalarNode)]
        if not isinstance(key, yaml.ScalarNode) or (value.value and not isinstance(value, yaml.SequenceNode)) or wrong:
            faults.append(finding("questions_form", path, line_of(wrong[0] if wrong else key)))
            continue
        if not key.value.strip():
            faults.append(finding("questions_form", path, line_of(key)))
            continue
        rows.append((line_of(key), key.value, [(line_of(n), " ".join(n.value.split())) for n in items]))
    if faults:
        raise KnowledgeError(faults)
    return rows
