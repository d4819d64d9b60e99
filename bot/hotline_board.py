"""The hotlines as they are shown: read anew when the file changes; a broken file leaves the last good ones standing."""

import shutil
from pathlib import Path

import structlog
import yaml

from knowledge.findings import KnowledgeError
from knowledge.hotlines import PATH, Hotlines, read_hotlines

log = structlog.get_logger()


class HotlineBoard:
    """`file` is what staff edit; `kept` a copy of its last good state; the project's own file is the last resort."""

    def __init__(self, file: Path, kept: Path):
        self.file, self.kept = file, kept
        self.changed: float | None = None
        self.lines = Hotlines([], {})

    def __call__(self) -> Hotlines:
        try:
            changed = self.file.stat().st_mtime
        except OSError:
            changed = -1.0
        if changed != self.changed:
            self.changed = changed
            self._read()
        return self.lines

    def _read(self) -> None:
        for path in (self.file, self.kept, PATH):
            try:
                self.lines = read_hotlines(path)
            except (KnowledgeError, OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
                log.error("hotlines_broken", file=path.name, error=type(error).__name__)
                continue
            if path == self.file and self.lines.get("1818"):
                self.kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, self.kept)
            return
