"""The EM loop: the only one there is.

Maximum likelihood, priors, noise, missing values differ in the ``accumulate`` and ``maximise``
that they bring, not in how the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from bactrian.core.acceleration import Anderson
from bactrian.core.arrays import FloatArray
from bactrian.core.certificate import Certificate, certify
from bactrian.core.errors import DegenerateCovarianceError, FitInterrupted
from bactrian.core.maximisation import Maximise
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.core.stopping import StoppingRule, gain_to_come

Accumulate = Callable[[Parameters, FloatArray | None], SufficientStats]

FAR = 1e4  # squared shift of a mean, in its new deviations, that costs four digits
NEAR = 1e-3  # shift of a mean, in units of the features, at which a collapse is none of digits
MOST_RECENTRINGS = 30
LIMIT_REASON = "the iteration limit was reached"
CALLBACK_REASON = "the callback asked to stop"
INTERRUPT_REASON = "it was interrupted"


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
    """

    accumulate: Accumulate
    maximise: Maximise
    units: FloatArray
    accelerated: bool = False

    def objective(self, stats: SufficientStats) -> float:
        """What must not fall: the mean log-likelihood, a unit of weight."""
        return stats.log_likelihood / stats.weight


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
        The objective, from the start to `parameters`. A pass to a point that is not kept repeats
        the last value.
    plain_since : int
        Index in `trace` from where on all steps are plain ones.
    """

    iteration: int
    parameters: Parameters
    stats: SufficientStats
    previous: Parameters | None
    trace: tuple[float, ...]
    plain_since: int = 0

    @property
    def plain_trace(self) -> tuple[float, ...]:
        """The objective over the last steps of EM in a row, with no extrapolation between."""
        return self.trace[self.plain_since :]

    @property
    def log_likelihood(self) -> float:
        """Sum over samples, in nats."""
        return self.stats.log_likelihood


@dataclass(frozen=True, eq=False)
class EMInfo:
    """What an observer is told after each iteration.

    Parameters
    ----------
    start : int
        Which of the starts is running, from 0.
    iteration : int
    log_likelihood : float
        Sum over samples, in nats.
    lower_bound, gain : float
        Mean log-likelihood, and by how much it rose in this iteration.
    gain_to_come : float
        Estimated mean gain if EM went on.
    parameters : Parameters
    """

    start: int
    iteration: int
    log_likelihood: float
    lower_bound: float
    gain: float
    gain_to_come: float
    parameters: Parameters


Observe = Callable[[EMInfo], bool | None]


@dataclass(frozen=True, eq=False)
class EMResult:
    """Where a run ended, and how.

    Parameters
    ----------
    state : EMState
    satisfied : bool
        The stopping rule was.
    converged : bool
        ... and the certificate does not object.
    reason : str
        Why it stopped.
    certificate : Certificate
    seconds : float
    start : int
        Which of the starts it came from.
    """

    state: EMState
    satisfied: bool
    converged: bool
    reason: str
    certificate: Certificate
    seconds: float
    start: int


def init(problem: EMProblem, parameters: Parameters) -> EMState:
    """State at the starting values."""
    stats = problem.accumulate(parameters, None)
    return EMState(0, parameters, stats, None, (problem.objective(stats),))


def step(problem: EMProblem, state: EMState) -> EMState:
    """One iteration: M-step on the statistics in hand, then E-step at the new parameters."""
    return _reach(problem, state, propose(problem, state))


def _reach(problem: EMProblem, state: EMState, parameters: Parameters) -> EMState:
    """E-step at the parameters that EM proposes in a state."""
    stats = problem.accumulate(parameters, None)
    return EMState(
        state.iteration + 1,
        parameters,
        stats,
        state.parameters,
        (*state.trace, problem.objective(stats)),
        state.plain_since,
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
    if not problem.maximise.bounds.admit(ahead.parameters.covariances, state.stats.structure):
        acceleration.judge(accepted=False)
        return _reach(problem, state, proposal)
    reached = _reach(problem, state, ahead.parameters)
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
        except DegenerateCovarianceError:
            if (np.abs(stats.means - stats.origin) <= NEAR * problem.units).all():
                raise
        stats = problem.accumulate(state.parameters, stats.means)
    return problem.maximise(stats, state.parameters)


def _squared_shift(origin: FloatArray, new: Parameters) -> float:
    pairs = zip(new.means - origin, new.factors(), strict=True)
    with np.errstate(over="ignore"):
        return max(
            float(np.square(new.structure.whitened(step[None], factor)).sum())
            for step, factor in pairs
        )


def run(
    problem: EMProblem,
    state: EMState,
    rule: StoppingRule,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
    start: int = 0,
) -> EMResult:
    """Iterate from a state until `rule` is satisfied, but no more than `max_iter` times.

    Parameters
    ----------
    problem : EMProblem
    state : EMState
        From :func:`init`, or where an earlier run ended.
    rule : StoppingRule
    accuracy : float
        Gain in mean log-likelihood that may still be to come in a fit called converged.
    max_iter : int
    observe : callable, optional
        Told an :class:`EMInfo` after each iteration; EM stops if it returns True.
    start : int
        Number of the start, passed on to `observe`.

    Raises
    ------
    DegenerateCovarianceError
        If a component collapses and nothing bounds it.
    FitInterrupted
        On Ctrl-C; its result is the :class:`EMResult` so far.
    """
    began = perf_counter()
    last = state.iteration + max_iter
    satisfied = False
    reason = LIMIT_REASON
    acceleration = Anderson(problem.maximise.fixed) if problem.accelerated else None
    try:
        while state.iteration < last:
            if acceleration is None:
                state = step(problem, state)
            else:
                room = last - state.iteration
                state = accelerated_step(problem, state, rule, acceleration, room)
            if observe is not None and observe(info(state, start)):
                reason = CALLBACK_REASON
                break
            if rule.satisfied(state):
                satisfied, reason = True, rule.reason
                break
        proposal = _proposal_or_none(problem, state)
    except DegenerateCovarianceError as error:
        error.parameters = state.parameters
        raise
    except KeyboardInterrupt:
        seconds = perf_counter() - began
        certificate = certify(state, None, problem.maximise, problem.units)
        raise FitInterrupted(
            EMResult(state, False, False, INTERRUPT_REASON, certificate, seconds, start)
        ) from None
    certificate = certify(state, proposal, problem.maximise, problem.units)
    converged = satisfied and certificate.sound(accuracy)
    seconds = perf_counter() - began
    return EMResult(state, satisfied, converged, reason, certificate, seconds, start)


def _proposal_or_none(problem: EMProblem, state: EMState) -> Parameters | None:
    try:
        return propose(problem, state)
    except DegenerateCovarianceError:
        return None


def info(state: EMState, start: int) -> EMInfo:
    """What an observer is told of a state."""
    trace = state.trace
    return EMInfo(
        start,
        state.iteration,
        state.log_likelihood,
        trace[-1],
        trace[-1] - trace[-2],
        gain_to_come(state.plain_trace),
        state.parameters,
    )
