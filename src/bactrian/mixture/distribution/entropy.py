"""Differential entropy of a mixture."""

from __future__ import annotations

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.density import log_pdf
from bactrian.mixture.distribution.estimate import Estimate
from bactrian.mixture.distribution.expectation import expectation


def entropy(parameters: Parameters, seed: int = 0) -> Estimate:
    """``-E[log f(X)]`` in nats, with its error."""

    def surprise(X: FloatArray) -> FloatArray:
        return -log_pdf(X, parameters)[:, None]

    values, errors = expectation(surprise, parameters, seed=seed)
    return Estimate(float(values[0]), float(errors[0]))
