"""A gateway that is killed while it publishes: the next one has the old or the new knowledge, whole."""

import os
import random
import signal
import time
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
KILLS = int(os.environ.get("YANAPAY_TEST_KILLS", "3"))
LONGEST_PUBLICATION = 3.0


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
    for _ in range(KILLS):
        rosa = Colleague(str(doomed.client.base_url), "rosa")
        old, new = sorted(NUMBERS, key=lambda n: n not in file.read_text("utf-8"))
        form = rosa.form(ES)
        changed = {k: v.replace(old, new) for k, v in form.items() if isinstance(v, str)}
        assert rosa.client.post(f"/staff{ES}", data=changed).status_code == 303
        sent = {**rosa.form("/publish"), "why": "prueba"}
        rosa.client.timeout = httpx.Timeout(20, read=random.uniform(0.01, LONGEST_PUBLICATION))
        try:
            rosa.client.post("/staff/publish", data=sent)
        except httpx.ReadTimeout:
            time.sleep(0.001)
        assert doomed.process
        doomed.process.send_signal(signal.SIGKILL)
        doomed.process.wait()
        doomed.start()
        shown = "\n".join(texts(say(doomed.client, QUESTION, language="es")))
        written = file.read_text("utf-8")
        assert [n for n in NUMBERS if n in shown] == [n for n in NUMBERS if n in written]
        assert not (doomed.var / "publication.json").exists() and not list(file.parent.glob(".*"))
        after = Colleague(str(doomed.client.base_url), "rosa")
        if new in written:
            assert "prueba" in after.get("/history")
        after.client.close()
        rosa.client.close()
