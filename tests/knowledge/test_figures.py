"""Numbers and phone numbers in what people wrote, in eight languages' ways of writing them."""

import pytest

from knowledge import figures


@pytest.mark.parametrize(
    ("original", "translation", "missing"),
    [
        ("3,5 millones", "3.5 million", []),
        ("3,5 millones", "350 万", []),
        ("3,5 millones", "3.5 百万", []),
        ("2,8 millones", "2,8 millonmanta", []),
        ("705 mil hogares", "705 000 foyers", []),
        ("705 mil hogares", "70.5 万户", []),
        ("32 mil 188 millones de dólares", "321.88 亿美元", []),
        ("32 mil 188 millones", "32\u202f188 millions", []),
        (r"\$. 2,600 millones", "26 亿", []),
        ("8,400 empleados", "8.400 funcionários", []),
        ("1,3% y 793%", "1.3 % et 793 %", []),
        ("2011-2016", "2011 – 2016", []),
        ("Decreto Ley No. 17559", "第 17559 号", []),
        ("3,5 millones", "3.5 thousand", ["3,5 millones"]),
        ("705 mil", "705", ["705 mil"]),
        ("8,400 y 24", "8,004 y 42", ["8,400", "24"]),
        ("1 de abril de 1969", "April 1996", ["1", "1969"]),
    ],
)
def test_numbers_by_value(original, translation, missing):
    assert figures.missing(original, translation) == missing


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("(01) 200-1000", {"012001000"}),
        ("0800-15170 o 0800 16872", {"080015170", "080016872"}),
        ("+51 987 654 321", {"51987654321"}),
        ("Llame al 1818, opción 1", {"1818"}),
        ("1818 mil, 1 000 000 y 2011-2016", set()),
        ("el 2016-09-19, Ley 17559, http://a.pe/12345678", set()),
    ],
)
def test_phones(text, phones):
    assert figures.phones(text, {"1818"}) == phones
