"""The Python 3.11 that both environments are made with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.setup.failures import SetupError
from bot.setup.project import surroundings

VERSION = (3, 11)
QUESTION = "import bz2, ctypes, sqlite3, ssl, sys; print(*sys.version_info[:2]); print(sys.executable)"


def find(uv: str) -> str:
    """Path of a Python 3.11 that runs; uv fetches one where there is none. Raises SetupError."""
    for candidate in candidates():
        if path := runs(candidate):
            return path
    return fetched(uv)


def candidates() -> Iterator[str]:
    """This interpreter, those on the PATH, then pyenv's, which its shims may hide, newest first."""
    yield sys.executable
    for folder in os.get_exec_path():
        if path := shutil.which("python3.11", path=folder):
            yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    versions = [folder for folder in pyenv.glob("versions/3.11.*") if folder.suffix[1:].isdigit()]
    for version in sorted(versions, key=lambda folder: int(folder.suffix[1:]), reverse=True):
        yield str(version / "bin" / "python")


def runs(candidate: str) -> str:
    """The real path of the interpreter, or nothing where it is another version, incomplete or only a shim."""
    try:
        answer = subprocess.run(
            [candidate, "-c", QUESTION], capture_output=True, text=True, timeout=30, check=True, env=surroundings()
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer[1] if len(answer) == 2 and tuple(map(int, answer[0].split())) == VERSION else ""


def fetched(uv: str) -> str:
    """uv's own Python 3.11, fetched where it is not there yet."""
    fetch = subprocess.run([uv, "python", "install", "3.11"], capture_output=True, text=True)
    find_it = [uv, "python", "find", "--python-preference", "only-managed", "3.11"]
    found = subprocess.run(find_it, capture_output=True, text=True)
    if not found.returncode and (path := runs(found.stdout.strip())):
        return path
    raise SetupError(
        "There is no Python 3.11 here (looked at the PATH and at pyenv's versions), and uv could not fetch one:\n"
        f"    {(fetch.stderr.strip().splitlines() or ['no reason given'])[-1].strip()}\n"
        "Install it (Debian 12: apt-get install python3.11; pyenv: pyenv install 3.11) and run it again."
    )
