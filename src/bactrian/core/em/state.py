"""Where EM stands: a value that can be sent, saved and continued from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import Posterior
from bactrian.core.values.statistics import SufficientStats

FIRST_RADIUS = 0.3  # bound of the first extrapolation, in deviations of all components


@final
@dataclass(frozen=True, eq=False)
class Memory:
    """What the acceleration remembers of the steps so far; empty at first.

    Parameters
    ----------
    chart : Coordinates or None
        In which all else is measured; None until EM has settled.
    moves : tuple of (n,)
        Differences of the last points, each of length 1, the last first.
    changes : tuple of (n,)
        By how much the step of EM shrank in each.
    here, residual : (n,) or None
        The last point, and EM's step from there.
    foreseen : (n,) or None
        Where that step leads.
    radius : float
        Bound of an extrapolation.
    length : float
        Of the last one.
    """

    chart: Coordinates | None = None
    moves: tuple[FloatArray, ...] = ()
    changes: tuple[FloatArray, ...] = ()
    here: FloatArray | None = None
    residual: FloatArray | None = None
    foreseen: FloatArray | None = None
    radius: float = FIRST_RADIUS
    length: float = 0.0


@final
@dataclass(frozen=True, eq=False)
class EMState:
    """Parameters, and the statistics of the data under them.

    Parameters
    ----------
    iteration : int
        Passes since the start.
    parameters : Parameters
    stats : SufficientStats
        At `parameters`, ``stats.log_likelihood`` included.
    previous : Parameters or None
        One step of EM ago; None at the start, or after an extrapolation.
    trace : tuple of float
        The objective, which must not fall, from the start to `parameters`: the log-posterior a
        unit of weight, which with a flat prior is the mean log-likelihood. A pass to a point that
        is not kept repeats the last value.
    plain_since : int
        Index in `trace` from where on all steps are plain ones.
    log_prior : float
        Log-density of the prior at `parameters`, up to a constant, in nats.
    memory : Memory
        Of the acceleration.
    """

    iteration: int
    parameters: Parameters
    stats: SufficientStats
    previous: Parameters | None
    trace: tuple[float, ...]
    plain_since: int = 0
    log_prior: float = 0.0
    memory: Memory = field(default_factory=Memory)

    @property
    def plain_trace(self) -> tuple[float, ...]:
        """The objective over the last steps of plain EM, since the last extrapolation."""
        return self.trace[self.plain_since :]

    @property
    def log_likelihood(self) -> float:
        """Sum over samples, in nats."""
        return self.stats.log_likelihood

    @property
    def merit(self) -> float:
        """By which the ends of runs are compared, in nats: of a posterior the evidence bound.

        Otherwise the log-likelihood, with or without a prior: the log-posterior does not rank
        runs. A component of few rows is near the prior's own mode, where its density is highest.
        """
        whole = isinstance(self.parameters, Posterior)
        return self.log_posterior if whole else self.log_likelihood

    @property
    def log_posterior(self) -> float:
        """Log-likelihood plus log-density of the prior, up to a constant, in nats."""
        return self.stats.log_likelihood + self.log_prior
