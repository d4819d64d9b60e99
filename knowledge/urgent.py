"""Staff's own example sentences, `urgent/<language>.yml`: what must alarm, and what must not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.findings import Finding, KnowledgeError, finding
from knowledge.yaml_files import line_of, read_yaml
from nlu.language import LANGUAGES
from nlu.text import words

FOLDER = "urgent"
KINDS = ("urgent", "calm")
LONGEST = 500


@dataclass(frozen=True)
class Examples:
    """Sentences as they were written."""

    urgent: tuple[str, ...] = ()
    calm: tuple[str, ...] = ()

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(self.urgent + other.urgent, self.calm + other.calm)


def read_examples(folder: Path) -> Examples:
    """The sentences of all languages in a knowledge folder. Raises KnowledgeError where a file cannot be read."""
    every = Examples()
    for path in sorted((folder / FOLDER).glob("*.yml")):
        kinds = _read(path)
        every += Examples(*(tuple(text for _, text in kinds[kind]) for kind in KINDS))
    return every


def check_examples(folder: Path) -> Iterator[Finding]:
    """What is wrong in the files of `urgent/`, which need not be there."""
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        if path.suffix != ".yml" or path.stem not in LANGUAGES:
            yield finding("urgent_file", path, 0, name=path.name, known=", ".join(f"{code}.yml" for code in LANGUAGES))
            continue
        try:
            kinds = _read(path)
        except KnowledgeError as error:
            yield from error.findings
            continue
        seen: dict[str, str] = {}
        for kind in KINDS:
            for line, text in kinds[kind]:
                if not words(text):
                    yield finding("urgent_empty", path, line)
                elif len(text) > LONGEST:
                    yield finding("urgent_long", path, line, limit=LONGEST)
                elif seen.setdefault(words(text), kind) != kind:
                    yield finding("urgent_both", path, line, text=text)


def _read(path: Path) -> dict[str, list[tuple[int, str]]]:
    """By kind, each sentence with its line. Raises KnowledgeError."""
    node, _ = read_yaml(path)
    kinds: dict[str, list[tuple[int, str]]] = {kind: [] for kind in KINDS}
    if node is None:
        return kinds
    if not isinstance(node, yaml.MappingNode):
        raise KnowledgeError([finding("urgent_form", path, line_of(node))])
    faults: list[Finding] = []
    for key, value in node.value:
        items = value.value if isinstance(value, yaml.SequenceNode) else []
        if key.value not in KINDS or (value.value and not isinstance(value, yaml.SequenceNode)):
            faults.append(finding("urgent_form", path, line_of(key)))
            continue
        faults += [finding("urgent_form", path, line_of(n)) for n in items if not isinstance(n, yaml.ScalarNode)]
        kinds[key.value] = [(line_of(n), " ".join(n.value.split())) for n in items if isinstance(n, yaml.ScalarNode)]
    if faults:
        raise KnowledgeError(faults)
    return kinds
