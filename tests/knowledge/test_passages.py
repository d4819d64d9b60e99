"""Passages: short paragraphs joined, long ones cut between sentences, translations kept beside the right words."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import Document, plain, read_document, read_folder
from knowledge.passages import FEWEST_WORDS, MOST_WORDS, Passage, cut

DOCUMENTS = Path(__file__).parents[2] / "knowledge" / "documents"
HEAD = (
    "---\ntitle: {title}\nsource: OIM\ndate: 2026-11\nlanguage: {language}\npermission: Libre\nstatus: {status}\n---\n"
)


def write(
    folder: Path,
    language: str,
    sections: dict[str, list[str]],
    original: Document | None = None,
    status: str = "original",
) -> Document:
    """A document of `sections`, id to paragraphs; a translation names the digests of the original's sections."""
    lines = [HEAD.format(title="Prueba", language=language, status=status)]
    for id, paragraphs in sections.items():
        source = f" source={original.section(id).digest}" if original else ""
        lines += [f"## {id.title()} {language} {{#{id}{source}}}", *paragraphs]
    path = folder / "prueba" / f"{language}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n\n".join(lines) + "\n", "utf-8")
    return read_document(path)


def sentence(word: str, number: int, length: int = 20) -> str:
    return f"{word} {number} " + " ".join(f"palabra{i}" for i in range(length - 3)) + " fin."


def paragraph(word: str, sentences: int, length: int = 20) -> str:
    return " ".join(sentence(word, n, length) for n in range(1, sentences + 1))


@pytest.fixture(scope="module")
def real() -> list[Passage]:
    return cut(read_folder(DOCUMENTS))


def test_quotes_stand_verbatim_in_the_file_in_order_and_nothing_is_left_out(real):
    text = (DOCUMENTS / "oim-peru" / "es.md").read_text("utf-8")
    position = 0
    for passage in real:
        found = text.find(passage.quote, position)
        assert found >= 0, passage.id
        position = found + len(passage.quote)
    document = read_document(DOCUMENTS / "oim-peru" / "es.md")
    for section in document.sections:
        quotes = " ".join(p.quote for p in real if p.section == section.id)
        assert quotes.split() == " ".join(p.text for p in section.paragraphs).split()


def test_every_passage_has_every_language_and_numbers_count_from_one(real):
    languages = {path.stem for path in (DOCUMENTS / "oim-peru").glob("*.md")}
    for passage in real:
        assert set(passage.versions) == languages
        assert passage.versions["es"].text == plain(passage.quote)
        assert passage.versions["es"].status == "original"
        assert all(v.text.strip() and v.title for v in passage.versions.values())
    for section in {p.section for p in real}:
        numbers = [p.number for p in real if p.section == section]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len({p.id for p in real}) == len(real)


def test_translations_say_the_same_figures_as_the_quote(real):
    """Alignment, told by the years, which no translation changes."""
    import re

    for passage in real:
        years = set(re.findall(r"\b(?:19|20)\d\d\b", passage.quote))
        for version in passage.versions.values():
            assert years <= set(re.findall(r"(?:19|20)\d\d", version.text)), (passage.id, version.language)


def test_short_neighbours_are_joined(tmp_path):
    document = write(
        tmp_path,
        "es",
        {
            "uno": [
                "Muy corto.",
                "También corto.",
                sentence("Largo", 1, FEWEST_WORDS),
                sentence("Otro", 1, FEWEST_WORDS),
            ]
        },
    )
    found = cut([document])
    assert [p.quote for p in found] == ["Muy corto.\n\nTambién corto.\n\n" + sentence("Largo", 1), sentence("Otro", 1)]


def test_a_short_rest_joins_the_passage_before(tmp_path):
    document = write(tmp_path, "es", {"uno": [sentence("Largo", 1), "Y esto."], "dos": ["Solo esto."]})
    assert [(p.id, p.quote) for p in cut([document])] == [
        ("prueba/uno/1", sentence("Largo", 1) + "\n\nY esto."),
        ("prueba/dos/1", "Solo esto."),
    ]


def test_a_long_paragraph_is_cut_between_sentences(tmp_path):
    whole = paragraph("Frase", 30)
    found = cut([write(tmp_path, "es", {"uno": [whole]})])
    assert len(found) == -(-30 * 20 // MOST_WORDS)
    assert " ".join(p.quote for p in found) == whole
    for passage in found:
        assert passage.quote.startswith("Frase ") and passage.quote.endswith(" fin.")
        assert len(passage.quote.split()) <= MOST_WORDS


def test_sentences_that_fit_badly_are_no_reason_for_a_passage_too_long(tmp_path):
    whole = " ".join(sentence("Frase", n, length) for n, length in enumerate((130, 250, 130), 1))
    found = cut([write(tmp_path, "es", {"uno": [whole]})])
    assert max(len(p.quote.split()) for p in found) <= MOST_WORDS


def test_one_endless_sentence_stays_whole(tmp_path):
    whole = sentence("Frase", 1, 2 * MOST_WORDS)
    assert [p.quote for p in cut([write(tmp_path, "es", {"uno": [whole]})])] == [whole]


def test_a_long_original_in_chinese_is_cut_too(tmp_path):
    """Chinese has no spaces: its length can't be told by them."""
    whole = "".join(
        f"这是第{n}句话，它讲的是在秘鲁的移民怎样找到帮助、住处和工作，以及他们有哪些权利。" for n in range(1, 61)
    )
    found = cut([write(tmp_path, "zh", {"uno": [whole, whole]})])
    assert len(found) >= 4
    assert all(p.quote.endswith("。") for p in found)


def test_translations_are_cut_where_the_original_is(tmp_path):
    original = write(tmp_path, "es", {"uno": [paragraph("Frase", 30), sentence("Aparte", 1)]})
    translation = write(
        tmp_path, "en", {"uno": [paragraph("Sentence", 30, 9), sentence("Apart", 1, 9)]}, original, "draft"
    )
    found = cut([original, translation])
    assert len(found) > 2
    for passage in found:
        spanish, english = passage.version("es"), passage.version("en")
        numbers = [[w for w in text.split() if w.isdigit()] for text in (spanish.text, english.text)]
        assert numbers[0] == numbers[1]
        assert (english.language, english.status, english.title) == ("en", "draft", "Uno en")
        assert passage.quote == spanish.text


def test_a_translation_with_other_sentences_is_shown_whole(tmp_path):
    original = write(tmp_path, "es", {"uno": [paragraph("Frase", 30)]})
    translation = write(tmp_path, "en", {"uno": [paragraph("Sentence", 29, 9)]}, original, "draft")
    for passage in cut([original, translation]):
        assert passage.version("en").text == paragraph("Sentence", 29, 9)


def test_a_stale_translation_falls_back_to_the_original(tmp_path):
    original = write(tmp_path, "es", {"uno": [sentence("Frase", 1)], "dos": [sentence("Frase", 2)]})
    translation = write(
        tmp_path, "en", {"uno": [sentence("Sentence", 1)], "dos": [sentence("Sentence", 2)]}, original, "draft"
    )
    assert [p.version("en").language for p in cut([original, translation])] == ["en", "en"]
    changed = write(tmp_path, "es", {"uno": [sentence("Nueva", 1)], "dos": [sentence("Frase", 2)]})
    found = cut([changed, translation])
    assert [p.version("en").language for p in found] == ["es", "en"]
    assert found[0].version("en").text == found[0].quote == sentence("Nueva", 1)
    assert "en" not in found[0].versions


def test_a_section_that_a_translation_lacks_falls_back_to_the_original(tmp_path):
    original = write(tmp_path, "es", {"uno": [sentence("Frase", 1)], "dos": [sentence("Frase", 2)]})
    translation = write(tmp_path, "en", {"uno": [sentence("Sentence", 1)]}, original, "draft")
    assert [p.version("en").language for p in cut([original, translation])] == ["en", "es"]
    assert [p.version("fr").language for p in cut([original, translation])] == ["es", "es"]


def test_another_number_of_paragraphs_does_not_fit(tmp_path):
    original = write(tmp_path, "es", {"uno": [sentence("Frase", 1), sentence("Frase", 2)]})
    translation = write(tmp_path, "en", {"uno": [sentence("Sentence", 1)]}, original, "draft")
    assert all(set(p.versions) == {"es"} for p in cut([original, translation]))


def test_markdown_stays_in_the_quote_and_not_in_what_is_shown(tmp_path):
    text = (
        "Cuesta **nada** y está en <https://example.org/> desde \\$. 5, según dice el folleto que se reparte en Lima."
    )
    passage = cut([write(tmp_path, "es", {"uno": [text]})])[0]
    assert passage.quote == text
    assert passage.version("es").text.startswith("Cuesta nada y está en https://example.org/ desde $. 5")


lengths = st.lists(st.lists(st.integers(4, 90), min_size=1, max_size=12), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(lengths)
def test_no_sentence_is_lost_doubled_or_moved(tmp_path_factory, sizes):
    texts = [" ".join(sentence("Frase", n, size) for n, size in enumerate(part, 1)) for part in sizes]
    found = cut([write(tmp_path_factory.mktemp("documents"), "es", {"uno": texts})])
    assert " ".join(p.quote for p in found).split() == " ".join(texts).split()
    assert all(p.quote.endswith("fin.") for p in found)
