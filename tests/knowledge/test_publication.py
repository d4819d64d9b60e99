"""Publishing knowledge files: what is proposed, all or nothing, edits of files, undoing, git, golden questions."""

import asyncio
import json
import shutil
import subprocess

import pytest

from bot.app import load_encoder, open_desk, section_model
from bot.safety.triage import judge_with
from bot.settings import ROOT, Settings
from knowledge import index
from knowledge.publication import Change, Refused, Version, Workshop, digest, journal, recover
from knowledge.publication.changes import texts
from knowledge.publication.history import FILES
from knowledge.publication.repository import commit
from knowledge.publication.watcher import watched
from knowledge.urgent import read_examples
from tests.gateway.serving import workspace

ES = "documents/oim-peru/es.md"
OLD, NEW = "8,400", "9,999"


class Memory:
    """A history in memory."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def add(self, version: Version) -> None:
        self.versions.insert(0, version)

    def all(self) -> list[Version]:
        return self.versions

    def get(self, id: str) -> Version | None:
        return next((v for v in self.versions if v.id == id), None)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(Settings())


@pytest.fixture(scope="module")
def desk(encoder):
    return open_desk(Settings(), encoder)


@pytest.fixture(scope="module")
def judging(encoder, desk):
    return lambda folder: judge_with(desk, encoder, read_examples(folder))


@pytest.fixture(scope="module")
def expected(desk):
    return section_model(desk).expected


@pytest.fixture
def workshop(tmp_path, encoder, judging, expected) -> Workshop:
    places = workspace(tmp_path)
    return Workshop(places["knowledge"], places["var"], encoder, Memory(), judging, expected)


def changed(workshop: Workshop, path: str = ES, old: str = OLD, new: str = NEW) -> Change:
    text = (workshop.folder / path).read_text("utf-8")
    assert old in text
    return Change(path, text.replace(old, new), digest(text))


def shown(workshop: Workshop) -> str:
    return "\n".join(v.text for p in index.load(workshop.index).passages for v in p.versions.values())


def test_every_golden_question_of_the_project_is_answered_as_wanted(encoder, judging, expected, tmp_path):
    own = Workshop(ROOT / "knowledge", workspace(tmp_path)["var"], encoder, Memory(), judging, expected)
    proposal = own.propose()
    assert len({outcome.language for outcome in proposal.golden}) == 8
    assert [o for o in proposal.golden if not o.passed] == []


def test_a_proposal_says_what_would_change_and_touches_nothing(workshop):
    before, pointed = texts(workshop.folder), index.current(workshop.index)
    proposal = workshop.propose([changed(workshop)])
    assert proposal.publishable
    assert [(s.section, s.kind, s.numbers) for s in proposal.sections] == [("iom_world", "changed", ((OLD,), (NEW,)))]
    assert {path for path, _ in proposal.stale} == {
        f"documents/oim-peru/{c}.md" for c in ("en", "pt", "fr", "zh", "ht", "qu", "ay")
    }
    assert (texts(workshop.folder), index.current(workshop.index)) == (before, pointed)


def test_published_and_undone(workshop):
    version = workshop.publish([changed(workshop)], "rosa", "cifra nueva")
    assert NEW in (workshop.folder / ES).read_text("utf-8") and NEW in shown(workshop)
    assert workshop.history() == [version] and list(version.files) == [ES]
    workshop.undo(version.id, "rosa", "")
    assert OLD in (workshop.folder / ES).read_text("utf-8") and NEW not in shown(workshop)
    assert not (workshop.var / journal.NAME).exists()


def test_undoing_does_not_overwrite_later_work(workshop):
    version = workshop.publish([changed(workshop)], "rosa", "uno")
    workshop.publish([changed(workshop, old=NEW, new="7,777")], "juan", "dos")
    with pytest.raises(Refused) as refused:
        workshop.undo(version.id, "rosa", "")
    assert refused.value.proposal.conflicts == [ES] and "7,777" in shown(workshop)
    with pytest.raises(KeyError):
        workshop.undo("nada", "rosa", "")


def test_who_did_not_see_the_newest_text_is_refused(workshop):
    stale = changed(workshop)
    workshop.publish([changed(workshop, new="7,777")], "juan", "")
    with pytest.raises(Refused) as refused:
        workshop.publish([stale], "rosa", "")
    assert refused.value.proposal.conflicts == [ES]


def test_a_failing_golden_question_is_named_and_keeps_the_change_back(workshop):
    text = (workshop.folder / "golden.yml").read_text("utf-8")
    row = "- question: ¿Cuántos empleados tiene la OIM?\n  language: es\n  section: iom_world\n  fact: '8,400'\n"
    workshop.publish([Change("golden.yml", text + row, digest(text))], "rosa", "pregunta")
    with pytest.raises(Refused) as refused:
        workshop.publish([changed(workshop)], "rosa", "cifra")
    assert [o.lacks for o in refused.value.proposal.failed] == [OLD]
    assert NEW not in shown(workshop)


def test_an_urgent_case_is_tried_with_the_examples_of_the_draft(workshop):
    text = (workshop.folder / "golden.yml").read_text("utf-8")
    case = Change(
        "golden.yml", text + "- question: la paloma ya no canta\n  language: es\n  urgent: yes\n", digest(text)
    )
    [failed] = workshop.propose([case]).failed
    assert (failed.wanted, failed.got) == (("yes",), "no")
    example = Change("urgent/es.yml", "urgent:\n- La paloma ya no canta.\n", None)
    assert workshop.propose([case, example]).publishable


@pytest.mark.parametrize("cut_off", ["put", "point", "history"])
def test_what_was_entered_is_carried_on_and_what_was_not_never_was(workshop, monkeypatch, cut_off):
    class Cut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        if cut_off == "history":
            patch.setattr(workshop.past, "add", cut)
        else:
            patch.setattr(journal if cut_off == "put" else journal.index, cut_off, cut)
        with pytest.raises(Cut):
            workshop.publish([changed(workshop)], "rosa", "cifra")
    recover(workshop.folder, workshop.var)
    assert NEW in (workshop.folder / ES).read_text("utf-8") and NEW in shown(workshop)
    again = Workshop(workshop.folder, workshop.var, workshop.encoder, workshop.past)
    assert [v.why for v in again.history()] == ["cifra"] and not (workshop.var / journal.NAME).exists()
    with monkeypatch.context() as patch:
        patch.setattr(journal, "enter", cut)
        with pytest.raises(Cut):
            workshop.publish([changed(workshop, old=NEW, new="7,777")], "rosa", "")
    recover(workshop.folder, workshop.var)
    assert NEW in (workshop.folder / ES).read_text("utf-8") and NEW in shown(workshop)


def test_a_folder_that_may_not_be_written_to_is_told_before_anything_is_entered(workshop, monkeypatch):
    change = changed(workshop)
    monkeypatch.setattr("knowledge.publication.changes.os.access", lambda *_: False)
    with pytest.raises(Refused) as refused:
        workshop.publish([change], "rosa", "")
    assert [f.code for f in refused.value.findings if f.severity == "error"] == ["file_locked"]
    assert not (workshop.var / journal.NAME).exists() and NEW not in shown(workshop)


def test_files_that_are_edited_are_taken_in_or_refused(workshop):
    file = workshop.folder / ES
    text = file.read_text("utf-8")
    assert workshop.take_in() is None
    file.write_text(text.replace(OLD, NEW), "utf-8")
    assert workshop.take_in().publishable and NEW in shown(workshop)
    assert [v.who for v in workshop.history()] == [FILES] and workshop.take_in() is None
    file.write_text(text.replace("## ", "##", 1), "utf-8")
    proposal = workshop.take_in()
    assert next((f.code, f.path) for f in proposal.findings if f.severity == "error") == ("heading_space", file)
    assert workshop.refused is proposal and NEW in shown(workshop)
    file.write_text(text, "utf-8")
    assert workshop.take_in().publishable and workshop.refused is None and NEW not in shown(workshop)


def test_a_watched_folder_is_taken_in(workshop):
    async def follow() -> str:
        stop = asyncio.Event()

        async def edit() -> None:
            await asyncio.sleep(1)
            (workshop.folder / ES).write_text(changed(workshop).text, "utf-8")

        editing = asyncio.create_task(edit())
        async with asyncio.timeout(30):
            async for proposal in watched(workshop, stop):
                await editing
                return ", ".join(proposal.files)
        return ""

    assert asyncio.run(follow()) == ES and NEW in shown(workshop)


def test_a_publication_is_a_commit_of_its_files_alone(workshop):
    def git(*words: str) -> str:
        named = ("-c", "user.name=x", "-c", "user.email=x@x")
        return subprocess.run(
            ["git", "-C", workshop.folder, *named, *words], capture_output=True, text=True, check=True
        ).stdout

    version = workshop.publish([changed(workshop)], "rosa <x", "cifra nueva")
    assert not commit(workshop.folder, version)
    shutil.copy(ROOT / "knowledge" / ES, workshop.folder / ES)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    (workshop.folder / ES).write_text(version.files[ES][1], "utf-8")
    (workshop.folder / "hotlines.yml").write_text("edited by hand", "utf-8")
    assert commit(workshop.folder, version)
    assert git("log", "-1", "--format=%an: %s").strip() == "rosa x: cifra nueva"
    assert git("show", "--format=", "--name-only", "HEAD").split() == [ES]
    assert git("status", "--porcelain").strip() == "M hotlines.yml"


def test_the_journal_holds_everything_that_is_needed_to_go_on(workshop):
    version = workshop.publish([changed(workshop)], "rosa", "cifra")
    written = json.loads(journal.Entry(version, "abc").written())
    assert written["files"][ES] == list(version.files[ES]) and written["generation"] == "abc"
