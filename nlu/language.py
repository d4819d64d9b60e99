"""Which of our languages a short, misspelt, mixed message is written in.

Chinese by its characters; the rest, and Chinese in Latin letters, by a linear model on character n-grams and by the
words, both of our own phrases, because public detectors know little of Creole, Quechua and Aymara. pycld2 (Chromium's
detector) tells when it is none of ours, and decides alone when the model isn't there.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pycld2

from nlu import ngrams
from nlu.courtesies import without_courtesies
from nlu.paths import VAR
from nlu.text import without_emoji
from nlu.vocabulary import Vocabulary

LANGUAGES = ("es", "en", "pt", "fr", "zh", "ht", "qu", "ay")
DEFAULT = "es"
WIDELY_READ = "en"
NEAR_RELATIVES = frozenset({"gl", "ca", "oc", "co", "la", "it", "eo", "ia", "crs", "mfe"})
MODEL = "language.npz"
NGRAMS = (1, 4)
BUCKETS = 2**16
BALANCE = 0.5
PINYIN_WORDS = 2
LETTERS_A_CHARACTER = 10
WORDS = 0.5
SURE = 0.6
SURE_OF_CHANGE = 0.7
TOLD_AT_ALL = 0.5
DETECTOR_DOUBT = 0.6
ALMOST_CERTAIN = 0.95
BEYOND_DOUBT = 0.99
FEW_LETTERS = 8
FOREIGN_SHARE = 80
STRONG = 700
FOREIGN_LETTERS = 25
FEW_STRANGE_LETTERS, HEARD_OF, UNHEARD_OF = 5, 0.85, 5.4


@dataclass(frozen=True)
class Model:
    """`weights` has shape (buckets, languages), `bias` (languages,), `idf` (buckets,)."""

    weights: np.ndarray
    bias: np.ndarray
    idf: np.ndarray
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Identified:
    """`language` is one of ours; `sure` is false where the conversation so far should decide.

    `likeliest` is the one that the text looks most like where that is too little to go by. `foreign` names a language
    that is none of ours, such as "sw", or its script ("CYRILLIC") where that is all we know.
    """

    language: str
    confidence: float
    sure: bool
    foreign: str | None = None
    likeliest: str | None = None


def identify(text: str, prior: str | None = None) -> Identified:
    """The language of `text`: of its point where that tells, for people greet in other languages than they ask in.

    `prior`, the conversation's language so far, wins over an unsure guess; Spanish, which most write, over a wild one.
    """
    text = without_emoji(text)
    point = without_courtesies(text)
    found = _identify(point, prior)
    return found if found.sure or point == text else _identify(text, prior)


def _identify(text: str, prior: str | None) -> Identified:
    scripts = _scripts(text)
    letters = sum(scripts.values())
    if not letters:
        return Identified(prior or DEFAULT, 0.0, False)
    script, count = scripts.most_common(1)[0]
    if scripts["CJK"] * LETTERS_A_CHARACTER >= letters and not scripts["HIRAGANA"] and not scripts["HANGUL"]:
        return Identified("zh", 1.0, True)
    if script not in ("LATIN", "CJK") and count * 2 > letters:
        return Identified(prior or WIDELY_READ, 1.0, False, _foreign(text, 0.0) or script)
    shares = _shares(text)
    if prior in shares:
        shares[prior] = shares[prior] * 2 + 0.05
        total = sum(shares.values())
        shares = {k: v / total for k, v in shares.items()}
    language, share = max(shares.items(), key=lambda pair: pair[1])
    needed = SURE_OF_CHANGE if letters >= FEW_LETTERS else ALMOST_CERTAIN
    if prior in LANGUAGES and language != prior and share < needed:
        return Identified(prior, share, False, _foreign(text, 1.0) if letters >= FOREIGN_LETTERS else None)
    likeliest = None
    if prior is None and share < TOLD_AT_ALL:
        likeliest, language = language, DEFAULT
    foreign = _foreign(text, share) if letters >= FOREIGN_LETTERS and share < BEYOND_DOUBT else None
    if letters >= FEW_STRANGE_LETTERS and share < HEARD_OF and _is_unheard_of(text):
        return Identified(prior or DEFAULT, 0.0, False, foreign)
    return Identified(language, share, share >= SURE and not foreign, foreign, likeliest)


def _scripts(text: str) -> Counter[str]:
    return Counter(unicodedata.name(c, "OTHER").split(" ")[0] for c in text if c.isalpha())


def _shares(text: str) -> dict[str, float]:
    model = _model()
    if model is None:
        return _detector_shares(text)
    places, values = ngrams.weighted(text, *NGRAMS, model.idf)
    scores = values @ model.weights[places] + model.bias + WORDS * model.vocabulary.evidence(text)
    odds = np.exp(scores - scores.max()) * [share + DETECTOR_DOUBT for share in _detector_shares(text).values()]
    return dict(zip(LANGUAGES, (odds / odds.sum()).tolist(), strict=True))


def _is_unheard_of(text: str) -> bool:
    """Whether its letters stand in an order that hardly any phrase of ours has, as where somebody hit the keys.

    Told by how rare the n-grams are (`ngrams.inverse_frequencies`); of 3,859 dev messages only the like of
    "asdkjh qweoiu" reach the limit.
    """
    model = _model()
    if model is None:
        return False
    places, _ = ngrams.counted("".join(c if c.isalpha() else " " for c in text), *NGRAMS, BUCKETS)
    return float(model.idf[places].mean()) > UNHEARD_OF


def _detector_shares(text: str) -> dict[str, float]:
    shares = dict.fromkeys(LANGUAGES, 0.02)
    for _, code, percent, _ in _detect(text):
        if code in shares:
            shares[code] += percent / 100
    shares[DEFAULT] += 0.02
    total = sum(shares.values())
    return {k: v / total for k, v in shares.items()}


def _detect(text: str) -> Iterable[tuple[str, str, int, float]]:
    try:
        return pycld2.detect(text.encode("utf-8", "ignore"), isPlainText=True, bestEffort=True)[2]
    except pycld2.error:
        return ()


def _foreign(text: str, share: float) -> str | None:
    """The detector's language where that is none of ours; it must be strong where our model thinks it knows better."""
    _, code, percent, strength = next(iter(_detect(text)), ("", "un", 0, 0.0))
    if code in NEAR_RELATIVES.union(LANGUAGES, ("un",)) or percent < FOREIGN_SHARE:
        return None
    return code if share < SURE or strength >= STRONG else None


@lru_cache(maxsize=1)
def _model() -> Model | None:
    path = VAR / MODEL
    try:
        with np.load(path) as saved:
            return Model(saved["weights"], saved["bias"], saved["idf"], Vocabulary.of_arrays(saved))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def train(path: Path, samples: Iterable[tuple[str, str]]) -> None:
    """Fit on (text, language) pairs and save to `path`."""
    from sklearn.linear_model import LogisticRegression

    from nlu.linear_model import class_weights

    samples = list(samples)
    vocabulary = Vocabulary.of(samples, LANGUAGES)
    texts, labels = zip(*((without_emoji(t), x) for t, x in samples if x != "zh" or _is_pinyin(t)), strict=True)
    idf = ngrams.inverse_frequencies(texts, *NGRAMS, BUCKETS)
    model = LogisticRegression(C=30, max_iter=100, class_weight=class_weights(labels, BALANCE))
    model.fit(ngrams.matrix(texts, *NGRAMS, idf), labels)
    weights, bias = np.zeros((BUCKETS, len(LANGUAGES)), np.float32), np.full(len(LANGUAGES), -np.inf, np.float32)
    places = [LANGUAGES.index(language) for language in model.classes_]
    weights[:, places], bias[places] = model.coef_.T, model.intercept_
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, weights=weights, bias=bias, idf=idf, **vocabulary.arrays)
    _model.cache_clear()


def _is_pinyin(text: str) -> bool:
    """Chinese in Latin letters; a single word, such as "ok", is anybody's."""
    return len(text.split()) >= PINYIN_WORDS and not _scripts(text)["CJK"]
