"""Run several starts, keep the best, and record what the others found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment

from bactrian.core.arrays import FloatArray
from bactrian.core.em import loop
from bactrian.core.em.climb import climb
from bactrian.core.em.ending import Ending
from bactrian.core.em.loop import EMResult, Observe, Run
from bactrian.core.em.steps import EMProblem, init
from bactrian.core.em.stopping import ACCURACY, StoppingRule
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError, FitInterrupted, reason_of

MOST_BACK = 3  # regroupings of one end that lead back to it, or as high

Start = Callable[[], Parameters]
Pursuit = Callable[[EMProblem, EMResult, float, int, Observe | None], EMResult]
Restart = Callable[[Parameters, Sequence[int]], Parameters]
Regroup = Callable[[Parameters], Iterable[Start]]


@dataclass(frozen=True)
class Optimum:
    """One of the distinct optima that the starts reached.

    Parameters
    ----------
    log_likelihood : float
        Sum over samples, in nats; of a posterior the evidence bound.
    times : int
        How many starts led to it.
    shortfall : float
        By how much its log-likelihood is below that of the best, in nats.
    distance : float
        Largest distance of one of its means from that of the best, the components matched, in
        units of the features.
    collapsed : bool
        A component has collapsed: the likelihood is unbounded, and means nothing.
    """

    log_likelihood: float
    times: int
    shortfall: float
    distance: float
    collapsed: bool = False


@dataclass(frozen=True, eq=False)
class Fit:
    """The best of several runs, and all the runs.

    Parameters
    ----------
    best : EMResult
    runs : tuple of EMResult
        Those that ended, in the order of the starts.
    failures : tuple of str
        Messages of the starts that failed.
    explored : Fit or None
        The fit to a sample of the rows that chose the start, if there was one.
    """

    best: EMResult
    runs: tuple[EMResult, ...]
    failures: tuple[str, ...]
    explored: Fit | None = None

    @property
    def stopped(self) -> bool:
        """Whether the observer asked to stop."""
        return any(result.ending is Ending.CALLBACK for result in self.runs)

    def optima(self, units: FloatArray) -> tuple[Optimum, ...]:
        """Distinct optima, the best first.

        Runs are the same if their mean log-likelihoods are as near as the accuracy of
        convergence, and their means within a tenth of a unit of each other.
        """
        others = [result for result in self.runs if result is not self.best]
        groups = [[self.best]]
        for result in sorted(others, key=_rank, reverse=True):
            for group in groups:
                if _same(group[0], result, units):
                    group.append(result)
                    break
            else:
                groups.append([result])
        best = self.best.state
        return tuple(
            Optimum(
                group[0].state.merit,
                len(group),
                max(0.0, best.merit - group[0].state.merit),
                mean_distance(best.parameters, group[0].state.parameters, units),
                bool(group[0].certificate.collapses),
            )
            for group in groups
        )


def mean_distance(a: Parameters, b: Parameters, units: FloatArray) -> float:
    """Largest distance between matched means of two mixtures, matched at the least cost."""
    difference = (a.means[:, None] - b.means[None]) / units
    cost = np.sqrt(np.square(difference).sum(axis=2))
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].max())


def _same(a: EMResult, b: EMResult, units: FloatArray) -> bool:
    near = abs(a.state.trace[-1] - b.state.trace[-1]) <= ACCURACY
    return near and mean_distance(a.state.parameters, b.state.parameters, units) < 0.1


def _rank(result: EMResult) -> tuple[bool, float]:
    """Rank fits: those with a collapsed component come last, as their likelihood means nothing.

    A run that was cut short counts by its likelihood before the last step, as in scikit-learn.
    """
    height = result.state.trace[-1 if result.satisfied else -2 :][0]
    return not result.certificate.collapses, height - _prior_of(result)


def _likelihood(result: EMResult) -> float:
    """What ranks a run at its end, a unit of weight: see :attr:`.EMState.merit`."""
    return result.state.trace[-1] - _prior_of(result)


def _prior_of(result: EMResult) -> float:
    """By how much the objective exceeds what ranks the run, a unit of weight."""
    state = result.state
    return (state.log_posterior - state.merit) / state.stats.weight


def _best(runs: Sequence[EMResult]) -> EMResult:
    """The best run; among those equally good within the accuracy of convergence, the first.

    So rounding does not decide between starts that led to the same maximum.
    """
    best, (is_real, best_bound) = runs[0], _rank(runs[0])
    for result in runs[1:]:
        real, bound = _rank(result)
        if real > is_real or (real == is_real and bound > best_bound + ACCURACY):
            best, is_real, best_bound = result, real, bound
    return best


def _times_found(best: EMResult, runs: Sequence[EMResult], tol: float) -> int:
    """How many of the runs reached the best, within `tol`; 0 if the best is a collapse."""
    if best.certificate.collapses:
        return 0
    least = _likelihood(best) - max(ACCURACY, 10 * tol)
    return sum(_likelihood(result) >= least for result in runs)


def _rival(runs: Sequence[EMResult]) -> float | None:
    """Mean log-likelihood of the best run so far; None without one, or if it collapsed.

    None with a prior, too: what the runs climb is not what they are judged by.
    """
    best = _best(runs) if runs else None
    if best is None or best.certificate.collapses or _prior_of(best):
        return None
    return best.state.trace[-1]


def as_they_are(best: Parameters) -> Iterable[Start]:
    """No start: nothing is regrouped."""
    return ()


def run_starts(
    problem: EMProblem,
    starts: Iterable[Start],
    rule: StoppingRule,
    max_iter: int,
    observe: Observe | None = None,
    restart: Restart | None = None,
    *,
    enough: int | None = None,
    hopeless: Callable[[], bool] = lambda: False,
    regroup: Regroup = as_they_are,
    pursuit: Pursuit = climb,
    follows: Run | None = None,
) -> Fit:
    """Run EM from each start, then from the best regrouped; pass the best to `pursuit`.

    A run in which a component died or collapsed is followed by one more, from where `restart`
    puts that component. Starts that differ only in the order of the components have the same
    end, and are run once. If `enough` is given, starts end when that many reached the best, and
    runs that will hardly come up to it are given up; and starts end with the first that failed or
    collapsed if `hopeless` says that all must. Then the starts that `regroup` makes of the best
    are run, and of what is higher, until none is or several lead back; those that end in a
    collapse are forgotten. `follows` is the run on fewer rows that the starts come from, if they
    do.

    Raises
    ------
    DegenerateCovarianceError
        If every start fails.
    FitInterrupted
        On Ctrl-C; its result is the :class:`Fit` so far, or None if there is nothing yet.
    """
    runs: list[EMResult] = []
    failures: list[DegenerateCovarianceError] = []
    ended: dict[bytes, EMResult] = {}
    numbers = count()

    def run_from(parameters: Parameters, which: Run) -> EMResult:
        state = init(problem, parameters)
        rival = _rival(runs) if enough is not None else None
        result = loop.run(problem, state, rule, rule.accuracy, max_iter, observe, which, rival)
        if result.ending is not Ending.OUTPACED:
            runs.append(result)
        return result

    def run_start(start: Start, which: Run) -> EMResult:
        try:
            begin = start()
            key = _key(begin)
            if (known := ended.get(key)) is not None:
                if known.ending is not Ending.OUTPACED:
                    runs.append(replace(known, run=which, seconds=0.0))
                return known
            result = run_from(begin, which)
            lost = [c.component for c in result.certificate.collapses if c.dead]
            parameters = result.state.parameters
            if not lost:
                ended[key] = result
            if result.ending in (Ending.CALLBACK, Ending.OUTPACED):
                return result
        except DegenerateCovarianceError as error:
            lost, parameters = list(error.components), error.parameters
            if parameters is None or restart is None or len(lost) >= parameters.n_components:
                raise
        if lost and restart is not None and max_iter > 0:
            result = run_from(restart(parameters, lost), replace(which, attempt=1))
        return result

    def tried(start: Start) -> bool:
        """Whether the observer ended the search."""
        try:
            return run_start(start, Run(next(numbers), follows=follows)).ending is Ending.CALLBACK
        except DegenerateCovarianceError as error:
            failures.append(error)
            return False

    def sound() -> bool:
        return bool(runs) and not _best(runs).certificate.collapses

    def agreed(times: int) -> bool:
        return _times_found(_best(runs), runs, rule.tol) >= times

    def rose() -> bool:
        """Whether a regrouping of the best led higher, and the observer goes on."""
        best, known, faults = _best(runs), len(runs), len(failures)
        stopped = False
        for start in regroup(best.state.parameters):
            stopped = tried(start)
            runs[known:] = [run for run in runs[known:] if not run.certificate.collapses]
            if stopped or _times_found(best, runs[known:], rule.tol) >= MOST_BACK:
                break
        del failures[faults:]
        return not stopped and _best(runs) is not best

    try:
        for start in starts:
            if tried(start):
                break
            if enough is not None and (agreed(enough) if sound() else hopeless()):
                break
        stopped = any(result.ending is Ending.CALLBACK for result in runs)
        while not stopped and sound() and rose():
            pass
    except KeyboardInterrupt as interrupt:
        if isinstance(interrupt, FitInterrupted) and interrupt.result is not None:
            runs.append(interrupt.result)
        raise FitInterrupted(_fit(runs, failures) if runs else None) from None
    if not runs:
        raise failures[-1]
    if any(result.ending is Ending.CALLBACK for result in runs):
        return _fit(runs, failures)
    best = runs.index(_best(runs))
    try:
        runs[best] = pursuit(problem, runs[best], rule.accuracy, max_iter, observe)
    except FitInterrupted as interrupt:
        runs[best] = interrupt.result
        raise FitInterrupted(_fit(runs, failures)) from None
    return _fit(runs, failures)


def _key(start: Parameters) -> bytes:
    """A key that is the same for starts that differ only in the order of their components."""
    order = np.lexsort(start.means.T[::-1])
    covariances = start.covariances
    if len(covariances) == len(order):
        covariances = covariances[order]
    return b"".join(
        values.tobytes() for values in (start.weights[order], start.means[order], covariances)
    )


def _fit(runs: list[EMResult], failures: list[DegenerateCovarianceError]) -> Fit:
    return Fit(_best(runs), tuple(runs), tuple(map(reason_of, failures)))
