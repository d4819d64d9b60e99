"""The classifier on vectors and n-grams: probabilities, the file it is kept in, two classes or many, balance."""

import numpy as np
import pytest

from nlu.linear_model import LinearModel, train

TEXTS = {
    "fruit": ["manzana roja", "pera verde", "manzana dulce", "pera madura", "uva negra", "uva dulce"],
    "tool": ["martillo grande", "sierra vieja", "martillo pesado", "sierra nueva", "clavo largo", "clavo de acero"],
    "sky": ["nube blanca", "luna llena", "nube oscura", "luna nueva", "sol de verano", "sol fuerte"],
}


def samples(*names: str) -> tuple[list[str], np.ndarray, list[str]]:
    texts = [t for n in names for t in TEXTS[n]]
    labels = [n for n in names for _ in TEXTS[n]]
    centres = dict(zip(TEXTS, np.eye(len(TEXTS), 6), strict=True))
    noise = np.random.default_rng(3).normal(scale=0.1, size=(len(texts), 6))
    return texts, np.array([centres[x] for x in labels], np.float32) + noise.astype(np.float32), labels


@pytest.mark.parametrize("names", [("fruit", "tool"), ("fruit", "tool", "sky")])
def test_two_classes_or_many_are_learnt_and_sum_to_one(names):
    texts, vectors, labels = samples(*names)
    model = train(texts, vectors, labels)
    assert sorted(model.classes) == sorted(names)
    found = model.probabilities(texts, vectors)
    assert found.shape == (len(texts), len(names))
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    assert (found >= 0).all()
    assert [model.classes[i] for i in found.argmax(1)] == labels


@pytest.mark.parametrize("names", [("fruit", "tool"), ("fruit", "tool", "sky")])
def test_scores_are_the_weighted_mean_of_two_regressions(names):
    """Against scikit-learn's own for the same features: two classes are one row of weights there, two here."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    from nlu import linear_model, ngrams

    texts, vectors, labels = samples(*names)
    model = train(texts, vectors, labels, balance=0)
    found = ngrams.matrix(texts, *linear_model.NGRAMS, model.idf)
    both = sparse.hstack([sparse.csr_matrix(vectors - model.mean), found]).tocsr()
    logs = [
        LogisticRegression(C=linear_model.INVERSE_REGULARISATION, max_iter=60).fit(x, labels).predict_log_proba(x)
        for x in (both, found)
    ]
    expected = np.exp(np.average(logs, axis=0, weights=[1 - linear_model.NGRAMS_SHARE, linear_model.NGRAMS_SHARE]))
    expected /= expected.sum(1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(texts, vectors), expected, atol=1e-3)


def test_without_vectors_n_grams_decide_alone():
    texts, _, labels = samples("fruit", "tool", "sky")
    nothing = np.empty((len(texts), 0))
    model = train(texts, nothing, labels)
    found = model.probabilities(texts, nothing)
    assert [model.classes[i] for i in found.argmax(1)] == labels


@pytest.mark.parametrize("names", [("fruit", "tool"), ("fruit", "tool", "sky")])
def test_saved_and_loaded_it_says_the_same(tmp_path, names):
    texts, vectors, labels = samples(*names)
    model = train(texts, vectors, labels)
    model.save(tmp_path / "model.npz")
    loaded = LinearModel.load(tmp_path / "model.npz")
    assert loaded.classes == model.classes
    assert all(type(c) is str for c in loaded.classes)
    np.testing.assert_array_equal(loaded.probabilities(texts, vectors), model.probabilities(texts, vectors))


def test_words_decide_where_vectors_say_nothing_and_the_other_way_round():
    texts, vectors, labels = samples("fruit", "tool")
    flat = np.zeros_like(vectors)
    words = train(texts, flat, labels)
    assert words.classes[words.probabilities(["pera dulce"], flat[:1])[0].argmax()] == "fruit"
    meaning = train(["x"] * len(texts), vectors, labels)
    assert [meaning.classes[i] for i in meaning.probabilities(["x"] * len(texts), vectors).argmax(1)] == labels


def test_balance_lifts_the_rare_class():
    texts, vectors, labels = samples("fruit", "tool")
    texts, labels = texts + texts[:6] * 9, labels + labels[:6] * 9
    vectors = np.concatenate([vectors, np.tile(vectors[:6], (9, 1))])
    unclear = np.zeros((1, 6), np.float32)
    rare = []
    for balance in (0.0, 0.5, 1.0):
        model = train(texts, vectors, labels, balance)
        rare.append(float(model.probabilities(["algo"], unclear)[0][model.classes.index("tool")]))
    assert rare[0] < rare[1] < rare[2]


def test_a_text_without_a_single_letter_has_probabilities_too():
    model = train(*samples("fruit", "tool"))
    assert np.isfinite(model.probabilities(["", "  ", "?!"], np.zeros((3, 6), np.float32))).all()
