"""What went wrong, in words that say what to do about it."""

from __future__ import annotations

import re

LINES_SHOWN = 15

ADVICE = (
    (
        r"No space left on device|os error 28",
        "The disk is full. Free some space (`uv cache clean` often gives several GB) and run it again.",
    ),
    (
        r"dns error|Name or service not known|Temporary failure in name resolution|error sending request|"
        r"[Cc]onnection (refused|reset|timed out)|operation timed out|NewConnectionError|client error \(Connect\)",
        "The package registry could not be reached. Check the connection (behind a proxy: HTTPS_PROXY; "
        "behind a mirror: UV_DEFAULT_INDEX; with an own certificate: SSL_CERT_FILE) and run it again. What was fetched "
        "is kept.",
    ),
    (
        r"No solution found|no wheels? with a matching|not found in the package registry|has no version of",
        "The lock file names a package that the registry does not have for this machine. The locks are for Linux on "
        "x86-64; after changing pyproject.toml, `make lock` makes them anew.",
    ),
    (r"Permission denied|os error 13", "The project's folder, or uv's cache, may not be written to by this user."),
    (r"MemoryError|Cannot allocate memory|std::bad_alloc", "The machine ran out of memory: about 3 GB must be free."),
)


class SetupError(Exception):
    """A set-up that cannot go on. Its text is shown as it is."""


class CommandError(Exception):
    """A command that ended badly: `code` as subprocess gives it, `output` what it printed."""

    def __init__(self, code: int, output: str) -> None:
        super().__init__(f"exit status {code}")
        self.code = code
        self.output = output


def advice(code: int, output: str) -> str:
    """One or two sentences on what to do, or nothing where the output has to speak for itself."""
    if code == -9:
        return "The system killed it, most likely for want of memory: about 3 GB must be free."
    for pattern, text in ADVICE:
        if re.search(pattern, output):
            return text
    if missing := re.search(r"(?:ModuleNotFoundError: |python\S*: )No module named '?([\w.]+)", output):
        module = missing[1]
        if module.split(".")[0] in ("bot", "nlu", "knowledge", "actions"):
            return f"This checkout has no module {module}: is it complete? `git status` shows what is missing."
        return f"The environment lacks {module}: if pyproject.toml names it, `make lock` adds it to the lock."
    if missing := re.search(r"can't open file '([^']+)'|FileNotFoundError: .*?'([^']+)'", output):
        return f"{missing[1] or missing[2]} is missing: is the checkout complete?"
    return ""


def tail(output: str) -> str:
    """The last lines of an output, indented, without colours and blank lines."""
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-LINES_SHOWN:])
