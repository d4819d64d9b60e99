"""What the chat weighs, how it may be kept, and how soon its button is there."""

import gzip
import re

import pytest

from bot.widget.assembly import numbered
from nlu.language import LANGUAGES

BUDGET = 8000


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_in_all_at_most_8_kb(lone, language):
    """Script, style and the texts of one language, as they are sent and as anybody's gzip packs them."""
    with lone.client.stream("GET", "/widget.js", params={"lang": language}) as response:
        sent = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    script = gzip.decompress(sent)
    assert len(sent) <= BUDGET and len(gzip.compress(script, 9)) <= BUDGET
    assert language in script.decode()


def test_names_become_places():
    places = ["retry", "close"]
    assert numbered("words.close(given.exit, given.words.retry)", places) == "words[1](given_exit, given_words[0])"
    with pytest.raises(ValueError, match="lost"):
        numbered("words.lost", places)


def test_only_names_for_other_sites_are_sent_whole(lone):
    for name in ("widget.js", "widget/any/chat.css"):
        properties = set(re.findall(r"--[\w-]{2,}", lone.client.get(f"/{name}").text))
        assert properties == {"--yanapay-font", "--yanapay-radius", "--yanapay-bottom"}


def test_one_language_is_sent(lone):
    script = lone.client.get("/widget.js", headers={"Accept-Language": "qu"}).text
    assert "Qallariymanta" in script and "Empezar de nuevo" not in script


def test_what_has_a_version_is_kept_for_ever(lone):
    script = lone.client.get("/widget.js", params={"lang": "es"})
    version = re.search(r"/widget/(\w+)/help.css", lone.client.get("/").text)[1]
    assert version in script.text
    for name in ("qu.json", "chat.css", "help.css", "icon.svg"):
        part = lone.client.get(f"/widget/{version}/{name}")
        assert part.status_code == 200 and "immutable" in part.headers["cache-control"]
        older = lone.client.get(f"/widget/{version[:-1]}-/{name}")
        assert older.content == part.content and older.headers["cache-control"] == "no-cache"
    assert lone.client.get(f"/widget/{version}/nothing.js").status_code == 404
    assert lone.client.get("/widget/of-other-places/qu.json").status_code == 404
    again = lone.client.get("/widget.js", params={"lang": "es"}, headers={"If-None-Match": script.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert "max-age=300" in script.headers["cache-control"] and "Accept-Language" in script.headers["vary"]


def test_only_known_sites_may_ask_and_frame(known, site):
    for origin, allowed in ((site.url, site.url), ("https://other.example", None)):
        answer = known.client.get("/api/languages", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
    policy = known.client.get("/chat").headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {site.url}")


def test_the_card_follows_the_hotlines(tmp_path):
    from tests.gateway.serving import in_thread

    with in_thread(tmp_path / "it") as gateway:
        file = gateway.app.state.settings.knowledge / "hotlines.yml"
        before = gateway.client.get("/widget.js").headers["etag"]
        file.write_text(file.read_text("utf-8").replace("es: Línea 1818", "es: Línea mejor 1818"), "utf-8")
        after = gateway.client.get("/widget.js")
        assert after.headers["etag"] != before and "Línea mejor" in after.text
