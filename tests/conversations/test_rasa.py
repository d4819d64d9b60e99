"""Rasa's own tests of the dialogue: the stories of this folder, and the consistency of data and domain."""

import os
import subprocess
from pathlib import Path

from nlu.paths import ROOT

STORIES = Path(__file__).parent


def rasa(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "YANAPAY_ACTIONS_URL": "http://127.0.0.1:9/unused", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [ROOT / ".venv-rasa/bin/python", "-m", "nlu.server", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_stories(tmp_path):
    done = rasa("test", "core", "--stories", STORIES, "--fail-on-prediction-errors", "--out", tmp_path, "--no-plot")
    failed = tmp_path / "failed_test_stories.yml"
    assert done.returncode == 0, (failed.read_text("utf-8") if failed.exists() else "") + done.stderr[-3000:]
    assert "0 / 0" not in done.stdout + done.stderr


def test_data_is_valid(tmp_path):
    done = rasa("data", "validate", "--data", ROOT / "nlu/data", "--domain", ROOT / "domain.yml")
    assert done.returncode == 0, done.stderr[-3000:]
