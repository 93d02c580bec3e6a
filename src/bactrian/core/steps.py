"""What EM is run on, where it stands, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bactrian.core.acceleration import Anderson
from bactrian.core.arrays import FloatArray
from bactrian.core.errors import DegenerateCovarianceError
from bactrian.core.maximisation import Maximise
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.core.stopping import StoppingRule

Accumulate = Callable[[Parameters, FloatArray | None], SufficientStats]

FAR = 1e4  # squared shift of the means, in their new deviations, that costs four digits
NEAR = 1e-3  # shift of a mean, in units of the features, at which a collapse is none of digits
MOST_RECENTRINGS = 30


@dataclass(frozen=True, eq=False)
class EMProblem:
    """What EM is run on.

    Parameters
    ----------
    accumulate : callable
        ``accumulate(parameters, origin)`` gives the sufficient statistics of all the data, with
        moments about `origin`, or the current means where that is None.
    maximise : Maximise
        ``maximise(stats, current)`` gives the next parameters.
    units : (n_features,)
        Length in which each feature is measured.
    accelerated : bool
        Whether to extrapolate where EM is slow.
    sample : EMProblem, optional
        The same with a sample of the rows, on which the curvature is good enough.
    """

    accumulate: Accumulate
    maximise: Maximise
    units: FloatArray
    accelerated: bool = False
    sample: EMProblem | None = None


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
        Log-density of the prior at `parameters`, but for a constant, in nats.
    """

    iteration: int
    parameters: Parameters
    stats: SufficientStats
    previous: Parameters | None
    trace: tuple[float, ...]
    plain_since: int = 0
    log_prior: float = 0.0

    @property
    def plain_trace(self) -> tuple[float, ...]:
        """The objective over the last steps of EM in a row, with no extrapolation between."""
        return self.trace[self.plain_since :]

    @property
    def log_likelihood(self) -> float:
        """Sum over samples, in nats."""
        return self.stats.log_likelihood

    @property
    def log_posterior(self) -> float:
        """Log-likelihood and log-density of the prior, but for a constant, in nats."""
        return self.stats.log_likelihood + self.log_prior


def init(problem: EMProblem, parameters: Parameters) -> EMState:
    """State at the starting values."""
    stats = problem.accumulate(parameters, None)
    prior = problem.maximise.prior.log_density(parameters)
    objective = (stats.log_likelihood + prior) / stats.weight
    return EMState(0, parameters, stats, None, (objective,), log_prior=prior)


def step(problem: EMProblem, state: EMState) -> EMState:
    """One iteration: M-step on the statistics in hand, then E-step at the new parameters."""
    return _reach(problem, state, propose(problem, state))


def _reach(problem: EMProblem, state: EMState, parameters: Parameters) -> EMState:
    """E-step at the parameters that EM proposes in a state."""
    reached = init(problem, parameters)
    return replace(
        reached,
        iteration=state.iteration + 1,
        previous=state.parameters,
        trace=state.trace + reached.trace,
        plain_since=state.plain_since,
    )


def accelerated_step(
    problem: EMProblem, state: EMState, rule: StoppingRule, acceleration: Anderson, room: int
) -> EMState:
    """One iteration, further ahead than EM goes where that is higher; else EM's, two passes on.

    Where the rule may soon be satisfied, it is EM's: the rules speak of plain steps.

    Parameters
    ----------
    room : int
        Passes left.
    """
    proposal = propose(problem, state)
    ahead = acceleration.extrapolate(state, proposal)
    if ahead is None or room < 2 or rule.is_due(state, proposal, ahead.gain_to_come):
        return _reach(problem, state, proposal)
    bounds, beyond = problem.maximise.bounds, ahead.parameters
    if not bounds.admit(beyond):
        beyond = bounds.confine(beyond)
        if not bounds.admit(beyond):
            acceleration.judge(accepted=False)
            return _reach(problem, state, proposal)
    reached = _reach(problem, state, beyond)
    accepted = reached.trace[-1] >= state.trace[-1]
    acceleration.judge(accepted=accepted)
    tried = len(state.trace)
    if accepted:
        return replace(reached, previous=None, plain_since=tried)
    repeated = (*state.trace, state.trace[-1])
    stayed = replace(state, iteration=state.iteration + 1, trace=repeated, plain_since=tried)
    return _reach(problem, stayed, proposal)


def propose(problem: EMProblem, state: EMState) -> Parameters:
    """Parameters that the M-step proposes in a state.

    Where a mean moves by many of its new deviations, the moments about the old one have lost
    digits: they are taken again about the new one.

    Raises
    ------
    DegenerateCovarianceError
        If a component has no volume left.
    """
    stats = state.stats
    for _ in range(MOST_RECENTRINGS):
        try:
            parameters = problem.maximise(stats, state.parameters)
            if _squared_shift(stats.origin, parameters) < FAR:
                return parameters
            centre = parameters.means
        except DegenerateCovarianceError:
            if (np.abs(stats.means - stats.origin) <= NEAR * problem.units).all():
                raise
            centre = stats.means
        stats = problem.accumulate(state.parameters, centre)
    return problem.maximise(stats, state.parameters)


def _squared_shift(origin: FloatArray, new: Parameters) -> float:
    """Sum of the squared shifts of all means, in their new deviations."""
    with np.errstate(over="ignore"):
        steps = new.structure.whitened_each(new.means - origin, new.precisions_cholesky)
        return float(np.vdot(steps, steps))
