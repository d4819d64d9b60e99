"""The index: the same files give the same bytes, only what changed is encoded, no build or file takes answers down."""

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.cli.knowledge import app as command
from bot.library import Library
from bot.settings import settings as gateway_settings
from knowledge import index as indexes
from knowledge.documents import read_folder
from knowledge.passages import KnownQuestion, Passage, Version, cut
from knowledge.search import search
from nlu.encoder import encoder as encoders
from nlu.paths import ROOT

VAR = gateway_settings().var


class Counting:
    """The real encoder, with a list of what it encoded."""

    def __init__(self, inner, name: str = "counting"):
        self.inner, self.name, self.dimension = inner, name, inner.dimension
        self.encoded: list[str] = []

    def encode(self, texts, kind="query"):
        assert kind in ("passage", "query")
        self.encoded += texts
        return self.inner.encode(texts, kind)


class Crashing(Counting):
    def encode(self, texts, kind="query"):
        raise MemoryError


def passage(number: int, spanish: str, **translations: str) -> Passage:
    versions = {"es": Version("es", "Título", spanish, "original")}
    versions |= {code: Version(code, "Title", text, "draft") for code, text in translations.items()}
    return Passage("prueba", "uno", number, spanish, "es", versions)


@pytest.fixture(scope="module")
def real():
    return encoders.load(VAR / "encoder")


@pytest.fixture
def passages() -> list[Passage]:
    return [
        passage(1, "La oficina queda en San Isidro.", en="The office is in San Isidro."),
        passage(2, "La línea 1818 recibe denuncias de trata.", en="Line 1818 takes reports of trafficking."),
        passage(3, "Hay cursos para migrantes que buscan trabajo."),
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "index"


def files(generation: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(generation.iterdir())}


def test_the_same_passages_give_the_same_generation_byte_for_byte(real, passages, tmp_path):
    first, second = (indexes.build(passages, Counting(real), tmp_path / name) for name in ("one", "two"))
    assert first.name == second.name
    assert files(first) == files(second)
    assert set(files(first)) == {"passages.json", "vectors.npy", "sentences.npy", "questions.npy", "encoder.txt"}


def test_the_projects_documents_give_the_same_passages_twice():
    documents = ROOT / "knowledge" / "documents"
    assert cut(read_folder(documents)) == cut(read_folder(documents))


def test_what_is_loaded_is_what_was_built(real, passages, folder):
    counting = Counting(real)
    indexes.build(passages, counting, folder)
    index = indexes.load(folder)
    assert index.passages == passages
    rows = [(i, v) for i, p in enumerate(index.passages) for v in p.versions.values()]
    assert index.owner.tolist() == [i for i, _ in rows] == [0, 0, 1, 1, 2]
    assert index.languages.tolist() == [v.language for _, v in rows]
    texts = [next(t for t in counting.encoded if t.endswith(v.text)) for _, v in rows]
    np.testing.assert_allclose(index.vectors, real.encode(texts, "passage"), atol=1e-5)
    assert index.passage("prueba/uno/2") == passages[1]
    assert index.following("prueba/uno/2") == passages[2]
    assert index.following("prueba/uno/3") is None
    assert index.passage("nada") is None and index.following("nada") is None


def test_only_the_changed_text_is_encoded(real, passages, folder):
    first = Counting(real)
    before = indexes.build(passages, first, folder)
    assert len(first.encoded) == 5
    changed = [
        passages[0],
        passage(2, "La línea 1818 es gratuita.", en="Line 1818 takes reports of trafficking."),
        passages[2],
    ]
    second = Counting(real)
    after = indexes.build(changed, second, folder)
    assert len(second.encoded) == 1
    assert "La línea 1818 es gratuita." in second.encoded[0]
    assert after.name != before.name
    indexes.build(changed, Counting(real), folder.with_name("fresh"))
    np.testing.assert_allclose(indexes.load(folder).vectors, indexes.load(folder.with_name("fresh")).vectors, atol=1e-5)


def test_a_new_question_is_all_that_is_encoded(real, passages, folder):
    indexes.build(passages, Counting(real), folder)
    known = (KnownQuestion("¿dónde queda?", 0), KnownQuestion("which street"))
    asked = [replace(passages[0], questions=known), *passages[1:]]
    second = Counting(real)
    indexes.build(asked, second, folder)
    assert second.encoded == ["¿dónde queda?", "which street"]
    index = indexes.load(folder)
    assert index.passages == asked
    vector = real.encode(["¿dónde queda?"], "query")[0]
    cosines = index.alike(asked[0], vector)
    assert cosines[0] == pytest.approx(1, abs=1e-5) and cosines[1] < 0.99
    assert len(index.alike(asked[1], vector)) == 0
    third = Counting(real)
    indexes.build([*asked[:2], replace(passages[2], questions=known[1:])], third, folder)
    assert third.encoded == []


def test_nothing_changed_is_nothing_encoded(real, passages, folder):
    first = indexes.build(passages, Counting(real), folder)
    idle = Counting(real)
    assert indexes.build(passages, idle, folder) == first
    assert idle.encoded == []


def test_a_removed_passage_needs_no_encoding_and_is_gone(real, passages, folder):
    indexes.build(passages, Counting(real), folder)
    idle = Counting(real)
    indexes.build(passages[:2], idle, folder)
    assert idle.encoded == []
    assert [p.number for p in indexes.load(folder).passages] == [1, 2]


def test_another_encoder_encodes_everything_anew(real, passages, folder):
    first = indexes.build(passages, Counting(real, "one"), folder)
    other = Counting(real, "two")
    assert indexes.build(passages, other, folder).name != first.name
    assert len(other.encoded) == 5


def test_old_generations_are_cleared_away(real, passages, folder):
    for count in (1, 2, 3):
        indexes.build(passages[:count], Counting(real), folder)
    assert sorted(p.name for p in folder.iterdir()) == sorted([indexes.POINTER, indexes.current(folder)])


def test_no_index_says_what_to_do(folder):
    assert indexes.current(folder) is None
    with pytest.raises(FileNotFoundError, match="yanapay knowledge build"):
        indexes.load(folder)


def test_a_build_that_crashes_leaves_the_old_one_and_the_next_goes_through(real, passages, folder):
    indexes.build(passages[:2], Counting(real), folder)
    before = indexes.current(folder)
    with pytest.raises(MemoryError):
        indexes.build(passages, Crashing(real), folder)
    assert indexes.current(folder) == before
    assert len(indexes.load(folder).passages) == 2
    indexes.build(passages, Counting(real), folder)
    assert len(indexes.load(folder).passages) == 3
    assert not list(folder.glob("*.partial"))


def test_the_pointer_moves_last(real, passages, folder):
    """Where the pointer can't be moved the new generation is whole, and the old one is still there and in use."""
    indexes.build(passages[:2], Counting(real), folder)
    before = indexes.current(folder)
    obstacle = folder / f"{indexes.POINTER}.partial"
    obstacle.mkdir()
    with pytest.raises(OSError, match=indexes.POINTER):
        indexes.build(passages, Counting(real), folder)
    assert indexes.current(folder) == before
    assert len(indexes.load(folder).passages) == 2
    obstacle.rmdir()
    idle = Counting(real)
    indexes.build(passages, idle, folder)
    assert idle.encoded == []
    assert len(indexes.load(folder).passages) == 3


def test_a_library_picks_up_new_generations_while_searches_go_on(real, passages, folder, monkeypatch):
    monkeypatch.setattr("bot.lookout.LOOK_EVERY", 0.0)
    indexes.build(passages[:1], Counting(real), folder)
    library = Library(folder)
    vector = real.encode(["¿dónde queda la oficina?"])[0]
    errors: list[BaseException] = []
    searches = [0]
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                index = library.index
                hits = search(index, "¿dónde queda la oficina?", vector, "es")
                assert hits[0].passage.number == 1
                assert len(hits) == min(3, len(index.passages))
                searches[0] += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(12):
            indexes.build(passages[: 2 + turn % 2], Counting(real), folder)
        newest = indexes.current(folder)
        deadline = time.monotonic() + 20
        while library.generation != newest and time.monotonic() < deadline and not errors:
            time.sleep(0.01)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert library.generation == newest
    assert library.index.passages == passages
    assert searches[0] > 0


def damage(generation: Path, kind: str) -> None:
    vectors, rows = generation / "vectors.npy", generation / "passages.json"
    if kind == "vectors missing":
        vectors.unlink()
    elif kind == "vectors empty":
        vectors.write_bytes(b"")
    elif kind == "vectors half":
        vectors.write_bytes(vectors.read_bytes()[:-400])
    elif kind == "vectors of others":
        np.save(vectors, np.load(vectors)[:-1])
    elif kind == "passages half":
        rows.write_bytes(rows.read_bytes()[:100])
    elif kind == "passages of another form":
        rows.write_text('[{"id": 1}]')
    elif kind == "passages no list":
        rows.write_text("5")
    else:
        shutil.rmtree(generation)


KINDS = [
    "vectors missing",
    "vectors empty",
    "vectors half",
    "vectors of others",
    "passages half",
    "passages of another form",
    "passages no list",
    "folder missing",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_generation_never_takes_the_old_index_down(real, passages, folder, kind):
    indexes.build(passages[:2], Counting(real), folder)
    library = Library(folder)
    damage(indexes.build(passages, Counting(real), folder), kind)
    library.refresh()
    assert len(library.index.passages) == 2
    hits = search(library.index, "1818", real.encode(["1818"])[0], "es")
    assert hits[0].passage.number == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_library_opens_on_a_broken_generation_and_a_new_build_mends_it(real, passages, folder, kind):
    damage(indexes.build(passages, Counting(real), folder), kind)
    library = Library(folder)
    assert library.index is None
    indexes.build([*passages, passage(4, "Otra cosa.")], Counting(real), folder)
    library.refresh()
    assert library.index is not None
    assert len(library.index.passages) == 4


def test_a_library_without_a_folder_is_empty(folder):
    assert Library(folder).index is None


def test_a_generation_damaged_on_disk_is_made_whole_by_building_again(real, passages, folder):
    damage(indexes.build(passages, Counting(real), folder), "vectors half")
    indexes.build(passages, Counting(real), folder)
    assert len(indexes.load(folder).passages) == 3


def test_a_text_that_stands_twice_is_encoded_once(real, folder):
    twice = [passage(1, "Lo mismo."), replace(passage(2, "Lo mismo."))]
    counting = Counting(real)
    indexes.build(twice, counting, folder)
    assert len(counting.encoded) == 1
    assert len(indexes.load(folder).passages) == 2


def test_a_faulty_file_stops_the_command_and_the_old_index_stays(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(VAR / "index", tmp_path / "var" / "index")
    monkeypatch.setenv("YANAPAY_KNOWLEDGE", str(tmp_path / "knowledge"))
    monkeypatch.setenv("YANAPAY_VAR", str(tmp_path / "var"))
    gateway_settings.cache_clear()
    faulty = tmp_path / "knowledge" / "documents" / "oim-peru" / "fr.md"
    faulty.write_text(faulty.read_text("utf-8").replace("status: draft", "status: perhaps"), "utf-8")
    before = indexes.current(tmp_path / "var" / "index")
    try:
        result = CliRunner().invoke(command, ["build"])
    finally:
        gateway_settings.cache_clear()
    assert result.exit_code == 1
    assert "fr.md" in result.output.replace("\n", "")
    assert indexes.current(tmp_path / "var" / "index") == before
    assert indexes.load(tmp_path / "var" / "index").passages
