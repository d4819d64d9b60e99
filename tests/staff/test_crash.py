"""A gateway that is killed while it publishes: the next one has the old or the new knowledge, whole."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bot.staff import accounts
from bot.staff.database import Database
from tests.gateway.serving import ServedGateway, say, texts
from tests.staff.colleague import PASSWORD, Colleague

ES = "/documents/oim-peru/es"
QUESTION = "¿Cuántos empleados tiene la OIM?"
NUMBERS = ("8,400", "9,999")
WHY = "Cifra corregida"
KILLS = int(os.environ.get("YANAPAY_TEST_KILLS", "3"))


@pytest.fixture
def doomed(tmp_path: Path):
    one = ServedGateway(tmp_path, rasa=False)
    try:
        one.start()
        yield one
    finally:
        one.stop()


def test_killed_in_the_middle_of_a_publication(doomed: ServedGateway) -> None:
    database = Database(None, doomed.var)
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "publisher")
    database.close()
    file = doomed.knowledge / "documents/oim-peru/es.md"
    random.seed(6)
    outcomes = Counter()
    longest = 0.0
    for number in range(KILLS + 1):
        rosa = Colleague(str(doomed.client.base_url), "rosa")
        old, new = sorted(NUMBERS, key=lambda n: n not in file.read_text("utf-8"))
        form = rosa.form(ES)
        changed = {k: v.replace(old, new) for k, v in form.items() if isinstance(v, str)}
        assert rosa.client.post(f"/staff{ES}", data=changed).status_code == 303
        sent = {**rosa.form("/publish"), "why": WHY}
        moment = longest * (number - random.random()) / KILLS if number else 60.0
        rosa.client.timeout = httpx.Timeout(20, read=max(moment, 0.001))
        begun = time.monotonic()
        with contextlib.suppress(httpx.ReadTimeout):
            rosa.client.post("/staff/publish", data=sent)
        longest = longest or time.monotonic() - begun
        assert doomed.process
        doomed.process.send_signal(signal.SIGKILL)
        doomed.process.wait()
        doomed.start()
        shown = "\n".join(texts(say(doomed.client, QUESTION, language="es")))
        written = file.read_text("utf-8")
        assert [n for n in NUMBERS if n in shown] == [n for n in NUMBERS if n in written] != []
        assert not (doomed.var / "publication.json").exists() and not list(file.parent.glob(".*"))
        after = Colleague(str(doomed.client.base_url), "rosa")
        published = after.get("/history").count(f"<td>{WHY}</td>")
        outcomes["new" if new in written else "old"] += 1
        assert published == outcomes["new"]
        after.client.close()
        rosa.client.close()
    print(f"{KILLS} kills in publications of {longest:.1f} s, after one that was not cut off:", dict(outcomes))
