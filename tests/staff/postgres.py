"""A real PostgreSQL server for the tests, in a folder of its own and on loopback only."""

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bot.cli.running import free_port

USERS = ("postgres", "nobody")
ADVICE = (
    "no PostgreSQL was found: install one (Debian: apt-get install postgresql) with initdb and postgres on the path"
)
LONGEST_START = 30.0


def found() -> bool:
    return bool(shutil.which("initdb") and shutil.which("postgres"))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves until the block ends; gives the address of an empty database. The server refuses to run as root."""
    user = next((u for u in USERS if _known(u)), None) if os.geteuid() == 0 else None
    data, port = folder / "data", free_port()
    data.mkdir()
    if user:
        shutil.chown(data, user)
        for above in (folder, *folder.parents):
            if above.stat().st_uid == 0 and above != Path(above.anchor):
                above.chmod(above.stat().st_mode | 0o011)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": data, "user": user}
    made = ["initdb", "-D", str(data), "-U", "yanapay", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(made, check=True, **quiet)
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    server = subprocess.Popen(["postgres", "-D", str(data), "-p", str(port), *options], **quiet)
    try:
        deadline = time.monotonic() + LONGEST_START
        while not (data / "postmaster.pid").is_file() or "ready" not in (data / "postmaster.pid").read_text():
            assert server.poll() is None and time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.1)
        yield f"postgresql://yanapay@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)


def _known(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False
