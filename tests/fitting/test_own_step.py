"""A model with an M-step of its own: that step is taken, on every back end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from bactrian.backends import BACKENDS, backend_for
from bactrian.core.covariance import STRUCTURES
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.data.source import ArraySource
from bactrian.fitting.climb import Climb
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.machine import Machine
from bactrian.fitting.model import Model


@dataclass(frozen=True, eq=False)
class HalfwayStep:
    """Maximum likelihood, but for weights halfway to equal ones."""

    likelihood: MaximumLikelihood

    def __getattr__(self, name):
        return getattr(self.likelihood, name)

    def __call__(self, stats, current):
        found = self.likelihood(stats, current)
        return replace(found, weights=(found.weights + 1 / found.n_components) / 2)


@dataclass(frozen=True, eq=False)
class HalfwayModel:
    """A model that gives that step."""

    model: Model

    def __getattr__(self, name):
        return getattr(self.model, name)

    def maximise(self, data):
        return HalfwayStep(self.model.maximise(data))


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_own_step_is_taken(backend):
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(0, 1, (300, 2)), rng.normal(7, 1, (100, 2))]
    data = DataSet.of(ArraySource(X), Machine(backend_for(backend)))
    model = HalfwayModel(Model(2, STRUCTURES["full"]))
    estimation = Estimation(data, model, Climb("parameters", 1e-9, 500, accelerated=False))
    fit = estimation.run(np.random.RandomState(0))
    state = fit.best.state
    assert fit.best.satisfied
    shares = state.stats.resp_sum / state.stats.weight
    np.testing.assert_allclose(state.parameters.weights, (shares + 0.5) / 2, atol=1e-8)
    assert abs(shares[0] - state.parameters.weights[0]) > 0.05
