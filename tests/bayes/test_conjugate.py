"""Conjugate families: against SciPy's densities, and batches against all rows at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from bactrian import BadInputError
from bactrian.bayes import Dirichlet, NormalInverseWishart, NormalMean

ROWS = np.random.RandomState(0).randn(40) * 2 + 5
PLANE = np.random.RandomState(1).randn(40, 2) @ [[1.0, 0.5], [0.0, 2.0]] + [3, -1]
MATRIX = np.array([[2.0, 0.3], [0.3, 1.0]])


@pytest.mark.parametrize(
    ("prior", "rows"),
    [
        (NormalMean(1.0, 4.0, 2.5), ROWS),
        (NormalInverseWishart(1.0, 0.5, 3.0, 2.0), ROWS),
        (NormalInverseWishart([1.0, 0.0], 0.5, 3.5, MATRIX), PLANE),
    ],
)
class TestAll:
    def test_batches_give_what_all_rows_give(self, prior, rows):
        known, evidence = prior, 0.0
        for batch in np.array_split(rows, 10):
            evidence += known.log_evidence(batch)
            known = known.updated(batch)
        whole = prior.updated(rows)
        for name in vars(whole):
            np.testing.assert_allclose(getattr(known, name), getattr(whole, name), rtol=1e-12)
        assert evidence == pytest.approx(prior.log_evidence(rows), rel=1e-12)

    def test_the_evidence_of_one_row_is_its_predictive_density(self, prior, rows):
        known = prior.updated(rows[:5])
        exact = float(np.squeeze(known.predictive.logpdf(rows[5])))
        assert known.log_evidence(rows[5:6]) == pytest.approx(exact, rel=1e-12)

    def test_a_weight_of_two_is_the_row_twice(self, prior, rows):
        weights = np.random.RandomState(2).randint(0, 3, len(rows))
        one, other = prior.updated(rows, weights), prior.updated(rows.repeat(weights, axis=0))
        for name in vars(one):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)

    def test_no_rows_change_nothing(self, prior, rows):
        same = prior.updated(rows[:0])
        for name in vars(same):
            np.testing.assert_allclose(getattr(same, name), getattr(prior, name))
        assert prior.log_evidence(rows[:0]) == pytest.approx(0)


def test_the_normal_mean_by_its_formulas_and_by_integration():
    prior, n, x = NormalMean(1.0, 4.0, 2.5), len(ROWS), ROWS.mean()
    after = prior.updated(ROWS)
    variance = 1 / (n / 2.5 + 1 / 4.0)
    assert after.variance == pytest.approx(variance)
    assert after.mean == after.mode == pytest.approx(variance * (n * x / 2.5 + 1 / 4.0))
    low, high = after.interval(0.9)
    assert stats.norm(after.mean, np.sqrt(variance)).cdf([low, high]) == pytest.approx(
        [0.05, 0.95]
    )

    def density(mean):
        likelihood = stats.norm(mean, np.sqrt(2.5)).logpdf(ROWS[:3]).sum()
        return np.exp(likelihood + stats.norm(1, 2).logpdf(mean))

    assert np.exp(prior.log_evidence(ROWS[:3])) == pytest.approx(quad(density, -20, 20)[0])
    assert after.sample(4000, 0).mean() == pytest.approx(after.mean, abs=0.02)


def test_mean_and_variance_by_integration():
    prior = NormalInverseWishart(1.0, 0.5, 3.0, 2.0)
    rows = ROWS[:4]

    mean, log_variance = np.linspace(-40, 50, 3001)[:, None], np.linspace(-4, 9, 1501)
    variance = np.exp(log_variance)
    joint = stats.norm.logpdf(mean, 1.0, np.sqrt(variance / 0.5))
    joint = joint + stats.invgamma.logpdf(variance, 1.5, scale=1.0) + log_variance
    for row in rows:
        joint += stats.norm.logpdf(row, mean, np.sqrt(variance))
    total = np.exp(joint).sum() * (90 / 3000) * (13 / 1500)
    assert np.exp(prior.log_evidence(rows)) == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize(
    ("prior", "rows"),
    [
        (NormalInverseWishart(1.0, 0.5, 5.0, 2.0), ROWS),
        (NormalInverseWishart([1.0, 0.0], 0.5, 4.5, MATRIX), PLANE),
    ],
)
def test_draws_have_the_means_and_the_intervals(prior, rows):
    after = prior.updated(rows)
    means, covariances = after.sample(20_000, 0)
    np.testing.assert_allclose(means.mean(axis=0), after.mean.mean, atol=0.02)
    np.testing.assert_allclose(
        covariances.mean(axis=0), after.mean.covariance, rtol=0.03, atol=0.03
    )
    variances = (
        covariances if covariances.ndim == 1 else np.diagonal(covariances, axis1=1, axis2=2)
    )
    for drawn, (low, high) in zip((means, variances), after.interval(0.8), strict=True):
        inside = (drawn > low) & (drawn < high)
        np.testing.assert_allclose(inside.mean(axis=0), 0.8, atol=0.015)
    total = after.mean.covariance * (after.dof - after.n_features - 1)
    np.testing.assert_allclose(after.mode.covariance, total / (after.dof + after.n_features + 2))


def test_the_mode_is_the_highest_point():
    known = NormalInverseWishart(1.0, 2.0, 5.0, 3.0)
    top = known.mode

    def log_density(mean, variance):
        own = stats.norm(1.0, np.sqrt(variance / 2)).logpdf(mean)
        return own + stats.invgamma(2.5, scale=1.5).logpdf(variance)

    highest = log_density(*top)
    for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        assert log_density(top.mean + step[0], top.covariance + step[1]) < highest


def test_the_dirichlet_distribution():
    prior = Dirichlet([0.5, 1.5, 2.0])
    after = prior.updated([3, 0, 2]).updated([1, 1, 1])
    np.testing.assert_allclose(after.concentration, [4.5, 2.5, 5.0])
    np.testing.assert_allclose(after.mean, stats.dirichlet([4.5, 2.5, 5]).mean())
    np.testing.assert_allclose(after.mode, np.array([3.5, 1.5, 4]) / 9)
    np.testing.assert_allclose(after.interval(0.9)[:, 0], stats.beta(4.5, 7.5).interval(0.9))
    np.testing.assert_allclose(after.sample(20_000, 0).mean(axis=0), after.mean, atol=0.01)
    one = prior.predictive[0] * prior.updated([1, 0, 0]).predictive[2]
    assert prior.log_evidence([1, 0, 1]) == pytest.approx(np.log(one))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: NormalMean(0.0, 0.0, 1.0), "variance"),
        (lambda: NormalMean(0.0, 1.0, -1.0), "known_variance"),
        (lambda: NormalMean("a", 1.0, 1.0), "location"),
        (lambda: NormalMean(0.0, 1.0, 1.0).updated([1.0, np.nan]), "rows"),
        (lambda: NormalMean(0.0, 1.0, 1.0).updated([1.0], [-1.0]), "weights"),
        (lambda: NormalMean(0.0, 1.0, 1.0).interval(1.5), "level"),
        (lambda: NormalInverseWishart([0.0, 0.0], 1.0, 1.0, np.eye(2)), "dof"),
        (lambda: NormalInverseWishart([0.0, 0.0], 1.0, 3.0, np.ones((2, 2)) * -1), "scatter"),
        (lambda: NormalInverseWishart([0.0, 0.0], 1.0, 3.0, 1.0), "scatter"),
        (lambda: NormalInverseWishart([0.0, 0.0], 1.0, 3.0, np.eye(2)).updated([1.0]), "rows"),
        (lambda: Dirichlet([1.0, 0.0]), "concentration"),
        (lambda: Dirichlet([0.5, 2.0]).mode, "concentration"),
        (lambda: Dirichlet([1.0, 2.0]).updated([1.0]), "counts"),
        (lambda: Dirichlet([1.0, 2.0]).updated([1.0, -1.0]), "counts"),
    ],
)
def test_bad_input(make, name):
    with pytest.raises(BadInputError, match=f"^{name} must be"):
        make()
