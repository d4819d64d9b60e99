"""The targets of the Makefile: set up, then run, test, use Rasa, lock or clean."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from bot.setup import interpreter, plan, steps
from bot.setup.environments import uv, uv_on_path
from bot.setup.failures import SetupError
from bot.setup.guard import alone
from bot.setup.project import GATEWAY, RASA, ROOT, VAR, shown, surroundings

BIN = GATEWAY / "bin"


def become(*command: object) -> NoReturn:
    """Turn this process into another one, so that it gets the terminal's Ctrl-C itself."""
    sys.stdout.flush()
    words = [str(word) for word in command]
    os.execve(words[0], words, surroundings())


def set_up() -> None:
    with alone() as lock:
        steps.carry_out(plan.everything(), (lock,))


def run(arguments: list[str]) -> NoReturn:
    check_port()
    set_up()
    check_port()
    become(BIN / "yanapay", "serve", *arguments)


def check_port() -> None:
    """Raises SetupError where the gateway could not listen."""
    host, port = os.environ.get("YANAPAY_HOST") or "127.0.0.1", os.environ.get("YANAPAY_PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise SetupError(f"YANAPAY_PORT is {port!r}: it must be a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                problem = f"Port {port} is in use, perhaps by another Yanapay. Stop that one, or take another port"
            else:
                problem = f"Port {port} of {host} cannot be used ({error.strerror}). Take another one"
            raise SetupError(f"{problem}: YANAPAY_PORT=8001 make run") from None


def test(arguments: list[str]) -> NoReturn:
    """Style, types and tests, all three in any case. The exit status is pytest's, or 1 where only the others failed."""
    with alone() as lock:
        steps.carry_out(plan.everything(tests=True), (lock,))
    checks = {"ruff check": (f"{BIN}/ruff", "check", "."), "mypy": (f"{BIN}/python", "-m", "mypy")}
    failed = []
    for title, command in checks.items():
        print(f"{title}:", flush=True)
        if subprocess.run(command, cwd=ROOT, env=surroundings()).returncode:
            failed.append(title)
    pytest = (f"{BIN}/python", "-m", "pytest", *arguments)
    if not failed:
        become(*pytest)
    signal.signal(signal.SIGINT, lambda *_: None)
    code = subprocess.run(pytest, cwd=ROOT, env=surroundings()).returncode
    print(f"{' and '.join(failed)} found something: see above.", file=sys.stderr)
    sys.exit(code or 1)


def rasa(arguments: list[str]) -> NoReturn:
    with alone() as lock:
        steps.carry_out(plan.for_rasa(), (lock,))
    become(RASA / "bin" / "python", "-m", "nlu.server", *arguments)


def lock_versions(arguments: list[str]) -> NoReturn:
    with alone() as lock:
        if not uv_on_path():
            steps.carry_out([(plan.UV,)], (lock,))
        python = interpreter.find(str(uv()))
    become(python, "-m", "bot.setup.locks", *arguments)


def clean(sure: bool) -> None:
    if VAR in (ROOT, Path.home(), *ROOT.parents):
        raise SetupError(f"YANAPAY_VAR is {VAR}: that holds more than this project's state, so nothing was removed.")
    with alone():
        folders = [folder for folder in (VAR, ROOT / "models", GATEWAY, RASA) if folder.exists()]
        if not folders:
            print("Nothing to remove.")
            return
        names = ", ".join(map(shown, folders))
        if not sure and not agreed(f"Remove {names}? Conversations, feedback and the index in them go too. [y/N] "):
            print("Nothing was removed.")
            return
        for folder in folders:
            shutil.rmtree(folder)
            print(f"{shown(folder)} removed")


def agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise SetupError("Nobody can be asked here. To remove without a question: make clean ARGS=--yes")
    return input(question).strip().lower() in ("y", "yes", "s", "si", "sí")


def main() -> None:
    words = sys.argv[1:]
    words, extra = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(prog="python3 -m bot.setup", description="Sets up what is missing, then acts.")
    parser.add_argument("target", nargs="?", default="all", choices=("all", "run", "test", "rasa", "lock", "clean"))
    parser.add_argument("--yes", action="store_true", help="clean: don't ask")
    parser.add_argument("arguments", nargs="*", help="for run, test, rasa and lock, best after --")
    options, unknown = parser.parse_known_args(words)
    arguments = [*options.arguments, *unknown, *extra, *shlex.split(os.environ.get("ARGS", ""))]
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.target == "all":
            set_up()
        elif options.target == "clean":
            clean(options.yes or "--yes" in arguments)
        else:
            {"run": run, "test": test, "rasa": rasa, "lock": lock_versions}[options.target](arguments)
    except SetupError as failure:
        print(f"\n{failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print("\nStopped. The next run goes on where this one was.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
