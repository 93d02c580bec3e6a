"""How a fit climbs: when it stops, and how far the best run is followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.em.climb import climb, look
from bactrian.core.em.starts import Pursuit
from bactrian.core.em.stopping import LogLikelihoodRule, StoppingRule, stopping_rule
from bactrian.vocabulary import MAX_ITER, STOPPING, TOL

SAMPLED_TOL, SAMPLED_ITER = 1e-5, 100


@final
@dataclass(frozen=True)
class Climb:
    """How EM is run from each start.

    Parameters
    ----------
    stopping : {"auto", "log_likelihood", "aitken", "parameters"}
    tol : float
    max_iter : int
    accelerated : bool
    moves : bool
        Whether a posterior is followed by births, merges and deletes of components.
    """

    stopping: str = STOPPING.default
    tol: float = TOL.default
    max_iter: int = MAX_ITER.default
    accelerated: bool = True
    moves: bool = True

    def rule(self, units: FloatArray) -> StoppingRule:
        """When EM may stop, with features measured in units."""
        return stopping_rule(self.stopping, self.tol, units)

    @property
    def pursuit(self) -> Pursuit:
        """How the best run is followed."""
        return climb if self.stopping == "auto" else look

    def on_a_sample(self) -> Climb:
        """The same, but it stops earlier."""
        return replace(
            self,
            stopping=LogLikelihoodRule.name,
            tol=max(self.tol, SAMPLED_TOL),
            max_iter=min(self.max_iter, SAMPLED_ITER),
        )
