"""Somebody in front of a page with the chat: what they do, and what they see of it."""

import time
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from tests.gateway.serving import ThreadGateway

NEUTRAL = "https://es.wikipedia.org/"


def gone(gateway: ThreadGateway, conversation: str) -> bool:
    """Whether the gateway forgets a conversation within five seconds."""
    known, deadline = gateway.app.state.reception.conversations, time.monotonic() + 5
    while known.has(conversation) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not known.has(conversation)


class Visitor:
    """`faults` are the errors of the page; `requests` what it has asked for."""

    def __init__(self, page: Page):
        self.page = page
        self.faults: list[str] = []
        self.requests: list[Any] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))

    def part(self, selector: str) -> Locator:
        return self.page.locator(f"yanapay-chat {selector}")

    @property
    def panel(self) -> Locator:
        return self.part(".panel")

    @property
    def input(self) -> Locator:
        return self.part("textarea")

    def visit(self, address: str) -> "Visitor":
        self.page.goto(address)
        expect(self.part(".frame")).to_be_attached()
        return self

    def open(self) -> "Visitor":
        self.part(".launch").click()
        expect(self.panel).to_be_visible()
        return self

    def write(self, text: str) -> None:
        """Send a message without waiting for its answer."""
        self.input.fill(text)
        self.input.press("Enter")

    def say(self, text: str) -> None:
        answered = self.page.evaluate_handle(
            """() => { const chat = document.querySelector("yanapay-chat");
               return { done: new Promise((go) => chat.addEventListener("yanapay:answer", go, { once: true })) }; }"""
        )
        self.write(text)
        answered.evaluate("({ done }) => done.then(() => true)")

    @property
    def conversation(self) -> str:
        """The name under which the server knows the first conversation."""
        return next(r.post_data_json["conversation_id"] for r in self.requests if r.url.endswith("/api/messages"))

    def said(self) -> list[str]:
        """All that is shown of the conversation, in its order."""
        return self.part(".said").all_inner_texts()

    def violations(self) -> list[str]:
        """What axe finds, and what it cannot tell about contrasts, for which it wants the chat inside the body."""
        self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
        self.page.evaluate("document.body.append(...document.querySelectorAll('html > yanapay-chat'))")
        contrasts = self.page.evaluate("axe.run('yanapay-chat', { runOnly: ['color-contrast'] })")
        found += contrasts["violations"] + contrasts["incomplete"]
        return [f"{v['id']}: {[n['target'] for n in v['nodes']]} {v['nodes'][0]['failureSummary']}" for v in found]

    def stored(self) -> dict[str, Any]:
        """What the browser keeps for the page's site."""
        return self.page.evaluate(
            """async () => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie,
               databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length })"""
        )
