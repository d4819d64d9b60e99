"""A Chromium for all tests, a visitor for each, and a site on another port that a gateway knows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bot.setup import browser as browsers
from tests.browser.sites import Site
from tests.browser.visitor import NEUTRAL, Visitor
from tests.gateway.serving import ThreadGateway, in_thread

NOTHING = {"local": {}, "session": {}, "cookies": "", "databases": 0, "caches": 0}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = browsers.find()
    if path is None:
        pytest.skip(browsers.ADVICE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, ignore_default_args=["--disable-back-forward-cache"])
        yield started
        started.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts; the neutral page is answered for without a network."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        one = chromium.new_context(**{"locale": "es", "reduced_motion": "reduce", **options})
        one.set_default_timeout(15_000)
        one.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<title>neutral</title>", content_type="text/html"))
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def visitor(context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors in contexts of their own; none may have met an error of a script."""
    made: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        made.append(Visitor(context(**options).new_page()))
        return made[-1]

    yield make
    assert [fault for one in made for fault in one.faults] == []


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    started = Site()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def known(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadGateway]:
    """A gateway without Rasa that lets `site` embed the chat."""
    with in_thread(tmp_path_factory.mktemp("known"), origins=site.url) as started:
        yield started
