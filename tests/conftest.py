"""Gateways that several tests share: `gateway` is served with a real Rasa, `lone` runs in this process without one."""

import os
from collections.abc import Iterator

import pytest

from tests.gateway.serving import ServedGateway, ThreadGateway, in_thread, served

os.environ.pop("TELEGRAM_TOKEN", None)  # no test may speak for a real bot


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    """The whole gateway, one for all tests: leave its parts and files as they are. A busy machine may slow its Rasa."""
    with served(tmp_path_factory.mktemp("gateway"), rasa_timeout=15) as started:
        yield started


@pytest.fixture(scope="session")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    """Another one, whose parts may be killed; it forgets a conversation after six seconds."""
    with served(tmp_path_factory.mktemp("mortal"), conversation_minutes=0.1) as started:
        yield started


@pytest.fixture(scope="session")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadGateway]:
    """A gateway without Rasa: quick, and its `app` can be looked into."""
    with in_thread(tmp_path_factory.mktemp("lone")) as started:
        yield started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: Playwright leaves a loop running here, beside which no other can start."""
    items.sort(key=lambda item: "tests/browser/" in item.path.as_posix())
