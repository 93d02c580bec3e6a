"""Marginal posteriors: against SciPy's inverse Wishart distribution, integrals and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from bactrian import BayesianGaussianMixture
from bactrian.bayes.correlation import correlations_of
from bactrian.bayes.marginals import beta_mode
from bactrian.bayes.summary import PosteriorSummary
from bactrian.mixture import Scaling


def heights(rho: np.ndarray, r: float, m: float) -> np.ndarray:
    """Density of a correlation: that of an inverse Wishart matrix, summed over both variances."""
    a, b = np.exp(np.meshgrid(*[np.linspace(-4, 5, 181)] * 2))  # standard deviations
    found = []
    for one in rho:
        det = a**2 * b**2 * (1 - one**2)
        trace = (b**2 + a**2 - 2 * r * one * a * b) / det
        found.append((det ** (-(m + 3) / 2) * np.exp(-trace / 2) * a**3 * b**3).sum())
    return np.array(found)


def test_the_density_of_a_correlation_is_that_of_the_inverse_wishart_distribution():
    r, m = 0.6, 12.0
    grid = np.linspace(-0.999, 0.999, 250)
    values = heights(grid, r, m)
    values /= np.trapezoid(values, grid)
    told = correlations_of(np.array([r]), np.array([m]), 0.9)
    assert told.mean[0] == pytest.approx(np.trapezoid(values * grid, grid), abs=1e-3)
    second = np.trapezoid(values * grid**2, grid)
    assert told.deviation[0] == pytest.approx(np.sqrt(second - told.mean[0] ** 2), abs=1e-3)
    assert told.mode[0] == pytest.approx(grid[values.argmax()], abs=0.008)


@pytest.mark.parametrize(("r", "m"), [(0.0, 2.0), (-0.7, 4.5), (0.99, 30.0), (0.3, 1e5)])
def test_intervals_of_correlations_hold_their_share_of_draws(r, m):
    drawn = stats.invwishart(m, [[1.0, r], [r, 1.0]]).rvs(40_000, random_state=0)
    rho = drawn[:, 0, 1] / np.sqrt(drawn[:, 0, 0] * drawn[:, 1, 1])
    told = correlations_of(np.array([r]), np.array([m]), 0.8)
    for q, end in ((0.1, told.low[0]), (0.9, told.high[0])):
        assert (rho < end).mean() == pytest.approx(q, abs=0.008)
    assert rho.mean() == pytest.approx(told.mean[0], abs=4 * told.deviation[0] / 200)
    assert rho.std() == pytest.approx(told.deviation[0], rel=0.03)


@given(st.floats(-0.999, 0.999), st.floats(1.5, 1e4))
def test_a_correlation_with_the_other_sign(r, m):
    there = correlations_of(np.array([r]), np.array([m]), 0.95)
    back = correlations_of(np.array([-r]), np.array([m]), 0.95)
    np.testing.assert_allclose(there.mean, -back.mean, atol=1e-9)
    np.testing.assert_allclose(there.low, -back.high, atol=1e-9)
    np.testing.assert_allclose(there.deviation, back.deviation, rtol=1e-6, atol=1e-12)
    assert -1 <= there.low[0] < there.mean[0] < there.high[0] <= 1


def test_columns_that_are_nearly_one():
    told = correlations_of(np.array([1 - 1e-12, 1.0, 0.0]), np.array([50.0, 50.0, 1.01]), 0.95)
    assert np.isfinite(told[2:]).all()
    ends = 1 - np.array([told.low[0], told.high[0]])
    assert 1e-13 < ends[1] < 1e-12 < ends[0] < 1e-11


def test_modes_are_the_highest_points():
    a, b = np.array([3.0, 1.0, 0.2, 4.0, 1.0]), np.array([5.0, 4.0, 8.0, 1.0, 1.0])
    np.testing.assert_allclose(beta_mode(a, b), [1 / 3, 0, 0, 1, 0])
    r, m = np.array([-0.8, 0.1, 0.95]), np.array([5.0, 9.0, 60.0])
    told = correlations_of(r, m, 0.5)
    for k in range(3):
        near = heights(told.mode[k] + np.array([-0.003, 0.0, 0.003]), r[k], m[k])
        assert near[1] == max(near)
    assert np.isnan(correlations_of(np.zeros(1), np.full(1, 2.0), 0.5).mode[0])
    assert correlations_of(np.full(1, -0.3), np.full(1, 2.0), 0.5).mode[0] < -0.999


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    X = np.r_[rng.normal(size=(80, 2)) @ [[1, 0.8], [0, 0.6]], rng.normal(7, 2, (40, 2))]
    return X, BayesianGaussianMixture(3, n_init=1, random_state=0).fit(X)


def test_the_summary_of_correlations_and_modes(fitted):
    _, own = fitted
    said = own.posterior_summary()
    mode = said.variances.mode
    law = stats.invgamma(said._tails / 2, scale=said._scatter / 2)
    assert (law.pdf(mode) >= np.maximum(law.pdf(mode * 1.01), law.pdf(mode * 0.99))).all()
    assert (mode < said.variances.mean).all()
    np.testing.assert_array_equal(said.means.mode, said.means.mean)
    rho = said.correlations
    k = 0
    shares = own.covariances_[k] / np.sqrt(np.outer(*[np.diag(own.covariances_[k])] * 2))
    assert rho.low[k, 0, 1] < shares[0, 1] < rho.high[k, 0, 1]
    np.testing.assert_array_equal(rho.mean, rho.mean.transpose(0, 2, 1))
    np.testing.assert_array_equal(np.diagonal(rho.mode, axis1=1, axis2=2), 1.0)
    # Inverse Wishart draws of the whole posterior of the component say the same.
    dof = own.degrees_of_freedom_[k]
    drawn = stats.invwishart(dof, dof * own.covariances_[k]).rvs(20_000, random_state=1)
    r = drawn[:, 0, 1] / np.sqrt(drawn[:, 0, 0] * drawn[:, 1, 1])
    assert (r < rho.low[k, 0, 1]).mean() == pytest.approx(0.025, abs=0.005)


def test_modes_of_the_weights_of_a_process_are_near_the_highest_point_of_draws(fitted):
    _, own = fitted
    said = own.posterior_summary().weights
    drawn = own.posterior_.prior.shares.draw(
        own.posterior_.counts, 50_000, np.random.RandomState(5)
    )
    for k in range(2):
        grid = np.linspace(said.low[k], said.high[k], 200)
        top = grid[stats.gaussian_kde(drawn[:, k])(grid).argmax()]
        assert said.mode[k] == pytest.approx(top, abs=0.15 * said.deviation[k])
    assert said.mode[2] == 0.0  # of the component that holds no row


def test_a_summary_in_other_units(fitted):
    _, own = fitted
    scaling = Scaling(np.array([3.0, -1.0]), np.array([10.0, 0.1]))
    plain = PosteriorSummary(own.posterior_, 0.9)
    other = PosteriorSummary(own.posterior_, 0.9, scaling)
    for name in ("mean", "mode", "low", "high"):
        told, was = getattr(other.means, name), getattr(plain.means, name)
        np.testing.assert_allclose(told, scaling.centre + scaling.scale * was)
    np.testing.assert_allclose(other.variances.high, plain.variances.high * scaling.scale**2)
    np.testing.assert_allclose(other.variances.mode, plain.variances.mode * scaling.scale**2)
    np.testing.assert_array_equal(other.correlations.low, plain.correlations.low)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "spherical"])
def test_the_joint_distribution_of_the_means_has_their_marginals(fitted, covariance_type):
    X, _ = fitted
    own = BayesianGaussianMixture(2, covariance_type=covariance_type, n_init=1, random_state=0)
    said = own.fit(X).posterior_summary()
    scales, dof = said.mean_scales
    widths = np.sqrt(np.diagonal(scales, axis1=1, axis2=2)) * stats.t(dof[:, None]).ppf(0.975)
    np.testing.assert_allclose(said.means.high - own.means_, widths)


def test_structures_without_correlations(fitted):
    X, _ = fitted
    own = BayesianGaussianMixture(2, covariance_type="diag", n_init=1, random_state=0).fit(X)
    rho = own.posterior_summary().correlations
    assert not rho.deviation.any()
    assert own.posterior_summary().mean_scales is None
    np.testing.assert_array_equal(rho.mean, np.broadcast_to(np.eye(2), (2, 2, 2)))


def test_a_concentration_is_learned(fitted):
    X, _ = fitted
    own = BayesianGaussianMixture(
        6, weight_concentration_hyperprior=(2.0, 4.0), n_init=1, random_state=0
    ).fit(X)
    said = own.posterior_summary(0.9).concentration
    assert own.weight_concentration_prior_ == 0.5
    assert said.low < said.mode < said.mean < said.high
    assert (own.posterior_.counts > 0.5).sum() == 2
    # Given two groups among 120 rows: the density of Escobar and West (1995, eq. 11).
    c = np.linspace(1e-4, 8, 40_000)
    heights = stats.gamma(2.0, scale=1 / 4).logpdf(c) + 2 * np.log(c)
    heights = np.exp(heights + special.gammaln(c) - special.gammaln(c + len(X)))
    assert said.mean == pytest.approx((c @ heights) / heights.sum(), rel=0.05)
    known = BayesianGaussianMixture(6, n_init=1, random_state=0).fit(X)
    alone = known.posterior_summary().concentration
    assert (alone.mean, alone.deviation) == (pytest.approx(1 / 6), 0)


def test_how_probable_it_is_that_a_component_is_empty(fitted):
    X, own = fitted
    empty = own.probability_empty(X)
    resp = own.predict_proba(X)
    np.testing.assert_allclose(empty, np.prod(1 - resp, axis=0))
    assert empty[2] > 0.5 > 1e-6 > empty[:2].max()
    twice = own.probability_empty(X, np.full(len(X), 2))
    np.testing.assert_allclose(twice, empty**2)
