"""The classifier: scikit-learn's contract, discriminant analysis, mclust's numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import BadInputError, GaussianMixture, GaussianMixtureClassifier

IRIS, SPECIES = load_iris(return_X_y=True)


@pytest.mark.filterwarnings("ignore:The classes")  # of a few rows in many columns
@parametrize_with_checks(
    [GaussianMixtureClassifier(), GaussianMixtureClassifier(covariance_type="EEE")]
)
def test_scikit_learns_contract(estimator, check):
    if check.func.__name__ == "check_sample_weight_equivalence_on_dense_data":
        # A few rows a class in 30 columns: without a ridge they fill no space.
        estimator.set_params(reg_covar=1e-3)
    check(estimator)


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_linear_and_quadratic_discriminant_analysis_are_two_of_them(load):
    X, y = load(return_X_y=True)
    for structure, theirs in [
        ("EEE", LinearDiscriminantAnalysis(solver="lsqr")),
        ("full", QuadraticDiscriminantAnalysis(solver="eigen")),
    ]:
        ours = GaussianMixtureClassifier(covariance_type=structure).fit(X, y)
        np.testing.assert_allclose(
            ours.predict_proba(X), theirs.fit(X, y).predict_proba(X), atol=1e-10
        )


@pytest.mark.parametrize(
    ("structure", "log_likelihood", "n_parameters"),
    [
        ("EEE", -256.64618425, 22), ("VVV", -182.92084861, 42), ("EEV", -215.14326313, 34),
        ("VEV", -187.70974441, 36), ("EII", -414.69795127, 13), ("VVI", -309.36275789, 24),
    ],
)  # fmt: skip
def test_mclust_has_the_same_numbers(structure, log_likelihood, n_parameters):
    """MclustDA(iris[, 1:4], iris$Species, "EDDA", modelNames=...) of mclust 6.0.0.

    Its log-likelihood is that of the rows whatever their class; it does not count the shares.
    """
    model = GaussianMixtureClassifier(covariance_type=structure).fit(IRIS, SPECIES)
    assert model.score_samples(IRIS).sum() == pytest.approx(log_likelihood, abs=1e-4)
    assert model.n_parameters_ == n_parameters + 2


def test_the_structure_of_lowest_bic_is_mclusts():
    model = GaussianMixtureClassifier(covariance_type="all").fit(IRIS, SPECIES)
    assert model.covariance_types_ == ("VEV",) * 3
    alone = GaussianMixtureClassifier(covariance_type="VEV").fit(IRIS, SPECIES)
    assert model.bic_ == pytest.approx(alone.bic_, rel=1e-9)


def crossed(n=900, seed=0):
    """Two classes that a single Gaussian each cannot tell apart: they alternate."""
    rng = np.random.default_rng(seed)
    y, side = rng.integers(2, size=n), rng.integers(2, size=n)
    place = 6.0 * y + 12.0 * side - 9
    return np.column_stack([place, np.zeros(n)]) + rng.normal(size=(n, 2)), y


def test_several_components_bend_the_border():
    X, y = crossed()
    fresh, truth = crossed(2000, 1)
    one = GaussianMixtureClassifier().fit(X, y)
    two = GaussianMixtureClassifier(2, random_state=0).fit(X, y)
    found = GaussianMixtureClassifier(range(1, 4), random_state=0).fit(X, y)
    assert one.score(fresh, truth) < 0.95
    assert two.score(fresh, truth) > 0.99
    assert [m.parameters.n_components for m in found.mixtures_] == [2, 2]
    mixed = GaussianMixtureClassifier({0: 1, 1: (1, 2)}, random_state=0).fit(X, y)
    assert [m.parameters.n_components for m in mixed.mixtures_] == [1, 2]


def test_probabilities_are_bayes_rule():
    model = GaussianMixtureClassifier(2, random_state=0).fit(*crossed())
    X = crossed(50, 3)[0]
    joint = [
        share * sum(
            w * multivariate_normal(m, c).pdf(X)
            for w, m, c in zip(p.weights, p.means, p.covariances, strict=True)
        )
        for share, p in zip(
            model.class_prior_, (m.parameters for m in model.mixtures_), strict=True
        )
    ]  # fmt: skip
    expected = np.transpose(joint) / np.sum(joint, axis=0)[:, None]
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-12)
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(expected), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(model.score_samples(X), np.log(np.sum(joint, axis=0)))
    odds = np.log(expected[:, 1] / expected[:, 0])
    np.testing.assert_allclose(model.decision_function(X), odds, rtol=1e-6, atol=1e-9)


# ---- rows without a class


def hidden(y, share=0.8, seed=1, marker=np.nan):
    y = y.astype(object if marker is None else float)
    y[np.random.default_rng(seed).random(len(y)) < share] = marker
    return y


@pytest.mark.parametrize("n_components", [1, 2])
def test_unlabelled_rows_raise_the_likelihood_of_all_rows(n_components):
    X, y = (IRIS, SPECIES) if n_components == 1 else crossed()
    told = hidden(y, 0.7)
    known = ~np.isnan(told)
    settings = {"covariance_type": "EEE" if n_components == 1 else "full", "random_state": 0}
    model = GaussianMixtureClassifier(n_components, **settings).fit(X, told)
    alone = GaussianMixtureClassifier(n_components, **settings).fit(X[known], y[known])
    joint = np.log(alone.class_prior_) + np.column_stack(
        [m.log_density(X) for m in alone.mixtures_]
    )
    rows = np.logaddexp.reduce(joint, axis=1)
    rows[known] = joint[known, y[known]]
    assert model.log_likelihood_ > rows.sum()
    assert model.score(X, y) > 0.95


def test_one_component_for_each_class_is_a_mixture_with_known_components():
    told = hidden(SPECIES)
    model = GaussianMixtureClassifier(covariance_type="VEV").fit(IRIS, told)
    labels = np.where(np.isnan(told), -1, told).astype(int)
    mixture = GaussianMixture(3, covariance_type="VEV", labels="use").fit(IRIS, labels)
    assert model.log_likelihood_ == pytest.approx(mixture.log_likelihood_, rel=1e-12)
    np.testing.assert_allclose(model.predict_proba(IRIS), mixture.predict_proba(IRIS), atol=1e-9)


@pytest.mark.parametrize("marker", [None, np.nan, -7.0])
def test_ways_to_say_that_a_class_is_unknown(marker):
    told = hidden(SPECIES, marker=marker)
    model = GaussianMixtureClassifier(unlabelled=-7).fit(IRIS, told)
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    masked = np.ma.array(SPECIES, mask=[one is None or one != one or one == -7 for one in told])
    other = GaussianMixtureClassifier().fit(IRIS, masked)
    np.testing.assert_array_equal(model.predict(IRIS), other.predict(IRIS))


# ---- what the user says of the classes


def test_words_names_and_weights():
    frame = pd.DataFrame(IRIS, columns=list("abcd"))
    words = np.array(["setosa", "versicolor", "virginica"])[SPECIES]
    model = GaussianMixtureClassifier().fit(frame, words)
    assert set(model.predict(frame)) == set(words)
    assert list(model.feature_names_in_) == list("abcd")
    twice = np.r_[np.arange(150), np.arange(40)]
    weights = np.ones(150)
    weights[:40] = 2
    one = GaussianMixtureClassifier().fit(IRIS, SPECIES, weights)
    other = GaussianMixtureClassifier().fit(IRIS[twice], SPECIES[twice])
    np.testing.assert_allclose(one.predict_proba(IRIS), other.predict_proba(IRIS), atol=1e-9)


def test_shares_and_costs():
    model = GaussianMixtureClassifier(priors=[0.2, 0.3, 0.5]).fit(IRIS, SPECIES)
    np.testing.assert_allclose(model.class_prior_, [0.2, 0.3, 0.5])
    equal = GaussianMixtureClassifier(2, priors="equal", n_init=1).fit(IRIS, SPECIES)
    np.testing.assert_allclose(equal.class_prior_, 1 / 3)
    by_name = GaussianMixtureClassifier(priors={0: 0.2, 1: 0.3, 2: 0.5}).fit(IRIS, SPECIES)
    np.testing.assert_array_equal(by_name.predict_proba(IRIS), model.predict_proba(IRIS))
    balanced = GaussianMixtureClassifier(class_weight="balanced").fit(IRIS[:120], SPECIES[:120])
    np.testing.assert_allclose(balanced.class_prior_, 1 / 3)
    costs = 1 - np.eye(3)
    plain = GaussianMixtureClassifier().fit(IRIS, SPECIES)
    same = GaussianMixtureClassifier(costs=costs).fit(IRIS, SPECIES)
    np.testing.assert_array_equal(same.predict(IRIS), plain.predict(IRIS))
    costs[2, 1] = 1000  # never miss a virginica
    wary = GaussianMixtureClassifier(costs=costs).fit(IRIS, SPECIES)
    assert (wary.predict(IRIS)[SPECIES == 2] == 2).all()
    assert (wary.predict(IRIS) == 2).sum() > (plain.predict(IRIS) == 2).sum()


def test_rows_with_holes_are_classified_by_what_is_observed():
    model = GaussianMixtureClassifier(covariance_type="VEV").fit(IRIS, SPECIES)
    holes = IRIS.copy()
    holes[:, :2] = np.nan
    joint = np.column_stack([m.marginal([2, 3]).logpdf(IRIS[:, 2:]) for m in model.mixtures_])
    np.testing.assert_array_equal(model.predict(holes), joint.argmax(axis=1))
    holes = IRIS.copy()
    holes[np.random.default_rng(0).random(IRIS.shape) < 0.2] = np.nan
    assert GaussianMixtureClassifier().fit(holes, SPECIES).score(IRIS, SPECIES) > 0.95


@pytest.mark.parametrize("rate", [0.1, 0.01])
def test_only_the_stated_share_of_rows_is_unlike_the_classes(rate):
    X, y = crossed(20_000)
    model = GaussianMixtureClassifier(2, random_state=0, n_init=1, reject_rate=rate).fit(X, y)
    fresh, _ = crossed(20_000, 5)
    spread = 3 * np.sqrt(2 * rate * (1 - rate) / 20_000)
    assert model.is_unlike(fresh, rate).mean() == pytest.approx(rate, abs=spread)
    fresh[:, 0] = np.nan
    assert model.is_unlike(fresh, rate).mean() == pytest.approx(rate, abs=spread)
    assert (model.predict([[0.0, 30.0]]) == -1).all()
    words = GaussianMixtureClassifier(reject_rate=0.01).fit(X, np.array(["no", "yes"])[y])
    assert words.predict([[40.0, 0.0]])[0] == "unknown"


def test_it_goes_with_scikit_learn():
    pipeline = make_pipeline(StandardScaler(), GaussianMixtureClassifier(covariance_type="EEE"))
    assert cross_val_score(pipeline, IRIS, SPECIES, cv=5).mean() > 0.95
    grid = {"covariance_type": ["EEE", "full", "spherical"]}
    search = GridSearchCV(GaussianMixtureClassifier(), grid, cv=5).fit(IRIS, SPECIES)
    assert search.best_params_["covariance_type"] in ("EEE", "full")
    clone(search.best_estimator_)


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-1e4, 1e4))
def test_units_do_not_matter(scale, offset):
    model = GaussianMixtureClassifier(covariance_type="VEV").fit(IRIS, SPECIES)
    moved = IRIS * scale + offset * scale
    other = GaussianMixtureClassifier(covariance_type="VEV").fit(moved, SPECIES)
    np.testing.assert_allclose(other.predict_proba(moved), model.predict_proba(IRIS), atol=1e-6)


def test_a_class_of_few_rows_is_pointed_out():
    rows = np.r_[IRIS[:50], IRIS[50:53]]
    with pytest.warns(UserWarning, match=r"\[1\] do not fill the space"):
        GaussianMixtureClassifier().fit(rows, SPECIES[:53])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shared = GaussianMixtureClassifier(covariance_type="EEE").fit(rows, SPECIES[:53])
    assert shared.score(rows, SPECIES[:53]) == 1


@pytest.mark.parametrize(
    ("settings", "y", "said"),
    [
        ({"n_components": 0}, SPECIES, "n_components"),
        ({"n_components": {0: 1}}, SPECIES, "n_components"),
        ({"n_components": []}, SPECIES, "n_components"),
        ({"covariance_type": "round"}, SPECIES, "covariance_type"),
        ({"priors": [1, 1, 1]}, SPECIES, "priors"),
        ({"priors": "flat"}, SPECIES, "priors"),
        ({"costs": np.eye(2)}, SPECIES, "costs"),
        ({"costs": -np.eye(3)}, SPECIES, "costs"),
        ({"class_weight": {"rose": 1}}, SPECIES, "class_weight"),
        ({}, SPECIES[:5], "labels"),
        ({}, SPECIES + 0.5, "Unknown label type"),
        ({}, np.full(150, np.nan), "no label"),
        ({}, None, "requires y"),
    ],
    ids=str,
)
def test_bad_input_is_named(settings, y, said):
    with pytest.raises(ValueError, match=said):
        GaussianMixtureClassifier(**settings).fit(IRIS, y)


def test_a_class_that_cannot_be_fitted_is_named():
    rows = np.r_[IRIS[:50], IRIS[50:51]]
    with pytest.raises(BadInputError, match="1 rows of the class 'b'"):
        GaussianMixtureClassifier(2).fit(rows, np.array(["a", "b"])[SPECIES[:51]])


def test_bad_rates_are_named():
    model = GaussianMixtureClassifier(reject_rate=2).fit(IRIS, SPECIES)
    with pytest.raises(BadInputError, match="reject_rate"):
        model.predict(IRIS)
    with pytest.raises(BadInputError, match="rate"):
        model.is_unlike(IRIS, 0)
    with pytest.raises(BadInputError, match="weights of 0 only"):
        GaussianMixtureClassifier().fit(IRIS, SPECIES, (SPECIES > 0).astype(float))
