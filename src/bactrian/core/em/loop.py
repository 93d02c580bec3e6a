"""The EM loop. There is only one.

Maximum likelihood, priors, noise, missing values differ in the ``accumulate`` and ``maximise``
that they bring, not in how the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from bactrian.core.em.certificate import UNEXAMINED, Certificate, certify
from bactrian.core.em.ending import Ending
from bactrian.core.em.state import EMState
from bactrian.core.em.steps import EMProblem, advanced, propose
from bactrian.core.em.stopping import StoppingRule, gain_to_come, outpaced
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError, FitInterrupted


@dataclass(frozen=True)
class Run:
    """Identifies a run of EM: equal for all iterations of one run, and for no others.

    Parameters
    ----------
    start : int
        Number of the start, from 0.
    attempt : int
        1 for the run that follows one in which a component died; 0 for any other.
    follows : Run or None
        The run on fewer rows that this one goes on from; None at the starts.
    """

    start: int = 0
    attempt: int = 0
    follows: Run | None = None

    @property
    def phase(self) -> int:
        """How many runs on fewer rows came before this one."""
        return 0 if self.follows is None else self.follows.phase + 1


FIRST = Run()


@dataclass(frozen=True, eq=False)
class EMInfo:
    """What an observer is told after each iteration.

    Parameters
    ----------
    run : Run
        The current run: of which start, and on a sample of the rows or on all.
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
        Where the iteration began.
    extrapolated : bool
        Whether the parameters are further ahead than a step of EM leads.
    """

    run: Run
    iteration: int
    log_likelihood: float
    lower_bound: float
    gain: float
    gain_to_come: float
    parameters: Parameters
    weight: float
    before: EMState
    extrapolated: bool = False

    @property
    def start(self) -> int:
        """Which start is running, counted from 0."""
        return self.run.start


Observe = Callable[[EMInfo], bool | None]


@dataclass(frozen=True, eq=False)
class EMResult:
    """Where a run ended, and how.

    Parameters
    ----------
    state : EMState
    ending : Ending
        Why it stopped.
    converged : bool
        Its rule was satisfied, and the certificate does not object.
    certificate : Certificate
        Of a run that was given up, it says nothing.
    seconds : float
    run : Run
        Which it was.
    """

    state: EMState
    ending: Ending
    converged: bool
    certificate: Certificate
    seconds: float
    run: Run

    @property
    def satisfied(self) -> bool:
        """Whether the stopping rule was satisfied."""
        return self.ending.satisfied

    @property
    def start(self) -> int:
        """Which start the run came from, counted from 0."""
        return self.run.start


def run(
    problem: EMProblem,
    state: EMState,
    rule: StoppingRule,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
    which: Run = FIRST,
    rival: float | None = None,
) -> EMResult:
    """Iterate from a state until `rule` is satisfied, but no more than `max_iter` times.

    Parameters
    ----------
    problem : EMProblem
    state : EMState
        From :func:`~bactrian.core.em.steps.init`, or where an earlier run was stopped: it goes on
        as if it had not been.
    rule : StoppingRule
    accuracy : float
        Gain in mean log-likelihood that may still be to come in a fit called converged.
    max_iter : int
    observe : callable, optional
        Told an :class:`EMInfo` after each iteration; EM stops if it returns True.
    which : Run
        Passed on to `observe`.
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
    ending = Ending.LIMIT
    try:
        while state.iteration < last:
            before = state
            room, watched = last - state.iteration, observe is not None
            state = advanced(problem, state, rule, room, rival=rival, watched=watched)
            if observe is not None and observe(info(state, which, before)):
                ending = Ending.CALLBACK
                break
            if rule.satisfied(state):
                ending = rule.ending
                break
            if rival is not None and outpaced(state, rival):
                ending = Ending.OUTPACED
                break
        given_up = ending is Ending.OUTPACED
        proposal = None if given_up else _proposal_or_none(problem, state)
    except DegenerateCovarianceError as error:
        error.parameters = state.parameters
        raise
    except KeyboardInterrupt:
        seconds = perf_counter() - began
        certificate = certify(state, None, problem.maximise, problem.units, problem.spikes)
        raise FitInterrupted(
            EMResult(state, Ending.INTERRUPTED, False, certificate, seconds, which)
        ) from None
    certificate = UNEXAMINED
    if not given_up:
        certificate = certify(state, proposal, problem.maximise, problem.units, problem.spikes)
    converged = ending.satisfied and certificate.sound(accuracy)
    seconds = perf_counter() - began
    return EMResult(state, ending, converged, certificate, seconds, which)


def _proposal_or_none(problem: EMProblem, state: EMState) -> Parameters | None:
    try:
        return propose(problem, state)
    except DegenerateCovarianceError:
        return None


def info(state: EMState, which: Run, before: EMState) -> EMInfo:
    """What an observer is told of a state and of the state before it."""
    trace = state.trace
    return EMInfo(
        which,
        state.iteration,
        state.log_likelihood,
        trace[-1],
        trace[-1] - trace[-2],
        gain_to_come(state.plain_trace),
        state.parameters,
        state.stats.weight,
        before,
        state.previous is None,
    )
