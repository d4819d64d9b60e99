"""Zip packages of office programs, opened with bounds on what they unpack to, and their XML without DTDs."""

import io
import zipfile
import zlib
from pathlib import Path

from lxml import etree

from knowledge.findings import KnowledgeError, finding

MOST_ENTRIES = 5_000
MOST_BYTES = 60_000_000
HIGHEST_RATIO = 200
RATIO_FROM = 5_000_000
CHUNK = 1 << 16


def refusal(code: str, name: str, **values: object) -> KnowledgeError:
    return KnowledgeError([finding(code, Path(name), 0, **values)])


class Package:
    """The parts of a zip file. Raises KnowledgeError for a broken, encrypted or exploding one."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self._left = MOST_BYTES
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, IndexError):
            raise refusal("upload_broken", name) from None
        if len(entries) > MOST_ENTRIES:
            raise refusal("upload_bomb", name)
        if any(entry.flag_bits & 1 for entry in entries):
            raise refusal("upload_encrypted", name)
        self.names = {entry.filename for entry in entries}

    def part(self, path: str) -> bytes | None:
        """The bytes of a part, or None where it is missing."""
        if path not in self.names:
            return None
        entry = self._zip.getinfo(path)
        parts, size = [], 0
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    self._left -= len(chunk)
                    exploding = size > RATIO_FROM and size > HIGHEST_RATIO * max(entry.compress_size, 1)
                    if self._left < 0 or exploding:
                        raise refusal("upload_bomb", self.name)
                    parts.append(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise refusal("upload_broken", self.name) from None
        return b"".join(parts)

    def measure(self) -> None:
        """Unpack every part once, to refuse what would explode in a library."""
        for path in self.names:
            self.part(path)
        self._left = MOST_BYTES

    def xml(self, path: str) -> etree._Element | None:
        data = self.part(path)
        return None if data is None else parsed(data, self.name)


def parsed(data: bytes, name: str) -> etree._Element:
    """The root of XML without a DTD. Raises KnowledgeError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise refusal("upload_broken", name) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise refusal("upload_dtd", name)
    return root
