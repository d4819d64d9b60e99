"""The Chromium in which the tests try the widget: the machine's own, or Debian's, installed where that is allowed."""

from __future__ import annotations

import contextlib
import os
import shutil

from bot.setup.failures import CommandError
from bot.setup.steps import Task

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "no Chromium was found: install one (Debian: apt-get install chromium), or name one in YANAPAY_TEST_BROWSER"


def find() -> str | None:
    """The path of a Chromium."""
    named = os.environ.get("YANAPAY_TEST_BROWSER")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


def add(task: Task) -> None:
    """Install one as root where Debian's tools are; elsewhere the tests say what to do, and are left out."""
    if find() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    with contextlib.suppress(CommandError):
        task.run("apt-get", "update", note="package list")
        quietly = {"DEBIAN_FRONTEND": "noninteractive"}
        task.run("apt-get", "install", "-y", "--no-install-recommends", "chromium", note="chromium", **quietly)
