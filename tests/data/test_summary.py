"""What is known of the columns before a fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.core.values.chunk import Chunk
from bactrian.data import summary as module
from bactrian.data.source import ArraySource
from bactrian.data.summary import summarise
from bactrian.errors import BadInputError


class Chunks(ArraySource):
    """An array that comes in several chunks."""

    def chunks(self):
        return Chunk(self.X, self.sample_weight).cut(7)


@given(
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 1.0, 1e6, -1e9]),
    st.sampled_from([2.0**-430, 2.0**-10, 1.0, 2.0**430]),
    st.booleans(),
)
def test_a_summary_is_numpys(n_rows, n_features, seed, offset, scale, weighted):
    rng = np.random.default_rng(seed)
    near = rng.standard_normal((n_rows, n_features))
    X = scale * (near + offset)
    near = X / scale - offset  # what rounding left of it, exactly
    weights = rng.uniform(0.1, 3.0, n_rows) if weighted else None
    for source in (ArraySource(X, weights), Chunks(X, weights)):
        found = summarise(source)
        assert found.n_samples == n_rows
        assert found.weight == pytest.approx(n_rows if weights is None else weights.sum())
        np.testing.assert_array_equal(found.minimum, X.min(axis=0))
        np.testing.assert_array_equal(found.maximum, X.max(axis=0))
        mean = np.average(near, axis=0, weights=weights)
        variance = np.average(np.square(near - mean), axis=0, weights=weights)
        rounding = 1e-15 * max(1.0, abs(offset))
        np.testing.assert_allclose(
            found.mean / scale - offset, mean, rtol=1e-12, atol=1e-14 + 4 * rounding
        )
        np.testing.assert_allclose(
            found.variance / scale**2, variance, rtol=1e-12, atol=(4 * rounding) ** 2 + 1e-28
        )


def test_rows_far_from_those_that_come_first_cost_no_digits(monkeypatch):
    monkeypatch.setattr(module, "CELLS", 20)
    z = np.random.default_rng(0).integers(-8, 9, (1000, 2)) / 8
    X = np.concatenate([np.full((10, 2), -(2.0**30)), z + 2.0**30])
    exact = np.array([[sum(int(8 * x) for x in column) for column in X.T]], dtype=object)[0]
    mean = np.array([float(total) / 8 / len(X) for total in exact])
    np.testing.assert_allclose(summarise(ArraySource(X)).mean, mean, rtol=1e-15)
    wide = np.square(X - mean).mean(axis=0)
    np.testing.assert_allclose(summarise(ArraySource(X)).variance, wide, rtol=1e-12)
    alone = summarise(ArraySource(z + 2.0**30)).variance
    np.testing.assert_allclose(alone, z.var(axis=0), rtol=1e-12)


def test_a_weight_of_two_is_the_row_twice():
    rng = np.random.default_rng(0)
    X, counts = rng.standard_normal((50, 3)) + 100, rng.integers(1, 4, 50)
    weighted = summarise(ArraySource(X, counts.astype(float)))
    repeated = summarise(ArraySource(np.repeat(X, counts, axis=0)))
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-14)
    np.testing.assert_allclose(weighted.variance, repeated.variance, rtol=1e-12)


def test_a_constant_column_has_no_variance_at_all():
    X = np.stack([np.full(1000, 0.1), np.arange(1000.0)], axis=1)
    found = summarise(ArraySource(X))
    assert found.variance[0] == 0.0
    assert found.constant.tolist() == [True, False]


def test_summaries_add():
    rng = np.random.default_rng(0)
    X, weights = rng.normal(5, 2, (60, 3)), rng.uniform(0.5, 2, 60)
    X[rng.uniform(size=X.shape) < 0.2] = np.nan
    X[7] = np.nan
    whole = summarise(ArraySource(X, weights))
    parts = [summarise(ArraySource(X[a:b], weights[a:b])) for a, b in ((0, 1), (1, 25), (25, 60))]
    total = parts[0] + parts[1] + parts[2]
    for name in ("minimum", "maximum", "missing", "incomplete", "empty", "n_samples"):
        np.testing.assert_array_equal(getattr(total, name), getattr(whole, name))
    for name in ("mean", "variance", "weight", "observed"):
        np.testing.assert_allclose(getattr(total, name), getattr(whole, name), rtol=1e-13)
    np.testing.assert_array_equal(whole.missing, np.isnan(X).sum(axis=0))
    assert whole.incomplete == np.isnan(X).any(axis=1).sum()
    assert whole.empty == np.isnan(X).all(axis=1).sum() >= 1


@pytest.mark.parametrize(("value", "missing"), [(np.inf, True), (-np.inf, True), (np.nan, False)])
def test_the_pass_that_summarises_checks(value, missing):
    X = np.random.default_rng(0).normal(size=(60, 2))
    X[41, 1] = value
    for source in (ArraySource(X), Chunks(X)):
        with pytest.raises(BadInputError, match=r"in row 41, column 'b'"):
            summarise(source, names=("a", "b"), missing=missing)
    X[40, 0] = np.nan
    if missing:
        with pytest.raises(BadInputError, match="infinity in row 41, column 1"):
            summarise(ArraySource(X))


def test_a_missing_value_is_none_that_is_infinite():
    X = np.random.default_rng(0).normal(size=(60, 2))
    X[:, 1] = np.nan
    found = summarise(ArraySource(X))
    assert found.minimum[1] > found.maximum[1]
    assert found.missing[1] == 60
