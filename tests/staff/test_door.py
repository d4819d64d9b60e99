"""Who comes in, what they may do, and what forms from elsewhere may not."""

import re
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from bot.cli import staff
from bot.settings import Settings
from bot.staff import accounts, web
from bot.staff.console import PAGES
from bot.staff.models import Account, DraftRow
from tests.gateway.serving import in_thread, say
from tests.staff.colleague import PASSWORD, Colleague

ROUTES = [route for module in PAGES for route in module.router.routes if isinstance(route, APIRoute)]
OPEN = {"/in"}
PLACES = {"{name}": "oim-peru", "{language}": "es", "{id}": "1818"}
FOREIGN = re.compile(r"<style|<script(?![^>]*src=\"/staff/static/)|\sstyle=|\son\w+=|https?://[^\s\"<]+\.js")
FOR_PUBLISHERS = {"/accounts", "/accounts/{name}", "/publish", "/history/{id}/undo"}


def places(method: str) -> list[str]:
    return [r.path for r in ROUTES if method in r.methods and r.path not in OPEN]


def filled(path: str) -> str:
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("path", places("GET"))
def test_a_page_is_for_who_is_signed_in(colleague, path) -> None:
    stranger = colleague()
    for cookie in ("", "wrong"):
        stranger.client.cookies.set(web.COOKIE, cookie, path="/staff")
        answer = stranger.client.get(f"/staff{filled(path)}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/in")


@pytest.mark.parametrize("path", places("POST"))
def test_a_form_is_for_who_is_signed_in(colleague, path) -> None:
    assert colleague().client.post(f"/staff{filled(path)}", data={"csrf": ""}).headers["location"] == "/staff/in"


@pytest.mark.parametrize("path", places("POST"))
def test_a_form_is_one_of_ours(colleague, console, path) -> None:
    rosa, juan = colleague("rosa"), colleague("juan")
    for wrong in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": juan.csrf}):
        answer = rosa.client.post(f"/staff{filled(path)}", data=wrong)
        assert answer.status_code == 403, answer.text
    right = {"csrf": rosa.csrf}
    for header in ({"Origin": "https://example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert rosa.client.post(f"/staff{filled(path)}", data=right, headers=header).status_code == 403
    with console.database.session() as session:
        assert session.query(DraftRow).count() == 0 and session.query(Account).count() == 4


@pytest.mark.parametrize("path", sorted(FOR_PUBLISHERS))
def test_editors_do_not_publish(colleague, path) -> None:
    juan = colleague("juan")
    answer = juan.post(filled(path), {"shown": "", "why": "porque sí"})
    assert answer.status_code == 403 and "publican" in answer.text


def test_what_an_editor_sees(colleague) -> None:
    juan, rosa = colleague("juan"), colleague("rosa")
    juan.get("/accounts", 403)
    assert "/staff/accounts" not in juan.get("/") and "/staff/accounts" in rosa.get("/")


def test_every_answer_has_the_headers(colleague) -> None:
    rosa = colleague("rosa")
    for path in ("/", "/static/staff.css", "/nothing", "/people.csv", "/documents/oim-peru/xx"):
        answer = rosa.client.get(f"/staff{path}")
        assert answer.headers["content-security-policy"] == web.POLICY
        assert "unsafe" not in web.POLICY and "http" not in web.POLICY
        assert answer.headers["x-frame-options"] == "DENY" and answer.headers["cache-control"] == "no-store"


def test_what_does_not_change_is_kept_by_the_browser(colleague) -> None:
    one = colleague()
    [address] = re.findall(r'"/staff(/static/staff\.css\?\w+)"', one.get("/in"))
    answer = one.client.get(f"/staff{address}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"] and answer.headers["content-encoding"] == "gzip"
    assert one.client.get("/staff/in?a").headers["cache-control"] == "no-store"


def test_pages_need_no_style_or_script_of_their_own(colleague) -> None:
    rosa = colleague("rosa")
    for path in places("GET"):
        page = rosa.client.get(f"/staff{filled(path)}").text
        assert not re.search(
            r"<style|<script(?![^>]*src=\"/staff/static/)|\sstyle=|\son\w+=|https?://[^\s\"<]+\.js", page
        )


def test_the_cookie_is_a_new_one_after_signing_in(colleague) -> None:
    """A cookie that somebody planted before is not the one that is signed in."""
    planted = "a" * 43
    rosa = colleague()
    rosa.client.cookies.set(web.COOKIE, planted, path="/staff")
    answer = rosa.sign_in(PASSWORD, "rosa")
    given = answer.headers.get_list("set-cookie")[0]
    assert answer.status_code == 303 and planted not in given
    assert all(part in given for part in ("HttpOnly", "SameSite=strict", "Path=/staff", "Max-Age="))
    stranger = colleague()
    stranger.client.cookies.set(web.COOKIE, planted, path="/staff")
    assert stranger.client.get("/staff/").headers["location"] == "/staff/in"


def test_signing_in_again_ends_what_was_signed_in(colleague) -> None:
    rosa = colleague("rosa")
    old = rosa.client.cookies[web.COOKIE]
    assert rosa.sign_in(PASSWORD).status_code == 303
    stranger = colleague()
    stranger.client.cookies.set(web.COOKIE, old, path="/staff")
    assert stranger.client.get("/staff/").status_code == 303


def test_the_cookie_is_for_https_where_the_address_is(office, console, colleague, monkeypatch) -> None:
    monkeypatch.setattr(console.settings, "public_url", "https://ayuda.example")
    one = colleague()
    token = re.findall(r'name="token" value="([^"]+)"', one.client.get("/staff/in").text)[0]
    cookie = one.client.get("/staff/in").headers["set-cookie"]
    assert "; Secure" in cookie
    forwarded = {"Origin": "https://ayuda.example", "Cookie": f"yanapay_staff_door={token}"}
    filled = {"name": "rosa", "password": PASSWORD, "token": token}
    answer = httpx.post(f"{office.url}/staff/in", data=filled, headers=forwarded)
    assert answer.status_code == 303 and "; Secure" in answer.headers["set-cookie"]


def test_a_sign_in_form_from_elsewhere_is_refused(colleague) -> None:
    one = colleague()
    one.client.get("/staff/in")
    assert one.client.post("/staff/in", data={"name": "rosa", "password": PASSWORD}).status_code == 403
    assert web.COOKIE not in one.client.cookies


def test_brute_force(colleague) -> None:
    """Guesses lock the account; the right password does not open it before its time, and nobody else waits."""
    thief, rosa = colleague(), colleague()
    guessed = [thief.sign_in(f"clave número {n}", "rosa") for n in range(accounts.FREE_FAILURES + 1)]
    assert [a.status_code for a in guessed] == [401] * accounts.FREE_FAILURES + [429]
    assert int(guessed[-1].headers["retry-after"]) > 0
    assert rosa.sign_in(PASSWORD, "rosa").status_code == 429
    assert colleague("juan").get("/")


def test_guesses_at_the_same_time_count(colleague) -> None:
    statuses: list[int] = []

    def guess() -> None:
        statuses.append(colleague().sign_in("equivocada del todo", "ana").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) == accounts.FREE_FAILURES and statuses.count(429) == 12 - accounts.FREE_FAILURES


def test_unknown_names_take_as_long_as_known_ones(colleague, console, monkeypatch) -> None:
    real = PasswordHasher()
    monkeypatch.setattr(accounts, "hasher", real)
    monkeypatch.setattr(accounts, "NOBODY", real.hash("nadie"))
    with console.database.session() as session:
        accounts.set_password(session, "juan", PASSWORD)
        accounts.set_password(session, "ana", PASSWORD)

    def seconds(name: str) -> float:
        found = []
        for _ in range(4):
            started = time.perf_counter()
            assert colleague().sign_in("equivocada del todo", name).status_code == 401
            found.append(time.perf_counter() - started)
        return min(found)

    assert seconds("juan") / seconds("nadie") < 3 and seconds("nadie") / seconds("ana") < 3


def test_out_everywhere(colleague) -> None:
    one, two = colleague("rosa"), colleague("rosa")
    assert one.post("/out", {"everywhere": "1"}).status_code == 303
    assert two.client.get("/staff/").status_code == 303
    one, two = colleague("rosa"), colleague("rosa")
    one.post("/out", {})
    assert one.client.get("/staff/").status_code == 303 and two.get("/")


def test_a_new_password(colleague) -> None:
    rosa, elsewhere = colleague("rosa"), colleague("rosa")
    new = "otra clave bastante larga"
    for old, one, two, told in (
        ("no es esta", new, new, "no son correctos"),
        (PASSWORD, new, "distinta de la otra", "no son iguales"),
        (PASSWORD, "corta", "corta", "12 caracteres"),
    ):
        answer = rosa.post("/account/password", {"old": old, "new": one, "again": two})
        assert answer.status_code == 422 and told in answer.text
    assert rosa.post("/account/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert elsewhere.client.get("/staff/").status_code == 303
    assert colleague().sign_in(PASSWORD, "rosa").status_code == 401
    assert colleague().sign_in(new, "rosa").status_code == 303


def test_accounts_are_made_and_closed_in_the_console(colleague) -> None:
    rosa = colleague("rosa")
    made = {"name": "luz", "password": PASSWORD, "role": "editor"}
    assert rosa.post("/accounts", made).status_code == 303
    assert rosa.post("/accounts", made).status_code == 422
    luz = colleague("luz")
    assert rosa.post("/accounts/luz", {"do": "off"}).status_code == 303
    assert luz.client.get("/staff/").status_code == 303 and luz.sign_in(PASSWORD).status_code == 401
    rosa.post("/accounts/luz", {"do": "on"})
    assert luz.sign_in(PASSWORD).status_code == 303
    assert rosa.post("/accounts/rosa", {"do": "off"}).status_code == 422
    assert "cuenta creada" in rosa.get("/accounts")


def test_the_language_of_the_console(colleague) -> None:
    rosa = colleague("rosa")
    assert "Qué hay que hacer" in rosa.get("/")
    rosa.post("/account/language", {"language": "en"})
    assert "What needs doing" in rosa.get("/")
    assert "Sign in" in colleague(language="en-GB,es;q=0.3").get("/in")


@contextmanager
def sent_slowly(office, path: str, cookie: str):
    """A request whose body never ends."""

    def body():
        for _ in range(400):
            yield b"x" * 100_000

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    with httpx.Client(timeout=20) as client:
        yield client.post(f"{office.url}/staff{path}", content=body(), headers=headers)


def test_a_stranger_sends_no_large_form(office, console) -> None:
    started = time.perf_counter()
    with sent_slowly(office, "/golden", "") as answer:
        assert answer.status_code == 303
    assert time.perf_counter() - started < 5


def test_a_form_that_never_ends(office, colleague) -> None:
    rosa = colleague("rosa")
    with sent_slowly(office, "/golden", f"{web.COOKIE}={rosa.client.cookies[web.COOKIE]}") as answer:
        assert answer.status_code == 413


def test_commands(tmp_path, monkeypatch) -> None:
    """The first administrator is made where the machine is run."""
    monkeypatch.setattr(staff, "settings", lambda: Settings(var=tmp_path))
    run = CliRunner().invoke
    assert run(staff.app, ["add", "rosa"], input=f"{PASSWORD}\n").exit_code == 0
    assert run(staff.app, ["add", "rosa"], input=f"{PASSWORD}\n").exit_code == 1
    assert run(staff.app, ["add", "juan"], input="corta\n").exit_code == 1
    assert "publisher" in run(staff.app, ["list"]).output
    assert run(staff.app, ["password", "rosa"], input="otra clave bastante larga\n").exit_code == 0
    assert run(staff.app, ["switch", "rosa", "--off"]).exit_code == 0
    assert "off" in run(staff.app, ["list"]).output
    assert run(staff.app, ["switch", "nadie", "--off"]).exit_code == 1


def test_without_a_database_people_are_answered(tmp_path) -> None:
    with in_thread(tmp_path, database="postgresql://nobody@127.0.0.1:1/none") as alone:
        assert say(alone.client, "hola")["replies"]
        assert alone.client.get("/staff/").status_code == 404


def test_a_database_that_goes_away(colleague, console, monkeypatch) -> None:
    rosa = colleague("rosa")

    def away() -> None:
        raise OperationalError("select", {}, Exception())

    monkeypatch.setattr(console.database, "session", away)
    for path in ("/", "/nothing", "/golden"):
        answer = rosa.client.get(f"/staff{path}")
        assert answer.status_code in (503, 404) and "text/html" in answer.headers["content-type"]
    assert rosa.client.post("/staff/golden", data={"csrf": "x"}).status_code == 503


def test_the_console_without_the_sentence_model(tmp_path) -> None:
    """Everything but publishing goes on."""
    with in_thread(tmp_path, without=("encoder",)) as alone:
        with alone.app.state.console.database.session() as session:
            accounts.add(session, "rosa", PASSWORD, "publisher")
        rosa = Colleague(alone.url, "rosa")
        rosa.fill("/golden", {"row-0-question": "x", "row-0-wants": "urgent:no"})
        for path in places("GET"):
            assert rosa.client.get(f"/staff{filled(path)}").status_code in (200, 404, 422, 303), path
        assert "9,999" not in rosa.fill("/try", {"text": "hola"}).text
        assert rosa.post("/phrases", {"urgent": "a", "language": "es", "do": "look"}).status_code == 200
        refused = rosa.fill("/publish", {"why": "x"})
        assert refused.status_code == 503 and "modelo de frases" in refused.text


def test_the_console_can_be_off(tmp_path) -> None:
    with in_thread(tmp_path, without=("encoder",), staff=False) as alone:
        assert alone.client.get("/staff/in").status_code == 404
        assert not (tmp_path / "var/staff.db").exists()
