"""Trying drafts with a real Rasa, which asks back for passages."""

from bot.staff import accounts
from bot.staff.database import Database
from tests.gateway.serving import ServedGateway
from tests.staff.colleague import PASSWORD, Colleague

ES = "/documents/oim-peru/es"
QUESTION = "¿Cuántos empleados tiene la OIM?"


def test_rasa_answers_from_the_drafts(gateway: ServedGateway) -> None:
    database = Database(None, gateway.var)
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "editor")
    database.close()
    rosa = Colleague(str(gateway.client.base_url), "rosa")
    form = rosa.form(ES)
    changed = {name: value.replace("8,400", "9,999") for name, value in form.items() if isinstance(value, str)}
    assert rosa.client.post(f"/staff{ES}", data=changed).status_code == 303
    page = rosa.fill("/try", {"text": QUESTION, "language": "es"}).text
    published, draft = page.split("Con los borradores</h2>")
    for side, right, wrong in ((published, "8,400", "9,999"), (draft, "9,999", "8,400")):
        assert "con Rasa" in side and right in side and wrong not in side
    assert rosa.fill("/publish", {}, "/drafts/discard").status_code == 303
