"""Steps of the set-up, with small real commands in a folder of their own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.setup import commands, guard, plan, project, steps
from bot.setup.failures import CommandError, SetupError, advice, tail
from bot.setup.progress import Progress
from bot.setup.steps import Step, Task

COPY = "import pathlib, sys; pathlib.Path(sys.argv[2]).write_text(pathlib.Path(sys.argv[1]).read_text().upper())"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A project with one input; its stamps and logs lie beside it."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(project, "ROOT", tmp_path)
    (tmp_path / "input.txt").write_text("uno")
    return tmp_path


def copying(place: Path, runs: list[str], **changes) -> Step:
    def action(task: Task) -> None:
        runs.append(task.title)
        task.run(sys.executable, "-c", COPY, place / "input.txt", place / "output.txt")

    made = {"outputs": (place / "output.txt",), "inputs": ("input.txt",), "stamps": place / "stamps", **changes}
    return Step("copy", "copying", action, **made)


def failing(place: Path, program: str, **changes) -> Step:
    def action(task: Task) -> None:
        task.run(sys.executable, "-c", program)

    return Step("fail", "failing", action, outputs=(), inputs=("input.txt",), stamps=place / "stamps", **changes)


def carry_out(*wanted: Step) -> None:
    steps.carry_out([(step,) for step in wanted])


def test_a_step_is_done_once_and_then_skipped(place, capsys):
    runs: list[str] = []
    carry_out(copying(place, runs))
    assert (place / "output.txt").read_text() == "UNO"
    carry_out(copying(place, runs))
    assert runs == ["copying"]
    assert "up to date" in capsys.readouterr().out


def redo_by_input(place: Path) -> dict:
    (place / "input.txt").write_text("dos")
    return {}


def redo_by_output(place: Path) -> dict:
    (place / "output.txt").unlink()
    return {}


def redo_by_stamp(place: Path) -> dict:
    (place / "stamps" / "copy.json").write_text("half of a st")
    return {}


def redo_by_fact(place: Path) -> dict:
    return {"facts": {"version": "2"}}


def redo_by_new_file(place: Path) -> dict:
    (place / "more.txt").write_text("x")
    return {"inputs": ("*.txt",), "without": ("output.txt",)}


def redo_by_mark(place: Path) -> dict:
    (place / "INCOMPLETE").touch()
    return {"unfinished": place / "INCOMPLETE"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (redo_by_input, "input.txt changed"),
        (redo_by_output, "output.txt was missing"),
        (redo_by_stamp, ""),
        (redo_by_fact, "version changed"),
        (redo_by_new_file, "more.txt changed"),
        (redo_by_mark, "was interrupted"),
    ],
)
def test_a_step_is_done_again_and_says_why(place, capsys, change: Callable[[Path], dict], reason):
    runs: list[str] = []
    carry_out(copying(place, runs))
    step = copying(place, runs, **change(place))
    assert step.reason() == reason
    carry_out(step)
    assert runs == ["copying"] * 2
    assert reason in capsys.readouterr().out
    assert (place / "output.txt").read_text() == (place / "input.txt").read_text().upper()


def test_files_left_out_and_caches_are_no_inputs(place):
    runs: list[str] = []
    (place / "__pycache__").mkdir()
    chosen = {"inputs": ("**/*.txt",), "without": ("output.txt", "other.txt")}
    carry_out(copying(place, runs, **chosen))
    (place / "other.txt").write_text("x")
    (place / "__pycache__" / "cached.txt").write_text("x")
    carry_out(copying(place, runs, **chosen))
    assert runs == ["copying"]


def test_a_step_follows_those_before_it(place):
    runs: list[str] = []
    before = copying(place, runs)
    after = Step(
        "after", "after", lambda task: runs.append("after"), outputs=(), after=(before,), stamps=place / "stamps"
    )
    carry_out(before, after)
    carry_out(before, after)
    assert runs == ["copying", "after"]
    (place / "input.txt").write_text("dos")
    carry_out(before, after)
    assert runs == ["copying", "after"] * 2


def test_a_failure_leaves_no_stamp_and_shows_the_end_of_the_log(place, capsys):
    step = failing(place, "import sys; print('first line'); print('the reason', file=sys.stderr); sys.exit(3)")
    with pytest.raises(SetupError) as caught:
        carry_out(step)
    assert "failing failed (exit status 3)" in str(caught.value)
    assert "the reason" in str(caught.value) and "first line" in str(caught.value)
    assert "setup-fail.log" in str(caught.value)
    assert not step.stamp.exists()
    assert "the reason" in step.log.read_text()
    assert "failed after" in capsys.readouterr().out


def test_a_step_that_failed_is_done_again_though_nothing_changed(place):
    runs: list[str] = []
    carry_out(copying(place, runs))
    (place / "input.txt").write_text("dos")
    good = copying(place, runs)
    bad = Step(
        "copy", "copying", failing(place, "raise SystemExit(1)").action, good.outputs, good.inputs, stamps=good.stamps
    )
    with pytest.raises(SetupError):
        carry_out(bad)
    (place / "input.txt").write_text("uno")
    carry_out(good)
    assert runs == ["copying"] * 2


def test_a_step_that_makes_nothing_has_failed(place):
    step = Step("idle", "idling", lambda task: None, outputs=(place / "nothing.txt",), stamps=place / "stamps")
    with pytest.raises(SetupError, match=r"made no nothing\.txt"):
        carry_out(step)
    assert not step.stamp.exists()


def test_steps_after_a_failure_are_not_begun(place):
    runs: list[str] = []
    with pytest.raises(SetupError):
        carry_out(failing(place, "raise SystemExit(1)"), copying(place, runs))
    assert runs == []


def test_steps_side_by_side_are_all_ended_and_all_failures_told(place):
    runs: list[str] = []
    other = Step("other", "other", failing(place, "raise SystemExit(4)").action, outputs=(), stamps=place / "stamps")
    with pytest.raises(SetupError) as caught:
        steps.carry_out([(failing(place, "raise SystemExit(3)"), copying(place, runs), other)])
    assert "exit status 3" in str(caught.value) and "exit status 4" in str(caught.value)
    assert runs == ["copying"]


def test_a_commands_own_words_are_enough(place):
    step = failing(place, "print('es.md:7: say who reviewed it'); raise SystemExit(1)", own_words=True)
    with pytest.raises(SetupError) as caught:
        carry_out(step)
    assert str(caught.value) == "es.md:7: say who reviewed it"


def test_a_stamp_remembers_the_inputs_from_before_the_action(place):
    """What is edited while a step runs is done again the next time."""
    step = copying(place, [])

    def editing(task: Task) -> None:
        step.action(task)
        (place / "input.txt").write_text("edited meanwhile")

    carry_out(Step("copy", "copying", editing, step.outputs, step.inputs, stamps=step.stamps))
    assert step.reason() == "input.txt changed"


def test_commands_get_the_projects_surroundings_and_no_input(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    program = (
        "import os, sys; e = os.environ;"
        "print(os.getcwd(), e.get('PYTHONPATH'), e.get('VIRTUAL_ENV'), e['EXTRA'], repr(sys.stdin.read()))"
    )
    commands.run([sys.executable, "-c", program], tmp_path / "log", EXTRA="7")
    assert (tmp_path / "log").read_text().splitlines()[-1] == f"{commands.ROOT} None None 7 ''"


def test_a_command_that_fails_tells_its_own_output_only(tmp_path):
    commands.run([sys.executable, "-c", "print('before')"], tmp_path / "log")
    with pytest.raises(CommandError) as caught:
        commands.run([sys.executable, "-c", "print('mine'); raise SystemExit(9)"], tmp_path / "log")
    assert (caught.value.code, caught.value.output) == (9, "mine\n")


@pytest.mark.parametrize(
    ("code", "output", "words"),
    [
        (1, "OSError: [Errno 28] No space left on device", "disk is full"),
        (1, "error: dns error: failed to lookup address information", "registry could not be reached"),
        (1, "  × No solution found when resolving dependencies", "lock"),
        (1, "ModuleNotFoundError: No module named 'nlu.encoder'", "checkout"),
        (1, "ModuleNotFoundError: No module named 'yaml'", "make lock"),
        (1, "PermissionError: [Errno 13] Permission denied: '/x'", "written"),
        (-9, "", "memory"),
        (1, "MemoryError", "memory"),
    ],
)
def test_advice(code, output, words):
    assert words in advice(code, output)


def test_no_advice_where_nothing_is_known():
    assert advice(1, "something else") == ""
    assert advice(0, "") == ""


def test_the_tail_is_short_and_without_colours():
    lines = [f"\x1b[31mline {i}\x1b[0m\n" for i in range(40)]
    found = tail("\n".join(lines)).splitlines()
    assert len(found) == 15
    assert (found[0], found[-1]) == ("    line 25", "    line 39")


def test_progress_on_a_plain_stream_is_one_line_a_step():
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.start("one")
        progress.done("one", "input changed")
        progress.up_to_date("two")
        progress.start("three")
        progress.failed("three")
    lines = stream.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["one", "two", "three"]
    assert "\x1b" not in stream.getvalue()
    assert lines[0].endswith("input changed")


def test_two_set_ups_at_once_are_refused_and_one_after_the_other_not(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "LOCK", tmp_path / "lock")
    with guard.alone():
        assert (tmp_path / "lock").read_text().strip() == str(os.getpid())
        with pytest.raises(SetupError, match=f"process {os.getpid()}"), guard.alone():
            pass
    with guard.alone():
        pass


def test_the_lock_of_a_set_up_that_died_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "LOCK", tmp_path / "lock")
    program = (
        "import sys, os, pathlib; from bot.setup import guard; guard.LOCK = pathlib.Path(sys.argv[1]);"
        "guard.alone().__enter__(); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "lock")], cwd=commands.ROOT)
    assert (tmp_path / "lock").read_text().strip().isdigit()
    with guard.alone():
        pass


def test_every_step_of_the_plan_has_its_own_name_and_real_inputs():
    made = [value for value in vars(plan).values() if isinstance(value, Step)]
    assert len({s.name for s in made}) == len({s.title for s in made}) == len(made) >= 8
    for step in made:
        for pattern in step.inputs:
            assert any(plan.ROOT.glob(pattern)), (step.name, pattern)
        assert step.made_from()
        json.dumps(step.made_from())
