"""What components share: M-steps, constraints, counts, and the certificate inside a structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.optimize import minimize

from bactrian import GaussianMixture
from bactrian.core import em
from bactrian.core.covariance import (
    STRUCTURES,
    covariance_structure,
    free,
    same_model,
)
from bactrian.core.covariance.structures.axes import Point, common_axes
from bactrian.core.covariance.structures.shared import ConstrainedStructure
from bactrian.core.em.curvature import curvature
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.chart import Chart
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.vocabulary import MCLUST_NAMES
from strategies import (
    bounds_of,
    covariance_matrices,
    covariances_of,
    drawn,
    expected_log_likelihood,
    problem_of,
    random_parameters,
    second_moments,
    seeds,
    shared_covariances,
)

SHARED = ("EII", "EEI", "VEI", "EVI", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV")
ALONG_AXES = ("EVE", "VVE")
every_shared = pytest.mark.parametrize("name", SHARED)
shared = st.sampled_from([STRUCTURES[name] for name in SHARED])
with_own_units = shared.filter(lambda structure: not structure.has_common_unit)
sizes = st.integers(1, 4)


def moments(rng, structure, k, d, scale=1.0):
    """Second moments as the structure keeps them, and as matrices (K, D, D); the rows held."""
    resp_sum = rng.uniform(0.5, 20.0, k)
    scatter = covariance_matrices(rng, k, d) * scale**2 * resp_sum[:, None, None]
    return second_moments(structure, scatter), scatter, resp_sum


def maximised(structure, kept, resp_sum, d):
    shape = structure.form.shape(len(resp_sum), d)
    previous = np.broadcast_to(np.eye(d) if len(shape) == 3 else np.ones(shape[-1]), shape)
    return structure.maximise(kept, resp_sum, previous, d)


def letters_of(dense):
    """Logarithms of the volumes, of the shapes in the order of size, and the matrices A_k."""
    values = np.linalg.eigvalsh(dense)
    volumes = np.log(values).mean(axis=1)
    return volumes, np.log(values) - volumes[:, None], dense / np.exp(volumes)[:, None, None]


# -------------------------------------------------------------- the constraint


def assert_shared(structure, dense):
    """Volumes, shapes and orientations are equal where the letters say so, to ten digits."""
    volume, shape, orientation = structure.letters
    volumes, shapes, matrices = letters_of(dense)
    if volume == "E":
        np.testing.assert_allclose(volumes, volumes[:1].repeat(len(volumes)), atol=1e-10)
    if shape in "EI":
        np.testing.assert_allclose(shapes, np.broadcast_to(shapes[:1], shapes.shape), atol=1e-10)
    if shape == "I":
        np.testing.assert_allclose(shapes, 0.0, atol=1e-10)
    if orientation == "I":
        assert (dense * (1 - np.eye(dense.shape[-1])) == 0).all()
    if orientation == "E":  # matrices commute if, and only if, they have common axes
        products = matrices[:, None] @ matrices[None]
        sizes = np.linalg.norm(products, axis=(2, 3), keepdims=True)
        assert (np.abs(products - products.swapaxes(2, 3)) <= 1e-10 * sizes).all()


@given(shared, sizes, sizes, seeds, st.sampled_from([1e-150, 1e-20, 1.0, 1e5, 1e150]))
@settings(max_examples=200)
def test_what_is_shared_is_equal_in_any_unit(structure, k, d, seed, unit):
    rng = np.random.default_rng(seed)
    kept, _, resp_sum = moments(rng, structure, k, d)
    found = maximised(structure, kept, resp_sum, d)
    assert_shared(structure, structure.form.algebra.dense(found, k, d))
    scaled = maximised(structure, kept * unit * unit, resp_sum, d)
    np.testing.assert_allclose(scaled / unit / unit, found, rtol=1e-8, atol=1e-9 * found.max())
    if found.ndim == 3:
        np.testing.assert_array_equal(found, found.transpose(0, 2, 1))


@given(with_own_units, sizes, st.integers(2, 4), seeds)
def test_features_with_units_of_their_own_may_change_them(structure, k, d, seed):
    limits = structure.form.limits
    rng = np.random.default_rng(seed)
    units = 10.0 ** rng.uniform(-60, 60, d)
    variances = rng.uniform(1.0, 2.0, d)
    np.testing.assert_array_equal(structure.units(variances), np.sqrt(variances))
    kept, _, resp_sum = moments(rng, structure, k, d)
    expected = maximised(structure, kept, resp_sum, d)
    found = maximised(structure, limits.scaled(kept, units), resp_sum, d)
    np.testing.assert_allclose(limits.scaled(found, 1 / units), expected, rtol=1e-9, atol=1e-9)


@every_shared
def test_the_units_are_the_spreads_of_the_features_or_one_for_all(name):
    structure, variances = STRUCTURES[name], np.array([1.0, 4.0, 25.0])
    units = structure.units(variances)
    if structure.has_common_unit:
        assert (units == units[0]).all()
        assert 1.0 <= units[0] <= 5.0
    else:
        np.testing.assert_array_equal(units, [1.0, 2.0, 5.0])


@pytest.mark.parametrize("name", ["EVI", "EVV"])
def test_equal_volumes_beyond_the_range_are_an_error(name):
    """A component so thin that its share of the volume makes it longer than any number."""
    structure = STRUCTURES[name]
    p = random_parameters(np.random.default_rng(0), structure, 2, 2)
    stats = expectation(np.zeros((6, 2)), None, p.terms())
    scatter = np.stack([np.diag([1e200, 1e-91]), np.diag([1e199, 1e192])])
    kept = scatter if stats.second.ndim == 3 else scatter.diagonal(axis1=1, axis2=2)
    counts = np.array([2.0, 4.0])
    thin = replace(stats, resp_sum=counts, second=kept, first=np.zeros((2, 2)))
    with pytest.raises(DegenerateCovarianceError):
        MaximumLikelihood(bounds_of(2))(thin, p)


# ------------------------------------------------------------------ maximisers


@given(shared, sizes, sizes, seeds, st.sampled_from([1e-4, 1e-2, 1.0]))
@settings(max_examples=300)
def test_maximise_beats_what_else_is_feasible(structure, k, d, seed, size):
    rng = np.random.default_rng(seed)
    kept, scatter, resp_sum = moments(rng, structure, k, d)
    found = maximised(structure, kept, resp_sum, d)
    dense = structure.form.algebra.dense(found, k, d)
    highest = expected_log_likelihood(dense, scatter, resp_sum)
    for _ in range(5):
        other = perturbed(structure.letters, dense, rng, size)
        assert expected_log_likelihood(other, scatter, resp_sum) <= highest + 1e-11 * abs(highest)
        anew = shared_covariances(structure.letters, rng, (k, d, d))
        if structure.name not in ALONG_AXES:  # those have local maxima
            value = expected_log_likelihood(anew, scatter, resp_sum)
            assert value <= highest + 1e-11 * abs(highest)


def perturbed(letters, dense, rng, size):
    """Covariances near those given that share what the letters say, made of lambda, A and D."""
    k, d = dense.shape[:2]
    volume, shape, orientation = letters
    if orientation == "I":
        spectra, axes = dense.diagonal(axis1=1, axis2=2), np.tile(np.eye(d), (k, 1, 1))
    elif orientation == "E":
        mixed = np.einsum("k,kij->ij", rng.uniform(1, 2, k), dense)
        axes = np.tile(np.linalg.eigh(mixed)[1], (k, 1, 1))
        spectra = np.einsum("kji,kjl,kli->ki", axes, dense, axes)
    else:
        spectra, axes = np.linalg.eigh(dense)

    def noise(letter, *shape):
        draws = size * rng.standard_normal((k, *shape))
        return {"E": np.broadcast_to(draws[:1], draws.shape), "V": draws, "I": 0 * draws}[letter]

    turn = noise(orientation, d, d)
    axes = axes @ np.linalg.qr(np.eye(d) + turn - turn.transpose(0, 2, 1))[0]
    shapes = noise(shape, d)
    logarithms = noise(volume, 1) + shapes - shapes.mean(axis=1, keepdims=True)
    spectra = spectra * np.exp(logarithms)
    return (axes * spectra[:, None, :]) @ axes.transpose(0, 2, 1)


def covariances_from(letters, theta, k, d):
    """Covariances out of any numbers, for SciPy to search among; D = 2."""
    volume, shape, orientation = ({"E": 1, "V": k, "I": 0}[letter] for letter in letters)
    theta = np.clip(theta, -10, 10)
    volumes, theta = np.exp(theta[:volume]), theta[volume:]
    halves, angles = np.zeros(1), np.zeros(1)
    if shape:
        halves, theta = theta[:shape], theta[shape:]
    if orientation:
        angles = theta[:orientation]
    spectra = volumes[:, None] * np.exp(np.stack([halves, -halves], axis=1))
    spectra, angles = np.broadcast_to(spectra, (k, 2)), np.broadcast_to(angles, k)
    c, s = np.cos(angles), np.sin(angles)
    axes = np.stack([np.stack([c, -s], axis=1), np.stack([s, c], axis=1)], axis=1)
    return (axes * spectra[:, None, :]) @ axes.transpose(0, 2, 1)


@every_shared
@pytest.mark.parametrize("seed", range(3))
def test_maximise_equals_numerical_maximisation(name, seed):
    rng = np.random.default_rng(seed)
    structure, k, d = STRUCTURES[name], 2, 2
    kept, scatter, resp_sum = moments(rng, structure, k, d)
    ours = structure.form.algebra.dense(maximised(structure, kept, resp_sum, d), k, d)

    def loss(theta):
        return -expected_log_likelihood(
            covariances_from(structure.letters, theta, k, d), scatter, resp_sum
        )

    count = structure.n_parameters(k, d)
    found = [minimize(loss, rng.standard_normal(count), tol=1e-12) for _ in range(6)]
    highest = -min(result.fun for result in found)
    assert expected_log_likelihood(ours, scatter, resp_sum) == pytest.approx(highest, abs=1e-8)


@pytest.mark.parametrize("one_volume", [False, True])
def test_no_other_angle_is_better(one_volume):
    # In two dimensions the axes are an angle: all of them can be tried.
    angles = np.linspace(0, np.pi / 2, 2001)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    across = np.stack([-directions[1], directions[0]])
    rng = np.random.default_rng(0)
    for _ in range(60):
        k = int(rng.integers(2, 5))
        thin = 10.0 ** (rng.uniform(-3, 0, (k, 1)) * [[0, 1]])
        turned = np.linalg.qr(rng.standard_normal((k, 2, 2)))[0]
        scatter = (turned * thin[:, None, :]) @ turned.transpose(0, 2, 1)
        scatter *= rng.uniform(1, 20, (k, 1, 1))
        resp_sum = rng.uniform(1.0, 20.0, k)

        def value(spectra, resp_sum=resp_sum):
            logarithms = np.log(spectra)
            if one_volume:
                return np.log(np.exp(logarithms.mean(axis=0)).sum(axis=0)) * resp_sum.sum() * 2
            return np.einsum("k,dkn->n", resp_sum, logarithms)

        def along(columns, scatter=scatter):
            return np.einsum("in,kij,jn->kn", columns, scatter, columns)

        lowest = value(np.stack([along(directions), along(across)])).min()
        nothing = np.ones((k, 2, 2))  # no axes are known
        axes = common_axes(scatter, resp_sum, nothing, one_volume=one_volume)
        found = value(np.stack([along(axes[:, [0]]), along(axes[:, [1]])]))[0]
        assert found <= lowest + 1e-9 * abs(lowest)


@pytest.mark.parametrize("one_volume", [False, True])
def test_slope_and_curvature_are_those_of_turning_axes(one_volume):
    rng = np.random.default_rng(0)
    scatter, resp_sum = covariance_matrices(rng, 3, 4), rng.uniform(1.0, 9.0, 3)
    axes = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    point = Point(axes, scatter, resp_sum, one_volume)
    skew = rng.standard_normal((4, 4))
    skew = skew - skew.T

    def value(angle):
        return Point(axes @ expm(angle * skew), scatter, resp_sum, one_volume).value

    step = 1e-4
    slope = (value(step) - value(-step)) / (2 * step)
    assert slope == pytest.approx((point.gradient * skew).sum(), rel=1e-5)
    bend = (value(step) + value(-step) - 2 * value(0)) / step**2
    assert bend == pytest.approx((point.curved(skew) * skew).sum(), rel=1e-4)


@every_shared
def test_a_component_without_rows_keeps_its_covariance(name):
    structure = STRUCTURES[name]
    rng = np.random.default_rng(0)
    kept, _, resp_sum = moments(rng, structure, 3, 2)
    previous = covariances_of(structure, rng, 3, 2)
    resp_sum[1] = 0.0
    found = structure.maximise(kept, resp_sum, previous, 2)
    np.testing.assert_array_equal(found[1], previous[1])
    others = structure.maximise(kept[[0, 2]], resp_sum[[0, 2]], previous[[0, 2]], 2)
    np.testing.assert_array_equal(found[[0, 2]], others)


@every_shared
def test_a_component_on_one_point_has_no_volume_of_its_own(name):
    structure = STRUCTURES[name]
    rng = np.random.default_rng(0)
    kept, _, resp_sum = moments(rng, structure, 3, 2)
    kept = kept.copy()
    kept[1] = 0.0
    found = maximised(structure, kept, resp_sum, 2)
    bounded, factors = structure.floored(found, np.full(2, 1e-6))
    if isinstance(structure, ConstrainedStructure):
        assert (found[1] == 0).all()
        np.testing.assert_array_equal(bounded, found)
        assert np.isnan(factors[1]).any()
        assert np.isfinite(factors[[0, 2]]).all()
    else:
        assert np.isfinite(factors).all()
        assert_shared(structure, structure.form.algebra.dense(bounded, 3, 2))


@given(shared, st.integers(2, 3), st.integers(2, 3), seeds)
def test_the_floor_does_not_break_what_is_shared(structure, k, d, seed):
    limits = structure.form.limits
    rng = np.random.default_rng(seed)
    covariances = covariances_of(structure, rng, k, d)
    smallest = limits.smallest_variances(covariances, np.ones(d)).min()
    floor = np.full(d, 3.0 * smallest)
    bounded, factors = structure.floored(covariances, floor)
    whole = np.isfinite(factors).reshape(k, -1).all(axis=1)
    if isinstance(structure, ConstrainedStructure):
        np.testing.assert_array_equal(bounded, covariances)
        np.testing.assert_array_equal(whole, limits.exceeds(covariances, floor))
    else:
        assert whole.all()
        assert_shared(structure, structure.form.algebra.dense(bounded, k, d))
        assert limits.exceeds(bounded, floor * (1 - 1e-9)).all()


@given(shared, sizes, sizes, seeds)
def test_projected_is_the_nearest_and_leaves_alone_what_is_there(structure, k, d, seed):
    algebra = structure.form.algebra
    rng = np.random.default_rng(seed)
    inside = covariances_of(structure, rng, k, d)
    weights = rng.dirichlet(np.full(k, 3.0))
    np.testing.assert_allclose(
        structure.projected(inside, weights, d), inside, rtol=1e-8, atol=1e-9
    )
    outside = covariances_of(free(structure.form), rng, k, d)
    near = structure.projected(outside, weights, d)
    assert_shared(structure, algebra.dense(near, k, d))
    scatter = algebra.dense(outside, k, d) * weights[:, None, None]
    highest = expected_log_likelihood(algebra.dense(near, k, d), scatter, weights)
    other = perturbed(structure.letters, algebra.dense(near, k, d), rng, 0.01)
    assert expected_log_likelihood(other, scatter, weights) <= highest + 1e-12


# --------------------------------------------------------------- names, counts


# mclust 6, nMclustParams: 14 models for D = 4, K = 3.
COUNTS = dict(
    zip(
        MCLUST_NAMES,
        (1, 3, 4, 6, 10, 12, 10, 12, 16, 18, 22, 24, 28, 30),
        strict=True,
    )
)


@pytest.mark.parametrize("name", MCLUST_NAMES)
def test_number_of_parameters_is_that_of_the_table(name):
    structure = covariance_structure(name)
    assert structure.letters == name
    assert structure.n_parameters(3, 4) == COUNTS[name]
    assert covariance_structure(name).n_parameters(1, 1) == 1
    assert covariance_structure(name).n_parameters(3, 1) == (3 if name[0] == "V" else 1)


@every_shared
def test_number_of_parameters_is_the_dimension_of_the_structure(name):
    # The rank of the projection's derivative, in coordinates in which it is orthogonal.
    rng = np.random.default_rng(0)
    base = random_parameters(rng, STRUCTURES[name], 3, 3)
    chart = Chart(base, frozenset({"weights", "means"}))
    n, step = chart.vector(base).size, 1e-4
    rows = [
        (chart.vector(chart.point(step * e)) - chart.vector(chart.point(-step * e))) / (2 * step)
        for e in np.eye(n)
    ]
    values = np.linalg.svd(np.array(rows), compute_uv=False)
    count = base.structure.n_parameters(3, 3)
    np.testing.assert_allclose(values[:count], 1.0, atol=1e-5)
    np.testing.assert_allclose(values[count:], 0.0, atol=1e-5)


def test_names():
    assert len(MCLUST_NAMES) == len(set(MCLUST_NAMES)) == 14
    for other, name in {"VVV": "full", "EEE": "tied", "VVI": "diag", "VII": "spherical"}.items():
        assert covariance_structure(other) is STRUCTURES[name]
    assert covariance_structure("E", 1) is STRUCTURES["tied"]
    assert covariance_structure("V") is STRUCTURES["full"]
    with pytest.raises(BadInputError, match=r"'E' is for one feature\. Use 'EEE', the same model"):
        covariance_structure("E", 2)


def test_the_same_models_are_known():
    for k, d in ((1, 1), (1, 3), (3, 1), (3, 3)):
        models = {same_model(name, k, d) for name in MCLUST_NAMES}
        assert len(models) == {(1, 1): 1, (1, 3): 3, (3, 1): 2, (3, 3): 14}[k, d]
        for name in MCLUST_NAMES:
            same = covariance_structure(same_model(name, k, d))
            assert same.n_parameters(k, d) == covariance_structure(name).n_parameters(k, d)
    assert same_model("E", 2, 1) == same_model("EVV", 2, 1) == same_model("tied", 2, 1)


@given(st.sampled_from(MCLUST_NAMES), sizes, seeds)
def test_the_same_models_have_the_same_maximum(name, d, seed):
    rng = np.random.default_rng(seed)
    for k in (1, 2) if d == 1 else (1,):
        one, other = covariance_structure(name), covariance_structure(same_model(name, k, d))
        scatter = covariance_matrices(rng, k, d)
        resp_sum = rng.uniform(1.0, 5.0, k)
        dense = [
            s.form.algebra.dense(maximised(s, second_moments(s, scatter), resp_sum, d), k, d)
            for s in (one, other)
        ]
        np.testing.assert_allclose(*dense, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", MCLUST_NAMES)
def test_rows_needed_is_where_components_begin_to_have_volume(name):
    structure, d = covariance_structure(name), 3
    rng = np.random.default_rng(0)
    large = rng.standard_normal((50, d)) - 100
    needed = structure.rows_needed(d)
    for rows in (needed - 1, needed):
        if rows < 1:
            continue
        small = rng.standard_normal((rows, d))
        resp = np.repeat(np.eye(2), [50, rows], axis=0)
        means = np.stack([large.mean(axis=0), small.mean(axis=0)])
        kept = structure.form.scatter(np.concatenate([large, small]), resp, means)
        found = maximised(structure, kept, resp.sum(axis=0), d)
        volume = structure.form.limits.smallest_variances(found, np.ones(d))[-1]
        if rows == needed:
            assert volume > 1e-5
        elif name not in ALONG_AXES:  # there the axes give way to those that are flat, or not
            assert volume < 1e-10


# ------------------------------------------------------------------------- EM


@every_shared
@pytest.mark.parametrize("seed", range(3))
def test_log_likelihood_never_falls_over_many_iterations(name, seed):
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    n, k, d = ((200, 3, 3), (15, 4, 2), (60, 2, 4))[seed]
    truth = random_parameters(rng, STRUCTURES["full"], k, d)
    X = drawn(rng, truth, n)
    start = random_parameters(rng, structure, k, d)
    problem = problem_of(X, None, bounds_of(d, 1e-6 * X.var(axis=0).mean()))
    state = em.init(problem, start)
    for _ in range(100):
        try:
            state = em.step(problem, state)
        except DegenerateCovarianceError:
            assert n == 15
            break
        alive = state.parameters.weights > 0
        assert_shared(structure, state.parameters.dense_covariances()[alive])
    # A component about to collapse is as thin as the floor: there rounding is not small.
    assert np.diff(state.trace).min() >= (-1e-12 if n > 15 else -1e-9)


NESTED = [
    ("EII", "VII"), ("EII", "EEI"), ("EEI", "VEI"), ("EEI", "EVI"), ("VEI", "VVI"), ("EVI", "VVI"),
    ("EEI", "EEE"), ("EEE", "VEE"), ("EEE", "EVE"), ("VEE", "VVE"), ("EVE", "VVE"), ("EEE", "EEV"),
    ("EEV", "VEV"), ("VEE", "VEV"), ("EEV", "EVV"), ("EVE", "EVV"), ("VEV", "VVV"), ("EVV", "VVV"),
    ("VVE", "VVV"),
]  # fmt: skip


def test_maxima_of_structures_within_others_are_lower():
    rng = np.random.default_rng(1)
    truth = random_parameters(rng, STRUCTURES["full"], 2, 3)
    truth = truth.replaced(means=np.array([[-6.0, 0, 0], [6.0, 0, 0]]))
    X = drawn(rng, truth, 300)
    highest = {}
    for name in MCLUST_NAMES:
        labels = (X[:, 0] > 0).astype(int)
        gm = GaussianMixture(2, covariance_type=name, resp_init=labels, tol=1e-10).fit(X)
        highest[name] = gm.log_likelihood_
        assert gm.converged_
    for inner, outer in NESTED:
        assert highest[inner] <= highest[outer] + 1e-6


# -------------------------------------------------------------- the certificate


def fixed_point(name, seed=0):
    """A maximum on data of another structure, so that what is shared does not fit."""
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, STRUCTURES["full"], 2, 2)
    truth = truth.replaced(means=np.array([[-1.5, 0.0], [1.5, 1.0]]))
    problem = problem_of(drawn(rng, truth, 150))
    near = STRUCTURES[name].projected(
        covariances_of(STRUCTURES[name], rng, 2, 2), truth.weights, 2
    )
    state = em.init(problem, Parameters(truth.weights, truth.means, near, STRUCTURES[name]))
    for _ in range(2000):
        state = em.step(problem, state)
        if state.trace[-1] - state.trace[-2] < 1e-15:
            break
    return problem, state


def tangents(chart, n, step=1e-4):
    """Orthonormal directions that do not leave the structure."""
    rows = [
        (chart.vector(chart.point(step * e)) - chart.vector(chart.point(-step * e))) / (2 * step)
        for e in np.eye(n)
    ]
    _, values, directions = np.linalg.svd(np.array(rows))
    return directions[values > 0.5]


@every_shared
def test_at_a_maximum_no_direction_rises_and_the_rate_is_that_of_em(name):
    problem, state = fixed_point(name)
    chart = Chart(state.parameters, frozenset())
    n = chart.vector(state.parameters).size
    directions = tangents(chart, n)
    assert len(directions) == state.parameters.n_parameters()

    def value(vector):
        return em.init(problem, chart.point(vector)).trace[-1]

    def em_of(vector):
        there = chart.point(vector)
        return chart.vector(problem.maximise(problem.accumulate(there.terms(), None), there))

    step = 1e-3
    here, columns = value(np.zeros(n)), []
    for direction in directions:
        high, low = value(step * direction), value(-step * direction)
        assert abs(high - low) / (2 * step) < 1e-6
        assert high + low < 2 * here
        columns.append(directions @ (em_of(step * direction) - em_of(-step * direction)))
    rates = np.linalg.eigvals(np.array(columns).T / (2 * step))
    assert np.abs(rates.imag).max() < 1e-3
    assert curvature(problem, state).rate == pytest.approx(rates.real.max(), rel=0.02, abs=1e-3)


@every_shared
def test_away_from_a_maximum_the_score_rises_with_the_likelihood(name):
    problem, state = fixed_point(name)
    chart = Chart(state.parameters, frozenset())
    rng = np.random.default_rng(0)
    away = chart.point(1e-2 * rng.standard_normal(chart.vector(state.parameters).size))
    nearby = em.init(problem, away)
    local = Chart(away, frozenset())
    step = local.vector(em.propose(problem, nearby))

    def value(vector):
        return em.init(problem, local.point(vector)).trace[-1]

    slope = (value(1e-4 * step) - value(-1e-4 * step)) / 2e-4
    # The slope is s' J s, J the curvature of the M-step, which is about that of the chart.
    assert 0.2 < slope / (step @ step) < 5


# ------------------------------------------------------------ published values


@pytest.fixture(scope="module")
def iris():
    from sklearn.datasets import load_iris

    return load_iris().data


def bic(gm):
    """In mclust's sign."""
    report = gm.fit_report_
    return 2 * report.log_likelihood - report.n_parameters * np.log(report.weight)


def test_old_faithful_as_published(faithful):
    gm = GaussianMixture(3, covariance_type="EEE", random_state=0).fit(faithful)
    assert gm.log_likelihood_ >= -1126.326 - 5e-4
    assert gm.fit_report_.n_parameters == 11
    assert bic(gm) >= -2314.316 - 1e-3
    assert gm.log_likelihood_ == pytest.approx(-1126.316, abs=2e-3)
    gm = GaussianMixture(2, covariance_type="VVE", random_state=0).fit(faithful)
    assert gm.log_likelihood_ >= -1132.1127


def test_iris_as_published(iris):
    gm = GaussianMixture(2, covariance_type="VEV", random_state=0).fit(iris)
    assert gm.log_likelihood_ == pytest.approx(-215.726, abs=1e-3)
    assert gm.fit_report_.n_parameters == 26
    assert bic(gm) == pytest.approx(-561.728, abs=2e-3)


def test_one_feature_by_its_own_names(faithful):
    x = faithful[:, :1]
    for name, other in (("E", "tied"), ("V", "full"), ("EVE", "tied"), ("VEV", "full")):
        one = GaussianMixture(2, covariance_type=name, random_state=0).fit(x)
        two = GaussianMixture(2, covariance_type=other, random_state=0).fit(x)
        assert one.log_likelihood_ == pytest.approx(two.log_likelihood_, rel=1e-9)
    with pytest.raises(BadInputError, match="'V' is for one feature"):
        GaussianMixture(2, covariance_type="V").fit(faithful)


@pytest.mark.parametrize("name", ["EVI", "EVV", "EVE"])
@pytest.mark.parametrize("d", [1, 2])
def test_a_volume_is_shared_with_the_smallest_scatter_that_there_is(name, d):
    structure, eye = STRUCTURES[name], np.eye(d)
    previous = np.stack([eye, eye])
    scatter = np.stack([5e-324 * eye, 1e-8 * eye])
    if structure.form.name == "diag":
        previous, scatter = (np.diagonal(a, axis1=1, axis2=2) for a in (previous, scatter))
    found = structure.maximise(scatter, np.array([1.0, 3.0]), previous, d)
    np.testing.assert_allclose(found, 2.5e-9 * previous, rtol=1e-12)
