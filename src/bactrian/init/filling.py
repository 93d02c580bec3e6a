"""Make incomplete rows complete, well enough to start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bactrian.backends import Backend
from bactrian.core import em
from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import DIAG, FULL, free
from bactrian.core.em import EMProblem
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.observation.imputation import expected
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.results import Numbers
from bactrian.data.source import ArraySource
from bactrian.errors import DegenerateCovarianceError

MOST_CORRELATED = 100  # features of which correlations help
STEPS = 10  # of EM
SMALLEST_VARIANCE = 1e-6  # relative to the columns'


@dataclass(frozen=True, eq=False)
class Filling:
    """What a single Gaussian expects where a value is missing.

    Parameters
    ----------
    chunk : Chunk
        Rows to learn from.
    means, units : (n_features,)
        Of the values that are there: means, and deviations.
    backend : Backend
    """

    chunk: Chunk
    means: FloatArray
    units: FloatArray
    backend: Backend

    def __call__(self, chunk: Chunk) -> Numbers:
        """Complete the rows; return the same array if they are complete."""
        if chunk.complete or not (missing := np.isnan(chunk.X).any(axis=1)).any():
            return chunk.X
        X = np.array(chunk.X, dtype=np.float64)
        X[missing] = expected(X[missing], self._single)
        return X

    @cached_property
    def _single(self) -> Parameters:
        """Fit one Gaussian to all rows, as closely as needed."""
        squares = np.square(self.units)
        few = len(squares) <= MOST_CORRELATED
        structure = free(FULL if few else DIAG)
        variances = np.diag(squares)[None] if few else squares[None]
        held = self.backend.hold(ArraySource(self.chunk.X, self.chunk.sample_weight))
        nothing = np.zeros_like(squares)
        problem = EMProblem(
            held.accumulate,
            MaximumLikelihood(Bounds(SMALLEST_VARIANCE * squares, 0.0, nothing, nothing)),
            self.units,
        )
        state = em.init(problem, Parameters(np.ones(1), self.means[None], variances, structure))
        try:
            for _ in range(STEPS):
                state = em.step(problem, state)
        except DegenerateCovarianceError:
            pass  # as near as it came
        return state.parameters
