"""Language identification on short, misspelt, mixed messages."""

import os
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu import language
from nlu.language import DEFAULT, LANGUAGES, SURE, identify

MESSAGES = {
    "es": [
        "hola nesecito ayuda porfa",
        "donde keda la ofisina de ustedes",
        "me an quitao los papeles ayer",
        "cuanto cuesta llamar a ese numero",
        "mi hermana no contesta hace dias",
        "quiero trabajar legal en Lima",
        "gracias señorita",
        "no tengo donde dormir con mis hijos",
    ],
    "en": [
        "hi i need help pls",
        "wheres ur office",
        "they took my papers yesterday",
        "how much does it cost to call",
        "my sister is not answering since days",
        "can i work here without visa",
        "thank you so much",
        "we have nowhere to sleep tonight",
    ],
    "pt": [
        "oi preciso de ajuda",
        "onde fica o escritorio de voces",
        "nao tenho dinheiro pra comida",
        "quanto custa ligar pra esse numero",
        "minha irma nao atende faz dias",
        "quero trabalhar certinho no peru",
        "muito obrigada moça",
        "eles ficaram com meus documentos",
    ],
    "fr": [
        "bonjour jai besoin daide",
        "ou se trouve votre bureau svp",
        "on m'a volé mes papiers hier",
        "combien coute l'appel",
        "ma soeur ne répond plus depuis des jours",
        "je veux travailler légalement ici",
        "merci beaucoup madame",
        "nous ne savons pas où dormir",
    ],
    "zh": [
        "你好",
        "我的护照被老板拿走了",
        "办公室在哪里",
        "請問電話多少錢",
        "妹妹好几天没接电话",
        "谢谢",
        "我想在利马合法工作 visa",
        "今晚没地方睡",
    ],
    "ht": [
        "bonjou mwen bezwen èd",
        "kikote biwo nou an ye",
        "yo pran papye m yo",
        "konbyen sa koute pou rele",
        "sè m nan pa reponn depi jou",
        "mwen vle travay legal",
        "mèsi anpil",
        "nou pa gen kote pou n dòmi",
    ],
    "qu": [
        "rimaykullayki yanapaykuway",
        "maypitaq oficinaykichik kachkan",
        "mana qullqiyqa kanchu",
        "pasaportiyta qichuwarqaku",
        "panaymi mana kutichiwanchu",
        "Limapi llamkayta munani",
        "añay taytay",
        "maypitaq kunan tuta puñusaqku",
    ],
    "ay": [
        "aski urukipan yanapt'itasma",
        "kawkhankis oficinamaxa",
        "janiw qullqinikti",
        "pasaporte apaqapxitu",
        "kullakajax janiw jaysitutu",
        "Limanx irnaqañ munta",
        "yuspajarpan jilata",
        "jichhüru arumax kawkharus ikiñani",
    ],
}
UNSURE = [("ok", "fr"), ("ok", "qu"), ("taxi", "ht"), ("bar", "qu"), ("no", "pt"), ("visa", "en")]
DETECTABLE = [
    ("es", "necesito ayuda porque el dueño de la casa me quitó los documentos y no sé qué hacer"),
    ("en", "I need help because the owner of the house took my documents and I do not know what to do"),
    ("pt", "preciso de ajuda porque o dono da casa tirou os meus documentos e não sei o que fazer"),
    ("fr", "j'ai besoin d'aide parce que le propriétaire a pris mes papiers et je ne sais pas quoi faire"),
    ("ht", "mwen bezwen èd paske mèt kay la pran papye mwen yo epi mwen pa konnen sa pou m fè"),
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in MESSAGES.items() for text in texts])
def test_short_messages(code, text):
    assert identify(text).language == code


def test_clear_messages_are_sure_and_probabilities_are_probabilities():
    found = [identify(text) for texts in MESSAGES.values() for text in texts]
    assert sum(f.sure for f in found) / len(found) > 0.9
    assert all(0 <= f.confidence <= 1 for f in found)
    assert all(f.sure == (f.confidence >= SURE) for f in found)
    assert not any(f.foreign for f in found)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("fr", "Hello sir, sorry to bother you, on m'a volé mon sac hier"),
        ("ht", "Bonjour madame, mwen bezwen konnen ki kote biwo nou an ye"),
        ("ay", "buenas tardes, disculpe, oficinax kawkinkisa"),
        ("qu", "Buenas tardes, una consulta, maypitaq oficinaykichik kachkan"),
        ("es", "hello, dónde queda su oficina, thank you"),
    ],
)
def test_a_greeting_in_another_language_decides_nothing(code, text):
    found = identify(text)
    assert found.language == code and found.sure


@pytest.mark.parametrize(("text", "prior"), UNSURE)
def test_the_conversations_language_wins_over_an_unsure_guess(text, prior):
    found = identify(text, prior)
    assert not found.sure or found.language == prior
    assert found.language == prior


@pytest.mark.parametrize("text", ["1818", "👍", "?!", "", "   ", "+51 999"])
@pytest.mark.parametrize("prior", [None, "zh", "qu"])
def test_without_letters_the_conversation_goes_on_as_it_was(text, prior):
    found = identify(text, prior)
    assert (found.language, found.sure) == (prior or DEFAULT, False)


@pytest.mark.parametrize(
    ("prior", "code", "text"),
    [(p, c, MESSAGES[c][2]) for c in LANGUAGES for p in ("es", "fr", "ay") if p != c],
)
def test_a_clear_message_changes_the_language(prior, code, text):
    found = identify(text, prior)
    assert (found.language, found.sure) == (code, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Где находится офис?", {"CYRILLIC", "ru"}),
        ("أين يقع المكتب؟", {"ARABIC", "ar"}),
        ("कार्यालय कहाँ है", {"DEVANAGARI", "hi"}),
        ("これは日本語です、助けてください", {"HIRAGANA", "ja"}),
        ("안녕하세요 도와주세요", {"HANGUL", "ko"}),
        ("Πού είναι το γραφείο", {"GREEK", "el"}),
    ],
)
def test_foreign_scripts_are_named_and_decide_nothing(text, names):
    assert identify(text).foreign in names
    found = identify(text, "fr")
    assert (found.language, found.sure) == ("fr", False)
    assert found.foreign in names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Chciałbym wiedzieć, gdzie znajduje się biuro", "pl"),
        ("saya ingin tahu di mana kantornya, tolong bantu", "id"),
        ("ningependa kujua ofisi iko wapi tafadhali nisaidie", "sw"),
    ],
)
def test_a_foreign_language_in_latin_letters_is_named(text, code):
    found = identify(text)
    assert (found.foreign, found.sure) == (code, False)


def test_a_near_relative_is_answered_as_ours_for_misspelt_spanish_looks_like_it():
    assert identify("Dove si trova il vostro ufficio? Ho bisogno di aiuto con i documenti").foreign is None


def test_chinese_among_latin_letters_is_chinese():
    assert identify("老板拿走了我的pasaporte").language == "zh"
    assert identify("vivo cerca del restaurante que se llama 福, donde trabaja mi hermana", "es").language == "es"


@pytest.mark.parametrize("text", ["ni hao", "laoban ba wo de huzhao na zou le", "bangongshi zai nali", "xie xie nimen"])
def test_chinese_typed_in_latin_letters_is_chinese(text):
    assert identify(text).language == "zh"


@pytest.mark.parametrize("text", ["ok", "hi", "ja ja", "bye bye", "taxi", "lima", "wifi"])
def test_what_anybody_may_type_is_not_taken_for_chinese(text):
    assert identify(text).language != "zh"


@pytest.fixture
def no_model(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "VAR", tmp_path)
    language._model.cache_clear()
    yield tmp_path
    language._model.cache_clear()


@pytest.mark.parametrize("text", ["asdfgh", "fjfjfj dkdkdk", "ghghgh jkjk", "gfdsa hjkl rewq", "hdhdhd 😂😂 12"])
@pytest.mark.parametrize("prior", [None, "ht"])
def test_what_no_language_has_is_answered_as_before_or_in_spanish(text, prior):
    found = identify(text, prior)
    assert (found.language, found.sure, found.foreign) == (prior or DEFAULT, False, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [("blz", "pt"), ("bjr", "fr"), ("vlw 👋🏾", "pt"), ("call 987654321", "en"), ("rele 987654321", "ht")],
)
def test_what_is_short_yet_known_keeps_its_language(text, code):
    assert identify(text).language == code


@pytest.mark.parametrize(("code", "text"), DETECTABLE)
def test_without_a_model_the_detector_decides(no_model, code, text):
    assert identify(text).language == code


def test_without_a_model_chinese_stays_chinese_and_an_unclear_word_unsure(no_model):
    assert identify("办公室在哪里").language == "zh"
    assert not identify("ok").sure


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04half of a zip file"])
def test_a_broken_model_file_is_as_none(no_model, content):
    (no_model / language.MODEL).write_bytes(content)
    assert identify(DETECTABLE[1][1]).language == "en"


def test_trained_model_is_used_from_then_on(no_model):
    assert identify("zumba lumba").language != "ay"
    phrases = [(f"zumba lumba {i}", "ay") for i in range(8)]
    others = [(texts[i], code) for code, texts in MESSAGES.items() for i in range(4) if code != "ay"]
    language.train(no_model / language.MODEL, [*phrases, *others])
    assert identify("zumba lumba").language == "ay"


def test_model_is_found_from_any_working_folder(tmp_path):
    """Without it the detector decides alone, and nobody would notice that it knows less Creole."""
    program = "import sys; from nlu.language import identify; print(identify(sys.argv[1]).language)"
    text = "ede m silvouple"
    variables = {k: v for k, v in os.environ.items() if k != "YANAPAY_VAR"}
    done = subprocess.run(
        [sys.executable, "-c", program, text],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == identify(text).language == "ht"


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=60), st.sampled_from([None, *LANGUAGES]))
@example("hola \ud800 ayuda", None)
@example("\x00", "es")
def test_no_text_crashes_it(text, prior):
    assert identify(text, prior).language in LANGUAGES


@pytest.mark.parametrize("text", ["hospital", "ya chau, bonito dia", "remesas 2015 monto total"])
def test_a_wild_guess_at_a_first_message_gives_way_to_spanish(text):
    assert identify(text).language == "es"
