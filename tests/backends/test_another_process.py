"""Rows that another process holds: terms go there and statistics come back, by pickle."""

from __future__ import annotations

import multiprocessing
from contextlib import closing

import numpy as np
import pytest

from bactrian import GaussianMixture
from bactrian.backends import backend_for


def serve(connection):
    """Hold the rows that come first, and answer what is asked of them."""
    held = backend_for("auto", 1).hold(connection.recv())
    connection.send("held")
    while (question := connection.recv()) is not None:
        method, arguments = question
        connection.send(getattr(held, method)(*arguments))


class HeldThere:
    """Rows in another process."""

    def __init__(self, source):
        context = multiprocessing.get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=serve, args=(there,), daemon=True)
        self._process.start()
        self._connection.send(source)
        assert self._connection.recv() == "held"

    def _asked(self, method, *arguments):
        self._connection.send((method, arguments))
        return self._connection.recv()

    def accumulate(self, terms, origin=None):
        return self._asked("accumulate", terms, origin)

    def evaluate(self, terms, *wanted):
        return self._asked("evaluate", terms, *wanted)

    def close(self):
        self._connection.send(None)
        self._process.join(30)


class ElsewhereBackend:
    """A back end whose rows are in other processes."""

    def __init__(self):
        self.all_held = []

    def hold(self, source):
        self.all_held.append(HeldThere(source))
        return self.all_held[-1]

    def close(self):
        for held in self.all_held:
            held.close()


class HereBackend:
    """The same rows in this process, its M-step likewise not compiled."""

    def hold(self, source):
        return backend_for("auto", 1).hold(source)


@pytest.mark.parametrize(
    "settings", [{"family": "t"}, {"noise": True, "covariance_type": "VEV"}], ids=str
)
def test_a_fit_is_the_same_wherever_its_rows_are(settings):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2)) + 4 * rng.integers(0, 2, (200, 1))
    X[rng.uniform(size=X.shape) < 0.05] = np.nan
    known = np.where(rng.uniform(size=200) < 0.1, 0, -1)
    settings = {"n_components": 2, "random_state": 0, "n_init": 1, **settings}
    here = GaussianMixture(**settings, backend=HereBackend()).fit(X, known)
    with closing(ElsewhereBackend()) as elsewhere:
        there = GaussianMixture(**settings, backend=elsewhere).fit(X, known)
        np.testing.assert_array_equal(there.predict_proba(X), here.predict_proba(X))
    for name in ("weights_", "means_", "covariances_"):
        assert getattr(there, name).tobytes() == getattr(here, name).tobytes()
    assert there.fit_report_.trace == here.fit_report_.trace
