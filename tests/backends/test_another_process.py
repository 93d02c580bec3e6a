"""Rows that another process holds: terms go there and statistics come back, by pickle."""

from __future__ import annotations

import multiprocessing
from contextlib import closing

import numpy as np
import pytest

from bactrian import GaussianMixture
from bactrian.backends import backend_for


def serve(connection):
    """Hold the rows that come, and answer what is asked of them by their number."""
    backend, all_held = backend_for("auto", 1), []
    while (question := connection.recv()) is not None:
        number, method, arguments = question
        if method == "hold":
            all_held.append(backend.hold(*arguments))
            connection.send(len(all_held) - 1)
        else:
            connection.send(getattr(all_held[number], method)(*arguments))


class ElsewhereBackend:
    """A back end whose rows are in another process."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=serve, args=(there,), daemon=True)
        self._process.start()

    def ask(self, number, method, *arguments):
        self._connection.send((number, method, arguments))
        return self._connection.recv()

    def hold(self, source):
        return HeldThere(self, self.ask(None, "hold", source))

    def close(self):
        self._connection.send(None)
        self._process.join(30)
        assert self._process.exitcode == 0


class HeldThere:
    """Rows in another process."""

    def __init__(self, backend, number):
        self._backend, self._number = backend, number

    def accumulate(self, terms, origin=None):
        return self._backend.ask(self._number, "accumulate", terms, origin)

    def evaluate(self, terms, *wanted):
        return self._backend.ask(self._number, "evaluate", terms, *wanted)


@pytest.fixture(scope="module")
def elsewhere():
    with closing(ElsewhereBackend()) as backend:
        yield backend


class HereBackend:
    """The same rows in this process, its M-step likewise not compiled."""

    def hold(self, source):
        return backend_for("auto", 1).hold(source)


@pytest.mark.parametrize(
    "settings", [{"family": "t"}, {"noise": True, "covariance_type": "VEV"}], ids=str
)
def test_a_fit_is_the_same_wherever_its_rows_are(settings, elsewhere):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2)) + 4 * rng.integers(0, 2, (200, 1))
    X[rng.uniform(size=X.shape) < 0.05] = np.nan
    known = np.where(rng.uniform(size=200) < 0.1, 0, -1)
    settings = {"n_components": 2, "random_state": 0, "n_init": 1, **settings}
    here = GaussianMixture(**settings, backend=HereBackend()).fit(X, known)
    there = GaussianMixture(**settings, backend=elsewhere).fit(X, known)
    np.testing.assert_array_equal(there.predict_proba(X), here.predict_proba(X))
    for name in ("weights_", "means_", "covariances_"):
        assert getattr(there, name).tobytes() == getattr(here, name).tobytes()
    assert there.fit_report_.trace == here.fit_report_.trace
