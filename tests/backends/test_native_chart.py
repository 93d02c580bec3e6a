"""The compiled chart: the reference's coordinates, there and back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.core.covariance import STRUCTURES
from bactrian.core.mstep.chart import Chart
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError
from strategies import bounds_of, offsets, random_parameters, scales, seeds

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native.chart import FREE, SHARING, NativeChart, is_charted  # noqa: E402
from bactrian.backends.native.maximisation import NativeMaximumLikelihood  # noqa: E402

FIELDS = ("weights", "means", "covariances", "precisions_cholesky")
compiled = st.sampled_from([STRUCTURES[name] for name in sorted(FREE | SHARING)])


def close(expected, found, digits=1e-11):
    for name in FIELDS:
        a, b = getattr(expected, name), getattr(found, name)
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=digits * np.abs(a).max(), err_msg=name)


@given(seeds, compiled, st.integers(1, 5), st.integers(1, _native.MOST_CHARTED), scales, offsets)
def test_the_coordinates_are_the_references(seed, structure, k, d, scale, offset):
    rng = np.random.default_rng(seed)
    base, other = (random_parameters(rng, structure, k, d, scale, offset) for _ in range(2))
    expected = Chart(base).vector(other)
    found = NativeChart(base).vector(other)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())
    assert np.abs(NativeChart(base).vector(base)).max() < 1e-12


@given(seeds, compiled, st.integers(1, 5), st.integers(1, _native.MOST_CHARTED), scales, offsets)
def test_the_point_is_the_references(seed, structure, k, d, scale, offset):
    rng = np.random.default_rng(seed)
    base = random_parameters(rng, structure, k, d, scale, offset)
    vector = rng.standard_normal(Chart(base).vector(base).size)
    vector *= 10.0 ** rng.uniform(-6, 0.3) / np.linalg.norm(vector)
    expected, found = Chart(base).point(vector), NativeChart(base).point(vector)
    close(expected, found)
    nothing = structure.form.changes.change(found.covariances, found.precisions_cholesky)
    assert np.abs(nothing).max() < 1e-9
    assert not any(getattr(found, name).flags.writeable for name in FIELDS)


@given(seeds, compiled)
def test_the_way_back_is_exact(seed, structure):
    rng = np.random.default_rng(seed)
    base, other = (random_parameters(rng, structure, 3, 4) for _ in range(2))
    chart = NativeChart(base)
    close(other, chart.point(chart.vector(other)), 1e-9)


@pytest.mark.parametrize("name", ["full", "tied"])
def test_a_component_that_takes_no_part_stays(name):
    p = random_parameters(np.random.default_rng(0), STRUCTURES[name], 3, 2)
    base = p.replaced(weights=np.array([0.4, 0.0, 0.6]))
    other = base.replaced(weights=np.array([0.3, 0.0, 0.7]), means=p.means + 1.0)
    expected, found = Chart(base).vector(other), NativeChart(base).vector(other)
    np.testing.assert_allclose(found, expected, atol=1e-14)
    close(Chart(base).point(expected), NativeChart(base).point(expected))
    assert NativeChart(base).point(expected).weights[1] == 0.0


def test_a_component_that_dies_is_far_but_finite():
    base = random_parameters(np.random.default_rng(1), STRUCTURES["full"], 2, 2)
    other = base.replaced(weights=np.array([1.0, 0.0]))
    expected, found = Chart(base).vector(other), NativeChart(base).vector(other)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, atol=1e-13)


def far_away(length):
    """A chart, and coordinates that are all of this length."""
    base = random_parameters(np.random.default_rng(2), STRUCTURES["full"], 2, 3)
    return NativeChart(base), np.full(Chart(base).vector(base).size, length)


@pytest.mark.parametrize("length", [1e3, 1e6, np.inf, np.nan])
def test_what_leaves_the_range_is_an_error(length):
    chart, vector = far_away(length)
    with np.errstate(all="ignore"), pytest.raises(DegenerateCovarianceError):
        chart.point(vector)


@pytest.mark.parametrize("length", [1.0, 5.0])
def test_what_stays_in_the_range_is_a_whole_mixture(length):
    chart, vector = far_away(length)
    found = chart.point(vector)
    assert all(np.isfinite(getattr(found, name)).all() for name in FIELDS)


def test_nearly_diagonal_and_equal_eigenvalues():
    structure = STRUCTURES["full"]
    base = Parameters(np.ones(1), np.zeros((1, 3)), np.eye(3)[None], structure)
    for off in (0.0, 1e-300, 1e-18, 1e-9, 0.5):
        covariance = np.eye(3) + off * (np.ones((3, 3)) - np.eye(3))
        other = Parameters(np.ones(1), np.zeros((1, 3)), covariance[None], structure)
        expected = Chart(base).vector(other)
        np.testing.assert_allclose(NativeChart(base).vector(other), expected, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "d", "fixed", "more", "compiled"),
    [
        ("full", 2, frozenset(), {}, True),
        ("tied", _native.MOST_CHARTED, frozenset(), {}, True),
        ("full", _native.MOST_CHARTED + 1, frozenset(), {}, False),
        ("diag", 2, frozenset(), {}, True),
        ("VEV", 2, frozenset({"weights"}), {}, True),
        ("VVE", 2, frozenset(), {}, True),
        ("full", 2, frozenset({"means"}), {}, False),
        ("full", 2, frozenset(), {"dof": np.full(2, 5.0)}, False),
        ("full", 2, frozenset(), {"noise": np.array([[0.0, 0.0], [1.0, 1.0]])}, False),
    ],
)
def test_where_it_is_laid_out(name, d, fixed, more, compiled):
    base = random_parameters(np.random.default_rng(3), STRUCTURES[name], 2, d).replaced(**more)
    maximise = NativeMaximumLikelihood(MaximumLikelihood(bounds_of(d, 1e-9), fixed))
    state = SimpleNamespace(parameters=base, stats=SimpleNamespace(weight=1.0))
    assert isinstance(
        maximise.chart(state.parameters, state.stats.weight), NativeChart if compiled else Chart
    )
    assert is_charted(base, fixed) == compiled
