"""Makes the lock files from pyproject.toml: `make lock`, or `make lock ARGS=--upgrade` for the newest versions.

Three lists of exact versions for Linux on x86-64, without hosts, indexes or paths: the gateway's (less torch, which
set-up installs in its build for CPUs), what the tests add to it, and Rasa's. Needs Python 3.11 for tomllib.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from bot.setup.environments import TORCH, uv
from bot.setup.failures import SetupError
from bot.setup.project import ROOT, surroundings

OPTIONS = ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28", "--no-annotate", "--no-header")
FOR_GRAPHICS_CARDS = ("torch", "triton", "nvidia-", "cuda-")
HEAD = "# {what}. Made by `make lock` from pyproject.toml; don't edit.\n"


def name(line: str) -> str:
    return line.split("==")[0].strip()


def compiled(lock: Path, requirements: list[str], *options: str) -> list[str]:
    """Resolve requirements, keeping the versions that `lock` has unless --upgrade is among the options."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "requirements.in"), Path(folder, "requirements.lock")
        source.write_text("\n".join(requirements) + "\n")
        if lock.exists():
            target.write_text(lock.read_text())
        wheels = [part for place in os.environ.get("PIP_FIND_LINKS", "").split() for part in ("--find-links", place)]
        command = [str(uv()), "pip", "compile", str(source), "-o", str(target), "--python", sys.executable]
        command += ["--quiet", *OPTIONS, *wheels, *options]
        if subprocess.run(command, cwd=ROOT, env=surroundings()).returncode:
            raise SetupError(f"{lock.name} could not be made: see uv's message above. The file is as it was.")
        return [line for line in target.read_text().splitlines() if "==" in line and not line.startswith(("#", "-"))]


def write(lock: Path, what: str, lines: list[str]) -> None:
    lock.write_text(HEAD.format(what=what) + "".join(f"{line}\n" for line in lines))
    print(f"{lock.name}: {len(lines)} packages")


def main(options: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    gateway, tests, rasa = (ROOT / f"requirements{kind}.lock" for kind in ("", "-test", "-rasa"))
    with tempfile.TemporaryDirectory() as folder:
        overrides = Path(folder, "overrides")
        overrides.write_text("\n".join(project["tool"]["yanapay"]["rasa"]["overrides"]) + "\n")
        rasa_lines = compiled(
            rasa, project["tool"]["yanapay"]["rasa"]["requirements"], "--override", str(overrides), *options
        )
        wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"], f"torch=={TORCH}"]
        whole = compiled(gateway, wanted, *options)
        fixed = Path(folder, "fixed")
        fixed.write_text("\n".join(whole) + "\n")
        wanted += project["project"]["optional-dependencies"]["test"]
        with_tests = compiled(tests, wanted, "--constraint", str(fixed), *options)
    write(rasa, "Rasa's environment", rasa_lines)
    lean = [line for line in whole if not name(line).startswith(FOR_GRAPHICS_CARDS)]
    write(gateway, "The gateway's environment, less torch", lean)
    write(tests, "What the tests add to the gateway's environment", [line for line in with_tests if line not in whole])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as failure:
        sys.exit(str(failure))
