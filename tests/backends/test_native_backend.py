"""What the native back end has beyond the protocol: layouts, threads, settings."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest
from oracle import assert_statistics, expected

from bactrian import GaussianMixture
from bactrian.core.covariance import STRUCTURES
from bactrian.core.estep.density import weighted_log_prob
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.errors import BadInputError
from strategies import NAMES, drawn, random_parameters

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native import backend as native_backend  # noqa: E402
from bactrian.backends.native.backend import NativeBackend  # noqa: E402

ALL = ("log_density", "resp", "labels")
every_path = pytest.mark.parametrize("path", _native.paths())
every_structure = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def single(monkeypatch):
    """Rows of float32 are worked on in float32, however few."""
    monkeypatch.setattr(native_backend, "MANY", 0)


def case(name, d, k, n, offset=0.0, seed=0):
    rng = np.random.default_rng([d, k, n, seed])
    p = random_parameters(rng, STRUCTURES[name], k, d, offset=offset)
    return p, drawn(rng, p, n)


def bits(backend, X, p, sample_weight=None):
    stats = backend.hold(ArraySource(X, sample_weight)).accumulate(p.terms())
    rows = backend.hold(ArraySource(X)).evaluate(p.terms(), *ALL)
    parts = (stats.resp_sum, stats.first, stats.second, rows.log_density, rows.resp, rows.labels)
    return [*(part.tobytes() for part in parts), stats.log_likelihood, stats.weight]


# ----------------------------------------------------------------------- constants


@every_structure
@pytest.mark.parametrize("d", [1, 4])
def test_constants_are_the_weighted_densities_at_the_means(name, d):
    p, _ = case(name, d, 3, 9)
    at_means = np.diagonal(weighted_log_prob(p.means, p.terms()))
    np.testing.assert_allclose(p.terms().all_log_constants, at_means, rtol=1e-13)
    dead = p.replaced(weights=np.array([0.5, 0.0, 0.5]))
    assert dead.terms().all_log_constants[1] == -np.inf
    noisy = p.replaced(
        noise=np.array([np.full(d, -1.0), np.full(d, 3.0)]), weights=0.9 * p.weights
    )
    expected = [*(at_means + np.log(0.9)), np.log(0.1) - d * np.log(4.0)]
    np.testing.assert_allclose(noisy.terms().all_log_constants, expected, rtol=1e-12)


# ----------------------------------------------------------------------- layouts


def layouts(X):
    """The same rows, lying otherwise in memory."""
    n, d = X.shape
    gaps = np.full((2 * n, d + 3), np.nan, X.dtype)
    gaps[::2, :d] = X
    columns = np.full((n, 2 * d), np.nan, X.dtype)
    columns[:, ::2] = X
    misaligned = np.empty(X.nbytes + 1, np.uint8)[1:].view(X.dtype).reshape(n, d)
    misaligned[...] = X
    record = np.zeros(n, [("tag", "u1"), ("row", X.dtype, d)])
    record["row"] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    return {
        "Fortran": np.asfortranarray(X),
        "every second row, a part of each": gaps[::2, :d],
        "every second column": columns[:, ::2],
        "rows backwards": X[::-1].copy()[::-1],
        "columns backwards": X[:, ::-1].copy()[:, ::-1],
        "rows backwards in Fortran's order": np.asfortranarray(X[::-1])[::-1],
        "misaligned": misaligned,
        "in a record": record["row"],
        "read-only": read_only,
        "of the other byte order": X.astype(X.dtype.newbyteorder()),
    }


COPIED = ("misaligned", "in a record", "of the other byte order")


@every_path
@every_structure
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_layouts_give_the_same_bits(path, name, dtype, single):
    backend = NativeBackend(2, path)
    for d in (1, 2, 3, 5, 8, 9, 17):
        p, X = case(name, d, 3, 301)
        X = X.astype(dtype)
        wanted = bits(backend, X, p)
        for layout, other in layouts(X).items():
            np.testing.assert_array_equal(other, X)
            if dtype == "f8" or layout not in COPIED:
                assert bits(backend, other, p) == wanted, layout
            else:  # copied into float64, which is only better
                stats = backend.hold(ArraySource(other)).accumulate(p.terms())
                assert_statistics(stats, expected(X, p)), layout


@every_path
def test_rows_over_one_another(path):
    backend = NativeBackend(1, path)
    series = np.random.default_rng(0).standard_normal(400)
    for d in (1, 2, 4, 8, 11):
        p, _ = case("full", d, 3, 1)
        windows = np.lib.stride_tricks.sliding_window_view(series, d)
        assert bits(backend, windows, p) == bits(backend, windows.copy(), p)
        same = np.broadcast_to(windows[0], (50, d))
        assert bits(backend, same, p) == bits(backend, same.copy(), p)


@every_path
def test_a_memory_map(path, tmp_path):
    backend = NativeBackend(2, path)
    for d in (3, 8, 9):
        p, X = case("full", d, 3, 700)
        X.tofile(tmp_path / "rows")
        mapped = np.memmap(tmp_path / "rows", mode="r", shape=X.shape, dtype=X.dtype)
        assert bits(backend, mapped, p) == bits(backend, X, p)


def test_weights_may_lie_anywhere():
    p, X = case("full", 3, 2, 100)
    sample_weight = np.random.default_rng(0).uniform(0.5, 2.0, 200)[::-2]
    wanted = bits(NativeBackend(1), X, p, sample_weight.copy())
    assert bits(NativeBackend(1), X, p, sample_weight) == wanted


# ----------------------------------------------------------------------- threads


@every_path
@every_structure
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_bits_on_any_number_of_threads(path, name, dtype, weighted, single):
    for d, k, n in [(1, 2, 100_000), (3, 3, 60_000), (6, 5, 30_000), (12, 9, 6000), (40, 3, 4000)]:
        p, X = case(name, d, k, n)
        X = X.astype(dtype)
        sample_weight = np.random.default_rng(0).uniform(0.1, 3.0, n) if weighted else None
        once = bits(NativeBackend(1, path), X, p, sample_weight)
        for n_threads in (2, 3, 8):
            assert bits(NativeBackend(n_threads, path), X, p, sample_weight) == once


def test_several_threads_really_share_the_work():
    # Parts in the wrong order, or one of them twice, would show in the sums.
    p, X = case("full", 4, 4, 50_000)
    wanted = expected(X, p)
    for n_threads in (1, 2, 8):
        assert_statistics(
            NativeBackend(n_threads).hold(ArraySource(X)).accumulate(p.terms()), wanted
        )


def test_several_fits_at_once():
    p, X = case("full", 3, 3, 20_000)
    alone = bits(NativeBackend(3), X, p)
    found = [None] * 6

    def work(i):
        found[i] = bits(NativeBackend(3), X, p)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(len(found))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(result == alone for result in found)


# ------------------------------------------------------------ settings and errors


def test_path_and_threads_by_the_environment(monkeypatch):
    monkeypatch.setenv("BACTRIAN_ISA", "portable")
    monkeypatch.setenv("BACTRIAN_NUM_THREADS", "3")
    backend = NativeBackend()
    assert (backend.path, backend.n_threads) == ("portable", 3)
    assert NativeBackend(2, _native.paths()[0]).path == _native.paths()[0]
    assert NativeBackend(2).n_threads == 2
    monkeypatch.setenv("BACTRIAN_ISA", "")
    assert NativeBackend().path == _native.paths()[0]
    monkeypatch.setenv("BACTRIAN_NUM_THREADS", "1" + 30 * "0")
    assert NativeBackend().n_threads == NativeBackend(10**30).n_threads == 1024
    monkeypatch.delenv("BACTRIAN_NUM_THREADS")
    assert NativeBackend().n_threads == NativeBackend(-1).n_threads >= 1
    assert NativeBackend(-(10**6)).n_threads == 1


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("BACTRIAN_ISA", "avx9", "one of .*portable, but got 'avx9'"),
        ("BACTRIAN_NUM_THREADS", "many", "a whole number of at least 1, but got 'many'"),
        ("BACTRIAN_NUM_THREADS", "0", "a whole number of at least 1, but got '0'"),
        ("BACTRIAN_NUM_THREADS", "-2", "a whole number of at least 1, but got '-2'"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value, wanted):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInputError, match=f"{name} must be {wanted}.*Unset it"):
        NativeBackend()
    with pytest.raises(BadInputError, match=name):
        GaussianMixture(2).fit(np.random.default_rng(0).standard_normal((20, 2)))


def test_a_back_end_can_be_pickled():
    backend = pickle.loads(pickle.dumps(NativeBackend(2, "portable")))
    assert (backend.path, backend.n_threads) == ("portable", 2)


def accumulate_with(**changes):
    p, X = case("full", 2, 3, 10)
    arguments = {
        "path": "portable",
        "values": X,
        "weights": None,
        "structure": "full",
        "means": p.means,
        "origins": p.means,
        "factors": p.precisions_cholesky,
        "log_constants": np.zeros(3),
        "n_threads": 1,
        "resp_sum": np.empty(3),
        "first": np.empty((3, 2)),
        "second": np.empty((3, 2, 2)),
    }
    return _native.accumulate(**(arguments | changes))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weights", np.ones(9)),
        ("means", np.ones((2, 2))),
        ("origins", np.ones((3, 3))),
        ("factors", np.ones((2, 2))),
        ("resp_sum", np.empty(2)),
        ("first", np.empty(5)),
        ("second", np.empty((3, 2))),
        ("log_constants", np.zeros(0)),
        ("structure", "round"),
        ("path", "avx9"),
    ],
)
def test_the_module_refuses_arrays_that_do_not_fit(name, value):
    with pytest.raises(ValueError, match=r"\w"):
        accumulate_with(**{name: value})


def test_the_module_refuses_other_types():
    for name, value in (
        ("values", np.ones((10, 2), np.int64)),
        ("values", np.ones(20)),
        ("means", np.ones((3, 2), np.float32)),
        ("second", np.asfortranarray(np.empty((3, 2, 2)))),
    ):
        with pytest.raises(TypeError):
            accumulate_with(**{name: value})


def test_the_parameters_of_a_mixture_may_lie_anywhere():
    p, X = case("full", 3, 2, 100)
    fortran = Parameters(
        p.weights,
        np.asfortranarray(p.means),
        np.asfortranarray(p.covariances),
        p.structure,
        np.asfortranarray(p.precisions_cholesky),
    )
    assert bits(NativeBackend(1), X, fortran) == bits(NativeBackend(1), X, p)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_pass_leaves_subnormal_numbers_of_others_alone(dtype):
    rng = np.random.default_rng(0)
    steps = np.arange(3)[:, None] * np.full(2, 20.0)
    X = (rng.standard_normal((2**17, 2)) + steps[rng.integers(3, size=2**17)]).astype(dtype)
    mixture = Parameters(np.full(3, 1 / 3), steps, np.ones((3, 2)), STRUCTURES["diag"])
    held = NativeBackend(2).hold(ArraySource(X))
    resp = held.evaluate(mixture.terms(), "resp").resp
    assert not ((resp > 0) & (resp < np.finfo(dtype).tiny)).any()
    assert np.isfinite(held.accumulate(mixture.terms()).second).all()
    assert (np.full(3, np.finfo(dtype).tiny, dtype) / 4 > 0).all()
