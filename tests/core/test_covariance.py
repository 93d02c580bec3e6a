"""Covariance structures: maximisers, bounds and factors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from bactrian.core.covariance import DIAG, FULL, STRUCTURES, covariance_structure
from bactrian.core.covariance.forms import stacks
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError, DegenerateCovarianceError
from strategies import (
    NAMES,
    covariance_matrices,
    covariances_of,
    expected_log_likelihood,
    forms,
    second_moments,
    seeds,
    structures,
)

sizes = st.integers(1, 4)
units = st.sampled_from([1e-70, 1e-3, 1.0, 1e5, 1e70])


def moments(rng, structure, n_components, n_features, scale=1.0):
    """Second moments as the structure keeps them, and as matrices (K, D, D); the rows held."""
    resp_sum = rng.uniform(0.5, 20.0, n_components)
    matrices = covariance_matrices(rng, n_components, n_features) * scale**2
    scatter = matrices * resp_sum[:, None, None]
    return second_moments(structure, scatter), scatter, resp_sum


def neighbours(rng, structure, covariances, size):
    """Covariances of the same structure, at a relative distance of about `size`."""
    if covariances.ndim == 3:
        lower = np.linalg.cholesky(covariances)
        noise = rng.standard_normal(covariances.shape) * size
        factor = lower @ (np.eye(covariances.shape[-1]) + noise)
        return factor @ factor.transpose(0, 2, 1)
    return covariances * np.exp(size * rng.standard_normal(covariances.shape))


# ------------------------------------------------------------------- maximisers


@given(forms, sizes, sizes, seeds, st.sampled_from([1e-3, 0.1, 1.0]), units)
def test_maximise_beats_every_other_covariance(structure, k, d, seed, size, unit):
    rng = np.random.default_rng(seed)
    kept, scatter, resp_sum = moments(rng, structure, k, d, unit)
    best = structure.maximise(kept, resp_sum, np.ones(structure.form.shape(k, d)), d)
    assert best.shape == structure.form.shape(k, d)

    def objective(covariances):
        dense = structure.form.algebra.dense(covariances, k, d)
        return expected_log_likelihood(dense, scatter, resp_sum)

    highest = objective(best)
    rounding = 1e-13 * max(1.0, abs(highest))
    for _ in range(5):
        assert objective(neighbours(rng, structure, best, size)) <= highest + rounding


@pytest.mark.parametrize("name", NAMES)
def test_maximise_by_hand(name):
    scatter = np.array([[[2.0, 1.0], [1.0, 4.0]], [[9.0, 0.0], [0.0, 3.0]]])
    resp_sum = np.array([2.0, 3.0])
    expected = {
        "full": [[[1.0, 0.5], [0.5, 2.0]], [[3.0, 0.0], [0.0, 1.0]]],
        "tied": [[[2.2, 0.2], [0.2, 1.4]]],
        "diag": [[1.0, 2.0], [3.0, 1.0]],
        "spherical": [[1.5], [2.0]],
    }[name]
    structure = STRUCTURES[name]
    kept = second_moments(structure, scatter)
    found = structure.maximise(kept, resp_sum, np.ones(structure.form.shape(2, 2)), 2)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("name", ["full", "diag", "spherical"])
def test_a_component_without_rows_keeps_its_covariance(name):
    structure = STRUCTURES[name]
    rng = np.random.default_rng(0)
    kept, _, resp_sum = moments(rng, structure, 3, 2)
    previous = covariances_of(structure, rng, 3, 2)
    resp_sum[1] = 0.0
    found = structure.maximise(kept, resp_sum, previous, 2)
    np.testing.assert_array_equal(found[1], previous[1])
    assert np.isfinite(found).all()
    assert (found[0] != previous[0]).all()


# ----------------------------------------------------------------------- floor


def feasible(rng, structure, k, d, floor, size):
    """Random covariances of which none is below the floor."""
    root = np.sqrt(floor)
    shape = structure.form.shape(k, d)
    if len(shape) == 3:
        A = rng.standard_normal(shape) * size
        inner = np.eye(d) + A @ A.transpose(0, 2, 1) * rng.choice([0.0, 1.0], (shape[0], 1, 1))
        return inner * root[:, None] * root
    lowest = floor if shape[-1] == d else floor.max(keepdims=True)
    return lowest * (1 + np.square(size * rng.standard_normal(shape)))


@given(forms, sizes, sizes, seeds, units)
def test_floored_is_the_best_of_those_above_the_floor(structure, k, d, seed, unit):
    rng = np.random.default_rng(seed)
    kept, scatter, resp_sum = moments(rng, structure, k, d, unit)
    free = structure.maximise(kept, resp_sum, np.ones(structure.form.shape(k, d)), d)
    floor = 10.0 ** rng.uniform(-1.5, 1.5, d) * unit**2
    best, factors = structure.floored(free, floor)
    assert structure.form.limits.exceeds(best, floor * (1 - 1e-9)).all()

    def objective(covariances):
        dense = structure.form.algebra.dense(covariances, k, d)
        return expected_log_likelihood(dense, scatter, resp_sum)

    highest = objective(best)
    rounding = 1e-12 * max(1.0, abs(highest))
    if best.ndim == 3:
        whole = factors.transpose(0, 2, 1) @ best @ factors
        np.testing.assert_allclose(whole, np.broadcast_to(np.eye(d), whole.shape), atol=1e-8)
        assert (np.tril(factors, -1) == 0).all()
        assert (np.diagonal(factors, axis1=1, axis2=2) > 0).all()
    else:
        np.testing.assert_allclose(best * np.square(factors), 1.0, rtol=1e-12)
    for size in (1e-3, 0.1, 1.0, 10.0):
        other = feasible(rng, structure, k, d, floor, size)
        assert objective(other) <= highest + rounding
        # ... and towards the unconstrained maximiser, as far as is allowed.
        between = best + rng.uniform() * (other - best)
        assert objective(between) <= highest + rounding


@given(forms, sizes, sizes, seeds)
def test_floored_leaves_alone_what_is_above(structure, k, d, seed):
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d)
    smallest = structure.form.limits.smallest_variances(covariances, np.ones(d)).min()
    floor = np.full(d, 0.9 * smallest)
    same, factors = structure.floored(covariances, floor)
    np.testing.assert_array_equal(same, covariances)
    np.testing.assert_array_equal(factors, structure.form.algebra.precisions_cholesky(covariances))
    once, _ = structure.floored(covariances, 20 * floor)
    again, _ = structure.floored(once, 20 * floor)
    np.testing.assert_allclose(again, once, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(4))
def test_floored_equals_numerical_maximisation(name, seed):
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    kept, scatter, resp_sum = moments(rng, structure, 1, 2)
    free = structure.maximise(kept, resp_sum, np.ones(structure.form.shape(1, 2)), 2)
    floor = np.array([0.5, 2.0]) * np.diag(structure.form.algebra.dense(free, 1, 2)[0])[::-1]
    root = np.sqrt(floor)

    def covariances(theta):
        if free.ndim == 3:
            lower = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
            return ((np.eye(2) + lower @ lower.T) * root[:, None] * root)[None]
        lowest = floor if free.shape[1] == 2 else floor.max(keepdims=True)
        return (lowest * (1 + np.square(theta[: free.shape[1]])))[None]

    def loss(theta):
        dense = structure.form.algebra.dense(covariances(theta), 1, 2)
        return -expected_log_likelihood(dense, scatter, resp_sum)

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000}
    found = min(
        (
            minimize(loss, rng.standard_normal(3), method="Nelder-Mead", options=options)
            for _ in range(4)
        ),
        key=lambda result: result.fun,
    )
    ours, _ = structure.floored(free, floor)
    np.testing.assert_allclose(ours, covariances(found.x), rtol=1e-5, atol=1e-5)


def test_floored_is_no_ridge():
    covariances = np.array([[[4.0, 0.0], [0.0, 1e-12]]])
    for name in ("full", "tied"):
        floored, _ = STRUCTURES[name].floored(covariances, np.array([1.0, 1.0]))
        np.testing.assert_allclose(floored, [[[4.0, 0.0], [0.0, 1.0]]], atol=1e-12)
    variances = np.array([[4.0, 1e-12]])
    floored, _ = STRUCTURES["diag"].floored(variances, np.array([1.0, 1.0]))
    np.testing.assert_array_equal(floored, [[4.0, 1.0]])


@pytest.mark.parametrize("name", ["full", "tied"])
def test_factors_at_the_floor_keep_their_digits(name):
    # Of a covariance of condition 1e9 the rounded matrix itself knows only seven digits.
    rng = np.random.default_rng(0)
    for _ in range(20):
        d = int(rng.integers(2, 6))
        line = rng.standard_normal(d)
        floor = np.full(d, 1e-9)
        _, factors = STRUCTURES[name].floored(np.outer(line, line)[None], floor)
        aside = rng.standard_normal((50, d))
        aside -= np.outer(aside @ line, line) / (line @ line)
        ours = np.square(aside @ factors[0]).sum(axis=1) * 1e-9
        np.testing.assert_allclose(ours, np.square(aside).sum(axis=1), rtol=1e-9)
        log_det = STRUCTURES[name].form.algebra.log_det(factors, d)[0]
        theirs = -0.5 * ((d - 1) * np.log(1e-9) + np.log(line @ line))
        assert log_det == pytest.approx(theirs, rel=1e-12)


def test_tolerances_are_the_shares_left_unexplained():
    rng = np.random.default_rng(0)
    covariances = covariance_matrices(rng, 4, 3)
    shares = FULL.limits.tolerances(covariances, FULL.algebra.precisions_cholesky(covariances))
    expected = []
    for covariance in covariances:
        # Each feature regressed on those before it.
        left = [covariance[0, 0]]
        for i in (1, 2):
            before, across = covariance[:i, :i], covariance[i, :i]
            left.append(covariance[i, i] - across @ np.linalg.solve(before, across))
        expected.append((np.array(left) / np.diag(covariance)).min())
    np.testing.assert_allclose(shares, expected, rtol=1e-10)
    assert DIAG.limits.tolerances(np.ones((2, 3)), np.ones((2, 3))).tolist() == [1.0, 1.0]


@given(structures, sizes, sizes, seeds)
def test_ridged_adds_to_each_variance(structure, k, d, seed):
    algebra = structure.form.algebra
    covariances = covariances_of(structure, np.random.default_rng(seed), k, d)
    ridged = algebra.dense(structure.form.limits.ridged(covariances, 0.3), k, d)
    np.testing.assert_allclose(
        ridged, algebra.dense(covariances, k, d) + 0.3 * np.eye(d), rtol=1e-14
    )


@given(structures, sizes, sizes, seeds, units)
def test_exceeds_and_smallest_variances_by_eigenvalues(structure, k, d, seed, unit):
    limits = structure.form.limits
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d) * unit**2
    lengths = 10.0 ** rng.uniform(-2, 2, d) * unit
    if structure.form.name == "spherical":
        lengths[:] = lengths[0]
    matrices = np.broadcast_to(
        np.stack([algebra.dense(covariances[[i]], 1, d)[0] for i in range(len(covariances))]),
        (len(covariances), d, d),
    )
    smallest = np.linalg.eigvalsh(matrices / np.outer(lengths, lengths))[:, 0]
    np.testing.assert_allclose(
        limits.smallest_variances(covariances, lengths), smallest, rtol=1e-9
    )
    for factor in (0.999, 1.001):
        bound = factor * np.square(lengths) * smallest.min()
        expected = smallest > factor * smallest.min()
        factors = algebra.precisions_cholesky(covariances)
        np.testing.assert_array_equal(limits.exceeds(covariances, bound), expected)
        np.testing.assert_array_equal(limits.exceeds(covariances, bound, factors), expected)


def test_spherical_exceeds_no_bound_of_any_feature():
    variance, bound = np.array([[2.0], [4.0]]), np.array([1.0, 3.0])
    spherical = STRUCTURES["spherical"]
    assert spherical.form.limits.exceeds(variance, bound).tolist() == [False, True]
    np.testing.assert_array_equal(spherical.floored(variance, bound)[0], [[3.0], [4.0]])


def test_spherical_measures_by_one_length():
    variances = np.array([1.0, 9.0])
    np.testing.assert_allclose(STRUCTURES["spherical"].units(variances), [5**0.5] * 2)
    np.testing.assert_allclose(STRUCTURES["full"].units(variances), [1.0, 3.0])


# --------------------------------------------------------------------- factors


@given(structures, sizes, sizes, seeds, units)
def test_factors_of_the_precisions(structure, k, d, seed, unit):
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d) * unit**2
    factors = algebra.precisions_cholesky(covariances)
    assert factors.shape == covariances.shape
    if covariances.ndim == 3:
        assert (np.tril(factors, -1) == 0).all()
        assert (np.diagonal(factors, axis1=1, axis2=2) > 0).all()
        U = factors
        matrices = covariances
        precisions = algebra.precisions_of(factors)
    else:
        U = np.stack([np.eye(d) * f for f in factors])
        matrices = algebra.dense(covariances, k, d)
        precisions = np.stack([np.eye(d) * f for f in algebra.precisions_of(factors)])
    inverse = np.linalg.inv(matrices / unit**2)
    for each in (U @ U.transpose(0, 2, 1), precisions):
        np.testing.assert_allclose(each * unit**2, inverse, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(
        algebra.log_det(factors, d),
        -0.5 * np.linalg.slogdet(matrices)[1],
        rtol=1e-12,
        atol=1e-12,
    )


@given(structures, sizes, sizes, seeds, units)
def test_covariances_precisions_and_factors_are_inverse(structure, k, d, seed, unit):
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d) * unit**2
    factors = algebra.precisions_cholesky(covariances)
    back = algebra.covariances_of(factors)
    np.testing.assert_allclose(back / unit**2, covariances / unit**2, rtol=1e-11, atol=1e-12)
    again = algebra.precisions_cholesky_of(algebra.precisions_of(factors))
    np.testing.assert_allclose(again * unit, factors * unit, rtol=1e-11, atol=1e-12)


@given(structures, sizes, sizes, seeds)
def test_parameters_from_precisions(structure, k, d, seed):
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d)
    weights, means = rng.dirichlet(np.ones(k)), rng.standard_normal((k, d))
    given_by_covariances = Parameters(weights, means, covariances, structure)
    precisions = structure.form.algebra.precisions_of(given_by_covariances.precisions_cholesky)
    parameters = Parameters.from_precisions(weights, means, precisions, structure)
    np.testing.assert_allclose(parameters.covariances, covariances, rtol=1e-11, atol=1e-12)


@given(structures, sizes, sizes, seeds, units)
def test_whitened_and_coloured_are_inverse(structure, k, d, seed, unit):
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d) * unit**2
    factor = algebra.precisions_cholesky(covariances)[0]
    matrix = algebra.dense(covariances[:1], 1, d)[0]
    difference = rng.standard_normal((6, d)) * unit
    white = algebra.whitened(difference, factor)
    np.testing.assert_allclose(
        np.square(white).sum(axis=1),
        np.einsum("ni,ni->n", difference, np.linalg.solve(matrix, difference.T).T),
        rtol=1e-11,
    )
    back = algebra.coloured(white, factor)
    np.testing.assert_allclose(back / unit, difference / unit, rtol=1e-11, atol=1e-12)


@given(structures, sizes, sizes, seeds)
def test_no_change_is_none(structure, k, d, seed):
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d)
    factors = structure.form.algebra.precisions_cholesky(covariances)
    nothing = structure.form.changes.change(covariances, factors)
    np.testing.assert_allclose(nothing, np.zeros_like(covariances), atol=1e-12)


@pytest.mark.parametrize("name", ["full", "tied"])
def test_a_few_matrices_at_a_time_are_the_same_as_all_at_once(name, monkeypatch):
    rng, structure = np.random.default_rng(0), STRUCTURES[name]
    covariances = covariances_of(structure, rng, 5, 3)
    others = covariances_of(structure, rng, 5, 3)
    factors = structure.form.algebra.precisions_cholesky(others)

    def everything():
        change = structure.form.changes.change(covariances, factors)
        logarithms = structure.form.changes.log_change(covariances, factors)
        return [
            change,
            logarithms,
            structure.form.changes.from_log_change(logarithms, factors),
            structure.form.algebra.covariances_of(factors),
            structure.form.algebra.precisions_of(factors),
            structure.form.limits.smallest_variances(covariances, np.ones(3)),
        ]

    at_once = everything()
    for size in (1, 2):
        monkeypatch.setattr(stacks, "WORK_AT_ONCE", size * 3**3)
        for found, wanted in zip(everything(), at_once, strict=True):
            np.testing.assert_array_equal(found, wanted)


@given(st.integers(2, 4), seeds)
def test_change_is_measured_in_the_components_own_deviations(d, seed):
    rng = np.random.default_rng(seed)
    base, other = covariance_matrices(rng, 2, d)
    full = STRUCTURES["full"]
    factors = full.form.algebra.precisions_cholesky(base[None])
    change = full.form.changes.change(other[None], factors)[0]
    ours = np.sort(np.linalg.eigvalsh(change + np.eye(d)))
    theirs = np.sort(np.linalg.eigvals(np.linalg.solve(base, other)).real)
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "covariances", "total"),
    [("full", 18, 2 + 9 + 18), ("tied", 6, 2 + 9 + 6), ("diag", 9, 20), ("spherical", 3, 14)],
)
def test_number_of_free_parameters_by_hand(name, covariances, total):
    structure = STRUCTURES[name]
    assert structure.n_parameters(3, 3) == covariances
    rng = np.random.default_rng(0)
    parameters = Parameters(
        np.full(3, 1 / 3), np.zeros((3, 3)), covariances_of(structure, rng, 3, 3), structure
    )
    assert parameters.n_parameters() == total
    assert parameters.n_parameters(frozenset({"means"})) == total - 9
    assert parameters.n_parameters(frozenset({"weights", "covariances"})) == 9


@pytest.mark.parametrize("name", NAMES)
def test_shapes(name):
    structure = STRUCTURES[name]
    public = {"full": (3, 2, 2), "tied": (2, 2), "diag": (3, 2), "spherical": (3,)}[name]
    assert structure.form.public_shape(3, 2) == public
    assert np.zeros(structure.form.shape(3, 2)).reshape(public).shape == public
    assert covariance_structure(name) is structure
    assert covariance_structure(structure) is structure


@pytest.mark.parametrize("wrong", ["banded", None, 3, ["full"]])
def test_no_such_structure(wrong):
    with pytest.raises(BadInputError, match="one of full, tied, diag, spherical"):
        covariance_structure(wrong)


# ----------------------------------------------------------------- degenerate


SINGULAR = {
    "full": np.array([np.eye(2), [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]]),
    "tied": np.array([[[1.0, 2.0], [2.0, 1.0]]]),
    "diag": np.array([[1.0, 1.0], [1.0, 0.0], [-1.0, 1.0]]),
    "spherical": np.array([[1.0], [0.0], [-1.0]]),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_covariance_without_volume_is_refused_by_number(name):
    broken = (0,) if name == "tied" else (1, 2)
    with pytest.raises(DegenerateCovarianceError) as caught:
        Parameters(np.full(3, 1 / 3), np.zeros((3, 2)), SINGULAR[name], STRUCTURES[name])
    assert caught.value.components == broken
    assert f"Component {broken[0] + 1} of 3" in str(caught.value)
    with pytest.raises(DegenerateCovarianceError):
        Parameters.from_precisions(
            np.full(3, 1 / 3), np.zeros((3, 2)), SINGULAR[name], STRUCTURES[name]
        )


@given(structures, st.integers(2, 4), sizes, seeds)
def test_permuted_is_the_same_mixture(structure, k, d, seed):
    rng = np.random.default_rng(seed)
    parameters = Parameters(
        rng.dirichlet(np.ones(k)),
        rng.standard_normal((k, d)),
        covariances_of(structure, rng, k, d),
        structure,
    )
    order = rng.permutation(k)
    other = parameters.permuted(order)
    np.testing.assert_array_equal(other.weights, parameters.weights[order])
    np.testing.assert_array_equal(other.means, parameters.means[order])
    np.testing.assert_array_equal(other.dense_covariances(), parameters.dense_covariances()[order])
    np.testing.assert_array_equal(other.factors(), parameters.factors()[order])


def test_parameters_cannot_be_written_to():
    means = np.zeros((1, 2))
    parameters = Parameters(np.ones(1), means, np.ones((1, 2)), STRUCTURES["diag"])
    means[:] = 7.0
    assert (parameters.means == 0).all()
    with pytest.raises(ValueError, match="read-only"):
        parameters.means[0, 0] = 1.0


@given(structures, sizes, sizes, seeds, units)
def test_one_deviation_for_each_component_there_and_back(structure, k, d, seed, unit):
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    p = Parameters(
        np.full(k, 1 / k),
        np.zeros((k, d)),
        covariances_of(structure, rng, k, d) * unit**2,
        structure,
    )
    steps = unit * rng.standard_normal((k, d))
    found = algebra.whitened_each(steps, p.precisions_cholesky)
    squared = [
        s @ np.linalg.solve(c / unit**2, s)
        for s, c in zip(steps / unit, p.dense_covariances(), strict=True)
    ]
    np.testing.assert_allclose(np.square(found).sum(axis=1), squared, rtol=1e-7)
    for step, factor, whitened in zip(steps, p.factors(), found, strict=True):
        np.testing.assert_allclose(
            whitened,
            algebra.whitened(step[None], factor)[0],
            rtol=1e-12,
            atol=1e-14,
        )
    back = algebra.coloured_each(found, p.precisions_cholesky)
    np.testing.assert_allclose(back / unit, steps / unit, rtol=1e-7, atol=1e-7)
