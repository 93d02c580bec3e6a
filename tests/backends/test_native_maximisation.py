"""The compiled M-step: the reference's numbers, and the reference itself where it must judge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from bactrian import GaussianMixture
from bactrian.core.covariance import STRUCTURES
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError
from strategies import EPS, bounds_of, cases, drawn, random_parameters, seeds

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native.chart import FREE, SHARING  # noqa: E402
from bactrian.backends.native.maximisation import NativeMaximumLikelihood  # noqa: E402

NAMES = sorted(FREE | SHARING)
FIELDS = ("weights", "means", "covariances", "precisions_cholesky")


@dataclass(frozen=True, eq=False)
class Watched:
    """The reference, and how often it was asked."""

    reference: MaximumLikelihood
    asked: list = field(default_factory=list)

    @property
    def bounds(self):
        return self.reference.bounds

    @property
    def fixed(self):
        return self.reference.fixed

    @property
    def prior(self):
        return self.reference.prior

    def chart(self, parameters, weight):
        return self.reference.chart(parameters, weight)

    def within_structure(self, start):
        return self.reference.within_structure(start)

    def __call__(self, stats, current):
        self.asked.append(stats)
        return self.reference(stats, current)


def both(stats, current, bounds, fixed=frozenset()):
    """Parameters by the reference and by the compiled M-step; whether that asked the former."""
    watched = Watched(MaximumLikelihood(bounds, fixed))
    compiled = NativeMaximumLikelihood(watched)(stats, current)
    return MaximumLikelihood(bounds, fixed)(stats, current), compiled, bool(watched.asked)


def bounds_for(kind, units):
    square = np.square(units)
    nothing = np.zeros_like(square)
    if kind == "floor":
        return Bounds(1e-9 * square, 0.0, 1e-22 * square, 4e-9 * square)
    ridge = 1e-6 * float(square.mean()) if kind == "ridge" else 0.0
    return Bounds(nothing, ridge, 1e-22 * square, nothing)


def assert_same(stats, expected, found):
    """Equal up to rounding of the second moments, which the smallest variance may feel."""
    held = stats.resp_sum[stats.resp_sum > EPS * stats.weight].min()
    smallest = np.linalg.eigvalsh(expected.dense_covariances()).min()
    moments = np.abs(stats.second).max() / held
    lost = 100 * EPS * min(max(1.0, moments / smallest), 1 / EPS)
    for name in FIELDS:
        a, b = getattr(expected, name), getattr(found, name)
        atol = lost * np.abs(a).max()
        if name == "covariances" and found.structure.name != "EVV":  # it divides by determinants
            atol = 100 * EPS * moments
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=atol, err_msg=name)
        assert not b.flags.writeable


@given(cases(most_features=6, most_rows=60), st.sampled_from(["floor", "ridge", "none"]))
def test_it_is_the_reference_up_to_rounding(case, kind):
    p = case.parameters
    stats = expectation(case.X, None, p.terms())
    units = p.structure.units(np.full(p.n_features, np.square(case.scale)))
    try:
        expected, found, _ = both(stats, p, bounds_for(kind, units))
    except DegenerateCovarianceError:
        reject()
    assert_same(stats, expected, found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("d", [1, 2, 5, _native.MOST_FEATURES, _native.MOST_FEATURES + 1])
def test_ordinary_statistics_need_no_reference_up_to_the_limit(name, d):
    rng = np.random.default_rng(d)
    p = random_parameters(rng, STRUCTURES[name], 3, d)
    X = drawn(rng, p, 40 * d + 40)
    stats = expectation(X, None, p.terms())
    expected, found, asked = both(stats, p, bounds_for("floor", X.std(axis=0)))
    assert asked == (d > _native.MOST_FEATURES)
    assert_same(stats, expected, found)


@pytest.mark.parametrize("name", NAMES)
def test_the_factors_are_those_of_the_covariances(name):
    rng = np.random.default_rng(3)
    p = random_parameters(rng, STRUCTURES[name], 4, 7)
    X = drawn(rng, p, 900)
    _, found, _ = both(expectation(X, None, p.terms()), p, bounds_for("floor", X.std(axis=0)))
    nothing = p.form.changes.change(found.covariances, found.precisions_cholesky)
    assert np.abs(nothing).max() < 1e-12
    if found.precisions_cholesky.ndim == 3:
        assert np.array_equal(found.precisions_cholesky, np.triu(found.precisions_cholesky))


def test_values_that_lie_column_after_column_are_taken_too():
    rng = np.random.default_rng(5)
    p = random_parameters(rng, STRUCTURES["full"], 3, 4)
    X = drawn(rng, p, 200)
    columns = {name: np.array(getattr(p, name), order="F") for name in FIELDS}
    for values in columns.values():
        values.flags.writeable = False
    other = Parameters(**columns, structure=p.structure)
    stats = expectation(X, None, other.terms())
    moments = np.array(stats.second, order="F")
    moments.flags.writeable = False
    stats = replace(stats, second=moments)
    expected, found, asked = both(stats, other, bounds_for("floor", X.std(axis=0)))
    assert not asked
    assert_same(stats, expected, found)


def two_groups(name):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((50, 2)), rng.standard_normal((50, 2)) + 20.0])
    structure = STRUCTURES[name]
    covariances = np.empty(structure.form.shape(3, 2))
    covariances[:] = np.eye(2) if covariances.ndim == 3 else 1.0
    means = np.array([[0.0, 0.0], [20.0, 20.0], [32.0, 32.0]])  # of the last, 1e-60 rows
    return X, Parameters(np.full(3, 1 / 3), means, covariances, structure)


@pytest.mark.parametrize("name", NAMES)
def test_of_the_dead_the_reference_judges(name):
    X, p = two_groups(name)
    expected, found, asked = both(
        expectation(X, None, p.terms()), p, bounds_for("floor", X.std(axis=0))
    )
    assert asked
    assert found.weights[2] == expected.weights[2] == 0.0


@pytest.mark.parametrize("name", ["full", "diag", "spherical"])
def test_of_the_floor_the_reference_judges(name):
    X, p = two_groups(name)
    tight = 32.0 + 1e-6 * np.random.default_rng(1).standard_normal((20, 2))
    X = np.concatenate([X, tight])
    stats = expectation(X, None, p.terms())
    expected, found, asked = both(stats, p, bounds_for("floor", X.std(axis=0)))
    assert asked
    assert_same(stats, expected, found)


@pytest.mark.parametrize("name", sorted(SHARING))
def test_a_ridge_on_what_is_shared_is_the_references(name):
    X, p = two_groups(name)
    stats = expectation(X, None, p.terms())
    _, _, asked = both(stats, p, bounds_for("ridge", X.std(axis=0)))
    assert asked


@given(st.sampled_from(sorted(SHARING)), seeds, st.integers(1, 5), st.integers(1, 5))
def test_the_nearest_covariances_of_a_structure_are_the_references(name, seed, k, d):
    """Of any covariances of its form, whatever axes they have."""
    structure, rng = STRUCTURES[name], np.random.default_rng(seed)
    free = random_parameters(rng, STRUCTURES[structure.form.name], k, d)
    start = free.replaced(structure=structure)
    reference = MaximumLikelihood(bounds_for("none", np.ones(d)))
    expected = reference.within_structure(start)
    found = NativeMaximumLikelihood(reference).within_structure(start)
    scale = np.abs(expected.covariances).max()
    np.testing.assert_allclose(found.covariances, expected.covariances, atol=1e-9 * scale)
    held = NativeMaximumLikelihood(MaximumLikelihood(reference.bounds, frozenset({"covariances"})))
    assert held.within_structure(start) is start


@pytest.mark.parametrize("name", ["EEV", "VEV"])
def test_axes_that_no_row_tells_are_the_references(name):
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES[name], 2, 5)
    stats = expectation(drawn(rng, p, 8), None, p.terms())
    _, _, asked = both(stats, p, bounds_for("ridge", np.ones(5)))
    assert asked


@pytest.mark.parametrize("name", ["full", "diag", "spherical"])
def test_of_what_has_no_volume_the_reference_judges(name):
    X, p = two_groups(name)
    stats = expectation(np.concatenate([X, np.full((20, 2), 32.0)]), None, p.terms())
    with pytest.raises(DegenerateCovarianceError):
        both(stats, p, bounds_for("none", X.std(axis=0)))


def test_nearly_collinear_features_are_the_references():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((300, 1)) + np.array([0.0, 1e-6]) * rng.standard_normal((300, 2))
    p = Parameters(np.ones(1), np.zeros((1, 2)), np.eye(2)[None], STRUCTURES["full"])
    watched = Watched(MaximumLikelihood(bounds_for("none", np.full(2, 1e-6))))
    with pytest.raises(DegenerateCovarianceError):
        NativeMaximumLikelihood(watched)(expectation(X, None, p.terms()), p)
    assert watched.asked


@given(seeds, st.sampled_from(["weights", "means", "covariances"]))
def test_what_is_fixed_stays(seed, block):
    rng = np.random.default_rng(seed)
    p = random_parameters(rng, STRUCTURES["full"], 2, 2)
    X = drawn(rng, p, 50)
    bounds = bounds_for("floor", X.std(axis=0))
    _, found, asked = both(expectation(X, None, p.terms()), p, bounds, frozenset({block}))
    assert asked == (block != "weights")
    np.testing.assert_array_equal(getattr(found, block), getattr(p, block))


@pytest.mark.parametrize("more", [{"dof": np.full(2, 5.0)}, {"noise": np.array([[-9.0], [9.0]])}])
def test_more_than_gaussians_is_left_to_the_reference(more):
    rng = np.random.default_rng(4)
    p = random_parameters(rng, STRUCTURES["full"], 2, 1)
    X = drawn(rng, p, 90)
    p = p.replaced(**more, weights=0.9 * p.weights if "noise" in more else p.weights)
    expected, found, asked = both(
        expectation(X, None, p.terms()), p, bounds_for("floor", X.std(axis=0))
    )
    assert asked
    for name in (*FIELDS, *more):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_numbers_that_are_not_finite_are_left_to_the_reference():
    X, p = two_groups("full")
    stats = expectation(X, None, p.terms())
    broken = replace(stats, first=np.full_like(stats.first, np.inf))
    watched = Watched(MaximumLikelihood(bounds_for("floor", X.std(axis=0))))
    with pytest.raises(DegenerateCovarianceError), np.errstate(invalid="ignore"):
        NativeMaximumLikelihood(watched)(broken, p)
    assert watched.asked


@pytest.mark.parametrize("name", NAMES)
def test_in_the_end_the_factors_follow_from_the_covariances(name):
    rng = np.random.default_rng(6)
    p = random_parameters(rng, STRUCTURES[name], 3, 4)
    X = drawn(rng, p, 200)
    gm = GaussianMixture(3, covariance_type=name, n_init=1, random_state=0).fit(X)
    covariances = gm.covariances_.reshape(p.covariances.shape)
    follow = p.form.algebra.precisions_cholesky(covariances)
    np.testing.assert_array_equal(gm.precisions_cholesky_.reshape(follow.shape), follow)


def test_at_the_floor_the_factors_stay():
    p = random_parameters(np.random.default_rng(7), STRUCTURES["full"], 2, 2)
    other = p.replaced(precisions_cholesky=p.precisions_cholesky * (1 + 1e-13))
    low, high = (bounds_of(2, floor) for floor in (1e-9, 1e9))
    np.testing.assert_array_equal(low.refactored(other).precisions_cholesky, p.precisions_cholesky)
    np.testing.assert_array_equal(
        high.refactored(other).precisions_cholesky, other.precisions_cholesky
    )
