"""Tables of figures, for the terminal and for the Markdown file beside each benchmark."""

import datetime
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Figures:
    """One table; `notes` say what was measured and how, a sentence or two each."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """The tables of one benchmark and the command that makes them again."""

    name: str
    title: str
    command: str
    tables: list[Figures] = field(default_factory=list)

    def print(self, console: Console) -> None:
        for figures in self.tables:
            table = Table(*figures.columns, title=figures.title, title_justify="left")
            for row in figures.rows:
                table.add_row(*row)
            console.print(table)

    def write(self) -> Path:
        """Markdown, for people who don't run it."""
        parts = [f"# {self.title}", f"{datetime.date.today().isoformat()}, {machine()}. All figures are of one run:"]
        parts.append(f"```\n{self.command}\n```")
        for figures in self.tables:
            lines = [figures.columns, ["---"] + ["---:"] * (len(figures.columns) - 1), *figures.rows]
            parts.append(f"## {figures.title}")
            parts += figures.notes
            parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        path = HERE / f"{self.name}.md"
        path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        return path


def machine() -> str:
    """In words, such as "2 cores, AMD EPYC, 23 GiB"."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {model[1] if model else 'unknown processor'}, {memory:.0f} GiB of memory"


def ratio(value: float, baseline: float) -> str:
    return f"{value / baseline:.2f}×"
