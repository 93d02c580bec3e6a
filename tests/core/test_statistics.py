"""Sufficient statistics: they add, move and give the moments of NumPy."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.core.covariance import FULL, STRUCTURES
from bactrian.core.values.statistics import SufficientStats
from strategies import Case, cases, second_moments, seeds


def stats_of(case: Case, rows=slice(None), sample_weight=None, origin=None):
    p, X = case.parameters, case.X[rows]
    rng = np.random.default_rng(7)
    resp = rng.dirichlet(np.ones(p.n_components), len(case.X))[rows]
    if sample_weight is not None:
        resp = resp * sample_weight[rows][:, None]
    origin = p.means if origin is None else origin
    return SufficientStats.of(p.form, X, resp, origin, float(len(X)), float(resp.sum()))


def assert_equal_stats(a, b, case: Case, tolerance=1e-11):
    """Equal up to rounding, measured by the size of the summands."""
    unit = np.abs(case.X - a.origin[:, None]).max() + np.finfo(float).tiny
    total = max(1.0, float(a.resp_sum.sum()))
    np.testing.assert_array_equal(a.origin, b.origin)
    np.testing.assert_allclose(a.resp_sum, b.resp_sum, rtol=1e-12)
    np.testing.assert_allclose(a.first / unit, b.first / unit, rtol=0, atol=tolerance * total)
    np.testing.assert_allclose(
        a.second / unit / unit, b.second / unit / unit, rtol=0, atol=tolerance * total
    )
    assert a.n_samples == b.n_samples
    assert a.weight == pytest.approx(b.weight, rel=1e-12)
    assert a.log_likelihood == pytest.approx(b.log_likelihood, rel=1e-12)


@given(cases(), st.data())
def test_any_cut_of_the_rows_adds_up(case: Case, data):
    n_samples = len(case.X)
    cuts = sorted(data.draw(st.lists(st.integers(0, n_samples), max_size=4)))
    edges = [0, *cuts, n_samples]
    parts = [stats_of(case, slice(a, b)) for a, b in itertools.pairwise(edges)]
    order = data.draw(st.permutations(range(len(parts))))
    assert_equal_stats(reduce(add, parts), stats_of(case), case)
    assert_equal_stats(reduce(add, [parts[i] for i in order]), stats_of(case), case)


@given(cases(offsets=st.just(0.0)), st.integers(0, 30), seeds)
def test_parts_about_different_origins_add_up(case: Case, cut, seed):
    rng = np.random.default_rng(seed)
    other = case.parameters.means + case.scale * rng.standard_normal(case.parameters.means.shape)
    total = stats_of(case, slice(0, cut)) + stats_of(case, slice(cut, None), origin=other)
    assert_equal_stats(total, stats_of(case), case)


@given(cases())
def test_zeros_is_neutral(case: Case):
    stats = stats_of(case)
    nothing = SufficientStats.zeros(case.parameters.form, stats.origin)
    for total in (stats + nothing, nothing + stats):
        for name in ("resp_sum", "first", "second"):
            np.testing.assert_array_equal(getattr(total, name), getattr(stats, name))
        assert total.weight == stats.weight
        assert total.log_likelihood == stats.log_likelihood
        assert total.n_samples == stats.n_samples


@given(cases(offsets=st.just(0.0)), seeds)
def test_recentred_there_and_back(case: Case, seed):
    rng = np.random.default_rng(seed)
    stats = stats_of(case)
    other = stats.origin + case.scale * rng.standard_normal(stats.origin.shape)
    assert_equal_stats(stats.recentred(other).recentred(stats.origin), stats, case)
    assert_equal_stats(stats.recentred(other), stats_of(case, origin=other), case)


@given(cases(), seeds)
def test_moments_about_the_means_are_numpys(case: Case, seed):
    n_samples = max(len(case.X), 2)
    X = np.resize(case.X, (n_samples, case.X.shape[1]))
    case = Case(case.parameters, X, case.scale, case.rng)
    sample_weight = np.random.default_rng(seed).uniform(0.1, 3.0, n_samples)
    stats = stats_of(case, sample_weight=sample_weight)
    means = stats.means
    second = stats.recentred(means).second / case.scale / case.scale
    resp = np.random.default_rng(7).dirichlet(np.ones(case.parameters.n_components), n_samples)
    resp = resp * sample_weight[:, None]
    near = X - case.parameters.means[0]  # NumPy loses the digits at a far origin
    scatters = []
    for k, r in enumerate(resp.T):
        mean = np.average(near, axis=0, weights=r) + case.parameters.means[0]
        ulp = np.spacing(np.abs(X).max())
        size = np.abs(near).max()
        np.testing.assert_allclose(means[k], mean, rtol=0, atol=4 * ulp + 1e-12 * size)
        covariance = np.atleast_2d(np.cov((near / case.scale).T, aweights=r, ddof=0))
        scatters.append(covariance * r.sum())
    expected = second_moments(case.structure, np.stack(scatters))
    size = np.square(X - stats.origin[:, None]).max() / case.scale**2 * stats.weight
    np.testing.assert_allclose(second, expected, rtol=0, atol=1e-11 * size)


@given(cases())
def test_the_first_moment_about_the_means_is_nothing(case: Case):
    stats = stats_of(case)
    left = stats.recentred(stats.means).first
    size = np.abs(case.X - stats.origin[:, None]).max() + np.spacing(np.abs(case.X).max()) * 8
    assert (
        np.abs(left)
        <= 1e-12 * size * len(case.X) + len(case.X) * np.spacing(np.abs(stats.means).max())
    ).all()


def test_a_component_without_rows_stays_where_it_was():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((10, 2))
    resp = np.stack([np.ones(10), np.zeros(10)], axis=1)

    origin = np.array([[0.0, 0.0], [5.0, 6.0]])
    stats = SufficientStats.of(FULL, X, resp, origin)
    np.testing.assert_allclose(stats.means, [X.mean(axis=0), [5.0, 6.0]])


def test_a_far_origin_costs_no_digits():
    rng = np.random.default_rng(0)

    z = rng.integers(-8, 9, (1000, 2)) / 8
    far = z + 2.0**30
    resp = np.ones((1000, 1))
    near = SufficientStats.of(FULL, z, resp, np.zeros((1, 2)))
    stats = SufficientStats.of(FULL, far, resp, np.full((1, 2), 2.0**30))
    np.testing.assert_array_equal(stats.second, near.second)
    np.testing.assert_array_equal(stats.first, near.first)


@given(cases(), st.floats(0.0, 3.0), st.booleans())
def test_times_a_number_each_row_has_that_weight(case: Case, factor, tails):
    p = case.parameters
    resp = np.random.default_rng(7).dirichlet(np.ones(p.n_components), len(case.X))
    scale = (resp + 0.5, resp - 0.5) if tails else None

    def stats_with(resp):
        return SufficientStats.of(p.form, case.X, resp, p.means, float(resp.sum()), scale=scale)

    scaled, wanted = factor * stats_with(resp), stats_with(factor * resp)
    assert_equal_stats(scaled, wanted, case)
    np.testing.assert_allclose(scaled.scaled_sum, wanted.scaled_sum, rtol=1e-12)
    np.testing.assert_allclose(scaled.log_scale, wanted.log_scale, rtol=1e-9, atol=1e-12)
    twice = stats_with(resp) + stats_with(resp)
    assert_equal_stats(2 * stats_with(resp), replace(twice, n_samples=len(case.X)), case)


def test_statistics_of_gaussians_and_of_tails_add_up():
    rng = np.random.default_rng(0)
    X, resp = rng.standard_normal((6, 2)), rng.dirichlet(np.ones(2), 6)
    structure, origin = STRUCTURES["full"], np.zeros((2, 2))
    plain = SufficientStats.of(structure.form, X, resp, origin)
    of_tails = SufficientStats.of(structure.form, X, resp, origin, scale=(resp, resp - 1))
    total = plain + of_tails
    np.testing.assert_allclose(total.scaled_sum, resp.sum(0) + np.square(resp).sum(0))
    np.testing.assert_allclose(total.log_scale, -2 * resp.sum(axis=0))
