"""How soon a published number is in the API and in Telegram, and undone again, while people write all the time."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

import httpx
from rich.progress import Progress

from benchmarks.client import percentiles
from benchmarks.report import Figures, Report, ratio
from bot.evaluation.messages import read
from bot.staff import accounts
from bot.staff.database import Database
from nlu.paths import ROOT
from tests.gateway.serving import ServedGateway, served
from tests.staff.colleague import PASSWORD, Colleague
from tests.telegram import updates
from tests.telegram.fake import TOKEN, FakeTelegram
from tests.telegram.serving import tell

ASKED_SECONDS = 5.0
ROUNDS, PEOPLE, CALM = 10, 4, 10.0
LONGEST = 60.0
PATH = "/documents/oim-peru/es"
QUESTION = "¿Cuántos empleados tiene la OIM?"
NUMBERS = ("8,400", "9,999")
NOBODY_BEFORE = count(5_000)


@dataclass
class Watch:
    """What a channel said to the question: when it was asked and answered, and the number in the answer."""

    answers: list[tuple[float, float, str]] = field(default_factory=list)

    def note(self, asked: float, text: str) -> None:
        self.answers.append((asked, time.perf_counter(), "/".join(n for n in NUMBERS if n in text)))

    def until(self, number: str, since: float) -> float:
        """Seconds from `since` until the question was first answered with a number."""
        while time.perf_counter() - since < LONGEST:
            for asked, answered, found in list(self.answers):
                if asked >= since and found == number:
                    return answered - since
            time.sleep(0.005)
        raise RuntimeError(f"{number} never came")


@dataclass
class Crowd:
    """People who write without a pause; `faults` are requests that failed, `times` in ms, each with its end."""

    port: int
    texts: list[str]
    watch: Watch
    times: list[tuple[float, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def write(self, ended: threading.Event, place: int) -> None:
        """Every third message is the question."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            for number in count(place):
                if ended.is_set():
                    return
                text = QUESTION if number % 3 == 0 else self.texts[number % len(self.texts)]
                begun = time.perf_counter()
                try:
                    response = client.post("/api/messages", json={"text": text})
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))
                    continue
                self.times.append((time.perf_counter(), (time.perf_counter() - begun) * 1000))
                if response.status_code != 200:
                    self.faults.append(response.text)
                elif text == QUESTION:
                    self.watch.note(begun, response.text)


def run(progress: Progress, quick: bool, command: str) -> Report:
    rounds = 1 if quick else ROUNDS
    task = progress.add_task("publication", total=2 * rounds + 1)
    rows: dict[str, list[dict[str, float]]] = {"published": [], "undone": []}
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        fake = FakeTelegram().start()
        running.callback(fake.stop)
        telegram = {"telegram_token": TOKEN, "telegram_api": fake.url, "telegram_per_second": 0}
        gateway = running.enter_context(served(folder / "it", public_url="http://127.0.0.1", **telegram))
        rosa = _publisher(gateway)
        rest, chats = Watch(), Watch()
        crowd = Crowd(gateway.port, _texts(), rest)
        running.enter_context(_asking([*_people(crowd), lambda ended: _chat(ended, gateway, fake, chats)]))
        time.sleep(CALM)
        begun = time.perf_counter()
        for _ in range(rounds):
            for name, act, number in (("published", _publish, NUMBERS[1]), ("undone", _undo, NUMBERS[0])):
                progress.update(task, description=f"publication: {name}", advance=1)
                press = act(rosa)
                since = time.perf_counter()
                press()
                pressed = time.perf_counter() - since
                seconds = {"page": pressed, "API": rest.until(number, since), "Telegram": chats.until(number, since)}
                rows[name].append(seconds)
        rosa.client.close()
    progress.update(task, description="publication: done", advance=1)
    title = "A number that is published, and undone, under load"
    return Report("publication", title, command, [_live(rows), _load(crowd, [rest, chats], begun)])


def _publisher(gateway: ServedGateway) -> Colleague:
    database = Database(None, gateway.var)
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "publisher")
    database.close()
    return Colleague(str(gateway.client.base_url), "rosa")


def _texts() -> list[str]:
    return [case.text for case in read(sorted((ROOT / "tests/evaluation/messages/dev").glob("*.jsonl")))]


def _people(crowd: Crowd) -> Iterator[Callable[[threading.Event], None]]:
    for place in range(PEOPLE):
        yield lambda ended, place=place: crowd.write(ended, place)


def _chat(ended: threading.Event, gateway: ServedGateway, fake: FakeTelegram, watch: Watch) -> None:
    """Somebody new in Telegram, again and again."""
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway.port}", timeout=30) as client:
        while not ended.is_set():
            person, asked = next(NOBODY_BEFORE), time.perf_counter()
            tell(client, updates.written(person, QUESTION))
            found = fake.until(lambda who=person: [s for s in fake.texts(who) if any(n in s for n in NUMBERS)])
            watch.note(asked, "\n".join(found))


@contextmanager
def _asking(doings: list[Callable[[threading.Event], None]]) -> Iterator[None]:
    ended = threading.Event()
    threads = [threading.Thread(target=doing, args=(ended,)) for doing in doings]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _publish(rosa: Colleague) -> Callable[[], None]:
    """A draft with the other number, checked; what is returned presses the button."""
    form = {k: v.replace(*NUMBERS) if isinstance(v, str) else v for k, v in rosa.form(PATH).items()}
    rosa.client.post(f"/staff{PATH}", data=form)
    sent = {**rosa.form("/publish"), "why": "benchmark"}
    return lambda: _pressed(rosa.client.post("/staff/publish", data=sent), "told=published")


def _undo(rosa: Colleague) -> Callable[[], None]:
    newest = rosa.get("/history").split("/staff/history/")[1].split('"')[0]
    sent = {"csrf": rosa.csrf}
    return lambda: _pressed(rosa.client.post(f"/staff/history/{newest}/undo", data=sent), "told=undone")


def _pressed(response: httpx.Response, told: str) -> None:
    if told not in response.headers.get("location", ""):
        raise RuntimeError(response.text)


def _live(rows: dict[str, list[dict[str, float]]]) -> Figures:
    shown = []
    for name, rounds in rows.items():
        for place in rounds[0]:
            seconds = [found[place] for found in rounds]
            shown.append(
                [
                    f"{name}: {place}",
                    ratio(max(seconds), ASKED_SECONDS),
                    f"{median(seconds):.2f}",
                    f"{max(seconds):.2f}",
                ]
            )
    notes = [
        f"The whole gateway with Rasa and Telegram (the fake Bot API of the tests). One number in the Spanish document "
        f"changes in the console, {len(rows['published'])} times there and back. Seconds from pressing *Publish* or "
        "*Undo*: until the console's page comes back; until somebody who asked after that press got the other number "
        f"over the API; the same in Telegram, as its message arrived. {ASKED_SECONDS:.0f} s at most were asked for.",
    ]
    return Figures("Until it is live", ["", "of what was asked", "median s", "longest s"], shown, notes)


def _load(crowd: Crowd, watches: list[Watch], begun: float) -> Figures:
    calm = [ms for ended, ms in crowd.times if ended < begun]
    busy = [ms for ended, ms in crowd.times if ended >= begun]
    asked = [found for watch in watches for _, _, found in watch.answers]
    rows = [
        [
            name,
            ratio(percentiles(times)[0], percentiles(calm)[0]),
            str(len(times)),
            *map("{:.0f}".format, percentiles(times)),
        ]
        for name, times in (("before", calm), ("while publishing and undoing", busy))
    ]
    notes = [
        f"{PEOPLE} people over the API and one in Telegram, each without a pause, on the same cores: dev messages in "
        "eight languages, and every third message of the API and all of Telegram the question about the number. "
        f"{len(crowd.times)} messages, of them **{len(crowd.faults)} failed**. {len(asked)} answers to the question, "
        f"**{sum(found not in NUMBERS for found in asked)} with both numbers or with none**.",
    ]
    return Figures("The people who write", ["", "p50", "messages", "p50 ms", "p95 ms"], rows, notes)
