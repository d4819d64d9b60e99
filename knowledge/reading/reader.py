"""Chooses how a file is read: its content decides, its ending must agree."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from knowledge.findings import KnowledgeError
from knowledge.reading.blocks import Block, TooLarge, markdown
from knowledge.reading.losses import Loss, Losses
from knowledge.reading.package import Package, refusal

MAX_BYTES = 25_000_000
ENDINGS = {
    ".md": "text",
    ".txt": "text",
    ".docx": "docx",
    ".odt": "odt",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
}
OLD_ENDINGS = {".doc": ".docx", ".dot": ".docx", ".rtf": ".docx", ".xls": ".xlsx", ".ods": ".xlsx", ".pages": ".docx"}
MACRO_ENDINGS = (".docm", ".dotm", ".xlsm", ".xltm")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Reading:
    """`title` is one line of plain text, `lost` what could not be kept."""

    title: str
    markdown: str
    lost: list[Loss] = field(default_factory=list)


def read(content: bytes, name: str) -> Reading:
    """The title, Markdown and losses of an uploaded file called `name`.

    Raises KnowledgeError, whose findings say what to do, for what cannot be read: unknown or wrong endings, over 25 MB,
    empty, broken, encrypted, exploding or scanned files.
    """
    ending = Path(name).suffix.lower()
    if ending in MACRO_ENDINGS:
        raise refusal("upload_macros", name)
    if ending in OLD_ENDINGS:
        raise refusal("upload_old", name, suffix=ending, better=OLD_ENDINGS[ending])
    if ending not in ENDINGS:
        raise refusal("suffix_unknown", name, suffix=ending or name, known=", ".join(ENDINGS))
    if len(content) > MAX_BYTES:
        raise refusal("file_too_large", name, size=f"{len(content) / 1e6:.1f}", limit=MAX_BYTES // 1_000_000)
    if not content.strip():
        raise refusal("file_empty", name)
    kind, lost = ENDINGS[ending], Losses()
    found = sniffed(content, name)
    if found != kind and not (found == "text" and kind == "html") and not (found == "html" and kind == "text"):
        endings = {"text": ".txt", "unknown": "?"}
        code = "upload_broken" if found == "unknown" or found == "text" else "upload_mismatch"
        raise refusal(code, name, suffix=ending, found=endings.get(found, f".{found}"))
    if kind == "text":
        text = import_module("knowledge.reading.text").decoded(content, name, lost)
        text = re.sub(r"\r\n?", "\n", text)
        return Reading(_heading(text) or Path(name).stem, text, lost.listed())
    reader: Callable[[bytes, str, Losses], tuple[str, list[Block]]] = import_module(f"knowledge.reading.{kind}").blocks
    try:
        title, blocks = reader(content, name, lost)
    except KnowledgeError:
        raise
    except (TooLarge, MemoryError):
        raise refusal("upload_bomb", name) from None
    except (RecursionError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise refusal("upload_broken", name) from None
    if not any(block.text.strip() or block.rows for block in blocks):
        raise refusal("upload_scan" if any(loss.code == "images" for loss in lost.listed()) else "upload_blank", name)
    first = next((b.text for b in blocks if b.kind == "heading"), "")
    title = title or re.sub(r"\\(.)|[*]", r"\1", first) or Path(name).stem
    return Reading(" ".join(title.split())[:200], markdown(blocks), lost.listed())


def sniffed(content: bytes, name: str) -> str:
    """What the bytes are: docx, odt, xlsx, pdf, html, text or unknown.

    Raises KnowledgeError for encrypted or old files.
    """
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(OLE):
        whole = content[: 1 << 20] + content[-(1 << 20) :]
        encrypted = "EncryptedPackage".encode("utf-16-le") in whole
        raise (
            refusal("upload_encrypted", name)
            if encrypted
            else refusal("upload_old", name, suffix=".doc/.xls", better=".docx/.xlsx")
        )
    if content.startswith(b"{\\rtf"):
        raise refusal("upload_old", name, suffix=".rtf", better=".docx")
    if content.startswith(b"PK"):
        package = Package(content, name)
        if any(part.endswith("vbaProject.bin") for part in package.names):
            raise refusal("upload_macros", name)
        if "word/document.xml" in package.names:
            return "docx"
        if "xl/workbook.xml" in package.names:
            return "xlsx"
        return "odt" if "content.xml" in package.names else "unknown"
    if re.match(
        rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)",
        content,
        re.I | re.S,
    ):
        return "html"
    return "text"


def _heading(text: str) -> str:
    match = re.search(r"^#{1,6}\s+(.+?)\s*(?:\{[^{}]*\})?\s*$", text, re.M)
    return match[1] if match else ""
