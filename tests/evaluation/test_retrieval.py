"""Measuring retrieval on a made-up folder, with the real encoder and any of the ways to say what is expected."""

import json
import math
from pathlib import Path

import pytest

from bot.evaluation.retrieval import Figures, measure
from bot.settings import settings as gateway_settings
from nlu.encoder import encoder as encoders

DOCUMENT = """---
title: Vecinos
source: Municipalidad
date: 2026-11
language: es
permission: Libre
status: original
---

## La biblioteca {#library}

La biblioteca municipal abre de lunes a sábado, de nueve de la mañana a ocho de la noche, y presta hasta cinco libros
por persona durante tres semanas sin ningún costo.

## El mercado {#market}

El mercado vende fruta, verdura, pescado y pan todos los días desde las seis de la mañana, y los martes llegan además
los agricultores de la sierra con papas nativas.

La feria de queso se hace el primer domingo de cada mes en la plaza que está detrás del mercado, con productores de toda
la provincia y música en vivo por la tarde.

## La piscina {#pool}

La piscina temperada tiene clases de natación para niños y para adultos mayores; hay que inscribirse en la oficina de
deportes y llevar gorro, lentes y sandalias.
"""
ASKED = {
    "library": "¿Cuántos libros puedo llevarme prestados?",
    "market/1": "¿Qué día traen papas de la sierra?",
    "market/2": "¿Cuándo es la feria de queso?",
    "pool": "¿Dónde me inscribo para aprender a nadar?",
}


@pytest.fixture(scope="module")
def encoder():
    return encoders.load(gateway_settings().var / "encoder")


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "documents" / "barrio" / "es.md"
    path.parent.mkdir(parents=True)
    path.write_text(DOCUMENT, "utf-8")
    return tmp_path / "documents"


def questions(folder: Path, rows: list[dict]) -> Path:
    path = folder.parent / "questions.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


PERFECT = (1.0, 1.0, 1.0, 1.0, 1.0)
FORMS = {
    "passage": [
        {"question": ASKED["library"], "passage": "barrio/library/1"},
        {"question": ASKED["market/1"], "passage": "barrio/market/1"},
        {"question": ASKED["market/2"], "passage": "barrio/market/2", "lang": "es"},
    ],
    "passage text": [{"question": ASKED["pool"], "passage": DOCUMENT.split("{#pool}\n\n")[1]}],
    "section": [
        {"question": ASKED["library"], "section": "library"},
        {"question": ASKED["market/2"], "section": "market"},
    ],
    "document#section": [
        {"question": ASKED["pool"], "section": "barrio#pool"},
        {"question": ASKED["pool"], "section": "barrio/pool"},
    ],
    "answer": [
        {"question": ASKED["library"], "answer": "hasta cinco libros"},
        {"question": ASKED["market/2"], "answer": "Primer  DOMINGO de cada mes"},
    ],
    "answers": [{"text": ASKED["pool"], "answers": ["en la luna", "oficina de deportes"]}],
}


def shown(figures: Figures) -> tuple[float, ...]:
    return (figures.recall_1, figures.recall_3, figures.recall_10, figures.mrr, figures.ndcg_10)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_expected_may_be_a_passage_a_section_or_an_answer(folder, encoder, form):
    figures = measure(folder, questions(folder, FORMS[form]), encoder)
    assert set(figures) == {"lexical", "dense", "hybrid"}
    assert all(f.questions == len(FORMS[form]) for f in figures.values())
    assert shown(figures["hybrid"]) == PERFECT


@pytest.mark.parametrize(
    "row",
    [
        {"passage": "barrio/library/9"},
        {"section": "museum"},
        {"answer": "hasta cinco elefantes"},
        {"passage": "Un texto que no está en ninguna parte de los documentos del barrio."},
    ],
)
def test_what_is_not_there_is_not_found(folder, encoder, row):
    figures = measure(folder, questions(folder, [{"question": ASKED["library"], **row}]), encoder)
    assert {shown(f) for f in figures.values()} == {(0.0, 0.0, 0.0, 0.0, 0.0)}


def test_figures_are_those_of_the_ranks(folder, encoder):
    """One question, asked for each of the four passages: they come at the four ranks."""
    rows = [
        {"question": ASKED["library"], "passage": f"barrio/{id}"}
        for id in ("library/1", "market/1", "market/2", "pool/1")
    ]
    for figures in measure(folder, questions(folder, rows), encoder).values():
        assert shown(figures) == pytest.approx(
            (1 / 4, 3 / 4, 1.0, (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, sum(1 / math.log2(r + 1) for r in (1, 2, 3, 4)) / 4)
        )


def test_other_languages_are_asked_for_meaning(folder, encoder):
    rows = [
        {"question": "how many books can I borrow?", "lang": "en", "section": "library"},
        {"question": "在哪里报名学游泳？", "section": "pool"},
    ]
    assert shown(measure(folder, questions(folder, rows), encoder)["dense"]) == PERFECT


def test_files_may_lie_in_the_folder_itself(folder, encoder):
    figures = measure(folder / "barrio", questions(folder, [{"question": ASKED["pool"], "section": "pool"}]), encoder)
    assert shown(figures["hybrid"]) == PERFECT


def test_a_folder_without_documents_says_so(tmp_path, encoder):
    with pytest.raises(ValueError, match="no knowledge files"):
        measure(tmp_path, questions(tmp_path / "documents", [{"question": "x", "section": "y"}]), encoder)


@pytest.mark.parametrize(
    "line", ["{", "7", "[]", '{"question": "x"}', '{"section": "pool"}', '{"question": "", "section": "pool"}']
)
def test_a_broken_line_says_file_and_line(folder, encoder, line):
    path = questions(folder, [{"question": "x", "section": "pool"}])
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl:2"):
        measure(folder, path, encoder)


def test_no_questions_are_an_error_that_says_so(folder, encoder):
    with pytest.raises(ValueError, match="questions"):
        measure(folder, questions(folder, []), encoder)
