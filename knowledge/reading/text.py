"""Plain text and Markdown: the encoding found, line by line as it stands."""

import codecs

from knowledge.reading.losses import Losses
from knowledge.reading.package import refusal


def decoded(content: bytes, name: str, lost: Losses) -> str:
    """The text of UTF-8, UTF-16 with its mark, or Windows-1252 (the last two told). Raises KnowledgeError."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise refusal("encoding_wrong", name) from None
        lost.add("encoding", name="UTF-16")
    elif b"\0" in content:
        raise refusal("nul_byte", name)
    else:
        text = _eight_bits(content, name, lost)
    if "\0" in text:
        raise refusal("nul_byte", name)
    if not text.strip():
        raise refusal("file_empty", name)
    return text


def _eight_bits(content: bytes, name: str, lost: Losses) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise refusal("encoding_wrong", name) from None
    foreign = [c for c in text if ord(c) > 127]
    letters = sum(c in "áéíóúüñÁÉÍÓÚÜÑ¿¡«»“”‘’–—…€àâãçêèëîïôõûÀÂÃÇÊÈÔÕ°ºª" for c in foreign)
    if any(ord(c) < 32 and c not in "\t\n\r\f" for c in text) or letters < 0.9 * len(foreign):
        raise refusal("encoding_wrong", name)
    lost.add("encoding", name="Windows-1252")
    return text
