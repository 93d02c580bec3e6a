"""One matrix over all back ends: what they sum, and what they say of each row."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import assert_rows, assert_statistics, expected

from bactrian.backends import BACKENDS
from bactrian.backends.numpy.backend import NumpyBackend
from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from strategies import NAMES, Case, Chunks, cases, drawn, random_parameters, seeds

ALL = ("log_density", "resp", "labels")
BACKENDS_HERE = {"numpy": NumpyBackend()}
if "native" in BACKENDS:
    from bactrian import _native
    from bactrian.backends.native.backend import NativeBackend

    for path in _native.paths():
        BACKENDS_HERE[path] = NativeBackend(n_jobs=2, path=path)

every_backend = pytest.mark.parametrize("backend", BACKENDS_HERE.values(), ids=BACKENDS_HERE)
every_structure = pytest.mark.parametrize("name", NAMES)

# Every way through the kernel: up to 8 features unrolled, then tiles of 3 or 4 columns and
# vectors of 2, 4, 8 or 16, blocks of 32 to 256 rows, parts of 1024 and more.
FEATURES = [(d, 3, 257) for d in (*range(1, 10), 13, 16, 17, 31, 33, 64, 100)]
COMPONENTS = [(d, k, 130) for d in (2, 5, 11) for k in (1, 2, 3, 8, 17, 64, 300)]
COMPONENTS += [(1, 1000, 300), (4, 1000, 70), (9, 1000, 40)]
ROWS = [(d, 3, n) for d in (1, 3, 4, 9, 17) for n in (1, 2, 7, 8, 9, 31, 63, 255, 256, 1000)]
LARGE = [(2, 3, 20_000), (5, 2, 5000), (12, 2, 5000), (200, 2, 70)]


@cache
def drawn_case(name, d, k, n, weighted=False, moved=False, dead=False):
    """Parameters, rows, weights, origin."""
    rng = np.random.default_rng([d, k, n])
    p = random_parameters(rng, STRUCTURES[name], k, d, offset=10.0)
    X = drawn(rng, p, n)
    if dead:
        weights = np.where(np.arange(k) == k // 2, 0.0, p.weights)
        p = p.replaced(weights=weights / weights.sum())
    sample_weight = rng.uniform(0.1, 3.0, n) if weighted else None
    origin = p.means + rng.standard_normal(p.means.shape) if moved else None
    return p, X, sample_weight, origin


@cache
def drawn_expected(*case, **options):
    p, X, sample_weight, origin = drawn_case(*case, **options)
    return expected(X, p, sample_weight, origin)


def assert_right(backend, X, p, wanted, sample_weight=None, origin=None):
    assert_statistics(
        backend.hold(ArraySource(X, sample_weight)).accumulate(p.terms(), origin), wanted
    )
    assert_rows(backend.hold(ArraySource(X)).evaluate(p.terms(), *ALL), wanted)


@every_structure
@every_backend
@pytest.mark.parametrize("sizes", [FEATURES, COMPONENTS, ROWS, LARGE], ids="DKNL")
def test_sizes(backend, name, sizes):
    for case in sizes:
        p, X, *_ = drawn_case(name, *case)
        assert_right(backend, X, p, drawn_expected(name, *case))


@every_structure
@every_backend
def test_weights_other_origins_and_dead_components(backend, name):
    for case in [(1, 3, 257), (2, 2, 100), (5, 4, 257), (8, 3, 100), (9, 3, 257), (20, 4, 200)]:
        for options in ({"weighted": True}, {"moved": True}, {"dead": True}):
            p, X, sample_weight, origin = drawn_case(name, *case, **options)
            wanted = drawn_expected(name, *case, **options)
            assert_right(backend, X, p, wanted, sample_weight, origin)


@pytest.mark.slow
@every_structure
@every_backend
def test_a_thousand_features(backend, name):
    p, X, *_ = drawn_case(name, 1000, 2, 40)
    assert_right(backend, X, p, drawn_expected(name, 1000, 2, 40))


@every_backend
@settings(max_examples=60)
@given(case=cases(most_features=12, most_rows=40), seed=seeds, weighted=st.booleans())
def test_any_unit_and_any_distance_from_the_origin(backend, case: Case, seed, weighted):
    rng = np.random.default_rng(seed)
    p = case.parameters
    sample_weight = 10.0 ** rng.uniform(-3, 3, len(case.X)) if weighted else None
    origin = p.means + case.scale * rng.standard_normal(p.means.shape)
    wanted = expected(case.X, p, sample_weight, origin)
    assert_right(backend, case.X, p, wanted, sample_weight, origin)


# ------------------------------------------------------------------ hostile data


@every_structure
@every_backend
@pytest.mark.parametrize("d", [1, 2, 4, 8, 9, 20])
@pytest.mark.parametrize("distance", [10.0, 40.0, 1500.0, 1e5])
def test_far_apart_and_far_out(backend, name, d, distance):
    # Responsibilities underflow, log-densities fall to -1e10.
    rng = np.random.default_rng(d)
    p = random_parameters(rng, STRUCTURES[name], 3, d)
    p = p.replaced(means=p.means + distance * np.arange(3)[:, None])
    X = np.concatenate((drawn(rng, p, 50), distance * rng.standard_normal((40, d))))
    assert_right(backend, X, p, expected(X, p))
    near = X[:50]  # without the far rows the moments are small, and must not be differences
    assert_right(backend, near, p, expected(near, p))


@every_structure
@every_backend
@pytest.mark.parametrize("d", [1, 4, 9])
def test_rows_infinitely_far_from_all_but_one_component(backend, name, d):
    structure = STRUCTURES[name]
    rng = np.random.default_rng(0)
    p = random_parameters(rng, structure, 3, d)
    if name != "tied":  # the last one is as wide as the world
        covariances = p.covariances.copy()
        covariances[2] *= 1e280
        p = p.replaced(covariances=covariances)
    else:
        p = p.replaced(means=p.means * [[1.0], [1.0], [1e155]], covariances=p.covariances * 1e290)
    X = np.concatenate((drawn(rng, p, 60), 1e140 * rng.standard_normal((30, d))))
    with np.errstate(over="ignore"):
        assert_right(backend, X, p, expected(X, p))


@every_structure
@every_backend
@pytest.mark.parametrize("d", [1, 3, 6, 10])
@pytest.mark.parametrize("weight", [1e-200, 1e-12, 1e12, 1e200])
def test_tiny_and_huge_weights(backend, name, d, weight):
    p, X, *_ = drawn_case(name, d, 3, 257)
    sample_weight = weight * np.random.default_rng(0).uniform(0.5, 2.0, len(X))
    sample_weight[::7] *= 1e-15
    wanted = expected(X, p, sample_weight)
    assert_right(backend, X, p, wanted, sample_weight)


@every_structure
@every_backend
@pytest.mark.parametrize("d", [2, 7, 12])
@pytest.mark.parametrize("weight", [1e-6, 1e-11, 1e-14])
def test_a_component_of_small_shares_only_counts_in_full(backend, name, d, weight):
    # Above eps it lives, and its moments must have all their digits.
    p, X, *_ = drawn_case(name, d, 3, 300)
    weights = np.array([0.5 - weight, weight, 0.5])
    p = p.replaced(weights=weights, means=np.repeat(p.means[:1], 3, axis=0))
    assert_right(backend, X, p, expected(X, p))


@every_structure
@every_backend
@pytest.mark.parametrize("d", [1, 2, 9])
def test_subnormal_numbers(backend, name, d):
    p = random_parameters(np.random.default_rng(0), STRUCTURES[name], 2, d)
    X = np.random.default_rng(1).standard_normal((40, d))
    X[::2] *= 1e-310
    sample_weight = np.where(np.arange(40) % 3, 1.0, 1e-310)
    p = p.replaced(means=p.means * [[0.0], [1e-311]])
    assert_right(backend, X, p, expected(X, p, sample_weight), sample_weight)


@every_structure
@every_backend
@pytest.mark.parametrize("d", [1, 4, 9])
def test_rows_of_density_zero_belong_to_the_nearest(backend, name, d):
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES[name], 3, d)
    X = drawn(rng, p, 300)
    X[[3, 299]] = 1e200 * np.sign(X[[3, 299]])
    reference = NumpyBackend()
    ours, theirs = (b.hold(ArraySource(X)).evaluate(p.terms(), *ALL) for b in (backend, reference))
    assert (ours.log_density[[3, 299]] == -np.inf).all()
    for part in ("log_density", "resp", "labels"):
        np.testing.assert_allclose(
            getattr(ours, part), getattr(theirs, part), rtol=1e-11, atol=1e-12
        )
        alone = getattr(backend.hold(ArraySource(X)).evaluate(p.terms(), part), part)
        np.testing.assert_array_equal(alone, getattr(ours, part))
    with np.errstate(over="ignore"):
        sums, wanted = (b.hold(ArraySource(X)).accumulate(p.terms()) for b in (backend, reference))
    assert sums.log_likelihood == -np.inf
    np.testing.assert_allclose(sums.resp_sum, wanted.resp_sum, rtol=1e-12)
    np.testing.assert_array_equal(sums.first, wanted.first)


# ------------------------------------------------------------------ the protocol


@every_structure
@every_backend
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_no_rows(backend, name, dtype):
    p, *_ = drawn_case(name, 3, 2, 7)
    X = np.empty((0, 3), dtype)
    for chunks in ([], [Chunk(X, None)], [Chunk(X, np.empty(0))]):
        stats = backend.hold(Chunks(*chunks)).accumulate(p.terms())
        assert stats.n_samples == stats.weight == stats.log_likelihood == 0
        assert not stats.resp_sum.any()
        assert not stats.first.any()
        assert not stats.second.any()
        assert stats.second.shape == p.covariances.shape
    results = backend.hold(ArraySource(X)).evaluate(p.terms(), *ALL)
    assert results.log_density.shape == results.labels.shape == (0,)
    assert results.resp.shape == (0, 2)
    assert results.resp.dtype == dtype


@every_structure
@every_backend
@pytest.mark.parametrize("d", [2, 9])
def test_only_what_is_wanted_and_the_same_alone(backend, name, d):
    p, X, *_ = drawn_case(name, d, 3, 257)
    together = backend.hold(ArraySource(X)).evaluate(p.terms(), *ALL)
    for wanted in ALL:
        alone = backend.hold(ArraySource(X)).evaluate(p.terms(), wanted)
        np.testing.assert_array_equal(getattr(alone, wanted), getattr(together, wanted))
        assert [part for part in ALL if getattr(alone, part) is not None] == [wanted]


@every_backend
def test_of_equally_probable_components_the_first(backend):
    means = np.array([[2.0], [-1.0], [1.0], [1.0]])
    p = Parameters(np.full(4, 0.25), means, np.ones((4, 1)), STRUCTURES["diag"])
    labels = (
        backend.hold(ArraySource(np.array([[0.0], [1.0], [5.0]])))
        .evaluate(p.terms(), "labels")
        .labels
    )
    np.testing.assert_array_equal(labels, [1, 2, 0])


@every_structure
@every_backend
def test_chunks_add_up(backend, name):
    p, X, sample_weight, origin = drawn_case(name, 4, 3, 1000, weighted=True, moved=True)
    wanted = drawn_expected(name, 4, 3, 1000, weighted=True, moved=True)
    cuts = [0, 1, 300, 300, 999, 1000]
    chunks = [Chunk(X[a:b], sample_weight[a:b]) for a, b in itertools.pairwise(cuts)]
    stats = backend.hold(Chunks(*chunks)).accumulate(p.terms(), origin)
    assert_statistics(stats, wanted)
    assert stats.n_samples == 1000
