"""How soon the chat's button is there: from the last byte of its script to the frame that shows it."""

import os
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright
from rich.progress import Progress

from benchmarks.processes import serving
from benchmarks.report import Figures, Report
from bot.cli.running import free_port
from bot.setup import browser as browsers
from nlu.paths import ROOT

LIMIT = 100
VISITS = 20
LOOPBACK = "--disable-features=LocalNetworkAccessChecks"
SITE = "http://site.test/"
EMBEDDING = """<!doctype html><html lang="es"><head><title>Casa del Migrante</title>
<script src="{url}/widget.js" async></script></head>
<body><h1>Casa del Migrante</h1><p>Atendemos de lunes a viernes.</p></body></html>"""
WATCH = """new MutationObserver((_, watch) => {
  if (!document.querySelector("yanapay-chat")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
}).observe(document, { childList: true, subtree: true })"""
CASES = (
    ("on another site", True, 1),
    ("on the help page", False, 1),
    ("on another site, processor slowed to a quarter by the browser", True, 4),
    ("on the help page, slowed likewise", False, 4),
)
ARRIVED = "performance.getEntriesByType('resource').find((entry) => entry.name.includes('widget.js')).responseEnd"


def run(progress: Progress, quick: bool, command: str) -> Report:
    """Needs a Chromium. Raises RuntimeError without one."""
    executable = browsers.find()
    if executable is None:
        raise RuntimeError(browsers.ADVICE)
    visits = 3 if quick else VISITS
    task = progress.add_task("first paint of the button", total=len(CASES) * visits)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {**os.environ, "YANAPAY_PORT": str(port), "YANAPAY_RASA": "false"}
        started = [str(ROOT / ".venv/bin/yanapay"), "serve"]
        with serving(started, ROOT, environment, f"{url}/health", Path(folder) / "gateway.log"):
            browser = playwright.chromium.launch(executable_path=executable, args=[LOOPBACK])
            rows = []
            for name, embedded, slower in CASES:
                times = []
                for _ in range(visits):
                    times.append(_visit(browser, url, embedded, slower))
                    progress.advance(task)
                cells = [f"{t:.0f}" for t in (median(times), min(times), max(times))]
                rows.append([name, *cells, f"{median(times) / LIMIT:.2f}"])
            browser.close()
    notes = [
        f"Fresh visits, {visits} each; the limit is {LIMIT} ms. The other site's page has a heading, a line and our "
        "script; the help page is drawn for the first time in the same moment, with the names of eight languages."
    ]
    columns = ["", "median, ms", "least", "most", "median / limit"]
    return Report(
        "paint", "The button's first paint", command, [Figures("From script to button", columns, rows, notes)]
    )


def _visit(browser: Browser, url: str, embedded: bool, slower: int) -> float:
    """Milliseconds from the script's last byte to the frame with the button."""
    context = browser.new_context(locale="es", reduced_motion="reduce")
    page = context.new_page()
    if slower > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(WATCH)
    page.route(SITE, lambda route: route.fulfill(content_type="text/html", body=EMBEDDING.format(url=url)))
    page.goto(SITE if embedded else f"{url}/?lang=es")
    page.wait_for_function("window.painted")
    took = float(page.evaluate(f"window.painted - {ARRIVED}"))
    context.close()
    return took
