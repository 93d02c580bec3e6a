"""The EM loop: the only one there is.

Maximum likelihood, priors, noise, missing values differ in the ``accumulate`` and ``maximise``
that they bring, not in how the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from bactrian.core.acceleration import Anderson
from bactrian.core.certificate import Certificate, certify
from bactrian.core.errors import DegenerateCovarianceError, FitInterrupted
from bactrian.core.parameters import Parameters
from bactrian.core.steps import EMProblem, EMState, accelerated_step, init, propose, step
from bactrian.core.stopping import StoppingRule, gain_to_come, outpaced

__all__ = [
    "EMInfo",
    "EMProblem",
    "EMResult",
    "EMState",
    "Observe",
    "accelerated_step",
    "info",
    "init",
    "propose",
    "run",
    "step",
]

LIMIT_REASON = "the iteration limit was reached"
CALLBACK_REASON = "the callback asked to stop"
OUTPACED_REASON = "another start is far ahead"
INTERRUPT_REASON = "it was interrupted"


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
        Mean log-likelihood (with a prior, the log-posterior a unit of weight), and by how much it
        rose in this iteration.
    gain_to_come : float
        Estimated mean gain if EM went on.
    parameters : Parameters
    weight : float
        Sum of the sample weights; of a sample of the rows, if the fit is looking at one.
    before : EMState
        Where the iteration began. Runs, and phases on more and more rows, are told apart by it:
        one goes on where another ended if its parameters are the same object.
    extrapolated : bool
        Whether the parameters are further ahead than a step of EM leads.
    """

    start: int
    iteration: int
    log_likelihood: float
    lower_bound: float
    gain: float
    gain_to_come: float
    parameters: Parameters
    weight: float
    before: EMState
    extrapolated: bool = False


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


def run(
    problem: EMProblem,
    state: EMState,
    rule: StoppingRule,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
    start: int = 0,
    rival: float | None = None,
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
    rival : float, optional
        Mean log-likelihood that another run reached: EM stops once it will hardly come up to it.

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
    acceleration = Anderson(problem.maximise.chart) if problem.accelerated else None
    try:
        while state.iteration < last:
            before = state
            if acceleration is None:
                state = step(problem, state)
            else:
                room = last - state.iteration
                state = accelerated_step(problem, state, rule, acceleration, room)
            if observe is not None and observe(info(state, start, before)):
                reason = CALLBACK_REASON
                break
            if rule.satisfied(state):
                satisfied, reason = True, rule.reason
                break
            if rival is not None and outpaced(state, rival):
                reason = OUTPACED_REASON
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


def info(state: EMState, start: int, before: EMState) -> EMInfo:
    """What an observer is told of a state, and of the one before."""
    trace = state.trace
    return EMInfo(
        start,
        state.iteration,
        state.log_likelihood,
        trace[-1],
        trace[-1] - trace[-2],
        gain_to_come(state.plain_trace),
        state.parameters,
        state.stats.weight,
        before,
        state.previous is not before.parameters,
    )
