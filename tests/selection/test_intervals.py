"""Intervals from resamples: each kind against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from bactrian.selection.bootstrap.intervals import INTERVALS, basic, bias_corrected, percentile


def draws(seed=0, shape=(999, 3)):
    return np.random.default_rng(seed).gamma(2.0, size=shape)


def test_percentile_holds_its_share():
    values = draws()
    low, high = percentile(values, np.zeros(3), 0.9)
    np.testing.assert_allclose(((values >= low) & (values <= high)).mean(axis=0), 0.9, atol=2e-3)
    np.testing.assert_allclose((values < low).mean(axis=0), 0.05, atol=2e-3)


def test_basic_is_the_mirror_image():
    values, estimate = draws(), np.array([1.0, 2.0, 3.0])
    low, high = basic(values, estimate, 0.9)
    np.testing.assert_allclose([estimate - low, high - estimate][::-1],
                               [estimate - percentile(values, estimate, 0.9)[0],
                                percentile(values, estimate, 0.9)[1] - estimate])  # fmt: skip


def test_bias_corrected_is_the_formula_column_by_column():
    values, estimate = draws(), np.array([0.5, 1.7, 4.0])
    found = np.array(bias_corrected(values, estimate, 0.95))
    for j in range(3):
        z0 = norm.ppf((values[:, j] < estimate[j]).mean())
        shares = norm.cdf(2 * z0 + norm.ppf([0.025, 0.975]))
        np.testing.assert_allclose(found[:, j], np.quantile(values[:, j], shares), rtol=1e-12)


def test_bias_corrected_around_the_median_is_percentile():
    values = draws()
    median = np.median(values, axis=0)
    np.testing.assert_allclose(
        bias_corrected(values, median, 0.95), percentile(values, median, 0.95), rtol=1e-3
    )


@given(seed=st.integers(0, 10**6))
def test_percentiles_go_along_with_any_change_of_scale(seed):
    values, estimate = draws(seed, (401, 2)), np.array([1.0, 2.5])  # quantiles are resamples
    plain = percentile(values, estimate, 0.9)
    logs = percentile(np.log(values), np.log(estimate), 0.9)
    np.testing.assert_allclose(np.exp(logs), plain, rtol=1e-12)


@pytest.mark.parametrize("kind", INTERVALS)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([-3.0, 1e-6, 7.0]))
def test_all_kinds_go_along_with_a_change_of_unit_and_sign(kind, seed, factor):
    values, estimate = draws(seed, (99, 2)), np.array([1.0, 2.5])
    plain = np.array(INTERVALS[kind](values, estimate, 0.9))
    changed = np.array(INTERVALS[kind](5 + factor * values, 5 + factor * estimate, 0.9))
    np.testing.assert_allclose(
        changed, 5 + factor * (plain if factor > 0 else plain[::-1]), rtol=1e-9
    )


@pytest.mark.parametrize("kind", INTERVALS)
def test_what_does_not_vary_has_no_width(kind):
    values, estimate = np.full((50, 2), 0.3), np.full(2, 0.3)
    np.testing.assert_array_equal(INTERVALS[kind](values, estimate, 0.95), np.full((2, 2), 0.3))


def test_an_estimate_beyond_all_resamples_takes_the_last():
    values = draws()
    low, high = bias_corrected(values, np.full(3, 1e3), 0.95)
    np.testing.assert_array_equal([low, high], [values.max(axis=0)] * 2)
