"""The reference back end, and what must hold of a fit through any."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture
from bactrian.backends import BACKENDS, Backend, backend_for
from bactrian.backends.numpy.backend import NumpyBackend
from bactrian.core.covariance import STRUCTURES
from bactrian.core.estep.expectation import expectation
from bactrian.core.values.chunk import CHUNK_ROWS, Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.errors import BadInputError
from strategies import NAMES, Case, Chunks, cases, drawn, random_parameters, seeds


def chunks_of(X, sample_weight, cuts):
    edges = [0, *sorted(cuts), len(X)]
    for a, b in itertools.pairwise(edges):
        yield Chunk(X[a:b], None if sample_weight is None else sample_weight[a:b])


def assert_same_stats(a, b, scale, tolerance=1e-11):
    size = max(1.0, float(np.abs(b.second).max()) / scale**2) * 10
    np.testing.assert_allclose(a.resp_sum, b.resp_sum, rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(a.first / scale, b.first / scale, rtol=0, atol=tolerance * size)
    np.testing.assert_allclose(
        a.second / scale**2, b.second / scale**2, rtol=1e-11, atol=tolerance * size
    )
    assert a.log_likelihood == pytest.approx(b.log_likelihood, rel=1e-12, abs=1e-10)
    assert a.weight == pytest.approx(b.weight, rel=1e-13)
    assert a.n_samples == b.n_samples


@given(cases(), seeds, st.booleans(), st.booleans(), st.lists(st.integers(0, 30), max_size=4))
def test_chunks_add_up_to_all_rows_at_once(case: Case, seed, weighted, moved, cuts):
    rng = np.random.default_rng(seed)
    X, p = case.X, case.parameters
    sample_weight = rng.uniform(0.1, 3.0, len(X)) if weighted else None
    shape = p.means.shape
    origin = p.means + case.scale * rng.standard_normal(shape) if moved else None
    cuts = [min(cut, len(X)) for cut in cuts]
    ours = (
        NumpyBackend()
        .hold(Chunks(*chunks_of(X, sample_weight, cuts)))
        .accumulate(p.terms(), origin)
    )
    assert_same_stats(ours, expectation(X, sample_weight, p.terms(), origin), case.scale)
    np.testing.assert_array_equal(ours.origin, p.means if origin is None else origin)


def test_a_chunk_of_several_pieces():
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 2, 2)
    X = drawn(rng, p, 2 * CHUNK_ROWS + 5)
    (chunk,) = ArraySource(X).chunks()
    assert [len(piece.X) for piece in chunk.cut()] == [CHUNK_ROWS, CHUNK_ROWS, 5]
    assert_same_stats(
        NumpyBackend().hold(Chunks(chunk)).accumulate(p.terms()),
        expectation(X, None, p.terms()),
        1.0,
    )


def test_an_origin_is_used_as_it_is_given():
    # Moments about the far means, moved to the origin, would have lost eight digits.
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 1))
    structure = STRUCTURES["diag"]
    p = Parameters(np.ones(1), np.full((1, 1), 1e8), np.ones((1, 1)), structure)
    stats = (
        NumpyBackend()
        .hold(Chunks(Chunk(X[:20], None), Chunk(X[20:], None)))
        .accumulate(p.terms(), np.zeros((1, 1)))
    )
    assert stats.second[0, 0] == pytest.approx(np.square(X).sum(), rel=1e-13)


def test_float32_rows_are_summed_in_float64():
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 2, 2, offset=100.0)
    X = drawn(rng, p, 500).astype(np.float32)
    ours = NumpyBackend().hold(ArraySource(X)).accumulate(p.terms())
    assert ours.second.dtype == np.float64
    assert_same_stats(ours, expectation(X.astype(float), None, p.terms()), 1.0)


def test_the_same_chunks_give_the_same_bits():
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 3, 3)
    X = drawn(rng, p, 1000)
    a, b = (
        NumpyBackend().hold(Chunks(*chunks_of(X, None, [100, 700]))).accumulate(p.terms())
        for _ in range(2)
    )
    np.testing.assert_array_equal(a.second, b.second)
    assert a.log_likelihood == b.log_likelihood


def test_back_ends_by_name():
    assert isinstance(backend_for("numpy"), NumpyBackend)
    assert isinstance(backend_for("auto"), Backend)
    mine = NumpyBackend()
    assert backend_for(mine) is mine
    assert all(isinstance(backend(2), Backend) for backend in BACKENDS.values())
    assert type(backend_for("auto")) is type(next(iter(BACKENDS.values()))(None))
    for wrong in ("cray", None, 3):
        with pytest.raises(BadInputError, match="backend must be one of auto"):
            backend_for(wrong)


# ------------------------------------------------------- through the estimator


def setting(name, k=3, d=2):
    rng = np.random.default_rng(11)
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, k, d)
    X = drawn(rng, truth, 150)
    start = random_parameters(rng, structure, k, d)
    return X, start


def fitted(X, start, sample_weight=None, n_iter=30):
    structure = start.structure
    precisions = structure.form.algebra.precisions_of(start.precisions_cholesky)
    mixture = GaussianMixture(
        start.n_components,
        covariance_type=structure.name,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=precisions.reshape(structure.form.public_shape(*start.means.shape)),
        tol=0.0,
        acceleration="none",  # which would magnify rounding
        max_iter=n_iter,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(X, sample_weight=sample_weight)


def assert_same_mixture(a, b, order=slice(None), columns=slice(None)):
    p, q = a.mixture_.parameters, b.mixture_.parameters
    np.testing.assert_allclose(q.weights, p.weights[order], rtol=1e-9)
    np.testing.assert_allclose(q.means, p.means[order][:, columns], rtol=1e-9, atol=1e-10)
    dense = p.dense_covariances()[order][:, columns][:, :, columns]
    np.testing.assert_allclose(q.dense_covariances(), dense, rtol=1e-8, atol=1e-9)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_, rel=1e-11)
    np.testing.assert_allclose(b.fit_report_.trace, a.fit_report_.trace, rtol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_whole_weights_equal_repeated_rows(name):
    X, start = setting(name)
    counts = np.random.default_rng(0).integers(0, 4, len(X))
    weighted = fitted(X, start, counts)
    repeated = fitted(np.repeat(X, counts, axis=0), start)
    assert_same_mixture(weighted, repeated)
    assert weighted.fit_report_.bic == pytest.approx(repeated.fit_report_.bic, rel=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_a_common_factor_of_the_weights_changes_nothing(name):
    X, start = setting(name)
    a, b = fitted(X, start), fitted(X, start, np.full(len(X), 0.125))
    np.testing.assert_allclose(b.means_, a.means_, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(b.fit_report_.trace, a.fit_report_.trace, rtol=1e-12)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ / 8)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_rows_does_not_matter(name):
    X, start = setting(name)
    order = np.random.default_rng(0).permutation(len(X))
    assert_same_mixture(fitted(X, start), fitted(X[order], start))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_features_does_not_matter(name):
    X, start = setting(name, d=3)
    columns = np.array([2, 0, 1])
    covariances = start.covariances
    if covariances.ndim == 3:
        covariances = covariances[:, columns][:, :, columns]
    elif covariances.shape[1] == 3:
        covariances = covariances[:, columns]
    other = start.replaced(means=start.means[:, columns], covariances=covariances)
    assert_same_mixture(fitted(X, start), fitted(X[:, columns], other), columns=columns)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_components_does_not_matter(name):
    X, start = setting(name)
    order = np.array([1, 2, 0])
    assert_same_mixture(fitted(X, start), fitted(X, start.permuted(order)), order=order)
