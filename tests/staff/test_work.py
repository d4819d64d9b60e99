"""The work: editing, two at once, uploads, golden questions, hotlines, phrases, publishing and undoing."""

import datetime
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import yaml

from bot.staff import drafts, web
from tests.gateway.serving import say, texts
from tests.staff.colleague import Colleague

ES, EN = "/documents/oim-peru/es", "/documents/oim-peru/en"
QUESTION = "¿Cuántos empleados tiene la OIM?"
OLD, NEW = "8,400 empleados", "9,999 empleados"


@pytest.fixture
def rosa(colleague) -> Colleague:
    return colleague("rosa")


@pytest.fixture(autouse=True)
def knowledge(office, console):
    """What the tests publish is put back."""
    folder = console.settings.knowledge
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    yield folder
    after = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for path in after.keys() - before.keys():
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    if after != before:
        console.workshop.build()
        console.reception.answers.library.refresh()


def block_with(form: dict[str, str], text: str) -> str:
    return next(name for name, value in form.items() if text in str(value))


def edit(one: Colleague, path: str, before: str, after: str) -> httpx.Response:
    form = one.form(path)
    name = block_with(form, before)
    return one.client.post(f"/staff{path}", data={**form, name: form[name].replace(before, after)})


def publish(one: Colleague, why: str = "prueba") -> httpx.Response:
    return one.fill("/publish", {"why": why})


def answer(office) -> str:
    return "\n".join(texts(say(office.client, QUESTION, language="es")))


def test_saving_what_nobody_touched_is_no_draft(rosa, console) -> None:
    for path in (ES, EN):
        assert "told=same" in rosa.fill(path, {}).headers["location"]
    assert "No hay borradores" in rosa.get("/publish")


def test_a_number_from_draft_to_answer_and_back(office, rosa, knowledge) -> None:
    """The draft changes nothing; published it is live within five seconds, undone as fast."""
    path = knowledge / "documents/oim-peru/es.md"
    before = path.read_bytes()
    assert "told=saved" in edit(rosa, ES, OLD, NEW).headers["location"]
    assert path.read_bytes() == before and OLD in answer(office)
    shown = rosa.get("/publish")
    assert "<del>8,400</del>" in shown and "<ins>9,999</ins>" in shown
    assert "documents/oim-peru/en.md" in shown, "translations that become stale are told"
    assert publish(rosa, "Más empleados").headers["location"] == "/staff/history?told=published"
    assert path.read_bytes() == before.replace(OLD.encode(), NEW.encode())
    assert_soon(lambda: NEW in answer(office))
    history = rosa.get("/history")
    assert "Más empleados" in history and "rosa" in history
    undo = next(part.split('"')[0] for part in history.split('action="/staff')[1:] if "/undo" in part.split('"')[0])
    assert rosa.post(undo, {}).headers["location"] == "/staff/history?told=undone"
    assert path.read_bytes() == before
    assert_soon(lambda: OLD in answer(office))


def assert_soon(true) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nobody_notices_a_publication(office, rosa) -> None:
    """While files are published and undone every message is answered, with the old or the new number."""
    answers: list[str] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=office.url, timeout=20) as client:
            while not done.is_set():
                answers.append("\n".join(texts(say(client, QUESTION, language="es"))))

    with ThreadPoolExecutor(4) as people:
        asking = [people.submit(ask) for _ in range(4)]
        try:
            for _ in range(2):
                edit(rosa, ES, OLD, NEW)
                publish(rosa)
                first = rosa.get("/history").split("/staff/history/")[1].split('"')[0]
                assert rosa.post(f"/history/{first}/undo", {}).status_code == 303
        finally:
            done.set()
        for one in asking:
            one.result()
    assert len(answers) > 20 and all((OLD in a) != (NEW in a) for a in answers)
    assert {OLD in a for a in answers} == {True, False}


def test_an_editor_sends_to_review_and_a_publisher_publishes(office, colleague, rosa) -> None:
    juan = colleague("juan")
    edit(juan, ES, OLD, NEW)
    assert 'name="why"' not in juan.get("/publish")
    assert juan.fill("/publish", {}, "/drafts/submit").status_code == 303
    assert "documents/oim-peru/es.md" in rosa.get("/").split("Borradores abiertos")[0]
    assert publish(rosa).status_code == 303
    assert "Todo está publicado" in rosa.get("/publish") or "No hay borradores" in rosa.get("/publish")


def test_two_editors_of_one_document(rosa, colleague, console) -> None:
    juan = colleague("juan")
    theirs, mine = rosa.form(ES), juan.form(ES)
    name = block_with(theirs, OLD)
    first = rosa.client.post(f"/staff{ES}", data={**theirs, name: theirs[name].replace(OLD, NEW)})
    second = juan.client.post(f"/staff{ES}", data={**mine, name: mine[name].replace("166 Estados", "170 Estados")})
    assert first.status_code == 303 and second.status_code == 409
    assert "rosa" in second.text and NEW in second.text and "170 Estados" in second.text
    join = rosa.form_of_page(second.text, "/join")
    joined = join["markdown"].replace(OLD, NEW)
    assert juan.client.post("/staff/join", data={**join, "markdown": joined}).status_code == 303
    form = rosa.form(ES)
    assert NEW in form[name] and "170 Estados" in form[name]


def test_two_publishers_publish_what_both_saw(rosa, colleague) -> None:
    paula = colleague("paula")
    edit(rosa, ES, OLD, NEW)
    seen = rosa.form("/publish")
    edit(paula, ES, "166 Estados", "170 Estados")
    assert "changed_meanwhile" in rosa.client.post("/staff/publish", data={**seen, "why": "x"}).headers["location"]
    assert publish(paula).status_code == 303


def test_a_file_edited_on_the_disk_is_joined_with_the_draft(rosa, knowledge) -> None:
    edit(rosa, ES, OLD, NEW)
    path = knowledge / "documents/oim-peru/es.md"
    path.write_text(path.read_text("utf-8").replace("166 Estados", "170 Estados"), "utf-8")
    assert "/staff/join?path=documents/oim-peru/es.md" in rosa.get("/publish")
    assert "170 Estados" in rosa.get(ES, 409) and NEW in rosa.get(ES, 409)
    join = rosa.form_of_page(rosa.client.get("/staff/join", params={"path": "documents/oim-peru/es.md"}).text, "/join")
    joined = join["markdown"].replace("166 Estados", "170 Estados")
    assert rosa.client.post("/staff/join", data={**join, "markdown": joined}).status_code == 303
    assert publish(rosa).status_code == 303
    assert NEW in path.read_text("utf-8") and "170 Estados" in path.read_text("utf-8")


def test_undoing_does_not_overwrite_later_work(rosa) -> None:
    edit(rosa, ES, OLD, NEW)
    publish(rosa, "uno")
    first = rosa.get("/history").split("/staff/history/")[1].split('"')[0]
    edit(rosa, ES, NEW, "10,000 empleados")
    publish(rosa, "dos")
    answer = rosa.post(f"/history/{first}/undo", {})
    assert answer.status_code == 409 and "No se puede deshacer" in answer.text
    assert rosa.post("/history/nothing/undo", {}).status_code == 404


def test_a_failing_golden_question_keeps_a_draft_back(office, rosa, knowledge) -> None:
    row = {"row-0-question": QUESTION, "row-0-language": "es", "row-0-wants": "iom_world", "row-0-fact": "8,400"}
    assert rosa.fill("/golden", row).status_code == 303
    assert publish(rosa).status_code == 303
    kept, *_ = yaml.safe_load((knowledge / "golden.yml").read_text("utf-8"))
    assert kept == {"question": QUESTION, "language": "es", "section": "iom_world", "fact": "8,400"}
    edit(rosa, ES, OLD, NEW)
    page = rosa.get("/publish")
    assert QUESTION in page and "8,400" in page and 'name="why"' not in page
    forced = rosa.post("/publish", {"shown": shown(page), "why": "igual"})
    assert forced.status_code in (303, 422) and OLD in answer(office)


def shown(page: str) -> str:
    found = re.findall(r'name="seen" value="(\w+)"', page)
    return found[0] if found else ""


def test_a_golden_question_for_a_section_that_is_a_draft(rosa) -> None:
    rosa.post("/documents/new", {"title": "Guía", "name": "guia", "language": "es"})
    rosa.fill("/documents/guia/es", {"block-0-title": "Escuela", "block-0-body": "Traiga la partida."})
    assert '<option value="guia">Escuela (guia)</option>' in rosa.get("/golden")


def test_more_rows_than_a_form_holds_are_refused_and_not_lost(rosa, knowledge) -> None:
    rows = [{"question": f"pregunta {n}", "language": "es", "section": "iom_world"} for n in range(1_150)]
    (knowledge / "golden.yml").write_text(yaml.safe_dump(rows), "utf-8")
    assert rosa.fill("/golden", {}).headers["location"] == "/staff/golden?told=saved"
    assert len(re.findall(r'name="row-\d+-question"', rosa.get("/golden"))) == 1_153
    (knowledge / "golden.yml").write_text(yaml.safe_dump(rows * 2), "utf-8")
    rosa.fill("/publish", {}, "/drafts/discard")
    assert rosa.fill("/golden", {}).status_code == 400


def test_an_urgent_case_among_the_golden_questions(rosa) -> None:
    row = {"row-0-question": "quiero saber qué es la OIM", "row-0-language": "es", "row-0-wants": "urgent:yes"}
    rosa.fill("/golden", row)
    assert "Todavía no se puede publicar" in rosa.get("/publish")


def test_a_stale_translation_is_seen_compared_and_fresh(rosa) -> None:
    edit(rosa, ES, OLD, NEW)
    assert "no corresponde: 1" in rosa.get("/documents")
    form, page = rosa.form(EN), rosa.get(EN)
    assert "<del>8</del>" in page or "<del>8,400</del>" in page
    compared = next(part.split('"')[0] for part in page.split('name="')[1:] if part.startswith("block-0-compared"))
    digest = page.split(f'name="{compared}" value="')[1].split('"')[0]
    name = block_with(form, "8,400 employees")
    fresh = {**form, compared: digest, name: form[name].replace("8,400", "9,999")}
    assert rosa.client.post(f"/staff{EN}", data=fresh).status_code == 303
    assert "El original cambió" not in rosa.get(EN)


def test_sections_and_documents_come_and_go(rosa, knowledge) -> None:
    assert rosa.fill(ES, {"add": "+"}).headers["location"].endswith("#end")
    form = rosa.form(ES)
    last = max(int(n.split("-")[1]) for n in form if n.startswith("block-"))
    rosa.fill(ES, {f"block-{last}-title": "Algo nuevo", f"block-{last}-body": "Un texto nuevo."})
    assert "## Algo nuevo {#algo_nuevo}\n\nUn texto nuevo.\n" in rosa.form(f"{ES}/markdown", ES)["markdown"]
    rosa.fill(ES, {f"block-{last}-remove": "1"})
    assert "No hay borradores" in rosa.get("/publish")
    rosa.fill(EN, {"do": "delete"})
    assert "se va a borrar" in rosa.get("/documents")
    publish(rosa)
    assert not (knowledge / "documents/oim-peru/en.md").exists()
    new = {"title": "Guía", "name": "guia", "language": "es"}
    assert rosa.post("/documents/new", new).headers["location"] == "/staff/documents/guia/es"
    rosa.post("/documents/translate", {"name": "guia", "language": "qu"})
    assert "source=pending" in rosa.form("/documents/guia/qu/markdown", "/documents/guia/qu")["markdown"]


@pytest.mark.parametrize("path", ["/documents/..%2F..%2Fx/es", "/documents/oim-peru/xx"])
def test_other_files_are_not_shown(rosa, path) -> None:
    assert rosa.client.get(f"/staff{path}").status_code == 404
    assert rosa.post("/join", {"path": "../pyproject.toml", "markdown": "x", "seen": ""}).status_code == 404


def test_a_hotline_is_checked_today(rosa, knowledge) -> None:
    before = (knowledge / "hotlines.yml").read_text("utf-8")
    rosa.fill("/hotlines", {}, "/hotlines/1818")
    publish(rosa)
    after = (knowledge / "hotlines.yml").read_text("utf-8")
    assert after != before and f"checked: {datetime.date.today()}" in after


def test_an_expired_hotline_is_on_the_first_page(rosa, knowledge) -> None:
    path = knowledge / "hotlines.yml"
    assert "Líneas de ayuda vencidas" not in rosa.get("/")
    path.write_text(path.read_text("utf-8").replace("valid_until: 2027-05-31", "valid_until: 2026-11-01", 1), "utf-8")
    assert "vencidas" in rosa.get("/") and "1818" in rosa.get("/")


def test_the_form_of_a_hotline_keeps_it(rosa, console) -> None:
    for id in ("1818", "105", "113"):
        assert "told=saved" in rosa.fill(f"/hotlines/{id}", {"operator": f"Otro {id}"}).headers["location"]
    with console.database.session() as session:
        changed = yaml.safe_load(drafts.standing(session, console.settings.knowledge, "hotlines.yml").text or "")
    original = yaml.safe_load((console.settings.knowledge / "hotlines.yml").read_text("utf-8"))
    for one, was in zip(changed["hotlines"], original["hotlines"], strict=True):
        assert {**one, "operator": ""} == {**was, "operator": ""}
    assert changed["order"] == original["order"]


def test_urgent_phrases(rosa, knowledge) -> None:
    given = {"urgent": "me tienen en la chacra del señor", "calm": "una tarea sobre la trata", "language": "es"}
    looked = rosa.post("/phrases", {**given, "do": "look", "messages": "hola\nme tienen en la chacra del señor"})
    assert looked.status_code == 200 and looked.text.count("me tienen en la chacra del señor") > 2
    assert "told=saved" in rosa.fill("/phrases", {**given, "do": "save"}).headers["location"]
    publish(rosa)
    kept = yaml.safe_load((knowledge / "urgent/es.yml").read_text("utf-8"))
    assert kept == {"urgent": [given["urgent"]], "calm": [given["calm"]]}


def test_questions_that_people_ask(office, rosa, knowledge) -> None:
    path = knowledge / "questions/es.yml"
    before = yaml.safe_load(path.read_text("utf-8"))
    asked = {"row-0-answer": "8,400  empleados", "row-0-questions": "la plana de la oim\n\n  gente en planilla"}
    saved = rosa.fill("/questions", {**asked, "row-1-questions": ""})
    assert saved.headers["location"] == "/staff/questions?lang=es&told=saved"
    publish(rosa)
    others = list(before)[2:]
    taught = ["la plana de la oim", "gente en planilla", *before["8,400 empleados"]]
    assert yaml.safe_load(path.read_text("utf-8")) == {
        "8,400 empleados": taught,
        **{answer: before[answer] for answer in others if answer != "8,400 empleados"},
    }
    passages = office.app.state.reception.answers.library.index.passages
    assert [p.id for p in passages for q in p.questions if q.text == "gente en planilla"] == ["oim-peru/iom_world/2"]
    assert "gente en planilla" in rosa.get("/questions?lang=es") and "planilla" not in rosa.get("/questions?lang=qu")
    rosa.get("/questions?lang=xx", 404)
    path.write_text('# de la oficina\n8,400 empleados: [a, no]\n"8,400 empleados": [12:30]\n2019-02-30: [x]\n', "utf-8")
    rosa.fill("/questions", {})
    publish(rosa)
    assert path.read_text("utf-8").startswith("# de la oficina\n")
    rows = {"8,400 empleados": ["a", "no", "12:30"], "2019-02-30": ["x"]}
    assert yaml.safe_load(path.read_text("utf-8")) == rows
    path.write_text('"8,400 empleados": [\n', "utf-8")
    page = rosa.get("/questions")
    assert "questions/es.yml" in page and "row-0" not in page
    rosa.fill("/questions", {"whole": '"8,400 empleados": [plana]\n'})
    publish(rosa)
    assert yaml.safe_load(path.read_text("utf-8")) == {"8,400 empleados": ["plana"]}
    rosa.fill("/questions", {"row-0-answer": "9,400 empleados"})
    page = rosa.get("/publish")
    assert "9,400 empleados" in page and 'name="why"' in page


def test_try_it_beside_the_published(office, rosa, console) -> None:
    edit(rosa, ES, OLD, NEW)
    page = rosa.fill("/try", {"text": QUESTION, "language": "es"}).text
    published, draft = page.split("Con los borradores</h2>")
    assert "8,400" in published and "9,999" in draft and "9,999" not in published
    assert "oim-peru/iom_world" in page
    assert console.rehearsal.executors == {}
    urgent = rosa.post("/try", {"text": "mi esposo me quiere matar", "language": ""}).text
    assert "1818" in urgent and "urgente" in urgent


def upload(one: Colleague, content: bytes, name: str) -> httpx.Response:
    return one.client.post("/staff/upload", data={"csrf": one.csrf}, files={"file": (name, content)})


def test_an_upload_becomes_a_draft(rosa) -> None:
    shown = upload(rosa, "# Parte\n\n## Título\n\nTraiga su *pasaporte*.\n".encode(), "Guía de año.md")
    assert shown.status_code == 200 and "<em>pasaporte</em>" in shown.text and 'value="guia-de-ano"' in shown.text
    fields = rosa.form_of_page(shown.text, "/upload/keep")
    kept = rosa.client.post("/staff/upload/keep", data=fields)
    assert kept.headers["location"] == "/staff/documents/guia-de-ano/es?told=imported"
    assert "{#titulo}" in rosa.form("/documents/guia-de-ano/es/markdown", "/documents/guia-de-ano/es")["markdown"]
    assert rosa.client.post("/staff/upload/keep", data=fields).status_code in (303, 409)


@pytest.mark.parametrize(("content", "name"), [(b"\xff\xfe\x00", "x.txt"), (b"MZ\x90", "x.exe"), (b"x", "noname")])
def test_what_cannot_be_read_is_refused_with_what_to_do(rosa, content, name) -> None:
    refused = upload(rosa, content, name)
    assert refused.status_code == 422 and 'class="remedy"' in refused.text


def test_a_file_of_300_mb_is_refused_while_it_arrives(office, rosa) -> None:
    """With a length it is refused at once; without one, as soon as it is too large: it is never held whole."""
    sent = 0

    def body():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(300):
            sent += 1
            yield b"\0" * 1_000_000

    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Cookie": f"{web.COOKIE}={rosa.client.cookies[web.COOKIE]}",
    }
    with httpx.Client(timeout=60) as client:
        answer = client.post(f"{office.url}/staff/upload", content=body(), headers=headers)
        assert answer.status_code == 413 and sent < 60, sent
        claimed = {**headers, "Content-Length": "300000000"}
        sent = 0
        answer = client.post(f"{office.url}/staff/upload", content=body(), headers=claimed)
        assert answer.status_code == 413 and sent < 10, sent


def test_what_people_ask_holds_no_texts(office, rosa, console) -> None:
    for number in range(6):
        conversation = say(office.client, f"{QUESTION} zanahoria{number}")["conversation_id"]
        office.client.post("/api/feedback", json={"conversation_id": conversation, "helpful": False})
    page = rosa.get("/people")
    assert "Qué es la OIM" in page and "iom_world" in page
    table = rosa.get("/people.csv?days=7")
    assert "es,web,about_iom,iom_world,unhelpful,6,6" in table
    console.database.engine.dispose()
    held = b"".join(p.read_bytes() for p in console.settings.var.glob("staff.db*"))
    assert b"zanahoria" not in held and conversation.encode() not in held
