"""From where EM stopped to a maximum: across plateaus and away from saddles."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from bactrian.core.em import loop
from bactrian.core.em.curvature import curvature, descend
from bactrian.core.em.ending import Ending
from bactrian.core.em.loop import EMResult, Observe
from bactrian.core.em.state import EMState, Memory
from bactrian.core.em.steps import EMProblem
from bactrian.core.em.stopping import AitkenRule
from bactrian.errors import DegenerateCovarianceError, FitInterrupted

MOST_ROUNDS = 40
SADDLE = 1.0 + 1e-4  # rate above which the likelihood is taken to be convex somewhere
SLOW = 0.99  # rate above which a line search along the slowest direction is worth its passes
NOTEWORTHY = 1e-7  # gain in mean log-likelihood of such a search that is worth going on from


def climb(
    problem: EMProblem,
    result: EMResult,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
) -> EMResult:
    """Continue from where a run stopped until the certificate confirms a maximum.

    Gains shrink on a plateau or near a saddle that EM creeps over, as they do at a maximum. The
    curvature tells them apart: a saddle is left along its unstable direction, a slow slope is
    followed until little is to come.

    Parameters
    ----------
    result : EMResult
        Returned as it is if its rule was not satisfied or a component collapsed. Where going on
        leads to a collapse, it is returned as not converged.
    max_iter : int
        Iterations in all. Searches along a direction are none.

    Other parameters, and errors, are those of :func:`bactrian.core.em.run`.
    """
    demanded = accuracy
    for _ in range(MOST_ROUNDS):
        if not result.satisfied or result.certificate.collapses:
            return result
        result, beyond = examine(problem, result, accuracy)
        if result.converged and beyond is None:
            return result
        if beyond is None:
            beyond, demanded = result.state, demanded / 4
        left = max(0, max_iter - beyond.iteration)
        if left == 0 and beyond is result.state:
            return replace(result, ending=Ending.LIMIT)
        before, rule = result, AitkenRule(demanded)
        try:
            moved = beyond is not result.state
            if (
                moved
                and observe is not None
                and observe(loop.info(beyond, result.run, result.state))
            ):
                return replace(result, state=beyond, converged=False, ending=Ending.CALLBACK)
            fresh = replace(beyond, memory=Memory())
            result = loop.run(problem, fresh, rule, accuracy, left, observe, result.run)
        except DegenerateCovarianceError:
            return replace(before, converged=False)
        if result.certificate.collapses:
            return replace(before, converged=False)
        result = replace(
            result,
            seconds=before.seconds + result.seconds,
            ending=before.ending if left == 0 else result.ending,
        )
    return replace(result, converged=False)


def look(
    problem: EMProblem,
    result: EMResult,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
) -> EMResult:
    """Add what the curvature says at the result; parameters as for :func:`climb`."""
    if not result.satisfied or result.certificate.collapses:
        return result
    return examine(problem, result, accuracy)[0]


def stay(
    problem: EMProblem,
    result: EMResult,
    accuracy: float,
    max_iter: int,
    observe: Observe | None = None,
) -> EMResult:
    """Return the result unchanged; parameters as for :func:`climb`."""
    return result


def examine(
    problem: EMProblem, result: EMResult, accuracy: float
) -> tuple[EMResult, EMState | None]:
    """Add what the curvature says; look for a higher state along the slowest direction.

    Raises
    ------
    FitInterrupted
        On Ctrl-C; its result is the one that was given.
    """
    try:
        found = curvature(problem, result.state)
        beyond = descend(problem, result.state, found) if found.rate > SLOW else None
    except DegenerateCovarianceError:
        return replace(result, converged=False), None
    except KeyboardInterrupt:
        stopped = replace(result, converged=False, ending=Ending.INTERRUPTED)
        raise FitInterrupted(stopped) from None
    gain = found.gain
    if beyond is not None:
        rise = beyond.trace[-1] - result.state.trace[-1]
        beyond = beyond if rise > NOTEWORTHY else None
        gain = inf if beyond is not None and found.rate > SADDLE else max(gain, rise)
    certificate = replace(result.certificate, gain_to_come=gain, rate=found.rate)
    return replace(result, certificate=certificate, converged=certificate.sound(accuracy)), beyond
