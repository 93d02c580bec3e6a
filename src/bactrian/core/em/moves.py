"""Leave an optimum of the evidence bound by births, merges and deletes, as far as it rises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.em import loop
from bactrian.core.em.ending import Ending
from bactrian.core.em.loop import EMResult, Observe
from bactrian.core.em.starts import Pursuit
from bactrian.core.em.state import EMState, Memory
from bactrian.core.em.steps import EMProblem, init
from bactrian.core.em.stopping import ROUNDING, AitkenRule
from bactrian.core.mstep.moves import births, deletions, in_order, merges
from bactrian.core.values.posterior import Posterior
from bactrian.errors import DegenerateCovarianceError, FitInterrupted

RISE = 1e-6  # nats, of the whole bound, that are worth a move
SETTLED = 1e-8  # nats that may be left to come after the last
MOST_MOVES = 500
TRIAL_STEPS = 300  # of a posterior that was moved

Proposals = Callable[[Posterior], Iterator[Posterior]]
TRIED: tuple[Proposals, ...] = (merges, deletions, births)


@final
@dataclass(frozen=True)
class Moves:
    """A pursuit of the best run: moves, each kept only if the bound is higher, then another.

    Births, merges and deletes are tried from where the run ended; each proposal is followed by
    steps until it is above, or will hardly come up [1]_.

    Parameters
    ----------
    pursuit : callable
        Follows the last.
    ordered : bool
        Whether components may change places: not where labels name them.
    tried : tuple of callable
        Proposals; empty for the order alone.

    References
    ----------
    .. [1] Hughes, M. C. and Sudderth, E. B. (2013). Memoized online variational inference for
       Dirichlet process mixture models. NeurIPS 26, section 4.
    """

    pursuit: Pursuit
    ordered: bool = True
    tried: tuple[Proposals, ...] = TRIED

    def __call__(
        self,
        problem: EMProblem,
        result: EMResult,
        accuracy: float,
        max_iter: int,
        observe: Observe | None = None,
    ) -> EMResult:
        """Follow a run; parameters as for :func:`bactrian.core.em.climb.climb`."""
        if not result.satisfied:
            return result
        try:
            for _ in range(MOST_MOVES):
                higher = self._higher(problem, result)
                if higher is None:
                    break
                stopped = observe is not None and observe(
                    loop.info(higher, result.run, result.state)
                )
                result = replace(result, state=higher)
                if stopped:
                    return replace(result, converged=False, ending=Ending.CALLBACK)
            result = self._settled(problem, self._named(problem, result), max_iter)
        except KeyboardInterrupt:
            stopped_here = replace(result, converged=False, ending=Ending.INTERRUPTED)
            raise FitInterrupted(stopped_here) from None
        return self.pursuit(problem, result, accuracy, max_iter, observe)

    def _higher(self, problem: EMProblem, result: EMResult) -> EMState | None:
        """A state above, reached by one move; None if there is none."""
        state = result.state
        posterior = state.parameters
        assert isinstance(posterior, Posterior)
        rearranged = self.ordered and posterior.prior.shares.sorts and not _is_ordered(posterior)
        tried = (_rearranged, *self.tried) if rearranged else self.tried
        for proposals in tried:
            for proposal in proposals(posterior):
                moved = self._tried(problem, state, proposal)
                if moved is not None:
                    return moved
        return None

    def _named(self, problem: EMProblem, result: EMResult) -> EMResult:
        """The result with its components by size, where their order means nothing."""
        state = result.state
        posterior = state.parameters
        assert isinstance(posterior, Posterior)
        if not self.ordered or posterior.prior.shares.sorts or _is_ordered(posterior):
            return result
        again = init(problem, in_order(posterior))
        trace = (*state.trace[:-1], again.trace[-1])
        named = replace(again, iteration=state.iteration, trace=trace, plain_since=len(trace) - 1)
        return replace(result, state=named)

    def _tried(self, problem: EMProblem, state: EMState, proposal: Posterior) -> EMState | None:
        """Where a proposal leads, if that is above the state."""
        if self.ordered and proposal.prior.shares.sorts:
            proposal = in_order(proposal)
        bound, weight = state.trace[-1], state.stats.weight
        rule = _rule(state, RISE)
        try:
            begun = init(problem, proposal)
            found = loop.run(problem, begun, rule, 0.0, TRIAL_STEPS, rival=bound).state
        except DegenerateCovarianceError:
            return None
        if not (found.trace[-1] - bound) * weight > RISE:
            return None
        trace = (*state.trace, found.trace[-1])
        return replace(
            found,
            iteration=state.iteration + found.iteration,
            trace=trace,
            plain_since=len(trace) - 1,
            previous=None,
            memory=Memory(),
        )

    def _settled(self, problem: EMProblem, result: EMResult, max_iter: int) -> EMResult:
        """Go on until next to nothing is to come."""
        state = result.state
        left, rule = max(0, max_iter - state.iteration), _rule(state, SETTLED)
        ended = loop.run(problem, state, rule, rule.accuracy, left, which=result.run)
        ending = ended.ending if ended.satisfied else result.ending
        return replace(ended, ending=ending, seconds=result.seconds + ended.seconds)


def _rearranged(posterior: Posterior) -> Iterator[Posterior]:
    """The posterior with its components by size."""
    yield in_order(posterior)


def _is_ordered(posterior: Posterior) -> bool:
    """Whether components come by size."""
    return bool((np.diff(posterior.counts) <= 0).all())


def _rule(state: EMState, nats: float) -> AitkenRule:
    """Stop where less is to come, of the whole bound, or than rounding lets one tell."""
    rounding = 2 * ROUNDING * max(1.0, abs(state.trace[-1]))
    return AitkenRule(max(nats / state.stats.weight, rounding))
