"""The wording of all languages: the same keys everywhere, the same names to fill in, everything that is said exists."""

import string

import pytest
import yaml

from bot.catalogue import FOLDER, ORIGINAL, Catalogue, catalogue
from nlu.language import LANGUAGES
from nlu.paths import ROOT

ENGLISH_ONLY = {"unsupported_language"}


def keys(texts: dict, before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        found |= keys(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_there_is_one_file_a_language():
    assert sorted(p.stem for p in FOLDER.glob("*.yml")) == sorted(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_keys_are_those_of_the_original(code):
    """What is said to people whose language is none of ours may stand in the two widest ones alone."""
    original, here = keys(catalogue().languages[ORIGINAL]), keys(catalogue().languages[code])
    assert set(original) ^ set(here) <= ENGLISH_ONLY


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_is_text_and_fills_in_the_same_names(code):
    original, here = keys(catalogue().languages[ORIGINAL]), keys(catalogue().languages[code])
    for key, text in here.items():
        assert isinstance(text, str), key
        assert text.strip(), key
        assert names(text) == names(original[key]), key


def test_whatever_the_dialogue_says_is_in_the_catalogue():
    responses = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["responses"]
    said = {variant["custom"]["say"] for variants in responses.values() for variant in variants}
    assert said
    for key in said:
        assert catalogue().text("ay", key)


def test_a_key_that_a_language_lacks_is_said_in_the_original(tmp_path):
    (tmp_path / "es.yml").write_text("saludo: Hola {nombre}\nhondo:\n  clave: valor\n", "utf-8")
    (tmp_path / "en.yml").write_text("hondo: flat\n", "utf-8")
    texts = Catalogue(tmp_path)
    assert texts.text("en", "saludo", nombre="Ana") == "Hola Ana"
    assert texts.text("en", "hondo.clave") == texts.text("xx", "hondo.clave") == "valor"
    with pytest.raises(KeyError):
        texts.text("es", "nada")
