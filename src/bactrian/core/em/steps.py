"""What EM runs on, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.em.anderson import extrapolate, judged
from bactrian.core.em.state import EMState, Memory
from bactrian.core.em.stopping import RACE_FROM, StoppingRule
from bactrian.core.em.stride import Advance, Image
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.spike import Spike
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.errors import DegenerateCovarianceError

Accumulate = Callable[[Terms, FloatArray | None], SufficientStats]

FAR = 1e4  # squared shift of the means, in their new deviations, that costs four digits
NEAR = 1e-3  # shift of a mean, in units of the features, at which a collapse is none of digits
MOST_RECENTRINGS = 30


@dataclass(frozen=True, eq=False)
class EMProblem:
    """What EM runs on.

    Parameters
    ----------
    accumulate : callable
        ``accumulate(terms, origin)`` gives the sufficient statistics of all the data, with
        moments about `origin`, or the current means where that is None.
    maximise : Maximise
        ``maximise(stats, current)`` gives the next parameters.
    units : (n_features,)
        Length in which each feature is measured.
    accelerated : bool
        Whether to extrapolate where EM is slow.
    sample : EMProblem, optional
        The same with a sample of the rows, on which the curvature is good enough.
    spikes : callable
        Gives the values that many rows share, for those who ask whether a component collapsed.
    advance : callable, optional
        Takes several steps in one call, where that is quicker.
    image : callable, optional
        Takes one from a point of a chart to another, where that is quicker.
    """

    accumulate: Accumulate
    maximise: Maximise
    units: FloatArray
    accelerated: bool = False
    sample: EMProblem | None = None
    spikes: Callable[[], tuple[Spike, ...]] = tuple
    advance: Advance | None = None
    image: Image | None = None


def init(problem: EMProblem, parameters: Parameters) -> EMState:
    """Return the state at the starting values."""
    stats, prior, objective = _measured(problem, parameters)
    return EMState(0, parameters, stats, None, (objective,), log_prior=prior)


def step(problem: EMProblem, state: EMState) -> EMState:
    """Do one iteration: M-step on the current statistics, then E-step at the new parameters."""
    return _reach(problem, state, propose(problem, state), state.memory)


def advanced(
    problem: EMProblem,
    state: EMState,
    rule: StoppingRule,
    room: int,
    *,
    rival: float | None = None,
    watched: bool = False,
) -> EMState:
    """Go on from a state: several steps if one call takes them, otherwise one step.

    Parameters
    ----------
    problem : EMProblem
    state : EMState
    rule : StoppingRule
    room : int
        Passes left.
    rival : float, optional
        Objective of another run: see :func:`~bactrian.core.em.stopping.outpaced`.
    watched : bool
        Whether somebody is told of each step.
    """
    pace = rule.pace
    if problem.advance is not None and pace is not None:
        enough = 1 if watched else pace.enough
        pace = replace(pace, most=room, enough=enough, accelerated=problem.accelerated)
        pace = pace.beside(rival, RACE_FROM - state.iteration)
        ahead = problem.advance(problem.maximise, state, pace)
        if ahead is not None:
            return ahead
    if problem.accelerated:
        return accelerated_step(problem, state, rule, room)
    return step(problem, state)


def _measured(problem: EMProblem, parameters: Parameters) -> tuple[SufficientStats, float, float]:
    """Do an E-step: statistics, log-density of the prior, and the objective."""
    stats = problem.accumulate(parameters.terms(), None)
    prior = problem.maximise.log_prior(parameters)
    return stats, prior, (stats.log_likelihood + prior) / stats.weight


def _reach(problem: EMProblem, state: EMState, parameters: Parameters, memory: Memory) -> EMState:
    """Do an E-step at the parameters that EM proposes in a state."""
    stats, prior, objective = _measured(problem, parameters)
    return EMState(
        state.iteration + 1,
        parameters,
        stats,
        state.parameters,
        (*state.trace, objective),
        state.plain_since,
        prior,
        memory,
    )


def accelerated_step(problem: EMProblem, state: EMState, rule: StoppingRule, room: int) -> EMState:
    """Do one iteration: an extrapolated step if it is higher, otherwise EM's (two passes).

    Where the rule may soon be satisfied, it is EM's: the rules speak of plain steps.

    Parameters
    ----------
    room : int
        Passes left.
    """
    proposal = propose(problem, state)
    memory, ahead = extrapolate(state, proposal, problem.maximise.chart)
    if ahead is None or room < 2 or rule.is_due(state, proposal, ahead.gain_to_come):
        return _reach(problem, state, proposal, memory)
    bounds, beyond = problem.maximise.bounds, ahead.parameters
    if not bounds.admit(beyond):
        beyond = bounds.confine(beyond)
        if not bounds.admit(beyond):
            return _reach(problem, state, proposal, judged(memory, accepted=False))
    stats, prior, objective = _measured(problem, beyond)
    tried, trace = state.iteration + 1, state.trace
    accepted = objective >= trace[-1]
    memory = judged(memory, accepted=accepted)
    if accepted:
        trace = (*trace, objective)
        return EMState(tried, beyond, stats, None, trace, len(trace) - 1, prior, memory)
    trace = (*trace, trace[-1])
    stayed = replace(state, iteration=tried, trace=trace, plain_since=len(trace) - 1)
    return _reach(problem, stayed, proposal, memory)


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
        stats = problem.accumulate(state.parameters.terms(), centre)
    return problem.maximise(stats, state.parameters)


def _squared_shift(origin: FloatArray, new: Parameters) -> float:
    """Sum over all means of the squared shift, measured in the new deviations."""
    with np.errstate(over="ignore"):
        steps = new.form.algebra.whitened_each(new.means - origin, new.precisions_cholesky)
        return float(np.vdot(steps, steps))
