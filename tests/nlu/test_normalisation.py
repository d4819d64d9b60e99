"""What goes before the pieces: people paste anything, and nothing of it may act on the model or break it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder.normalisation import ODD_SPACES, SPECIAL_TOKENS, normalise
from nlu.text import fold, said, words

TABLE = [
    ("hola", "hola"),
    ("  hola \t\n ayuda  ", "hola ayuda"),
    ("hola\u00a0ayuda", "hola ayuda"),
    ("a\u200bb\u2028c\ufeffd", "a b c d"),
    ("\u200e\u200fhola\u00ad", "hola"),
    ("<s>hola</s>", "hola"),
    ("hola<pad><pad>ayuda<mask><unk>", "hola ayuda"),
    ("a < b > c", "a < b > c"),
    ("ho\x00la\x07", "hola"),
    ("a\x1b[31mb", "a[31mb"),
    ("a\ud800b", "ab"),
    ("\udfff\ud83d", ""),
    ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("ﬁn ½", "fin 1⁄2"),
    ("cafe\u0301", "café"),
    ("¿Dónde está?", "¿Dónde está?"),
    ("👍🏽", "👍🏽"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_table(text, expected):
    assert normalise(text) == expected


@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=80))
def test_any_text_becomes_clean(text):
    clean = normalise(text)
    clean.encode("utf-8")
    assert clean == clean.strip()
    assert not any(unicodedata.category(c) == "Cc" for c in clean)
    assert "  " not in clean
    assert not any(ODD_SPACES.fullmatch(c) for c in clean if c != " ")


@given(
    st.lists(
        st.sampled_from(["<s>", "</s>", "<pad>", "<mask>", "<unk>", "hola", " ", "<", ">", "/", "s", "\x00", "\u200b"]),
        max_size=12,
    )
)
def test_no_special_token_is_left_even_when_one_is_hidden_in_another(parts):
    assert not SPECIAL_TOKENS.search(normalise("".join(parts)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AYUDAAAA", "ayuda"),
        ("Ñandú", "nandu"),
        ("L'été", "l'ete"),
        ("1000000", "1000000"),
        ("holaa", "holaa"),
        ("老闆", "老闆"),
    ],
)
def test_folding_for_matching(text, expected):
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¿Qué pasó, señora?", "que paso senora"),
        ("on m'a pris", "on m a pris"),
        ("hap_in--hap", "hap in hap"),
        ("...", ""),
    ],
)
def test_words_have_single_spaces_between_them(text, expected):
    assert words(text) == expected


@given(st.text(max_size=80))
def test_words_are_stable_and_bare(text):
    found = words(text)
    assert found == " ".join(found.split())
    assert not any(unicodedata.combining(c) for c in fold(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Me quitó el pasaporte. No me deja salir!!!", "me quitó el pasaporte, no me deja salir"),
        ("AYUDAAAA POR FAVOR...", "ayuda"),
        ("¿Dónde está la oficina ?", "dónde está la oficina?"),
        ("他拿走了我的护照。我出不去！", "他拿走了我的护照,我出不去"),
        ("请问办公室在哪里？？", "办公室在哪里?"),
        ("8,400 empleados; 3.5 millones.", "8,400 empleados, 3.5 millones"),
        ("iomperu@iom.int", "iomperu@iom.int"),
        ("m'ap rele", "m'ap rele"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_what_is_said(text, expected):
    assert said(text) == expected


WORDS = st.lists(st.text("abñéü他k'8", min_size=1, max_size=6), min_size=1, max_size=8).map(" ".join)


@given(WORDS, st.sampled_from(["", ".", "...", "!", "!!", "…", "。", "！", ",", " ."]))
def test_what_is_said_does_not_hang_on_capitals_or_closing_marks(text, mark):
    assert said(text.upper() + mark) == said(text) == said(said(text))


@given(st.text(max_size=60))
def test_something_is_said_by_any_text(text):
    assert bool(said(text)) == bool(text)
