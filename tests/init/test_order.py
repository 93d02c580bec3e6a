"""Orders of rows, against NumPy's own sorts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bactrian.init.order import groups, lexicographic
from strategies import seeds


@given(seeds, st.integers(1, 60), st.integers(1, 4), st.integers(1, 4))
def test_lexicographic_order_is_lexsorts(seed, n, d, values):
    columns = np.random.default_rng(seed).integers(0, values, (d, n)).astype(float)
    order = lexicographic(list(columns))
    assert sorted(order) == list(range(n))
    np.testing.assert_array_equal(columns[:, order], columns[:, np.lexsort(columns[::-1])])


def test_more_ties_than_fit_16_bits():
    rng = np.random.default_rng(0)
    columns = np.stack([rng.permutation(180_000) // 2, rng.permutation(180_000)]).astype(float)
    order = lexicographic(list(columns))
    np.testing.assert_array_equal(order, np.lexsort(columns[::-1]))


@given(seeds, st.integers(0, 40), st.integers(1, 5))
def test_groups(seed, n, k):
    labels = np.random.default_rng(seed).integers(0, k, n)
    order, cuts = groups(labels, k)
    for j, own in enumerate(np.split(order, cuts)):
        np.testing.assert_array_equal(own, np.flatnonzero(labels == j))
