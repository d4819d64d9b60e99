"""A document's file as a form: fields, headings and what stands under each; and the form as a file again.

What nobody touched comes back byte for byte: a paragraph that an editor only wrote differently keeps its old writing,
or every translation of its section would be stale.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePath

import yaml
from markdown_it import MarkdownIt

from knowledge.documents import ATTRIBUTES, FIELDS, HEADING

MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False})
BLANK = re.compile(r"\n\s*\n")
ID_LETTERS = re.compile(r"[^a-z0-9]+")
LONGEST_ID = 40
LONGEST_NAME = 40


@dataclass
class Block:
    """A heading and what is under it. `level` 1 is a part, which has no text; `source` as in documents.Section."""

    level: int
    title: str
    id: str = ""
    source: str | None = None
    body: str = ""


@dataclass
class Sheet:
    """`raw` are the lines of the front matter by field, kept for those that do not change; `comments` its others."""

    fields: dict[str, str]
    blocks: list[Block]
    raw: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()

    def block(self, id: str) -> Block | None:
        return next((b for b in self.blocks if b.id == id), None)


def read(text: str) -> Sheet:
    """The form of a file; of a faulty one as much as is there."""
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    fields, raw, comments, start = _front(lines)
    blocks: list[Block] = []
    kept: list[str] = []
    for line in lines[start:]:
        heading = HEADING.fullmatch(line)
        if heading is None:
            kept.append(line)
            continue
        _close(blocks, kept)
        attributes = ATTRIBUTES.fullmatch(heading["attributes"] or "")
        id, source = (attributes["id"], attributes["source"]) if attributes else ("", None)
        blocks.append(Block(len(heading["marks"]), heading["title"], id, source))
    _close(blocks, kept)
    return Sheet(fields, blocks, raw, comments)


def write(sheet: Sheet) -> str:
    """The file of a form. Sections without an id get one from their title."""
    names = [*(n for n in FIELDS if n in sheet.fields), *(n for n in sheet.fields if n not in FIELDS)]
    front = [*(f"{comment}\n" for comment in sheet.comments), *(_line(sheet, name) for name in names)]
    parts = ["---\n" + "".join(front) + "---\n"]
    taken = {b.id for b in sheet.blocks}
    for block in sheet.blocks:
        if block.level > 1 and block.title and not block.id:
            block.id = _new_id(block.title, taken)
            taken.add(block.id)
        attributes = (
            ""
            if block.level == 1 or not block.id
            else f" {{#{block.id}{f' source={block.source}' if block.source else ''}}}"
        )
        body = block.body.strip("\n")
        parts.append(
            f"{'#' * block.level} {' '.join(block.title.split())}{attributes}\n" + (f"\n{body}\n" if body else "")
        )
    return "\n".join(parts)


def faithful(before: str, after: str) -> str:
    """`after` with every paragraph that reads as one of `before` written as it was there."""
    known = {html(p): p for p in paragraphs(before)}
    return "\n\n".join(known.get(html(p), p) for p in paragraphs(after))


def paragraphs(text: str) -> list[str]:
    return [p.strip("\n").rstrip() for p in BLANK.split(text.replace("\r\n", "\n").strip("\n")) if p.strip()]


def html(text: str) -> str:
    """Markdown as HTML; HTML in it is shown as text."""
    return MARKDOWN.render(text)


def _front(lines: list[str]) -> tuple[dict[str, str], dict[str, str], tuple[str, ...], int]:
    if lines[0].rstrip() != "---":
        return {}, {}, (), 0
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    try:
        loaded = yaml.load("\n".join(lines[1:end]), Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        loaded = {}
    fields = {str(k): v for k, v in loaded.items() if isinstance(v, str)} if isinstance(loaded, dict) else {}
    raw = {name: line for name in fields for line in lines[1:end] if line.startswith(f"{name}:")}
    return fields, raw, tuple(line for line in lines[1:end] if line.startswith("#")), end + 1


def _line(sheet: Sheet, name: str) -> str:
    raw, value = sheet.raw.get(name), " ".join(sheet.fields[name].split())
    if raw is not None and yaml.load(raw, Loader=yaml.BaseLoader) == {name: value}:
        return raw + "\n"
    if not value:
        return f"{name}:\n"
    plain = yaml.load(f"{name}: {value}", Loader=yaml.BaseLoader) if _simple(name, value) else None
    if plain != {name: value}:
        value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name}: {value}\n"


def _simple(name: str, value: str) -> bool:
    try:
        return yaml.load(f"{name}: {value}", Loader=yaml.BaseLoader) == {name: value}
    except yaml.YAMLError:
        return False


def _close(blocks: list[Block], kept: list[str]) -> None:
    text = "\n".join(kept).strip("\n")
    kept.clear()
    if blocks:
        blocks[-1].body = text
    elif text:
        blocks.append(Block(2, "", body=text))


def plain_name(title: str, joint: str, longest: int) -> str:
    """A title as a name of plain letters and digits, joined by `joint`; empty where it has none."""
    ascii_only = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return ID_LETTERS.sub(joint, ascii_only)[:longest].strip(joint)


def document_name(file: str) -> str:
    """The short name of the document that a file becomes; empty where its name has no plain letters."""
    return plain_name(PurePath(file).stem, "-", LONGEST_NAME)


def _new_id(title: str, taken: set[str]) -> str:
    base = plain_name(title, "_", LONGEST_ID - 4).lstrip("_0123456789") or "section"
    number, id = 1, base
    while id in taken:
        number += 1
        id = f"{base}_{number}"
    return id
