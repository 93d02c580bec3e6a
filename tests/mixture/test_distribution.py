"""The mixture as a distribution: a law and a foreign oracle for each verb."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from bactrian import BadInputError, GaussianMixture, Mixture, MixtureModel
from bactrian.core.covariance import STRUCTURES
from bactrian.mixture import Scaling
from bactrian.mixture.distribution.line import Line
from bactrian.mixture.distribution.normal_boxes import bivariate
from bactrian.mixture.distribution.tails import log_stdtr
from strategies import random_parameters, seeds, structures

KINDS = {"gaussian": {}, "t": {"dof": [0.6, 3.0, 40.0]}, "shared t": {"dof": 5.0}}


BOTH = list(product(KINDS, [False, True]))


def on_a_line(noise=False, means=(0.0, 4.0, 1000.0), **more) -> Mixture:
    weights = [0.3, 0.1, 0.4] if noise else [0.3, 0.2, 0.5]
    box = [[-3.0], [7.0]] if noise else None
    centres = np.array(means)[:, None]
    return Mixture(weights, centres, [1.0, 1e-6, 4.0], "spherical", noise=box, **more)


def scipy_parts(mixture):
    """SciPy's distribution of each term, with its weight."""
    p = mixture.in_original_units()
    deviations = np.sqrt(p.dense_covariances()[:, 0, 0])
    dofs = [None] * 3 if p.dof is None else np.broadcast_to(p.dof, 3)
    parts = [
        (w, stats.norm(m, s) if dof is None else stats.t(dof, m, s))
        for w, m, s, dof in zip(p.weights, p.means[:, 0], deviations, dofs, strict=True)
    ]
    if p.noise is not None:
        low, high = p.noise[:, 0]
        parts.append((p.term_weights[-1], stats.uniform(low, high - low)))
    return parts


def total(mixture, name, x):
    return sum(weight * getattr(part, name)(x) for weight, part in scipy_parts(mixture))


# ---- one feature


@pytest.mark.parametrize(("kind", "noise"), BOTH)
def test_probabilities_of_one_feature_are_scipys_in_both_tails(kind, noise):
    mixture = on_a_line(noise, **KINDS[kind])
    x = np.concatenate([np.linspace(-30, 30, 61), np.linspace(980, 1020, 41), [-1e5, 1e5]])
    for ours, theirs in (("pdf", "pdf"), ("cdf", "cdf"), ("ccdf", "sf")):
        expected = total(mixture, theirs, x)
        # A value of 1000 has 1e-13 of itself as its last digit; so has the tail's exponent.
        np.testing.assert_allclose(getattr(mixture, ours)(x[:, None]), expected, rtol=2e-11)
    with np.errstate(divide="ignore"):
        logs = np.log(total(mixture, "cdf", x)), np.log(total(mixture, "sf", x))
    for found, expected in zip((mixture.logcdf(x), mixture.logccdf(x)), logs, strict=True):
        seen = np.isfinite(expected)
        np.testing.assert_allclose(found[seen], expected[seen], rtol=2e-11, atol=1e-15)
        assert np.isfinite(found).all()


@pytest.mark.parametrize(("kind", "noise"), BOTH)
def test_quantiles_invert_both_tails(kind, noise):
    mixture = on_a_line(noise, means=(0.0, 4.0, 10.0), **KINDS[kind])
    tail = np.geomspace(1e-300, 0.5, 500)
    p = np.concatenate([tail, 1 - np.geomspace(1e-16, 0.5, 100)])
    for quantile, near, far in (
        (mixture.icdf, mixture.cdf, mixture.ccdf),
        (mixture.iccdf, mixture.ccdf, mixture.cdf),
    ):
        x = quantile(p)
        seen = np.isfinite(x)
        assert (seen | (p < 1e-150)).all()  # of 0.6 degrees of freedom it is beyond float64
        low, high = near(x[seen]), far(x[seen])
        error = np.where(p[seen] < 0.5, low / p[seen] - 1, high / (1 - p[seen]) - 1)
        assert np.abs(error).max() < 5e-13
        inner = (tail > 1e-16) & np.isfinite(quantile(tail))
        assert (
            np.diff(quantile(tail[inner])) * (1 if quantile == mixture.icdf else -1) >= 0
        ).all()
    assert mixture.icdf([0.0, 1.0]).tolist() == [-np.inf, np.inf]
    assert mixture.iccdf([0.0, 1.0]).tolist() == [np.inf, -np.inf]


def test_quantiles_are_published_ones_of_single_distributions():
    gaussian = Mixture([1.0], [[1e6]], [4.0], "spherical")
    p = np.array([1e-300, 1e-20, 0.025, 0.5, 0.975])
    z = (gaussian.icdf(p) - 1e6) / 2
    np.testing.assert_allclose(z, stats.norm.ppf(p), atol=1e-9)  # the last digit of a million
    # z of 1e-300, 0.975: by 60-digit arithmetic
    unit = Mixture([1.0], [[0.0]], [1.0], "spherical")
    expected = [-37.047096299361199, 1.959963984540054]
    np.testing.assert_allclose(unit.icdf([1e-300, 0.975]), expected, rtol=3e-16)
    cauchy = Mixture([1.0], [[0.0]], [1.0], "spherical", dof=1)
    expected = -1 / np.tan(np.pi * p[1:])
    np.testing.assert_allclose(cauchy.icdf(p[1:]), expected, rtol=1e-12, atol=1e-15)
    assert cauchy.icdf(1e-300) == pytest.approx(-1e300 / np.pi, rel=1e-12)
    assert cauchy.logcdf(-1e305) == pytest.approx(-np.log(np.pi) - 305 * np.log(10), rel=1e-14)


def test_quantiles_of_many_components_and_of_far_ones():
    rng = np.random.default_rng(0)
    many = Mixture(
        rng.dirichlet(np.ones(60)),
        rng.normal(0, 50, (60, 1)),
        rng.uniform(1e-4, 9, 60),
        "spherical",
    )
    p = rng.random(5000)
    error = np.where(
        p < 0.5, many.cdf(many.icdf(p)) / p - 1, many.ccdf(many.icdf(p)) / (1 - p) - 1
    )
    assert np.abs(error).max() < 1e-13
    far = Mixture([0.9, 0.1], [[0.0], [1e4]], [1.0, 1.0], "spherical")
    assert 5 < far.icdf(0.9) < 1e4 - 5  # in the gap nothing tells one value from another
    assert far.icdf(0.95) == pytest.approx(1e4, abs=1e-7)
    assert far.median() == pytest.approx(stats.norm.ppf(0.5 / 0.9), rel=1e-13)


def test_shapes_of_one_feature():
    mixture = on_a_line()
    assert isinstance(mixture.cdf(0.5), float)
    assert isinstance(mixture.icdf(0.5), float)
    assert mixture.icdf(0.5) == mixture.median()
    assert mixture.icdf(np.full((2, 3), 0.2)).shape == (2, 3)
    assert mixture.cdf([[0.5], [1.0]]).shape == (2,)
    assert mixture.icdf([]).shape == (0,)
    frame = pd.DataFrame({"a": [0.5]})
    assert mixture.cdf(frame) == mixture.cdf([0.5])


def test_log_tail_of_t_below_float64():
    # log(I_x(v/2, 1/2) / 2) by 60-digit arithmetic
    known = {
        (200.0, -1e4): -1315.8058839614054,
        (1e6, -60.0): -1801.7795192273061,
        (5.0, -1e80): -918.78378096180480,
    }
    for (dof, z), expected in known.items():
        assert log_stdtr(dof, np.array([z]))[0] == pytest.approx(expected, rel=1e-13)


# ---- moments


@given(seeds, structures)
@settings(max_examples=25)
def test_moments_are_those_of_rows_and_obey_their_laws(seed, structure):
    rng = np.random.default_rng(seed)
    p = random_parameters(rng, structure, 3, 2)
    mixture = Mixture.from_parameters(p)
    mean, covariance = mixture.mean(), mixture.covariance()
    np.testing.assert_allclose(mixture.moment(1), mean)
    np.testing.assert_allclose(mixture.moment(2, "central"), np.diag(covariance))
    np.testing.assert_allclose(mixture.moment((1, 1), "central"), covariance[0, 1], atol=1e-10)
    np.testing.assert_allclose(mixture.std() ** 2, np.diag(covariance))
    scaled = Mixture.from_parameters(p, Scaling(rng.normal(size=2), [1e-3, 1e5]))
    np.testing.assert_allclose(scaled.correlation(), mixture.correlation())
    assert scaled.skewness() == pytest.approx(mixture.skewness(), rel=1e-6, abs=1e-9)
    assert scaled.kurtosis() == pytest.approx(mixture.kurtosis(), rel=1e-9)


def test_a_gaussian_has_mardias_kurtosis_and_no_skewness():
    mixture = Mixture([1.0], [[1e8, 2.0, 3.0]], [np.diag([1.0, 1e-6, 1e6])])
    assert mixture.kurtosis() == pytest.approx(15.0)
    assert mixture.skewness() == pytest.approx(0.0, abs=1e-12)
    t = Mixture([1.0], [[0.0, 0.0]], [np.eye(2)], dof=9)
    assert t.kurtosis() == pytest.approx(8 * 7 / 5)  # D (D + 2) (v - 2) / (v - 4)


def test_moments_with_tails_and_noise_are_integrals():
    mixture = on_a_line(noise=True, means=(0.0, 2.0, 5.0), dof=[9.0, 8.0, 30.0])
    standard = mixture.moment(3, "standardized")[0]
    assert mixture.skewness() == pytest.approx(standard**2)
    assert mixture.kurtosis() == pytest.approx(mixture.moment(4, "standardized")[0])
    for order in range(6):
        expected = sum(
            w * part.expect(lambda x, n=order: x**n) for w, part in scipy_parts(mixture)
        )
        assert mixture.moment(order)[0] == pytest.approx(expected, rel=1e-7)
    X, _ = robust_plane().sample(100_000, 0)
    Z = (X - robust_plane().mean()) @ np.linalg.inv(np.linalg.cholesky(np.cov(X.T))).T
    third = np.einsum("ni,nj,nk->ijk", Z, Z, Z) / len(Z)
    assert robust_plane().skewness() == pytest.approx(np.square(third).sum(), rel=0.06)
    assert robust_plane().kurtosis() == pytest.approx(np.square((Z**2).sum(1)).mean(), rel=0.02)
    deviations = X - X.mean(axis=0)
    mixed = robust_plane().moment((2, 1), "central")
    assert mixed == pytest.approx((deviations[:, 0] ** 2 * deviations[:, 1]).mean(), rel=0.05)


def robust_plane(**more) -> Mixture:
    covariances = [[[1, 0.5], [0.5, 1]], [[1, 0], [0, 0.5]]]
    box = [[-1.0, -1.0], [5.0, 5.0]]
    return Mixture([0.5, 0.4], [[0, 1], [2, 3]], covariances, noise=box, dof=12, **more)


# ---- densities, boxes, entropy

BIVARIATE = {
    (0.7, -0.4, 0.3): 0.294392751554102109,
    (1.0, 1.0, 0.95): 0.810819512969196181,
    (-0.5, -0.4, -0.6): 0.0314321251628630576,
    (0.3, 0.31, 0.9999): 0.617151155853573457,
    (1.5, -1.0, -0.99): 0.0918493617324174984,
}


def test_densities_integrate_to_one_with_noise_too():
    mixture = on_a_line(noise=True, means=(0.0, 2.0, 5.0))
    places = [-3, 7, *(2 + np.array([-0.01, -0.001, 0.001, 0.01]))]
    whole, _ = quad(lambda x: mixture.pdf([x])[0], -12, 30, points=places, limit=400)
    assert whole == pytest.approx(1, abs=1e-9)
    X, _ = robust_plane().sample(200, 1)
    inside = ((X >= -1) & (X <= 5)).all(axis=1)
    np.testing.assert_allclose(
        robust_plane().logpdf(X[inside]), robust_plane().log_density(X[inside])
    )
    assert robust_plane().logpdf([[9.0, 9.0]]) < robust_plane().log_density([[9.0, 9.0]])
    holes = np.array([[np.nan, 9.0]])
    assert robust_plane().logpdf(holes) < robust_plane().log_density(holes)


def test_the_bivariate_normal_is_known_to_the_last_digits():
    # P(X < 0, Y < 0) = 1/4 + asin(r) / (2 pi) (Sheppard 1899); others by 25-digit quadrature
    r = np.array([-1 + 1e-12, -0.99, -0.3, 0.0, 0.5, 0.999, 1 - 1e-14])
    zero = np.zeros(len(r))
    np.testing.assert_allclose(
        bivariate(zero, zero, r), 0.25 + np.arcsin(r) / (2 * np.pi), atol=2e-16
    )
    for (h, k, r), expected in BIVARIATE.items():
        found = float(bivariate(np.array(h), np.array(k), np.array(r)))
        assert found == pytest.approx(expected, abs=2e-16)


@pytest.mark.parametrize("dof", [None, 3.0, [0.5, 30.0]])
def test_boxes_of_the_plane_are_integrals(dof):
    covariances = [[[1.0, 0.9], [0.9, 1.0]], [[2.0, -0.5], [-0.5, 0.3]]]
    mixture = Mixture([0.4, 0.6], [[0.0, 0.0], [1.0, 2.0]], covariances, dof=dof)
    found = mixture.probability([-1.0, -0.5], [1.5, 2.0])
    edges = np.linspace(-1, 1.5, 101), np.linspace(-0.5, 2, 101)
    assert found.value == pytest.approx(gauss_legendre(mixture, *edges), abs=1e-10)
    assert found.error < 1e-10


def gauss_legendre(mixture, x, y):
    nodes, weights = np.polynomial.legendre.leggauss(4)
    grids = [(e[:-1, None] + np.diff(e)[:, None] * (nodes + 1) / 2).ravel() for e in (x, y)]
    sides = [(np.diff(e)[:, None] * weights / 2).ravel() for e in (x, y)]
    points = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1).reshape(-1, 2)
    return float(sides[0] @ mixture.pdf(points).reshape(len(sides[0]), -1) @ sides[1])


@pytest.mark.parametrize(("n_features", "atol"), [(3, 1e-7), (5, 1e-5)])
def test_boxes_in_space_are_scipys(n_features, atol):
    rng = np.random.default_rng(n_features)
    p = random_parameters(rng, STRUCTURES["full"], 2, n_features)
    mixture = Mixture.from_parameters(p)
    low, high = p.means.min(axis=0) - 1, p.means.max(axis=0) + 0.5
    found = mixture.probability(low, high)
    expected = sum(
        w * stats.multivariate_normal.cdf(high, m, c, lower_limit=low, abseps=1e-9, maxpts=400_000)
        for w, m, c in zip(p.weights, p.means, p.covariances, strict=True)
    )
    assert found.value == pytest.approx(expected, abs=atol)
    assert found.error <= 1e-5
    assert found == mixture.probability(low, high)  # the same bits


@pytest.mark.parametrize("n_features", [2, 3, 6])
def test_boxes_of_uncorrelated_features_are_products(n_features):
    deviations, high = np.geomspace(0.5, 2, n_features), np.linspace(0.2, 1, n_features)
    mixture = Mixture([1.0], [np.zeros(n_features)], [deviations**2], "diag")
    expected = stats.norm.cdf(high / deviations).prod()
    assert mixture.cdf([high])[0] == pytest.approx(expected, abs=1e-14)
    tails = Mixture([1.0], [np.zeros(n_features)], [deviations**2], "diag", dof=4)

    def given_scale(u):
        return stats.gamma.pdf(u, 2, scale=0.5) * stats.norm.cdf(high * u**0.5 / deviations).prod()

    expected, _ = quad(given_scale, 0, np.inf, epsabs=1e-12)
    found = tails.probability(high=high)
    assert found.value == pytest.approx(expected, abs=1e-10 if n_features < 4 else found.error)
    assert found.error < 1e-5


def test_orthants_of_three_features_have_a_closed_form():
    for r in ([0.5, -0.3, 0.2], [0.9, 0.9, 0.999], [-0.7, -0.6, 0.9999]):
        correlations = np.eye(3)
        correlations[[0, 0, 1], [1, 2, 2]] = correlations[[1, 2, 2], [0, 0, 1]] = r
        correlations[1, 2] = correlations[2, 1] = r[0] * r[1] + (1 - r[0] ** 2) ** 0.5 * (
            (1 - r[1] ** 2) ** 0.5 * r[2]
        )
        found = Mixture([1.0], [np.zeros(3)], [correlations]).cdf([np.zeros(3)])[0]
        angles = np.arcsin(correlations[[0, 0, 1], [1, 2, 2]])
        assert found == pytest.approx(1 / 8 + angles.sum() / (4 * np.pi), abs=1e-12)


def test_boxes_without_limits_and_empty_ones():
    mixture = robust_plane()
    assert mixture.probability() == (1.0, 0.0)
    assert mixture.probability([1, 1], [1, 2]).value == 0.0
    one = mixture.probability([-np.inf, 1.0], [np.inf, 2.0])
    column = Mixture.from_parameters(mixture.parameters.marginal(np.array([1])))
    assert one.value == pytest.approx(column.cdf(2.0) - column.cdf(1.0), rel=1e-12)
    np.testing.assert_allclose(mixture.cdf([[np.nan, 2.0]]), column.cdf(2.0))
    X, _ = mixture.sample(200_000, 3)
    inside = ((X > 0) & (X < [1, 2])).all(axis=1).mean()
    assert mixture.probability([0, 0], [1, 2]).value == pytest.approx(inside, abs=0.003)


def test_entropy_is_known_where_it_is():
    far = Mixture([0.9, 0.1], [[0.0], [1e4]], [1.0, 1.0], "spherical")
    apart = -0.9 * np.log(0.9) - 0.1 * np.log(0.1)
    assert far.entropy().value == pytest.approx(apart + stats.norm.entropy(), abs=1e-12)
    for dof in (0.3, 5.0):
        t = Mixture([1.0], [[3.0]], [4.0], "spherical", dof=dof)
        assert float(t.entropy()) == pytest.approx(stats.t(dof, 3, 2).entropy(), abs=1e-11)
    thin = np.array([[4.0, 1.9999], [1.9999, 1.0]])
    two = Mixture([0.5, 0.5], [[0.0, 0.0], [1e3, 1.0]], [thin, thin])
    expected = np.log(2) + stats.multivariate_normal([0, 0], thin).entropy()
    assert two.entropy().value == pytest.approx(expected, abs=1e-10)
    four = Mixture([0.5, 0.5], [np.zeros(4), np.full(4, 99.0)], [np.eye(4)] * 2)
    found = four.entropy()
    assert abs(found.value - np.log(2) - 4 * stats.norm.entropy()) < max(found.error, 1e-4)
    rows, _ = robust_plane().sample(200_000, 1)
    noisy = robust_plane().entropy()
    assert noisy.value == pytest.approx(-robust_plane().logpdf(rows).mean(), abs=0.01)
    assert 0 < noisy.error < 0.01


# ---- values


def test_values_are_equal_by_content():
    mixture = on_a_line(noise=True, dof=4.0)
    same = pickle.loads(pickle.dumps(mixture))
    assert mixture == same
    assert hash(mixture) == hash(same)
    assert mixture != on_a_line(noise=True, dof=5.0)
    assert mixture != Mixture.from_parameters(mixture.parameters, Scaling([0.0], [1.0]))
    assert mixture != "mixture"
    model = MixtureModel(mixture.parameters, training={"n_iter": 3})
    assert model == MixtureModel(mixture.parameters, training={"n_iter": 3})
    assert model != MixtureModel(mixture.parameters)
    assert model != mixture
    assert Mixture([1.0], [[0.0]], [[1.0]], "diag") == Mixture([1.0], [[-0.0]], [[1.0]], "diag")


def test_units_of_the_fit_do_not_matter():
    plain = on_a_line(means=(0.0, 2.0, 5.0))
    scaled = Mixture.from_parameters(plain.parameters, Scaling([1e3], [10.0]))
    np.testing.assert_allclose(scaled.icdf([0.1, 0.7]), 1e3 + 10 * plain.icdf([0.1, 0.7]))
    assert scaled.entropy().value == pytest.approx(plain.entropy().value + np.log(10))


def test_a_fit_is_a_distribution(faithful):
    waiting = faithful[:, 1:]
    gm = GaussianMixture(2, random_state=0).fit(waiting)
    ranks = np.sort(waiting[:, 0])
    gap = np.abs(gm.mixture_.cdf(ranks) - np.arange(1, 273) / 272).max()
    assert gap < 1.36 / np.sqrt(272)  # Kolmogorov and Smirnov's test at 5 %


@pytest.mark.parametrize(
    ("ask", "name", "words"),
    [
        (lambda m: m.icdf(1.2), "p", "probability from 0 to 1, but got 1.2"),
        (lambda m: m.icdf([0.1, np.nan]), "p", "got nan"),
        (lambda m: m.iccdf("half"), "p", "numbers"),
        (lambda m: m.cdf(np.inf), "X", "."),
        (lambda m: m.moment(-1), "order", "whole number from 0"),
        (lambda m: m.moment((1, 2)), "order", "1, one for each feature"),
        (lambda m: m.moment(1.5), "order", "whole number"),
        (lambda m: m.moment(2, "pure"), "kind", "one of raw, central, standardized"),
        (lambda m: m.probability([0, 0]), "low", r"of shape \(1,\)"),
        (lambda m: m.probability(high=np.nan), "high", "stands for no limit"),
        (lambda m: robust_plane().icdf(0.5), "mixture", "one of one feature, for icdf"),
        (lambda m: robust_plane().median(), "mixture", "marginal"),
        (lambda m: Mixture([1.0], [[0.0]], [[[1.0]]], dof=2).covariance(), "dof[0]", "above 2"),
        (lambda m: Mixture([1.0], [[0.0]], [[[1.0]]], dof=3).moment(4), "dof[0]", "above 4"),
    ],
)
def test_faults_are_named(ask, name, words):
    with pytest.raises(BadInputError, match=words) as caught:
        ask(on_a_line())
    assert name in caught.value.name


def test_noise_alone_is_uniform():
    line = Line.of(Mixture([0.0], [[0.0]], [1.0], "spherical", noise=[[2.0], [6.0]]).parameters)
    np.testing.assert_allclose(line.quantile(np.array([0.25, 0.5, 0.9])), [3.0, 4.0, 5.6])


@given(st.floats(-30, 30), st.floats(0.01, 30))
def test_intervals_are_differences(x, width):
    mixture = on_a_line(means=(0.0, 4.0, 10.0))
    found = mixture.probability([x], [x + width]).value
    assert found == pytest.approx(mixture.cdf(x + width) - mixture.cdf(x), abs=1e-15)
