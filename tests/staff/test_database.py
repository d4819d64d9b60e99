"""The same on SQLite and on PostgreSQL: tables by migration, accounts, drafts, history and counts."""

import datetime
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from bot.conversations import Conversation
from bot.staff import accounts, counts, drafts
from bot.staff.counts import Tally, asked, cells
from bot.staff.database import Database
from bot.staff.drafts import Collision
from bot.staff.history import DatabaseHistory
from bot.staff.models import Account, Base
from knowledge.publication import Version
from tests.staff.colleague import PASSWORD

TODAY = datetime.date.today()
MONTH = TODAY - datetime.timedelta(29)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "knowledge"
    (place / "documents/uno").mkdir(parents=True)
    (place / "documents/uno/es.md").write_text("publicado\n", "utf-8")
    return place


@pytest.fixture
def tally(database):
    one = Tally(database)
    yield one
    one.stop()


def test_the_migrations_make_the_tables_of_the_models(database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "staff_schema", "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_gateways_that_start_together_migrate_once(tmp_path, postgresql) -> None:
    for address in (None, SecretStr(postgresql)):
        failed: list[Exception] = []

        def start(address: SecretStr | None = address, failed: list[Exception] = failed) -> None:
            try:
                Database(address, tmp_path).close()
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


def test_only_its_owner_reads_the_file(tmp_path) -> None:
    database = Database(None, tmp_path)
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "editor")
        session.flush()
        files = list(tmp_path.glob("staff.db*"))
        assert len(files) == 3 and all(file.stat().st_mode & 0o077 == 0 for file in files)
    database.close()


def test_what_raises_is_undone(database) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "editor")
        session.flush()
        raise RuntimeError
    with database.session() as session:
        assert session.query(Account).count() == 0


@pytest.mark.parametrize(
    ("name", "password", "role", "code"),
    [
        ("r", PASSWORD, "editor", "name_form"),
        ("rosa/../", PASSWORD, "editor", "name_form"),
        ("juan", PASSWORD, "editor", "name_taken"),
        ("rosa", PASSWORD, "root", "role_unknown"),
        ("rosa", "corta", "editor", "password_short"),
        ("rosa-la-larga", "Rosa-la-larga", "editor", "password_short"),
        ("rosa", "x" * 201, "editor", "password_long"),
    ],
)
def test_accounts_that_are_refused(database, name, password, role, code) -> None:
    with database.session() as session:
        accounts.add(session, "juan", PASSWORD, "editor")
        with pytest.raises(accounts.AccountError) as refused:
            accounts.add(session, name, password, role)
    assert refused.value.code == code


def test_sign_in_and_out(database) -> None:
    with database.session() as session:
        account = accounts.add(session, "rosa", PASSWORD, "publisher")
        assert PASSWORD not in account.password and account.password.startswith("$argon2id$")
    with database.session() as session:
        one, two = (accounts.sign_in(session, "rosa", PASSWORD, "10.0.0.1") for _ in range(2))
    assert one and two and one != two
    with database.session() as session:
        staff = accounts.recognise(session, one)
        assert staff and staff.publisher and staff.name == "rosa"
        assert accounts.recognise(session, one[:-1]) is None
        accounts.set_password(session, "rosa", "otra clave bastante larga")
    with database.session() as session:
        assert accounts.recognise(session, one) is None and accounts.recognise(session, two) is None


def test_wrong_passwords_lock_an_account_longer_and_longer(database, monkeypatch) -> None:
    moment = accounts.now()
    monkeypatch.setattr(accounts, "now", lambda: moment)
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "publisher")
    waits = []
    for number in range(accounts.FREE_FAILURES + 3):
        with database.session() as session:
            assert accounts.sign_in(session, "rosa", "equivocada", f"10.0.0.{number}") is None
        with database.session() as session:
            account = session.query(Account).one()
            if account.locked_until:
                with pytest.raises(accounts.AccountError) as waiting:
                    accounts.sign_in(session, "rosa", PASSWORD, "10.0.1.1")
                waits.append(waiting.value.seconds)
                moment = account.locked_until + datetime.timedelta(seconds=1)
    assert waits == [31, 61, 121, 241]
    with database.session() as session:
        assert accounts.sign_in(session, "rosa", PASSWORD, "10.0.1.1")


def test_an_address_that_guesses_names_waits(database) -> None:
    for number in range(accounts.ADDRESS_FAILURES):
        with database.session() as session:
            assert accounts.sign_in(session, f"nadie{number}", "equivocada", "10.0.0.1") is None
    with database.session() as session, pytest.raises(accounts.AccountError):
        accounts.sign_in(session, "otro", "equivocada", "10.0.0.1")
    with database.session() as session:
        assert accounts.sign_in(session, "otro", "equivocada", "10.0.0.2") is None


@pytest.mark.parametrize(("age", "idle"), [(accounts.LONGEST, "created"), (accounts.IDLE, "seen")])
def test_a_cookie_ends(database, monkeypatch, age, idle) -> None:
    with database.session() as session:
        accounts.add(session, "rosa", PASSWORD, "publisher")
        token = accounts.sign_in(session, "rosa", PASSWORD, "10.0.0.1")
    later = accounts.now() + age + datetime.timedelta(seconds=1)
    with database.session() as session:
        known = session.query(accounts.SignIn).one()
        known.seen = later if idle == "created" else known.seen
    monkeypatch.setattr(accounts, "now", lambda: later)
    with database.session() as session:
        assert accounts.recognise(session, token) is None


def test_drafts(database, folder) -> None:
    path = "documents/uno/es.md"
    with database.session() as session:
        seen = drafts.standing(session, folder, path).seen
        assert drafts.save(session, folder, path, "mío\n", seen, "rosa")
    with database.session() as session:
        with pytest.raises(Collision) as collision:
            drafts.save(session, folder, path, "suyo\n", seen, "juan")
        assert (collision.value.theirs, collision.value.author) == ("mío\n", "rosa")
        standing = drafts.standing(session, folder, path)
        assert standing.text == "mío\n" and not standing.overtaken
        assert drafts.save(session, folder, path, "publicado\n", standing.seen, "juan")
        assert drafts.listed(session) == [], "a draft that is what is published is none"


def test_a_draft_that_a_publication_overtook_is_joined(database, folder) -> None:
    path = "documents/uno/es.md"
    with database.session() as session:
        drafts.save(session, folder, path, "mío\n", drafts.digest("publicado\n"), "rosa")
        (folder / path).write_text("más nuevo\n", "utf-8")
        standing = drafts.standing(session, folder, path)
        assert standing.overtaken
        drafts.save(session, folder, path, "los dos\n", standing.seen, "juan", drafts.digest("más nuevo\n"))
        assert not drafts.standing(session, folder, path).overtaken
        with pytest.raises(Collision):
            drafts.save(session, folder, path, "otro\n", drafts.digest("los dos\n"), "juan", drafts.digest("viejo\n"))


def test_a_draft_that_changed_is_not_discarded(database, folder) -> None:
    with database.session() as session:
        drafts.save(session, folder, "golden.yml", "a", "", "rosa")
        assert not drafts.discard(session, "golden.yml", drafts.digest("b"))
        assert drafts.discard(session, "golden.yml", drafts.digest("a"))


@pytest.mark.parametrize("path", ["../x.yml", "documents/../../x.md", "documents/a/es.py", "/etc/passwd", "terms.py"])
def test_other_files_cannot_be_drafted(database, folder, path) -> None:
    with database.session() as session, pytest.raises(ValueError):
        drafts.save(session, folder, path, "x", "", "rosa")


def test_history(database) -> None:
    history = DatabaseHistory(database)
    moment = datetime.datetime(2026, 11, 24, 4)
    first = Version("a", moment, "rosa", "por qué", {"documents/uno/es.md": (None, "ñandú\n")})
    second = Version("b", moment + datetime.timedelta(1), "juan", "quechua", {"golden.yml": ("x", None)})
    for version in (first, second):
        history.add(version)
    assert history.all() == [second, first]
    assert history.get("a") == first and history.get("c") is None


def people(tally: Tally, number: int, route: str, outcome: str = "answered", language: str = "es") -> None:
    for _ in range(number):
        one = Conversation("x", language)
        for _ in range(3):
            tally.noted(one, "web", route, "", outcome)


def test_counts_are_of_people(database, tally) -> None:
    people(tally, counts.FEWEST, "contact")
    people(tally, counts.FEWEST - 1, "assistance")
    one = Conversation("y", "ht")
    for number in range(20):
        tally.noted(one, "telegram", f"route{number}", "", "unanswered")
    tally.write()
    routes = {row.key[0]: (row.messages, row.people) for row in asked(database, ["route"], MONTH)}
    assert routes["contact"] == (15, 5) and routes["assistance"] == (None, None)
    languages = {row.key[0]: row.people for row in asked(database, ["language"], MONTH)}
    assert languages == {"es": 9, "ht": None}, "one person who asks twenty things is one person"
    assert [row.key for row in asked(database, [], MONTH, outcome="unanswered") if row.people] == []
    assert all(row[-1] >= counts.FEWEST for row in cells(database, MONTH))


def test_counts_are_added_to_those_there(database, tally) -> None:
    for _ in range(2):
        people(tally, 3, "contact")
        tally.write()
    assert [(r.messages, r.people) for r in asked(database, ["day"], MONTH)] == [(18, 6)]


def test_ratings_are_not_messages(database, tally) -> None:
    people(tally, 5, "contact")
    for _ in range(6):
        tally.noted(Conversation("x", "es"), "web", "contact", "offices", "unhelpful")
    tally.write()
    assert [r.messages for r in asked(database, ["day"], MONTH)] == [15]
    assert [(r.key, r.people) for r in asked(database, ["topic"], MONTH, route="contact", outcome="unhelpful")] == [
        (("offices",), 6)
    ]


def test_counts_wait_for_a_database_that_is_away(database, tally, monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("insert", {}, Exception())

    people(tally, 5, "contact")
    with monkeypatch.context() as patch:
        patch.setattr(database, "session", away)
        tally.write()
    tally.write()
    assert [r.people for r in asked(database, ["day"], MONTH)] == [5]
