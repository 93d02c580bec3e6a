"""The density of a mixture as a distribution: noise within its box only."""

from __future__ import annotations

from typing import cast

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.evaluation import evaluated


def log_pdf(X: FloatArray, parameters: Parameters, *, complete: bool = True) -> FloatArray:
    """Log-density, (n_samples,), whose exponential integrates to 1.

    Parameters
    ----------
    X : (n_samples, n_features)
        float64, in units of the parameters; NaN where integrated out, unless `complete`.
    parameters : Parameters
    complete : bool
    """
    found = _log_density(X, parameters, complete=complete)
    if parameters.noise is None:
        return found
    low, high = parameters.noise
    outside = ((low > X) | (high < X)).any(axis=1)
    if outside.any():
        alone = parameters.replaced(noise=None)
        found[outside] = _log_density(X[outside], alone, complete=complete)
    return found


def _log_density(X: FloatArray, parameters: Parameters, *, complete: bool) -> FloatArray:
    chunk = Chunk(X, None, complete=complete)
    return cast(FloatArray, evaluated(chunk, parameters, ("log_density",), None).log_density)
