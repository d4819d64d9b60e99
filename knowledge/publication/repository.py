"""Publications as commits, where the knowledge folder is in a git repository."""

import re
import subprocess
from pathlib import Path

from knowledge.publication.history import Version

SECONDS = 20
NAME, ADDRESS = "Yanapay", "staff@yanapay.invalid"


class RepositoryError(Exception):
    """git did not do it; `str` is what git said."""


def commit(folder: Path, version: Version) -> bool:
    """A commit of the version's files and nothing else, with who published as its author.

    Whether it was made: not where git does not follow the files of the folder. Raises RepositoryError.
    """
    if not _followed(folder):
        return False
    named = sorted(version.files)
    _git(folder, "add", "--all", "--", *named)
    identity = ("-c", f"user.name={NAME}", "-c", f"user.email={ADDRESS}")
    author = f"--author={re.sub('[<>]', '', version.who) or NAME} <{ADDRESS}>"
    _git(
        folder,
        *identity,
        "commit",
        "-q",
        author,
        "-m",
        version.why or version.id,
        "--only",
        "--",
        *named,
    )
    return True


def _followed(folder: Path) -> bool:
    try:
        return bool(_git(folder, "ls-files", "--", "hotlines.yml", "documents").strip())
    except RepositoryError:
        return False


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RepositoryError(type(error).__name__) from error
    if done.returncode:
        raise RepositoryError(done.stderr.strip()[:300])
    return done.stdout
