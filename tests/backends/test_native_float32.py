"""The native back end on rows of float32: what it keeps, and where it takes float64."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import assert_rows, assert_statistics, expected

from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from strategies import NAMES, drawn, random_parameters

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native import backend as native_backend  # noqa: E402
from bactrian.backends.native.backend import NativeBackend  # noqa: E402

ALL = ("log_density", "resp", "labels")
DIAG = STRUCTURES["diag"]
EPS32 = 2.0**-24
every_path = pytest.mark.parametrize("path", _native.paths())
every_structure = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def single(monkeypatch):
    """Rows of float32 are worked on in float32, however few."""
    monkeypatch.setattr(native_backend, "MANY", 0)


def case(name, d, k, n, offset=0.0):
    rng = np.random.default_rng([d, k, n])
    p = random_parameters(rng, STRUCTURES[name], k, d, offset=offset)
    return p, drawn(rng, p, n).astype(np.float32)


@every_path
@every_structure
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_float32_keeps_the_digits_it_has(path, name, weighted, offset, single):
    backend = NativeBackend(2, path)
    sizes = [(1, 3, 257), (2, 3, 1000), (4, 17, 300), (7, 2, 63), (8, 3, 257), (9, 3, 9)]
    for d, k, n in [*sizes, (12, 3, 1000), (17, 3, 257), (64, 2, 300), (3, 300, 100)]:
        p, X = case(name, d, k, n, offset)
        sample_weight = np.random.default_rng(0).uniform(0.1, 3.0, n) if weighted else None
        wanted = expected(X, p, sample_weight, eps=EPS32)
        stats = backend.hold(ArraySource(X, sample_weight)).accumulate(p.terms())
        assert_statistics(stats, wanted, relative=1e-7)
        rows = backend.hold(ArraySource(X)).evaluate(p.terms(), *ALL)
        assert rows.log_density.dtype == rows.resp.dtype == np.float32
        assert_rows(rows, wanted)


@every_path
@every_structure
@pytest.mark.parametrize("d", [1, 2, 5, 8, 12, 40])
@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
def test_float32_keeps_five_digits_of_the_covariances(path, name, d, offset, single):
    # The rows are rounded to float32 already: what counts is what happens to them then.
    rng = np.random.default_rng(d)
    p = random_parameters(rng, STRUCTURES[name], 3, d)
    p = p.replaced(means=p.means + offset)
    X = drawn(rng, p, 20_000 // d).astype(np.float32)
    exact = NativeBackend(1, path).hold(ArraySource(X.astype(np.float64))).accumulate(p.terms())
    ours = NativeBackend(1, path).hold(ArraySource(X)).accumulate(p.terms())
    np.testing.assert_allclose(ours.resp_sum, exact.resp_sum, rtol=1e-5)

    def covariances(stats):
        second = stats.second_about(stats.means)
        unbounded = p.structure.maximise(second, stats.resp_sum, p.covariances, d)
        return p.form.algebra.dense(unbounded, 3, d)

    wanted = covariances(exact)
    size = np.sqrt(np.einsum("kii,kjj->kij", wanted, wanted))
    deviations = np.sqrt(np.einsum("kii->ki", wanted))
    assert (np.abs(ours.means - exact.means) / deviations).max() < 1e-5
    assert (np.abs(covariances(ours) - wanted) / size).max() < 1e-5


@every_path
@pytest.mark.parametrize("far", [3.0, 10.0, 31.0])
@pytest.mark.parametrize("d", [1, 8, 30])
def test_float32_keeps_five_digits_of_one_covariance_of_means_far_apart(path, far, d):
    # Moments about one centre would cost far^2 roundings.
    rng = np.random.default_rng(d)
    n = native_backend.MANY // d + 1
    means = 1e4 + far * np.array([[-1.0], [1.0]]) * rng.choice([-1.0, 1.0], d)
    p = Parameters(np.full(2, 0.5), means, np.eye(d)[None], STRUCTURES["tied"])
    X = drawn(rng, p, n).astype(np.float32)
    exact = NativeBackend(2, path).hold(ArraySource(X.astype(np.float64))).accumulate(p.terms())
    ours = NativeBackend(2, path).hold(ArraySource(X)).accumulate(p.terms())
    assert np.abs(ours.second - exact.second).max() / n < 1e-5


@every_path
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("k", [200, 1000])
def test_the_log_likelihood_of_many_equal_components(path, dtype, k, single):
    # One logarithm serves several rows: the product of their totals must not overflow.
    p = Parameters(np.full(k, 1 / k), np.zeros((k, 1)), np.ones((k, 1)), DIAG)
    X = np.random.default_rng(0).standard_normal((700, 1)).astype(dtype)
    stats = NativeBackend(1, path).hold(ArraySource(X)).accumulate(p.terms())
    exact = float((-0.5 * X.astype(np.float64) ** 2 - 0.5 * np.log(2 * np.pi)).sum())
    assert stats.log_likelihood == pytest.approx(exact, rel=1e-6 if dtype == "f4" else 1e-13)


@every_path
@every_structure
@pytest.mark.parametrize("d", [2, 9])
@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1e15, 1e25])
def test_float32_in_any_unit(path, name, d, scale, single):
    rng = np.random.default_rng(d)
    p = random_parameters(rng, STRUCTURES[name], 3, d, scale)
    X = drawn(rng, p, 300).astype(np.float32)
    stats = NativeBackend(1, path).hold(ArraySource(X)).accumulate(p.terms())
    assert_statistics(stats, expected(X, p, eps=EPS32))


@every_path
@every_structure
@pytest.mark.parametrize("d", [2, 9])
@pytest.mark.parametrize("weight", [1e-200, 1e-40, 1e12, 1e40])
def test_float32_with_any_weights(path, name, d, weight, single):
    p, X = case(name, d, 3, 300)
    sample_weight = weight * np.random.default_rng(0).uniform(0.5, 2.0, 300)
    stats = NativeBackend(1, path).hold(ArraySource(X, sample_weight)).accumulate(p.terms())
    assert_statistics(stats, expected(X, p, sample_weight, eps=EPS32), relative=1e-7)


@pytest.mark.parametrize("many", [0, 2**20])
def test_float32_far_out(monkeypatch, many):
    # log-densities that float32 cannot hold: -inf there, and no warning
    monkeypatch.setattr(native_backend, "MANY", many)
    p, X = case("full", 2, 3, 100)
    X[5] = 1e25
    rows = NativeBackend(1).hold(ArraySource(X)).evaluate(p.terms(), *ALL)
    assert rows.log_density[5] == -np.inf
    assert np.isfinite(np.delete(rows.log_density, 5)).all()
    np.testing.assert_allclose(rows.resp.sum(axis=1), 1, rtol=1e-6)
    stats = NativeBackend(1).hold(ArraySource(X)).accumulate(p.terms())
    assert stats.resp_sum.sum() == pytest.approx(100)


def test_few_rows_of_float32_are_worked_on_in_float64():
    p, X = case("full", 3, 2, 200)
    ours = NativeBackend(1).hold(ArraySource(X)).accumulate(p.terms())
    assert_statistics(ours, expected(X, p))
