"""YAML files that staff edit, read with the places of what is in them. Values are mappings, lists and strings only."""

from pathlib import Path
from typing import Any

import yaml

from knowledge.findings import KnowledgeError, finding


def read_yaml(path: Path, broken: str = "yaml_broken") -> tuple[yaml.Node | None, Any]:
    """The file's nodes, which know their lines, and what it holds; None and None where it is empty or missing.

    Raises KnowledgeError with the line where it cannot be read; `broken` is the finding for what is not YAML.
    """
    try:
        return parse_yaml(path.read_text("utf-8-sig"), path, broken)
    except FileNotFoundError:
        return None, None
    except OSError as error:
        raise KnowledgeError([finding("file_unreadable", path, 0, reason=error.strerror or error)]) from error
    except UnicodeDecodeError:
        raise KnowledgeError([finding("encoding_wrong", path, 1)]) from None


def parse_yaml(text: str, path: Path, broken: str = "yaml_broken") -> tuple[yaml.Node | None, Any]:
    """As `read_yaml`, of a text that stands or is to stand in `path`."""
    try:
        loader = yaml.BaseLoader(text)
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise KnowledgeError([finding(broken, path, mark.line + 1 if mark else 1)]) from None


def line_of(node: yaml.Node) -> int:
    """From 1."""
    return int(node.start_mark.line) + 1
