"""How people ask for what a document tells, `questions/<language>.yml`: words of an original, and what asks for them.

The search compares a question with these, too, where it chooses among the nearest passages and the sentence to mark: a
question is more like another one than like its answer.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from knowledge.documents import plain
from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.passages import KnownQuestion, Passage
from knowledge.yaml_files import line_of, parse_yaml, read_yaml
from nlu.language import LANGUAGES
from nlu.text import words

FOLDER = "questions"
LONGEST = 300
MOST_PASSAGES = 2
QUOTATION_MARKS = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’´`", "'")})


@dataclass(frozen=True)
class Asked:
    """Questions, each with its line, from 1, and words of an original that answer them.

    White space, capitals and kinds of quotation marks don't matter in these words.
    """

    answer: str
    questions: tuple[tuple[int, str], ...]
    line: int


def read_questions(folder: Path) -> list[Asked]:
    """All of a knowledge folder. Raises KnowledgeError where a file cannot be read."""
    paths = (folder / FOLDER / f"{language}.yml" for language in LANGUAGES)
    return [asked for path in paths for asked in _rows(read_yaml(path)[0], path)]


def parse(text: str, path: Path) -> list[Asked]:
    """The rows of a file with that text. Raises KnowledgeError with every fault of its form."""
    return _rows(parse_yaml(text, path)[0], path)


def check_questions(folder: Path, passages: Sequence[Passage]) -> Iterator[Finding]:
    """What is wrong in the files of `questions/`, which need not be there."""
    texts = [_text(passage) for passage in passages]
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        if path.suffix != ".yml" or path.stem not in LANGUAGES:
            known = ", ".join(f"{code}.yml" for code in LANGUAGES)
            yield finding("questions_file", path, 0, name=path.name, known=known)
            continue
        try:
            rows = _rows(read_yaml(path)[0], path)
        except KnowledgeError as error:
            yield from error.findings
            continue
        seen: dict[str, int] = {}
        for row in rows:
            answer = _flat(row.answer)
            count = sum(answer in text for text in texts)
            if not count:
                yield finding("questions_answer", path, row.line, answer=row.answer)
            elif count > MOST_PASSAGES:
                yield finding("questions_everywhere", path, row.line, answer=row.answer, count=count)
            for line, text in row.questions:
                if not words(text):
                    yield finding("questions_empty", path, line)
                elif len(text) > LONGEST:
                    yield finding("questions_long", path, line, limit=LONGEST)
                elif (first := seen.setdefault(words(text), line)) != line:
                    yield finding("questions_twice", path, line, question=text, line=first)


def with_questions(passages: Iterable[Passage], asked: Iterable[Asked]) -> list[Passage]:
    """The passages, each with the questions that words in it answer."""
    wanted = [(_flat(one.answer), [text for _, text in one.questions]) for one in asked]

    def answered(passage: Passage) -> tuple[KnownQuestion, ...]:
        text = _text(passage)
        sentences = [_flat(s) for s in passage.versions[passage.original].sentences]
        found: dict[str, KnownQuestion] = {}
        for answer, questions in wanted:
            if answer in text:
                place = next((i for i, sentence in enumerate(sentences) if answer in sentence), None)
                for question in questions:
                    found.setdefault(words(question), KnownQuestion(question, place))
        return tuple(found.values())

    return [replace(passage, questions=answered(passage)) for passage in passages]


def _text(passage: Passage) -> str:
    """What people read of the original, and what stands in its file."""
    return f"{_flat(passage.versions[passage.original].text)}\n{_flat(passage.quote)}"


def _flat(text: str) -> str:
    text = unicodedata.normalize("NFKC", plain(text)).translate(QUOTATION_MARKS)
    return " ".join(text.casefold().split())


def _rows(node: yaml.Node | None, path: Path) -> list[Asked]:
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise KnowledgeError([finding("questions_form", path, line_of(node))])
    rows, faults = [], []
    for key, value in node.value:
        items = value.value if isinstance(value, yaml.SequenceNode) else []
        odd = [n for n in items if not isinstance(n, yaml.ScalarNode)]
        if odd or not isinstance(value, yaml.SequenceNode) or not isinstance(key, yaml.ScalarNode) or not key.value:
            faults.append(finding("questions_form", path, line_of(odd[0] if odd else key)))
        else:
            questions = tuple((line_of(n), " ".join(n.value.split())) for n in items)
            rows.append(Asked(" ".join(key.value.split()), questions, line_of(key)))
    if faults:
        raise KnowledgeError(faults)
    return rows
