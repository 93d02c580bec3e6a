"""The passes of starts: NumPy against plain formulas, C++ against NumPy on every path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.core.covariance import DIAG, FULL, SPHERICAL, STRUCTURES, TIED
from bactrian.init.passes import passes_for
from bactrian.init.reference import NumpyPasses, squared_distances
from bactrian.init.starts import from_labels
from bactrian.init.viewed import ViewedRows
from strategies import seeds

FORMS = [FULL, TIED, DIAG, SPHERICAL]
SHAPES = [(1, 1, 1), (5, 2, 3), (63, 7, 2), (257, 8, 8), (700, 3, 40), (300, 17, 5), (40, 130, 3)]


def problem(n, d, k, seed=0, offset=0.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) + offset
    centres = rng.standard_normal((k, d)) + offset
    return X, rng.uniform(0.1, 3.0, n), centres, rng.chisquare(d, n)


@pytest.mark.parametrize("shape", SHAPES)
def test_numpy_by_the_formulas(shape):
    X, weights, centres, before = problem(*shape)
    squared = np.square(X[:, None] - centres).sum(axis=2)
    np.testing.assert_allclose(squared_distances(X, centres), squared, rtol=1e-14)
    labels, nearest = NumpyPasses().nearest(X, centres)
    np.testing.assert_array_equal(labels, squared.argmin(axis=1))
    np.testing.assert_allclose(nearest, squared.min(axis=1), rtol=1e-14)
    mass, first, inertia = NumpyPasses().moments(X, weights, centres)
    for k, centre in enumerate(centres):
        own = labels == k
        assert mass[k] == pytest.approx(weights[own].sum())
        np.testing.assert_allclose(first[k], weights[own] @ (X[own] - centre), atol=1e-12)
    assert inertia == pytest.approx(weights @ squared.min(axis=1))
    closer, potential = NumpyPasses().closer(X, weights, centres, before)
    np.testing.assert_allclose(closer, np.minimum(squared.T, before), rtol=1e-14)
    np.testing.assert_allclose(potential, np.minimum(squared.T, before) @ weights, rtol=1e-14)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_moments_of_groups_by_the_formulas(form):
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((50, 3)) + 4, rng.uniform(0.5, 2, 50)
    labels = rng.integers(0, 3, 50)
    passes = NumpyPasses()
    found = passes.of_groups(X, weights, labels, 4, form)
    shared = passes.of_shares(X, weights, np.eye(4)[labels], form)
    assert not found.origin[3].any()
    scatters = np.zeros((4, 3, 3))
    for k in range(3):
        own = labels == k
        scatters[k] = weights[own].sum() * np.cov(X[own].T, aweights=weights[own], ddof=0)
        np.testing.assert_allclose(found.origin[k], np.average(X[own], 0, weights[own]))
    diagonals = scatters.diagonal(axis1=1, axis2=2)
    wanted = {
        "full": scatters,
        "tied": scatters.sum(axis=0, keepdims=True),
        "diag": diagonals,
        "spherical": diagonals.sum(axis=1, keepdims=True),
    }[form.name]
    for stats in (found, shared):
        np.testing.assert_allclose(stats.second, wanted, atol=1e-12)
        np.testing.assert_allclose(stats.resp_sum, np.bincount(labels, weights, minlength=4))
        assert (stats.n_samples, stats.weight) == (50, pytest.approx(weights.sum()))


def test_without_the_native_module_numpy_goes_over_the_rows(monkeypatch):
    monkeypatch.setattr("bactrian.init.passes.COMPILED", False)
    assert isinstance(passes_for(3), NumpyPasses)


native = pytest.importorskip("bactrian._native")
from bactrian.init.compiled import NativePasses  # noqa: E402

paths = pytest.mark.parametrize("path", native.paths())


def assert_same(ours, theirs, X, weights, scale=1.0):
    """Results of (nearest, moments, closer) equal up to rounding."""
    tight = {"rtol": 1e-13, "atol": 1e-13 * scale}
    np.testing.assert_array_equal(ours[0][0], theirs[0][0])
    np.testing.assert_allclose(ours[0][1], theirs[0][1], rtol=1e-12)
    np.testing.assert_allclose(ours[1][0], theirs[1][0], rtol=1e-13)
    np.testing.assert_allclose(ours[1][1], theirs[1][1], rtol=1e-11, atol=1e-12 * scale * len(X))
    assert ours[1][2] == pytest.approx(theirs[1][2], rel=1e-12)
    np.testing.assert_allclose(ours[2][0], theirs[2][0], **tight)
    np.testing.assert_allclose(ours[2][1], theirs[2][1], rtol=1e-12)


def everything(passes, X, weights, centres, before):
    return (
        passes.nearest(X, centres),
        passes.moments(X, weights, centres),
        passes.closer(X, weights, centres, before),
    )


@paths
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_native_is_numpy(shape, offset, path):
    given_ = problem(*shape, offset=offset)
    ours = everything(NativePasses(path=path), *given_)
    assert_same(ours, everything(NumpyPasses(), *given_), *given_[:2])


@given(seeds, st.integers(1, 600), st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_native_is_numpy_at_any_size(seed, n, d, k, fortran):
    X, weights, centres, before = problem(n, d, k, seed)
    X[n // 2] = X[0]
    ours = everything(
        NativePasses(), np.asfortranarray(X) if fortran else X, weights, centres, before
    )
    assert_same(ours, everything(NumpyPasses(), X, weights, centres, before), X, weights)


@paths
def test_rows_as_they_lie(path):
    big = np.random.default_rng(0).standard_normal((400, 9))
    _, weights, centres, before = problem(200, 5, 4)
    for X in (big[::2, 2:7], big[200::-1, 2:7][:200], big[:200, 8:3:-1], big[:200, ::2]):
        ours = everything(NativePasses(path=path), X, weights, centres, before)
        assert_same(ours, everything(NumpyPasses(), X, weights, centres, before), X, weights)


@paths
@pytest.mark.parametrize("shape", [(30_000, 3, 5), (20_000, 9, 30)])
def test_the_same_bits_on_any_number_of_threads(shape, path):
    given_ = problem(*shape)
    one = everything(NativePasses(1, path), *given_)
    for n_jobs in (2, 3, 8):
        for a, b in zip(one, everything(NativePasses(n_jobs, path), *given_), strict=True):
            for x, y in zip(a, b, strict=True):
                np.testing.assert_array_equal(x, y)


@paths
def test_equal_rows_get_equal_results_wherever_they_stand(path):
    X, _, centres, before = problem(1, 11, 7)
    X, before = np.repeat(X, 331, axis=0), np.repeat(before, 331)
    passes = NativePasses(path=path)
    assert len(np.unique(passes.nearest(X, centres)[1])) == 1
    closer, _ = passes.closer(X, np.ones(331), centres, before)
    assert (closer == closer[:, :1]).all()


@given(
    seeds,
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from(FORMS),
    st.booleans(),
)
def test_native_moments_of_groups_are_those_of_numpy(seed, n, d, k, form, fortran):
    rng = np.random.default_rng(seed)
    X, weights = rng.standard_normal((n, d)), rng.uniform(0.1, 2, n)
    labels, resp = rng.integers(0, k, n), rng.dirichlet(np.ones(k), n)
    seen = np.asfortranarray(X) if fortran else X
    native, numpy = NativePasses(), NumpyPasses()
    for found, wanted in (
        (
            native.of_groups(seen, weights, labels, k, form),
            numpy.of_groups(X, weights, labels, k, form),
        ),
        (native.of_shares(seen, weights, resp, form), numpy.of_shares(X, weights, resp, form)),
    ):
        assert (found.form, found.n_samples) == (wanted.form, wanted.n_samples)
        for name in ("origin", "resp_sum", "first", "second", "weight"):
            mine, theirs = getattr(found, name), getattr(wanted, name)
            np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12 * n, err_msg=name)


@given(seeds, st.integers(1, 4), st.integers(1, 4), st.sampled_from(FORMS))
def test_the_mixture_of_groups_is_that_of_numpy(seed, d, k, form):
    rng = np.random.default_rng(seed)
    n, structure = 20 * k, STRUCTURES[form.name]
    X, labels = rng.standard_normal((n, d)), np.arange(n) % k
    units, place = np.full(d, rng.uniform(1e-3, 1e3)), 10 * rng.standard_normal(d)
    plain = ViewedRows.of(X * units + place, rng.uniform(0.1, 2, n), place, units)
    rows, reference = (replace(plain, passes=own) for own in (NativePasses(), NumpyPasses()))
    mine, theirs = (from_labels(one, labels, k, structure) for one in (rows, reference))
    for name in ("weights", "means", "covariances", "precisions_cholesky"):
        a, b = getattr(theirs, name), getattr(mine, name)
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12 * np.abs(a).max(), err_msg=name)
        assert not b.flags.writeable


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_where_a_group_is_flat_or_empty_numpy_makes_the_mixture(form):
    rng = np.random.default_rng(0)
    weights, one = np.ones(30), np.ones(2)
    X, labels = rng.standard_normal((30, 2)), np.repeat([0, 1], 15)
    X[labels == 1] = X[15] if not form.shared else X[labels == 1]
    passes = NativePasses()

    def settled(n_groups, lowest):
        stats = passes.of_groups(X, weights, labels, n_groups, form)
        return passes.settled(stats, lowest * one, 0 * one, one, 1.0)

    assert (settled(2, 1e-6) is None) == (not form.shared)
    assert settled(2, 1e3) is None
    assert settled(3, 1e-6) is None


def test_many_shares_are_left_to_matrix_products(monkeypatch):
    monkeypatch.setattr("bactrian.init.compiled.MANY", 10)
    monkeypatch.setattr("bactrian._native.gather", None)
    X, resp = np.ones((5, 2)), np.ones((5, 1))
    assert NativePasses().of_shares(X, np.ones(5), resp, FORMS[0]).resp_sum == [5.0]


def test_where_it_is_compiled_it_is_used():
    assert isinstance(passes_for(), NativePasses)
    assert passes_for(3).n_threads == 3


def test_the_instruction_set_is_the_environments(monkeypatch):
    monkeypatch.setenv("BACTRIAN_ISA", "portable")
    assert passes_for().path == "portable"


@paths
@pytest.mark.parametrize("scale", [2.0**-470, 2.0**500])  # squares below 1e-300 may be 0
def test_units_of_any_size(scale, path):
    X, weights, centres, before = problem(300, 3, 4)
    plain = everything(NativePasses(path=path), X, weights, centres, before)
    other = everything(
        NativePasses(path=path), X * scale, weights, centres * scale, before * scale**2
    )
    np.testing.assert_array_equal(other[0][0], plain[0][0])
    np.testing.assert_array_equal(other[0][1], plain[0][1] * scale**2)
    np.testing.assert_array_equal(other[1][1], plain[1][1] * scale)
    np.testing.assert_array_equal(other[2][1], plain[2][1] * scale**2)


@paths
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_rows_in_single_precision(weighted, offset, path):
    X, weights, centres, before = problem(500, 6, 5, offset=offset)
    X = X.astype(np.float32)
    weights = weights if weighted else np.ones(500)
    labels, squared = np.empty(500, np.int64), np.empty(500)
    mass, first = np.empty(5), np.empty((5, 6))
    given_weights = weights if weighted else None
    inertia = native.assign(path, X, given_weights, centres, 1, labels, squared, mass, first)
    own = X.astype(np.float64)
    distances = squared_distances(own, centres)
    np.testing.assert_allclose(squared, distances.min(axis=1), rtol=1e-5)
    np.testing.assert_allclose(squared, distances[np.arange(500), labels], rtol=1e-5)
    resp = np.eye(5)[labels] * weights[:, None]
    np.testing.assert_allclose(mass, resp.sum(axis=0), rtol=1e-6)
    expected = np.stack([resp[:, k] @ (own - c) for k, c in enumerate(centres)])
    np.testing.assert_allclose(first, expected, rtol=1e-4, atol=1e-3)
    assert inertia == pytest.approx(weights @ squared, rel=1e-5)
    closer, potential = np.empty((5, 500)), np.empty(5)
    native.approach(path, X, given_weights, centres, before, 1, closer, potential)
    np.testing.assert_allclose(closer, np.minimum(distances.T, before), rtol=1e-5)
    np.testing.assert_allclose(potential, closer @ weights, rtol=1e-5)


def test_sizes_that_do_not_fit_are_refused():
    X, weights, centres, before = problem(10, 2, 3)
    path = native.paths()[0]
    good = {"labels": None, "squared": None, "mass": np.empty(3), "first": np.empty((3, 2))}
    for wrong in (
        {"labels": np.empty(9, np.int64)},
        {"squared": np.empty(11)},
        {"mass": np.empty(2)},
        {"first": np.empty((3, 3))},
        {"mass": None},
    ):
        with pytest.raises(ValueError, match=r"size|without"):
            native.assign(path, X, weights, centres, 1, **{**good, **wrong})
    with pytest.raises(ValueError, match="weights"):
        native.assign(path, X, weights[1:], centres, 1, **good)
    with pytest.raises(ValueError, match="centres"):
        native.assign(path, X, weights, centres[:, :1], 1, **good)
    for squared, closer, potential in (
        (before[1:], np.empty((3, 10)), np.empty(3)),
        (before, np.empty((3, 9)), np.empty(3)),
        (before, np.empty((3, 10)), np.empty(4)),
    ):
        with pytest.raises(ValueError, match="size"):
            native.approach(path, X, weights, centres, squared, 1, closer, potential)
