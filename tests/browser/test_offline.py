"""Without a network, or without a server: what is written is kept and sent later; the panel says so and shows 1818."""

import pytest
from playwright.sync_api import expect

from bot.catalogue import catalogue
from tests.gateway.serving import in_thread

OFFLINE = catalogue().text("es", "widget.offline")
WAITING = catalogue().text("es", "widget.waiting")


def says_so(one) -> None:
    expect(one.part("[role=status]")).to_have_text(OFFLINE)
    expect(one.part(".hotline")).to_have_count(1)
    expect(one.part(".hotline a[href='tel:1818']")).to_be_visible()


def test_what_is_written_offline_is_sent_in_its_order(lone, visitor):
    one = visitor().visit(lone.url).open()
    one.page.context.set_offline(True)
    one.write("hola")
    one.write("¿Cuál es el correo de la oficina?")
    says_so(one)
    expect(one.part(".mark")).to_have_text([WAITING, WAITING])
    sent = []
    one.page.on("request", lambda r: sent.append(r.post_data_json["text"]) if r.url.endswith("messages") else None)
    one.page.context.set_offline(False)
    expect(one.part(".answer").first).to_be_visible()
    assert sent[-2:] == ["hola", "¿Cuál es el correo de la oficina?"]
    expect(one.part(".mark")).to_have_count(0)
    expect(one.part("[role=status]")).to_have_text("")


def test_a_server_that_is_down_from_the_start(visitor, site, tmp_path):
    """The script is there, from the browser's cache, and the server is not: said as soon as the panel opens."""
    with in_thread(tmp_path / "it", origins=site.url) as gateway:
        one = visitor().visit(site.page("down", gateway.url))
    one.open()
    says_so(one)
    one.write("hola")
    expect(one.part(".mark")).to_have_text(WAITING)
    one.part(".state button").click()
    expect(one.part(".mark")).to_have_text(WAITING)


UNUSABLE = [{"json": answer} for answer in ({}, [], None, "hello")] + [{"status": 503, "body": "<html>"}]


@pytest.mark.parametrize("answer", UNUSABLE, ids=str)
def test_what_waits_is_sent_when_answers_are_ours_again(lone, visitor, answer):
    """A server that is overburdened, or the login page of a network."""
    one = visitor().visit(lone.url)
    one.page.route("**/api/messages", lambda route: route.fulfill(**answer))
    one.open()
    one.write("hola")
    says_so(one)
    one.page.unroute("**/api/messages")
    one.part(".state button").click()
    expect(one.part(".mark")).to_have_count(0)
    expect(one.part("[role=status]")).to_have_text("")


def test_a_language_that_cannot_be_fetched_leaves_the_one_that_is_there(lone, visitor):
    one = visitor()
    one.page.route("**/widget/*/pt.json", lambda route: route.abort())
    one.visit(f"{lone.url}/?lang=es").open()
    one.part("select").select_option("pt")
    expect(one.part("select")).to_have_value("es")
    expect(one.part(".exit")).to_have_text(catalogue().text("es", "widget.exit"))
