"""The public HTTP contract of DESIGN.md: its schema, each field of real answers, problem documents, pages."""

import html
import re
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import unsupported_method

from bot.api.schemas import ROUTES
from bot.catalogue import catalogue
from bot.cli.running import free_port
from knowledge.hotlines import read_hotlines
from nlu.language import LANGUAGES
from nlu.paths import ROOT
from tests.gateway.messages import QUESTIONS, URGENT
from tests.gateway.serving import card_first, in_thread, kinds, say, sentences, shown, texts

ORIGINAL = (ROOT / "knowledge/documents/oim-peru/es.md").read_text("utf-8")
SECTIONS = set(re.findall(r"\{#(\w+)\}", ORIGINAL))
ANSWER_TYPES = {"hotline", "answer", "clarify", "fallback", "smalltalk", "notice"}


WITH_INPUT = ["POST /api/messages", "POST /api/feedback", "DELETE /api/conversations/{conversation_id}"]
WITHOUT_INPUT = ["GET /api/languages", "GET /health", "GET /ready"]
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
GENERATED = [*((o, POSITIVE) for o in WITH_INPUT + WITHOUT_INPUT), *((o, NEGATIVE) for o in WITH_INPUT)]


@pytest.fixture(scope="module")
def openapi(lone):
    return schemathesis.openapi.from_url(f"{lone.url}/openapi.json")


@pytest.mark.parametrize(("operation", "mode"), GENERATED)
def test_generated_requests(openapi, operation, mode):
    """Requests made from the schema, right ones and wrong ones, get answers that keep to the schema; never a 500."""
    method, path = operation.split()
    without = [unsupported_method, *([not_a_server_error] if path == "/ready" else [])]

    @given(case=openapi[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def keeps_to_the_schema(case):
        case.call_and_validate(excluded_checks=without)

    keeps_to_the_schema()


def test_every_operation_is_tried(openapi):
    found = {f"{result.ok().method.upper()} {result.ok().path}" for result in openapi.get_all_operations()}
    assert found == {*WITH_INPUT, *WITHOUT_INPUT}


class TestAnswer:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_urgent(self, gateway, language):
        answer = say(gateway.client, URGENT[language][0][1])
        assert card_first(answer)
        assert answer["language"] == language
        assert answer["route"] in ("trafficking", "emergency")
        known = {line.id: line for line in read_hotlines(gateway.knowledge / "hotlines.yml")}
        for line in answer["replies"][0]["hotlines"]:
            fact = known[line["id"]]
            assert (line["phone"], line.get("option")) == (fact.phone, fact.option)
            assert (line["name"], line["purpose"]) == (fact.name(language), fact.purpose(language))
            assert line["checked"] == fact.checked.isoformat()
        reports = next(line for line in answer["replies"][0]["hotlines"] if line["id"] == "1818")
        assert reports["option"] == "1"
        assert all(s["quote"] in ORIGINAL for s in shown(answer))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_question(self, gateway, language):
        answer = say(gateway.client, QUESTIONS[language])
        assert (answer["language"], answer["route"], answer["urgent"]) == (language, "contact", False)
        (source,) = shown(answer)
        assert (source["document"], source["section"]) == ("oim-peru", "contact")
        assert source["quote"] in ORIGINAL and "iomperu@iom.int" in source["quote"]
        assert source["translated"] is (language != "es") and source["language"] == language
        assert source["quote_language"] == "es"
        assert source["title"] and "iomperu@iom.int" in texts(answer)[0]
        status = catalogue().languages[language]["status"]
        assert (status == "draft") is (catalogue().text(language, "draft_notice") in texts(answer)[0])

    def test_every_passage_quotes_the_original(self, lone):
        """The words of the file itself, Markdown's escapes and all, whatever is shown to people."""
        passages = lone.app.state.reception.answers.library.index.passages
        assert {p.section for p in passages} == SECTIONS
        assert [p.id for p in passages if p.quote not in ORIGINAL] == []
        assert all(p.versions["es"].text for p in passages)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_quick_replies_work_when_sent_back(self, gateway, language):
        """Every payload that a conversation offers is answered, in the language, by what its title says."""
        offered = {q["payload"]: q["title"] for q in say(gateway.client, "hola", language=language)["quick_replies"]}
        assert {f"/topic {r}" for r in ROUTES - {"smalltalk", "out_of_scope"}} == set(offered)
        assert list(offered.values()) == [catalogue().text(language, f"topics.{p.split()[1]}") for p in offered]
        for payload in offered:
            answer = say(gateway.client, payload, language=language)
            assert (answer["route"], answer["language"]) == (payload.split()[1], language)
            assert shown(answer)
            if answer["quick_replies"]:
                assert [q["payload"] for q in answer["quick_replies"]] == ["/more"]
                more = say(gateway.client, "/more", answer["conversation_id"])
                assert shown(more)[0]["section"] == shown(answer)[0]["section"]
                assert shown(more)[0]["quote"] != shown(answer)[0]["quote"]

    def test_safety_buttons(self, gateway):
        asked = say(gateway.client, "tengo miedo, ayúdame por favor, no puedo decir más", language="es")
        payloads = [q["payload"] for q in asked["quick_replies"]]
        assert payloads == ["/safe no", "/safe yes"] and "1818" in texts(asked)[0]
        assert card_first(say(gateway.client, "/safe no", asked["conversation_id"]))
        safe = say(gateway.client, "/safe yes", asked["conversation_id"])
        assert not safe["urgent"] and safe["quick_replies"]

    @pytest.mark.parametrize("text", [*QUESTIONS.values(), "hola", "quién ganó", "/more", "/language zh", "mmm"])
    def test_form(self, gateway, text):
        answer = say(gateway.client, text)
        assert answer["route"] in ROUTES and answer["language"] in LANGUAGES
        for reply in answer["replies"]:
            assert reply["type"] in ANSWER_TYPES
            assert ("sources" in reply) is (reply["type"] == "answer")
            assert ("hotlines" in reply) is (reply["type"] == "hotline")

    def test_conversation_ids_are_new_and_hard_to_guess(self, gateway):
        ids = {say(gateway.client, "hola")["conversation_id"] for _ in range(5)}
        assert len(ids) == 5 and all(len(i) >= 20 for i in ids)


class TestConversation:
    def test_explicit_language_holds(self, gateway):
        first = say(gateway.client, "hola", language="qu")
        assert first["language"] == "qu"
        for text in (QUESTIONS["es"], QUESTIONS["en"], "/topic contact"):
            assert say(gateway.client, text, first["conversation_id"])["language"] == "qu"

    def test_deleted_conversation_has_no_topic(self, gateway):
        first = say(gateway.client, "cuál es el correo de la oficina", language="es")["conversation_id"]
        follow_up = say(gateway.client, "y eso donde queda", first)
        assert shown(follow_up)[0]["section"] == "contact"
        assert gateway.client.delete(f"/api/conversations/{first}").status_code == 204
        assert kinds(say(gateway.client, "y eso donde queda", first)) == ["clarify"]
        assert say(gateway.client, QUESTIONS["en"], first)["language"] == "en"

    def test_deleting_again_does_no_harm(self, gateway):
        assert [gateway.client.delete("/api/conversations/nobody").status_code for _ in range(2)] == [204, 204]

    def test_conversations_are_apart(self, gateway):
        one = say(gateway.client, QUESTIONS["es"])["conversation_id"]
        other = say(gateway.client, "hola", language="fr")["conversation_id"]
        assert kinds(say(gateway.client, "et c'est où ?", other)) == ["clarify"]
        assert say(gateway.client, "y dónde queda", one)["language"] == "es"

    def test_feedback(self, gateway):
        body = {"conversation_id": "somebody", "helpful": True}
        assert gateway.client.post("/api/feedback", json=body).status_code == 204


def is_problem(response: httpx.Response, status: int, language: str, key: str) -> None:
    """An RFC 9457 document that says it in the reader's language and names 1818."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["title"] and body["type"]
    assert body["detail"] == catalogue().text(language, f"errors.{key}")
    assert "1818" in body["detail"] and body["hotline"] == "1818"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """A gateway that lets an address send two messages in a minute."""
    with in_thread(tmp_path_factory.mktemp("hurried"), messages_per_minute=2) as it:
        yield it


class TestProblems:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_in_the_readers_language(self, lone, language):
        client, path, headers = lone.client, "/api/messages", {"Accept-Language": f"xx, {language}-PE;q=0.9, es;q=0.1"}
        is_problem(client.post(path, json={"text": "x" * 70_000}, headers=headers), 413, language, "too_long")
        is_problem(client.post(path, json={"text": 5}, headers=headers), 422, language, "invalid")
        is_problem(client.post(path, content="{", headers=headers), 422, language, "invalid")
        is_problem(client.get("/api/nothing", headers=headers), 404, language, "not_found")
        wrong = client.get(path, headers=headers)
        is_problem(wrong, 405, language, "invalid")
        assert "POST" in wrong.headers["allow"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_too_many_messages(self, hurried, language):
        headers = {"Accept-Language": language}
        answers = [hurried.client.post("/api/messages", json={"text": "hola"}, headers=headers) for _ in range(4)]
        is_problem(answers[-1], 429, language, "too_fast")
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert hurried.client.get("/health").status_code == 200
        assert hurried.client.get("/").status_code == 200

    def test_preferred_language_counts_by_its_weight(self, lone):
        response = lone.client.get("/api/nothing", headers={"Accept-Language": "es;q=0.2, en;q=0, fr;q=0.9"})
        is_problem(response, 404, "fr", "not_found")

    def test_body_without_a_length(self, lone):
        chunks = (b"x" * 10_000 for _ in range(10))
        response = lone.client.post("/api/messages", content=chunks, headers={"Content-Type": "application/json"})
        is_problem(response, 413, "es", "too_long")

    def test_internal_actions_are_closed(self, lone):
        assert lone.client.post("/internal/actions/guess", json={}).status_code == 404


class TestHighlight:
    def test_a_fact_is_pointed_at_and_a_pressed_button_points_at_nothing(self, gateway):
        answer = say(gateway.client, "¿cuántos peruanos viven fuera?")
        pointed = [r for r in answer["replies"] if "3,5 millones" in r.get("highlight", "")]
        assert pointed and pointed[0]["highlight"] in pointed[0]["text"]
        pressed = say(gateway.client, "/topic about_iom", conversation_id=answer["conversation_id"])
        assert pressed["replies"] and not any("highlight" in r for r in pressed["replies"])


class TestTie:
    def test_two_passages_that_answer_about_as_well_are_both_shown(self, gateway):
        """The first of a few broad questions that two passages answer about as well, whatever is known of others."""
        broad = ("háblame de los migrantes", "OIM en el mundo", "cuéntame de la OIM", "la migración en el Perú")
        answers = [say(gateway.client, text) for text in broad]
        found = [[r for r in a["replies"] if r["type"] == "answer"] for a in answers]
        answer, shown = next((a, s) for a, s in zip(answers, found, strict=True) if len(s) == 2)
        assert len({r["sources"][0]["section"] for r in shown}) == 1
        assert [q["payload"] for q in answer["quick_replies"]] == ["/more"]
        seen = {r["text"] for r in shown}
        more = say(gateway.client, "/more", conversation_id=answer["conversation_id"])
        assert not seen.intersection(r["text"] for r in more["replies"])


class TestReadiness:
    def test_health(self, gateway):
        response = gateway.client.get("/health")
        assert (response.status_code, response.json()) == (200, {"status": "alive"})

    def test_all_ready(self, gateway):
        response = gateway.client.get("/ready")
        assert response.status_code == 200
        parts = dict.fromkeys(("rasa", "index", "encoder", "urgency_model"), True)
        assert response.json() == {"ready": True, "telegram": None, **parts}

    @pytest.mark.parametrize(
        ("left_out", "part"), [((), "rasa"), (("index",), "index"), (("intents.npz",), "urgency_model")]
    )
    def test_one_part_missing(self, gateway, tmp_path: Path, left_out, part):
        """Named, with 503; the other parts are said to be ready. Rasa is the shared gateway's, or at a closed port."""
        port = free_port() if part == "rasa" else gateway.rasa_port
        with in_thread(tmp_path / "it", left_out, rasa_url=f"http://127.0.0.1:{port}") as it:
            response = it.client.get("/ready")
            parts = {name: name != part for name in ("rasa", "index", "encoder", "urgency_model")}
            assert (response.status_code, response.json()) == (503, {"ready": False, "telegram": None, **parts})
            assert it.client.get("/health").status_code == 200


class TestPages:
    def test_languages(self, lone):
        listed = {row["code"]: row for row in lone.client.get("/api/languages").json()}
        assert set(listed) == set(LANGUAGES)
        assert listed["qu"]["name"] == "Runasimi" and listed["zh"]["name"] == "中文"
        assert {code: row["draft"] for code, row in listed.items()} == {
            code: catalogue().languages[code]["status"] == "draft" for code in LANGUAGES
        }

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("chosen", ["header", "link"])
    def test_help_page_without_scripts(self, lone, language, chosen):
        headers, query = ({"Accept-Language": language}, {}) if chosen == "header" else ({}, {"lang": language})
        response = lone.client.get("/", headers=headers, params=query)
        assert response.status_code == 200 and response.headers["content-type"].startswith("text/html")
        page = html.unescape(re.sub(r"<script.*?</script>", "", response.text, flags=re.DOTALL))
        assert f'<html lang="{language}"' in page
        numbers = re.findall(r'href="tel:([^"]+)"', page)
        assert numbers[0] == "1818"
        assert sorted(numbers) == sorted(line.phone for line in read_hotlines())
        assert sentences("page.title")[language] in page and sentences("page.hotlines")[language] in page
        assert set(re.findall(r'href="/\?lang=(\w+)"', page)) == set(LANGUAGES)
        assert "iomperu@iom.int" in page

    def test_widget(self, lone):
        response = lone.client.get("/widget.js")
        assert response.headers["content-type"].startswith("text/javascript") and "yanapay-chat" in response.text
        assert 'src="/widget.js?lang=es"' in lone.client.get("/").text
