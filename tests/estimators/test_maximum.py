"""A fit that says it converged did."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sklearn.mixture
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture


@pytest.mark.parametrize("seed", range(6))
def test_old_faithful_from_scikit_learns_own_start(faithful, seed):
    """scikit-learn converges, in its own words, up to 14 nats below the maximum."""
    start = sklearn.mixture.GaussianMixture(
        3, covariance_type="tied", random_state=seed, max_iter=0
    ).fit(faithful)
    gm = GaussianMixture(
        3,
        covariance_type="tied",
        weights_init=start.weights_,
        means_init=start.means_,
        precisions_init=np.linalg.inv(start.covariances_),
    ).fit(faithful)
    assert gm.converged_
    assert gm.log_likelihood_ == pytest.approx(-1126.316, abs=0.003)
    assert gm.fit_report_.certificate.rate < 1


def test_scikit_learns_rule_is_obeyed_but_not_believed(faithful):
    start = sklearn.mixture.GaussianMixture(
        3, covariance_type="tied", random_state=0, max_iter=0
    ).fit(faithful)
    gm = GaussianMixture(
        3,
        covariance_type="tied",
        stopping="log_likelihood",
        tol=1e-3,
        weights_init=start.weights_,
        means_init=start.means_,
        precisions_init=np.linalg.inv(start.covariances_),
    )
    with pytest.warns(ConvergenceWarning, match="saddle or a plateau"):
        gm.fit(faithful)
    gains = np.diff(gm.fit_report_.trace)
    assert (gains[:-1] >= 1e-3).all()
    assert gains[-1] < 1e-3
    assert not gm.converged_


@pytest.mark.parametrize("stopping", ["auto", "log_likelihood", "aitken", "parameters"])
def test_every_rule_arrives(faithful, stopping):
    gm = GaussianMixture(2, random_state=0, stopping=stopping, tol=1e-9).fit(faithful)
    assert gm.converged_
    assert gm.log_likelihood_ == pytest.approx(-1130.263960, abs=1e-5)


def test_a_saddle_is_left():
    """Two equal components are a stationary point of EM, of lower likelihood than two apart."""
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(-3, 1, (200, 1)), rng.normal(3, 1, (200, 1))])
    middle = np.full((2, 1), X.mean())
    precision = np.full((2, 1, 1), 1 / X.var())
    gm = GaussianMixture(
        2, weights_init=[0.5, 0.5], means_init=middle, precisions_init=precision
    ).fit(X)
    assert gm.converged_
    assert sorted(gm.means_[:, 0].round()) == [-3, 3]


def test_the_limit_of_iterations_is_said(faithful):
    with pytest.warns(ConvergenceWarning, match="limit of 3 iterations"):
        gm = GaussianMixture(3, max_iter=3, random_state=0).fit(faithful)
    assert gm.n_iter_ == 3
    assert not gm.converged_
    assert len(gm.lower_bounds_) == 3


def test_distinct_optima_are_reported(faithful):
    gm = GaussianMixture(3, n_init=10, random_state=0).fit(faithful)
    optima = gm.fit_report_.optima
    assert sum(optimum.times for optimum in optima) == 10
    assert optima[0].log_likelihood == gm.log_likelihood_
    assert optima[0].shortfall == optima[0].distance == 0
    assert len(optima) > 1
    assert all(a.shortfall < b.shortfall for a, b in itertools.pairwise(optima))
    assert all(optimum.distance > 0.1 for optimum in optima[1:])


def test_more_starts_never_end_lower(faithful):
    ends = [
        GaussianMixture(4, n_init=n, random_state=3).fit(faithful).log_likelihood_
        for n in (1, 2, 4, 8)
    ]
    assert all(b >= a - 0.01 for a, b in itertools.pairwise(ends))


def test_a_dead_component_is_restarted(faithful):
    means = [[2, 55], [4.3, 80], [1e6, 1e6]]
    gm = GaussianMixture(3, means_init=means, weights_init=[0.3, 0.3, 0.4], random_state=0)
    gm.fit(faithful)
    assert gm.converged_
    assert (gm.weights_ > 0.01).all()
    assert gm.log_likelihood_ > -1130


def test_a_collapse_is_said_in_words():
    rng = np.random.default_rng(1)
    X = np.concatenate([rng.normal(size=(60, 2)), np.full((8, 2), 0.25)])
    with pytest.warns(ConvergenceWarning, match=r"close to collapse: it holds 8 rows"):
        gm = GaussianMixture(
            2, means_init=[[0, 0], [0.25, 0.25]], precisions_init=[np.eye(2), np.eye(2) * 1e6],
            weights_init=[0.9, 0.1],
        ).fit(X)  # fmt: skip
    assert not gm.converged_
    (collapse,) = gm.fit_report_.certificate.collapses
    assert collapse.component == 1
    assert collapse.rows == pytest.approx(8, abs=0.1)
    assert np.isfinite(gm.covariances_).all()


def test_fixed_parameters_stay(faithful):
    means = np.array([[2.0, 55.0], [4.3, 80.0]])
    weights = np.array([0.25, 0.75])
    precisions = np.array([np.diag([10.0, 0.03]), np.diag([6.0, 0.03])])
    start = {"means_init": means, "weights_init": weights, "precisions_init": precisions}
    kept = {"means": "means_", "weights": "weights_", "covariances": "precisions_"}
    free = GaussianMixture(2, **start).fit(faithful)
    for name, attribute in kept.items():
        gm = GaussianMixture(2, fixed=name, **start).fit(faithful)
        given = {"means": means, "weights": weights, "covariances": precisions}[name]
        np.testing.assert_allclose(getattr(gm, attribute), given, rtol=1e-12)
        assert (np.diff(gm.fit_report_.trace) > -1e-12).all()
        assert gm.log_likelihood_ < free.log_likelihood_
        assert gm._n_parameters() < free._n_parameters()
        for other in set(kept.values()) - {attribute}:
            assert not np.allclose(getattr(gm, other), getattr(free, other))


def test_fixed_means_maximise_given_them(faithful):
    """With one component at a fixed mean, the covariance is the second moment about it."""
    mean = np.array([[3.0, 70.0]])
    gm = GaussianMixture(
        1, means_init=mean, weights_init=[1.0], precisions_init=[np.eye(2)], fixed="means"
    ).fit(faithful)
    expected = (faithful - mean).T @ (faithful - mean) / len(faithful)
    np.testing.assert_allclose(gm.covariances_[0], expected, rtol=1e-12)
