"""Divergences and distances: quadrature by SciPy, closed forms, bounds that hold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from scipy.linalg import sqrtm
from scipy.stats import norm
from scipy.stats import t as student

from bactrian import BadInputError, Mixture
from bactrian.mixture.distances.components import kl_divergences
from bactrian.mixture.distances.plan import plan_of
from bactrian.mixture.distances.transport import wasserstein_squares

NUMERIC = ("kl_divergence", "js_divergence", "total_variation", "hellinger")


def mixture(seed: int, k: int = 3, d: int = 1, **more) -> Mixture:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(k, d, d))
    covariances = a @ a.transpose(0, 2, 1) / d + 0.3 * np.eye(d)
    return Mixture(
        rng.dirichlet(np.full(k, 3.0)), 2 * rng.normal(size=(k, d)), covariances, **more
    )


def integrands(p: Mixture, q: Mixture):
    def at(*x):
        row = np.array([x[::-1]])
        return float(p.logpdf(row)[0]), float(q.logpdf(row)[0])

    def kl(*x):
        a, b = at(*x)
        return np.exp(a) * (a - b)

    def js(*x):
        a, b = at(*x)
        m = np.logaddexp(a, b) - np.log(2)
        return (np.exp(a) * (a - m) + np.exp(b) * (b - m)) / 2

    def tv(*x):
        a, b = at(*x)
        return abs(np.exp(a) - np.exp(b)) / 2

    def hellinger(*x):
        a, b = at(*x)
        return (np.exp(a / 2) - np.exp(b / 2)) ** 2 / 2

    return dict(zip(NUMERIC, (kl, js, tv, hellinger), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_one_dimension_by_scipy(seed: int) -> None:
    more = [{}, {"dof": 4.0}, {}][seed % 3]
    p, q = mixture(seed, **more), mixture(seed + 50, 2)
    for name, f in integrands(p, q).items():
        ends = np.linspace(-40, 40, 161)
        value = sum(
            quad(f, a, b, epsabs=1e-13, epsrel=1e-12, limit=200)[0]
            for a, b in itertools.pairwise(ends)
        )
        value += sum(quad(f, *ends, epsabs=1e-13)[0] for ends in ((-2000, -40), (40, 2000)))
        found = getattr(p, name)(q)
        wanted = np.sqrt(value) if name == "hellinger" else value
        tolerance = 1e-5 if more else 1e-8  # t beyond 2,000 deviations is left out here
        assert found.value == pytest.approx(wanted, abs=tolerance), name
        assert found.lower <= found.value <= found.upper


def test_two_dimensions_by_scipy() -> None:
    p, q = mixture(1, 2, 2), mixture(2, 2, 2)
    f = integrands(p, q)["js_divergence"]
    wanted, _ = dblquad(f, -11, 11, -11, 11, epsabs=1e-7, epsrel=1e-7)
    assert p.js_divergence(q).value == pytest.approx(wanted, abs=1e-6)
    assert p.js_divergence(q).error < 1e-8
    assert p.kl_divergence(q).error < 1e-8


@pytest.mark.parametrize("d", [1, 2, 5])
def test_single_gaussians_have_closed_forms(d: int) -> None:
    p, q = mixture(3, 1, d), mixture(4, 1, d)
    exact = float(kl_divergences(p.parameters, q.parameters)[0, 0])
    found = p.kl_divergence(q)
    assert found.value == pytest.approx(exact, abs=max(1e-9, found.error))
    assert found.lower - 1e-9 <= exact <= found.upper * (1 + 1e-9)
    c, s = p.covariance(), q.covariance()
    root = np.real(sqrtm(c))
    square = np.sum((p.mean() - q.mean()) ** 2) + np.trace(
        c + s - 2 * np.real(sqrtm(root @ s @ root))
    )
    assert p.transport(q).distance == pytest.approx(np.sqrt(square), rel=1e-9)


@pytest.mark.parametrize("d", [1, 3])
def test_closed_forms_of_squares_are_expectations(d: int) -> None:
    """Each integral of a product is an expectation, drawn."""
    p, q = mixture(5, 3, d), mixture(6, 2, d)
    (X, _), (Y, _) = p.sample(400_000, 0), q.sample(400_000, 1)
    pp, pq, qq = p.pdf(X).mean(), q.pdf(X).mean(), q.pdf(Y).mean()
    assert p.l2_distance(q) == pytest.approx(np.sqrt(pp + qq - 2 * pq), rel=0.02)
    assert p.cauchy_schwarz(q) == pytest.approx(-np.log(pq / np.sqrt(pp * qq)), rel=0.02)


def line(mean: float, deviation: float, **more) -> Mixture:
    return Mixture([1.0], [[mean]], [[[deviation**2]]], **more)


@pytest.mark.parametrize("step", [0.01, 0.3, 1.632, 2.7, 8.0])
def test_total_variation_is_exact_where_densities_cross_anywhere(step: float) -> None:
    found = line(0, 1).total_variation(line(step, 1))
    wanted = 2 * norm.cdf(step / 2) - 1
    assert found.value == pytest.approx(wanted, abs=1e-12)
    assert found.lower <= wanted <= found.upper
    wide = 1 + step / 2
    crossing = np.sqrt(2 * np.log(wide) / (1 - wide**-2))
    wanted = 2 * (norm.cdf(crossing) - norm.cdf(crossing / wide))
    found = line(0, 1).total_variation(line(0, wide))
    assert found.value == pytest.approx(wanted, abs=1e-12)


def test_total_variation_beside_noise() -> None:
    noisy = Mixture([0.5], [[0.0]], [[[1.0]]], noise=[[-1.0], [2.0]])
    end = np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) / 3))  # the density of the normal is 1 / 3
    above = norm.cdf(end) - norm.cdf(-end) - 2 * end / 3
    inside = 2 * above - (norm.cdf(2) - norm.cdf(-1) - 1)
    outside = norm.cdf(-1) + norm.sf(2)
    found = line(0, 1).total_variation(noisy)
    assert found.value == pytest.approx((inside + outside) / 4, abs=1e-12)


@pytest.mark.parametrize("dof", [2.01, 2.1, 2.5, 3.0, 5.0, 30.0])
def test_heavy_tails_from_a_gaussian(dof: float) -> None:
    """``-h(t) + log(2 pi) / 2 + dof / (dof - 2) / 2``, with the entropy h of t."""
    exact = -float(student.entropy(dof)) + np.log(2 * np.pi) / 2 + dof / (dof - 2) / 2
    found = line(0, 1, dof=dof).kl_divergence(line(0, 1))
    assert found.value == pytest.approx(exact, rel=1e-6)
    assert found.lower - 1e-12 <= exact <= found.upper + 1e-12


def test_tails_without_a_variance_are_infinitely_far_from_a_gaussian() -> None:
    for d in (1, 2, 3):
        heavy, light = mixture(1, 2, d, dof=1.5), mixture(2, 2, d)
        assert heavy.kl_divergence(light).value == np.inf
        assert np.isfinite(light.kl_divergence(heavy).value)
        assert np.isfinite(heavy.js_divergence(light).value)
    unsure = mixture(1, 2, 3, dof=3.0).kl_divergence(mixture(2, 2, 3))
    assert unsure.error == np.inf
    assert unsure.upper == np.inf


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_laws_on_the_line(seed: int, k: int, m: int) -> None:
    p, q = mixture(seed, k), mixture(seed + 1, m)
    kl, js, tv, h = (getattr(p, name)(q) for name in NUMERIC)
    assert 0 <= tv.value <= 1
    assert js.value <= np.log(2) * tv.value + 1e-9
    assert tv.value <= np.sqrt(kl.value / 2) + 1e-9  # Pinsker
    assert h.value**2 - 1e-9 <= tv.value <= h.value * np.sqrt(2 - h.value**2) + 1e-9
    for name in NUMERIC[1:]:
        assert getattr(q, name)(p).value == pytest.approx(getattr(p, name)(q).value, abs=1e-8)
    for name in NUMERIC:
        assert getattr(p, name)(p).value == pytest.approx(0, abs=1e-8)
    assert p.l2_distance(p) == pytest.approx(0, abs=1e-7)
    assert p.cauchy_schwarz(p) == pytest.approx(0, abs=1e-12)
    assert p.transport(p).distance == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_bounds_hold_in_more_dimensions(seed: int) -> None:
    p, q = mixture(seed, 3, 3 + seed % 3), mixture(seed + 20, 2, 3 + seed % 3)
    (X, _), (Y, _) = p.sample(200_000, 0), q.sample(200_000, 1)
    a, b = p.logpdf(X) - q.logpdf(X), p.logpdf(Y) - q.logpdf(Y)
    wanted = {
        "kl_divergence": a.mean(),
        "js_divergence": np.log(2) - (np.logaddexp(0, -a).mean() + np.logaddexp(0, b).mean()) / 2,
        "total_variation": (np.abs(np.tanh(a / 2)).mean() + np.abs(np.tanh(b / 2)).mean()) / 2,
    }
    for name, value in wanted.items():
        found = getattr(p, name)(q)
        assert found.value == pytest.approx(value, abs=0.02 * max(1, value) + found.error), name
        drawn = 5 * a.std() / np.sqrt(len(a))
        assert found.lower - drawn <= value <= found.upper + drawn, name
        assert found.lower <= found.value <= found.upper
        assert found.error < 0.01 * max(1.0, found.value)
    assert p.hellinger(q).lower <= p.hellinger(q).value <= p.hellinger(q).upper


def test_units_and_order_of_columns() -> None:
    p, q = (mixture(s, 2, 2, feature_names=["a", "b"]) for s in (1, 2))
    swapped = q.marginal(["b", "a"])
    assert p.kl_divergence(swapped).value == pytest.approx(p.kl_divergence(q).value, abs=1e-9)
    big = [
        Mixture(
            m.parameters.weights, 1e3 * m.parameters.means + 1e5, 1e6 * m.parameters.covariances
        )
        for m in (p, q)
    ]
    assert big[0].kl_divergence(big[1]).value == pytest.approx(p.kl_divergence(q).value, abs=1e-8)
    assert big[0].transport(big[1]).distance == pytest.approx(1e3 * p.transport(q).distance)


# ---- transport


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_a_plan_moves_all_weight_at_least_cost(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    sources, targets = rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(m))
    costs = rng.uniform(size=(n, m))
    plan = plan_of(costs, sources, targets)
    np.testing.assert_allclose(plan.sum(axis=1), sources, atol=1e-9)
    np.testing.assert_allclose(plan.sum(axis=0), targets, atol=1e-9)
    assert (plan * costs).sum() <= (np.outer(sources, targets) * costs).sum() + 1e-9
    # On the line the best plan is the monotone one.
    x, y = np.sort(rng.normal(size=n)), np.sort(rng.normal(size=m))
    ends = np.sort(np.concatenate([np.cumsum(sources), np.cumsum(targets)]))
    middles = (np.append(0, ends[:-1]) + ends) / 2
    places = [
        np.minimum(np.searchsorted(np.cumsum(w), middles), len(w) - 1) for w in (sources, targets)
    ]
    wanted = ((x[places[0]] - y[places[1]]) ** 2 * np.diff(ends, prepend=0)).sum()
    square = (x[:, None] - y[None]) ** 2
    assert (plan_of(square, sources, targets) * square).sum() == pytest.approx(wanted, abs=1e-8)


def test_equal_weights_are_assigned() -> None:
    costs = np.random.default_rng(0).uniform(size=(7, 7))
    equal = np.full(7, 1 / 7)
    unequal = equal + np.linspace(-1e-12, 1e-12, 7)
    assert (plan_of(costs, equal, equal) * costs).sum() == pytest.approx(
        (plan_of(costs, unequal, unequal) * costs).sum(), abs=1e-9
    )


def test_moved_rows_are_those_of_the_target() -> None:
    """Of single Gaussians the map is exact; far away it is finite."""
    p, q = mixture(1, 1, 3), mixture(2, 1, 3)
    moved = p.transport(q).move(p.sample(200_000, 0)[0])
    np.testing.assert_allclose(moved.mean(axis=0), q.mean(), atol=0.02)
    np.testing.assert_allclose(np.cov(moved.T), q.covariance(), atol=0.05)
    p, q = mixture(1, 3, 3), mixture(2, 4, 3)
    found = p.transport(q)
    assert np.isfinite(found.move(np.full((1, 3), 1e6))).all()
    np.testing.assert_allclose(found.plan.sum(axis=0), q.parameters.weights, atol=1e-9)
    assert found.costs == pytest.approx(wasserstein_squares(p.parameters, q.parameters))


def test_the_triangle() -> None:
    a, b, c = (mixture(s, 3, 2) for s in range(3))
    ab, bc, ac = (one.transport(two).distance for one, two in ((a, b), (b, c), (a, c)))
    assert ac <= ab + bc


# ---- what is refused


def test_other_columns_and_other_families_are_refused() -> None:
    p = mixture(1, 2, 2, feature_names=["a", "b"])
    with pytest.raises(BadInputError, match="columns"):
        p.kl_divergence(mixture(1, 2, 3))
    with pytest.raises(BadInputError, match="columns"):
        p.kl_divergence(mixture(1, 2, 2, feature_names=["a", "c"]))
    with pytest.raises(BadInputError, match="a Mixture"):
        p.kl_divergence("model.json")
    tails = mixture(1, 2, 2, dof=5.0)
    noisy = Mixture(
        [0.6, 0.3], p.parameters.means, p.parameters.covariances, noise=[[-9, -9], [9, 9]]
    )
    for verb in ("l2_distance", "cauchy_schwarz", "transport"):
        for other in (tails, noisy):
            with pytest.raises(BadInputError, match="Gaussians alone"):
                getattr(p, verb)(other)
    assert np.isfinite(p.kl_divergence(noisy).value)
    assert np.isfinite(p.total_variation(tails).value)
    many = mixture(1, 2, 4, dof=5.0)
    assert many.kl_divergence(mixture(2, 2, 4)).upper == np.inf
