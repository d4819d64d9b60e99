"""uv, and the two environments that it fills: the gateway's and Rasa's.

While an environment is being changed it holds a file INCOMPLETE; one that still does is made anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.setup import interpreter
from bot.setup.failures import CommandError, SetupError, advice, tail
from bot.setup.project import GATEWAY, ROOT, VAR
from bot.setup.steps import Task, present

UV_VERSION = "0.13.9"
LEAST_UV = (0, 7)
OWN_UV = VAR / "uv" / "bin" / "uv"
TORCH = "2.13.0"
INCOMPLETE = "INCOMPLETE"
COMPILED = {"UV_COMPILE_BYTECODE": "1"}


def uv_on_path() -> Path | None:
    """The machine's own uv, where it is new enough."""
    found = shutil.which("uv")
    return Path(found) if found and uv_version(found) >= LEAST_UV else None


def uv_version(path: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.match(r"uv (\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else ()


def install_uv(task: Task) -> None:
    folder = OWN_UV.parent.parent
    shutil.rmtree(folder, ignore_errors=True)
    try:
        task.run(sys.executable, "-m", "venv", folder)
        task.run(folder / "bin" / "python", "-m", "pip", "install", "--no-input", f"uv=={UV_VERSION}")
    except CommandError as failure:
        shutil.rmtree(folder, ignore_errors=True)
        if "ensurepip" in failure.output:
            raise SetupError(
                f"{sys.executable} cannot make environments. Install uv (any package manager has it), or what this "
                "Python lacks (Debian, Ubuntu: apt-get install python3-venv), and run it again."
            ) from None
        raise


def uv() -> Path:
    """The machine's uv, else the project's own, which `install_uv` makes."""
    return uv_on_path() or OWN_UV


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Mark an environment as incomplete until the block has ended.

    Where uv itself reports a failure the mark goes too: it fetches everything before it changes anything.
    """
    mark = folder / INCOMPLETE
    mark.touch()
    try:
        yield
    except CommandError as failure:
        if failure.code > 0:
            mark.unlink()
        raise
    mark.unlink()


def create(task: Task, folder: Path, lock: str, torch: bool = False) -> None:
    """Make an environment from scratch out of a lock file."""
    task.progress.note(task.title, "looking for Python 3.11")
    tool = uv()
    python = interpreter.find(str(tool))
    shutil.rmtree(folder, ignore_errors=True)
    task.run(tool, "venv", "--python", python, folder)
    with changing(folder):
        install(task, tool, folder, "-r", lock, note="packages", **({} if torch else COMPILED))
        if torch:
            install_torch(task, tool, folder)


def install(task: Task, tool: Path, folder: Path, *what: str, note: str, **variables: str) -> None:
    task.run(tool, "pip", "install", "--no-deps", "--python", folder / "bin" / "python", *what, note=note, **variables)


def install_torch(task: Task, tool: Path, folder: Path) -> None:
    """The build for CPUs: the registry's own for Linux brings several GB for graphics cards that nothing here uses."""
    ways: list[tuple[str, ...]] = [("--torch-backend", "cpu", f"torch=={TORCH}")]
    if wheels := os.environ.get("PIP_FIND_LINKS"):
        ways.insert(0, (*(part for place in wheels.split() for part in ("--find-links", place)), f"torch=={TORCH}+cpu"))
    account = []
    for way in ways:
        try:
            install(task, tool, folder, *way, note="torch", **COMPILED)
            return
        except CommandError as failure:
            account += [f"  uv pip install {' '.join(way)}", tail(failure.output), advice(failure.code, failure.output)]
    raise SetupError(
        f"torch {TORCH} for CPUs could not be installed. Tried:\n"
        + "\n".join(line for line in account if line)
        + "\nWith a wheel of it in a folder: PIP_FIND_LINKS=FOLDER make setup"
    )


def add_tests(task: Task) -> None:
    with changing(GATEWAY):
        install(task, uv(), GATEWAY, "-r", "requirements-test.lock", note="packages", **COMPILED)


def add_project(task: Task) -> None:
    with changing(GATEWAY):
        editable = ("--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", ".")
        install(task, uv(), GATEWAY, *editable, note="")


def pinned(lock: str, package: str) -> str:
    """The version of a package in a lock file, "" where it is not there."""
    path = ROOT / lock
    found = re.search(rf"^{re.escape(package)}==(\S+)", path.read_text(), re.MULTILINE) if path.exists() else None
    return found[1] if found else ""


def check_space(needed: dict[Path, float]) -> None:
    """`needed` is GB for each environment that may have to be made. Raises SetupError where the disk is too full."""
    missing = sum(size for folder, size in needed.items() if not present(folder / "bin" / "python"))
    free = shutil.disk_usage(ROOT).free / 1e9
    if missing and free < missing:
        raise SetupError(
            f"The environments need about {missing:.0f} GB, and the disk of {ROOT} has {free:.1f} GB free.\n"
            f"Free some space (`uv cache clean`, `make clean`, or move the project) and run it again."
        )
