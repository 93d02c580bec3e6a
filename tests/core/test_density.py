"""Densities and responsibilities, against SciPy and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from bactrian.core.covariance import STRUCTURES
from bactrian.core.estep.density import (
    log_density,
    responsibilities,
    squared_distances,
    weighted_log_prob,
)
from bactrian.core.estep.expectation import expectation
from bactrian.core.values.parameters import Parameters
from strategies import (
    NAMES,
    Case,
    cases,
    drawn,
    forms,
    magnitude,
    random_parameters,
    scales,
    scipy_log_density,
    scipy_weighted_log_prob,
    second_moments,
    seeds,
)


def log_prob(X, parameters):
    """Log-density under each component: with weights of 1 nothing else is left."""
    ones = np.ones(parameters.n_components)
    return weighted_log_prob(X, parameters.replaced(weights=ones).terms())


@given(cases())
def test_weighted_log_prob_equals_scipy(case: Case):
    ours = weighted_log_prob(case.X, case.parameters.terms())
    theirs = scipy_weighted_log_prob(case.X, case.parameters)
    assert (np.abs(ours - theirs) <= 1e-12 * magnitude(case.X, case.parameters)).all()


@given(cases())
def test_log_density_equals_scipy(case: Case):
    ours = log_density(case.X, case.parameters.terms())
    theirs = scipy_log_density(case.X, case.parameters)
    assert (np.abs(ours - theirs) <= 1e-12 * magnitude(case.X, case.parameters).max(axis=1)).all()


@given(cases())
def test_responsibilities_are_the_posterior(case: Case):
    densities, resp = responsibilities(case.X, case.parameters.terms())
    weighted = weighted_log_prob(case.X, case.parameters.terms())
    posterior = np.exp(weighted - logsumexp(weighted, axis=1, keepdims=True))
    np.testing.assert_allclose(resp, posterior, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(resp.sum(axis=1), 1.0, rtol=0, atol=1e-15 * len(resp.T))
    np.testing.assert_array_equal(densities, log_density(case.X, case.parameters.terms()))
    assert (resp >= 0).all()


@given(cases())
def test_mahalanobis_distance_by_solving(case: Case):
    ours = squared_distances(case.X, case.parameters.terms())
    dense = case.parameters.dense_covariances()
    for k, (mean, covariance) in enumerate(zip(case.parameters.means, dense, strict=True)):
        difference = case.X - mean
        theirs = np.einsum("ij,ij->i", difference, np.linalg.solve(covariance, difference.T).T)
        np.testing.assert_allclose(ours[:, k], theirs, rtol=1e-11)


@given(cases(scales=st.just(1.0)), scales)
def test_a_unit_changes_the_density_by_its_jacobian(case: Case, unit):
    p = case.parameters
    other = Parameters(p.weights, p.means * unit, p.covariances * unit * unit, p.structure)
    jacobian = p.n_features * np.log(unit)
    ours = log_prob(case.X * unit, other) + jacobian
    # Rounding of x times the unit: up to half an ulp of x against the deviation.
    ulp = np.spacing(np.abs(case.X).max()) / np.sqrt(
        p.form.limits.smallest_variances(p.covariances, np.ones(p.n_features)).min()
    )
    size = magnitude(case.X, p)
    np.testing.assert_allclose(
        ours, log_prob(case.X, p), rtol=0, atol=(1e-11 + 4 * ulp) * (size.max() + abs(jacobian))
    )


@pytest.mark.parametrize("name", NAMES)
def test_density_integrates_to_one(name):
    rng = np.random.default_rng(3)
    parameters = random_parameters(rng, STRUCTURES[name], 3, 2)
    grid = np.linspace(-40, 40, 801)
    X = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    assert np.exp(log_density(X, parameters.terms())).sum() * 0.01 == pytest.approx(1.0, abs=1e-6)


# ------------------------------------------------------------- weight 0, far rows


@given(cases(fewest_components=2), st.data())
def test_a_component_of_weight_zero_takes_no_part(case: Case, data):
    p = case.parameters
    dead = data.draw(st.integers(0, p.n_components - 1))
    weights = p.weights.copy()
    weights[dead] = 0.0
    kept = np.flatnonzero(weights)
    mixture = p.replaced(weights=weights / weights.sum())
    covariances = p.covariances[kept] if len(p.covariances) == p.n_components else p.covariances
    smaller = Parameters(mixture.weights[kept], p.means[kept], covariances, p.structure)
    densities, resp = responsibilities(case.X, mixture.terms())
    expected_densities, expected = responsibilities(case.X, smaller.terms())
    assert (resp[:, dead] == 0).all()
    assert (weighted_log_prob(case.X, mixture.terms())[:, dead] == -np.inf).all()
    np.testing.assert_array_equal(densities, expected_densities)
    np.testing.assert_array_equal(resp[:, kept], expected)


@given(cases(scales=st.just(1.0)), st.floats(2.0, 150.0), seeds)
def test_however_far_a_row_its_probabilities_are_proper(case: Case, exponent, seed):
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal(case.X.shape)
    X = case.X + direction * 10.0**exponent
    densities, resp = responsibilities(X, case.parameters.terms())
    assert not np.isnan(densities).any()
    assert not np.isnan(resp).any()
    np.testing.assert_allclose(resp.sum(axis=1), 1.0, atol=1e-14)


@given(forms, st.integers(1, 3), seeds, st.floats(165.0, 300.0))
def test_rows_beyond_all_densities_go_to_the_widest_component(structure, n_features, seed, far):
    rng = np.random.default_rng(seed)
    parameters = random_parameters(rng, structure, 3, n_features)
    X = rng.standard_normal((5, n_features)) * 10.0**far
    densities, resp = responsibilities(X, parameters.terms())
    assert (densities == -np.inf).all()
    np.testing.assert_allclose(resp.sum(axis=1), 1.0)
    if "V" in structure.letters:  # else all are as wide
        precisions = np.linalg.inv(parameters.dense_covariances())
        unit = X / np.abs(X).max(axis=1, keepdims=True)
        growth = np.einsum("ni,kij,nj->nk", unit, precisions, unit)
        assert (resp.argmax(axis=1) == growth.argmin(axis=1)).all()


def exactly_nearest(x, means, variances):
    """Component at the least distance, by fractions: diagonal covariances only."""
    distances = [
        sum(
            (Fraction(float(a)) - Fraction(float(b))) ** 2 / Fraction(float(v))
            for a, b, v in zip(x, mean, variance, strict=True)
        )
        for mean, variance in zip(means, variances, strict=True)
    ]
    return int(np.argmin([d / max(distances) for d in distances]))


FAR_PLACES = {
    "equal covariances": ([[1e200]], [[-1.0], [1.0]], [[1.0], [1.0]]),
    "equal covariances, other side": ([[-1e200]], [[-1.0], [1.0]], [[1.0], [1.0]]),
    "between far means": ([[1e200]], [[6e199], [-6e199]], [[1.0], [1.0]]),
    "the origin, far mean": ([[0.0]], [[1e200], [3e200]], [[1.0], [1.0]]),
    "two features": ([[1e200, 2e200]], [[0.0, 0.0], [0.0, 9.0]], [[1.0, 1.0], [1.0, 1.0]]),
}


@pytest.mark.parametrize("place", FAR_PLACES)
@pytest.mark.parametrize("name", ["diag", "tied"])
def test_rows_beyond_all_densities_go_to_the_nearest_component(place, name):
    X, means, variances = map(np.array, FAR_PLACES[place])
    covariances = variances if name == "diag" else np.diag(variances[0])[None]
    parameters = Parameters(np.array([0.5, 0.5]), means, covariances, STRUCTURES[name])
    densities, resp = responsibilities(X, parameters.terms())
    assert densities.tolist() == [-np.inf]
    expected = np.zeros(2)
    expected[exactly_nearest(X[0], means, variances)] = 1.0
    np.testing.assert_array_equal(resp[0], expected)


def test_a_far_row_is_not_given_to_a_component_of_weight_zero():
    covariances = np.array([[100.0], [1.0]])
    parameters = Parameters(
        np.array([0.0, 1.0]), np.zeros((2, 1)), covariances, STRUCTURES["diag"]
    )
    _, resp = responsibilities(np.array([[1e200]]), parameters.terms())
    np.testing.assert_array_equal(resp, [[0.0, 1.0]])


# ---------------------------------------------------------------------- E-step


@given(cases(), seeds, st.booleans())
def test_expectation_is_the_sum_over_rows(case: Case, seed, weighted):
    p, X = case.parameters, case.X
    rng = np.random.default_rng(seed)
    sample_weight = rng.uniform(0.1, 3.0, len(X)) if weighted else None
    rows = np.ones(len(X)) if sample_weight is None else sample_weight
    stats = expectation(X, sample_weight, p.terms())
    _densities, resp = responsibilities(X, p.terms())
    r = resp * rows[:, None]
    difference = (X[:, None] - p.means) / case.scale
    assert stats.n_samples == len(X)
    assert stats.weight == pytest.approx(rows.sum())
    np.testing.assert_allclose(stats.resp_sum, r.sum(axis=0), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(
        stats.first / case.scale,
        np.einsum("nk,nkd->kd", r, difference),
        rtol=1e-11,
        atol=1e-11 * np.abs(difference).max(),
    )
    size = 1e-11 * np.square(difference).max()
    second = np.einsum("nk,nkd,nke->kde", r, difference, difference)
    kept = second_moments(p.structure, second)
    np.testing.assert_allclose(stats.second / case.scale**2, kept, rtol=1e-11, atol=size)
    log_likelihood = rows @ scipy_log_density(X, p)
    size = rows @ magnitude(X, p).max(axis=1)
    assert abs(stats.log_likelihood - log_likelihood) <= 1e-12 * size


def test_log_likelihood_counts_sample_weights():
    rng = np.random.default_rng(0)
    parameters = random_parameters(rng, STRUCTURES["full"], 2, 2)
    X = drawn(rng, parameters, 20)
    counts = rng.integers(1, 5, 20).astype(float)
    weighted = expectation(X, counts, parameters.terms())
    repeated = expectation(np.repeat(X, counts.astype(int), axis=0), None, parameters.terms())
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-13)
    assert weighted.weight == repeated.weight
    np.testing.assert_allclose(weighted.second, repeated.second, rtol=1e-12)
