"""Sources: chunks, their pieces, and samples."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from bactrian.core.values.chunk import CHUNK_ROWS, Chunk, pieces
from bactrian.data.source import ArraySource, distinct_integers


@given(st.integers(0, 30), st.integers(1, 12), st.booleans())
def test_pieces_are_the_rows_in_order(n_rows, rows, weighted):
    X = np.arange(2.0 * n_rows).reshape(n_rows, 2)
    weights = np.arange(1.0, n_rows + 1) if weighted else None
    cut = list(Chunk(X, weights).cut(rows))
    assert [len(piece.X) for piece in cut[:-1]] == [rows] * (len(cut) - 1)
    assert all(0 < len(piece.X) <= rows for piece in cut)
    np.testing.assert_array_equal(np.concatenate([X[:0], *(piece.X for piece in cut)]), X)
    assert all(np.shares_memory(piece.X, X) for piece in cut)
    if weights is None:
        assert all(piece.sample_weight is None for piece in cut)
    else:
        parts = [piece.sample_weight for piece in cut]
        np.testing.assert_array_equal(np.concatenate([weights[:0], *parts]), weights)


def test_an_array_is_one_chunk_as_it_stands():
    X = np.zeros((2 * CHUNK_ROWS + 1, 1), dtype=np.float32)
    (chunk,) = ArraySource(X).chunks()
    assert chunk.X is X
    lengths = [len(piece.X) for piece in pieces([chunk, chunk])]
    assert lengths == 2 * [CHUNK_ROWS, CHUNK_ROWS, 1]
    assert next(chunk.cut()).values.dtype == np.float64


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_distinct_integers_are_distinct_sorted_and_in_range(a, b, seed):
    below, size = max(a, b), min(a, b)
    found = distinct_integers(below, size, np.random.RandomState(seed))
    assert found.shape == (size,)
    assert (np.diff(found) > 0).all()
    assert ((found >= 0) & (found < below)).all()
    again = distinct_integers(below, size, np.random.RandomState(seed))
    np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize(("below", "size"), [(6, 1), (6, 2), (6, 3), (7, 3), (6, 4), (5, 5)])
def test_each_subset_is_equally_likely(below, size):
    random_state = np.random.RandomState(0)
    counts = dict.fromkeys(combinations(range(below), size), 0)
    for _ in range(200 * len(counts)):
        counts[tuple(distinct_integers(below, size, random_state).tolist())] += 1
    assert len(counts) == 1 or chisquare(list(counts.values())).pvalue > 1e-3


def test_a_sample_of_very_many_rows_is_spread_evenly_over_them():
    n_rows = 10**12  # in memory or time there would be no place for them
    rows = distinct_integers(n_rows, 20_000, np.random.RandomState(0))
    counts, _ = np.histogram(rows, bins=20, range=(0, n_rows))
    assert chisquare(counts).pvalue > 1e-3


def test_a_sample_takes_rows_with_their_weights():
    X = np.arange(1000.0)[:, None]
    source = ArraySource(X, np.arange(1000.0) + 1)
    sample = source.sample(10, np.random.RandomState(0))
    np.testing.assert_array_equal(sample.sample_weight, sample.X[:, 0] + 1)
    assert source.sample(1000, np.random.RandomState(0)).X is X
