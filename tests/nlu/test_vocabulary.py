"""What words tell of the language, beside n-grams."""

import numpy as np

from nlu.vocabulary import Vocabulary

LANGUAGES = ("es", "fr", "ay")
SAMPLES = [
    *[(f"la casa {n} número", "es") for n in "abcdef"],
    *[(f"la maison {n}", "fr") for n in "abcdef"],
    *[(f"casa {n} uta", "ay") for n in "ab"],
    *[(f"jiwasan utasa {n}", "ay") for n in "cdef"],
]


def test_a_loan_speaks_for_the_language_that_has_it_more_often():
    evidence = Vocabulary.of(SAMPLES, LANGUAGES).evidence("¡CASA!")
    assert np.argmax(evidence) == 0
    assert evidence[2] > evidence[1]


def test_accents_and_capitals_make_no_difference():
    vocabulary = Vocabulary.of(SAMPLES, LANGUAGES)
    np.testing.assert_array_equal(vocabulary.evidence("NÚMERO"), vocabulary.evidence("numero"))


def test_words_of_one_phrase_and_numbers_are_not_known():
    known = Vocabulary.of([*SAMPLES, ("1818 rareza", "es"), *[("1818", "es")] * 5], LANGUAGES).known
    assert "casa" in known
    assert not {"1818", "rareza"}.intersection(known)


def test_unknown_words_say_nothing_and_weaken_what_known_ones_say():
    vocabulary = Vocabulary.of(SAMPLES, LANGUAGES)
    assert not vocabulary.evidence("zzz 12").any()
    assert not vocabulary.evidence("").any()
    np.testing.assert_allclose(vocabulary.evidence("maison zzz"), vocabulary.evidence("maison") / 2)


def test_nothing_is_learned_from_nothing():
    assert not Vocabulary.of([], LANGUAGES).evidence("casa").any()


def test_what_is_saved_says_the_same(tmp_path):
    vocabulary = Vocabulary.of(SAMPLES, LANGUAGES)
    np.savez(tmp_path / "saved.npz", **vocabulary.arrays)
    with np.load(tmp_path / "saved.npz") as saved:
        again = Vocabulary.of_arrays(saved)
    assert again.known == vocabulary.known
    np.testing.assert_array_equal(again.evidence("casa número"), vocabulary.evidence("casa número"))
