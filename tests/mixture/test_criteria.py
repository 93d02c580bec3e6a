"""Criteria: by hand, against scikit-learn, and how they stand to each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture as Theirs

from bactrian import GaussianMixture
from bactrian.mixture.criteria import CRITERIA, aic, aicc, bic, caic, hq, icl
from strategies import scipy_weighted_log_prob

numbers = st.floats(-1e6, 1e6)
sizes = st.floats(10, 1e6)
counts = st.integers(1, 200)


def test_by_hand():
    e = np.e
    assert bic(-100.0, 3, e**2) == pytest.approx(206.0)
    assert aic(-100.0, 3, 1e9) == 206.0
    assert aicc(-100.0, 3, 28.0) == pytest.approx(206.0 + 24 / 24)
    assert caic(-100.0, 3, e**2) == pytest.approx(209.0)
    assert hq(-100.0, 3, e**e) == pytest.approx(206.0)
    assert icl(-100.0, 3, e**2, -104.0) == pytest.approx(214.0)


@given(numbers, counts, sizes, st.floats(0, 1e5))
def test_they_are_ordered_by_what_they_charge(ll, k, n, overlap):
    value = {name: rule(ll, k, n, ll - overlap) for name, rule in CRITERIA.items()}
    assert value["icl"] >= value["bic"]
    assert value["caic"] == pytest.approx(value["bic"] + k, rel=1e-9, abs=1e-6)
    assert value["aicc"] >= value["aic"]
    if n > np.exp(np.e):
        assert value["bic"] >= value["hq"] >= value["aic"]


@given(numbers, counts)
def test_aicc_becomes_aic_as_samples_grow(ll, k):
    excess = [aicc(ll, k, n) - aic(ll, k) for n in (1e3, 1e5, 1e12)]
    assert excess == sorted(excess, reverse=True)
    assert excess[-1] < 1e-6


def test_too_few_samples_have_no_value():
    assert aicc(-1.0, 9, 10.0) == np.inf
    assert aicc(-1.0, 9, 10.5) < np.inf
    assert hq(-1.0, 9, 1.0) == np.inf


@pytest.fixture(scope="module")
def fitted():
    X = load_iris().data
    return X, GaussianMixture(3, covariance_type="full", random_state=0).fit(X)


def test_bic_and_aic_are_scikit_learns(fitted):
    X, ours = fitted
    theirs = Theirs(3, covariance_type="full")
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        setattr(theirs, name, getattr(ours, name))
    assert ours.bic(X) == pytest.approx(theirs.bic(X), rel=1e-12)
    assert ours.aic(X) == pytest.approx(theirs.aic(X), rel=1e-12)


def test_icl_is_twice_the_density_of_rows_with_their_labels(fitted):
    X, ours = fitted
    joint = scipy_weighted_log_prob(X, ours.mixture_.parameters)
    penalty = ours.fit_report_.n_parameters * np.log(len(X))
    assert ours.icl(X) == pytest.approx(-2 * joint.max(axis=1).sum() + penalty, rel=1e-12)
    certainty = joint.max(axis=1) - logsumexp(joint, axis=1)
    assert ours.icl(X) - ours.bic(X) == pytest.approx(-2 * certainty.sum(), abs=1e-8)


def test_far_apart_icl_is_bic():
    X = np.r_[np.random.RandomState(0).randn(50, 2), np.random.RandomState(1).randn(50, 2) + 100]
    gm = GaussianMixture(2, random_state=0).fit(X)
    assert gm.icl(X) == pytest.approx(gm.bic(X), abs=1e-9)


@pytest.mark.parametrize("criterion", sorted(CRITERIA))
def test_weights_are_rows(fitted, criterion):
    X, ours = fitted
    times = np.random.RandomState(0).randint(0, 4, len(X))
    measure = getattr(ours, criterion)
    repeated = measure(np.repeat(X, times, axis=0))
    assert measure(X, sample_weight=times) == pytest.approx(repeated, rel=1e-12)


def test_pieces_are_one_whole(fitted, monkeypatch):
    X, ours = fitted
    weights = np.r_[np.zeros(60), np.ones(90)]  # the first pieces are empty
    whole = [ours.icl(X), ours.icl(X, weights)]
    monkeypatch.setattr("bactrian.mixture.likelihoods.RESPONSIBILITIES_AT_ONCE", 30)
    assert [ours.icl(X), ours.icl(X, weights)] == pytest.approx(whole, rel=1e-13)


def test_a_row_without_weight_counts_for_nothing_wherever_it_is(fitted):
    X, ours = fitted
    far = np.r_[X, np.full((1, 4), 1e200)]
    weights = np.r_[np.ones(len(X)), 0.0]
    for name in CRITERIA:
        assert getattr(ours, name)(far, weights) == pytest.approx(getattr(ours, name)(X))


def test_old_faithful_as_published(faithful):
    """Three components of equal covariances, as mclust gives them: 11 parameters."""
    gm = GaussianMixture(3, covariance_type="tied", random_state=0).fit(faithful)
    assert gm.fit_report_.n_parameters == 11
    assert gm.log_likelihood_ == pytest.approx(-1126.326, abs=0.02)
    assert gm.bic(faithful) == pytest.approx(2314.316, abs=0.04)
    assert gm.log_likelihood_ >= -1126.326  # theirs stops early
