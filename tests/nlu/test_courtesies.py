"""What people write around the point is left out, and nothing else is."""

import re

import pytest
import yaml

from nlu.courtesies import FILE, without_courtesies
from nlu.courtesies import _any as pattern_of
from nlu.language import LANGUAGES
from nlu.text import said, words
from nlu.training_data import phrases

POLITE = {
    "es": ("Buenas tardes señorita, disculpe la molestia,", "¿dónde queda la oficina?", "Muchas gracias de antemano."),
    "en": ("Hello sir, sorry to bother you.", "where is your office", "Thanks in advance, kind regards"),
    "pt": ("oii boa noite moça! desculpa incomodar,", "onde fica o escritório?", "obrigada desde já 🙏"),
    "fr": ("Bonjour Madame, excusez-moi de vous déranger,", "c'est où votre bureau ?", "Merci d'avance. Cordialement"),
    "zh": ("您好老师，不好意思打扰一下，请问", "办公室在哪里", "谢谢您了！"),
    "ht": ("Bonswa mesye dam, eskize m pou deranjman an,", "ki kote biwo a ye?", "mèsi anpil davans"),
    "qu": ("Allin p'unchay taytay, pampachaykuway,", "maypitaq oficinaykichik?", "añaychayki"),
    "ay": ("Aski urukipan kullaka, pampachapxita,", "oficinax kawkinkisa?", "yuspajara"),
}
WHOLE = [
    "hola",
    "Hello!! Thank you.",
    "您好，谢谢",
    "buenas noches señorita",
    "perdón, ya no puedo más",
    "pampachaykuwaychik, manaña kawsayta munanichu",
    "早上有人打我",
    "señora me encerró",
    "gracias por todo, cuiden a mis hijos",
    "🙂",
    "",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_point_of_a_polite_message(language):
    before, point, after = POLITE[language]
    for text in (f"{before} {point} {after}", f"{before} {point}", f"{point} {after}"):
        assert words(without_courtesies(text)) == words(point)
    assert said(f"{before} {point} {after}").rstrip("?") == said(point).rstrip("?")


@pytest.mark.parametrize("text", WHOLE)
def test_nothing_is_lost_where_there_is_nothing_else_or_no_courtesy(text):
    assert without_courtesies(text) == text


def test_who_is_meant_stays_where_nothing_parts_it_from_the_greeting():
    assert without_courtesies("hola amiga, me pegan") == "me pegan"
    assert without_courtesies("hola amiga mía no aparece") == "amiga mía no aparece"


def test_lists_without_signs_or_with_a_line_of_marks_alone_match_no_empty_place():
    for phrases_left in (["gracias", "mil gracias"], ["gracias", "...", ""]):
        pattern = re.compile(pattern_of(phrases_left))
        assert pattern.search("x, gracias!") and not pattern.search("x, y!")


def test_every_phrase_keeps_its_words():
    for phrase in phrases():
        left = without_courtesies(phrase.text)
        assert left and left in phrase.text


def test_every_language_has_all_three_and_none_twice():
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert set(content) == set(LANGUAGES)
    for language in content.values():
        assert set(language) == {"before", "next", "after"}
        assert all(
            len(set(row)) == len(row) and all(isinstance(p, str) and p for p in row) for row in language.values()
        )
