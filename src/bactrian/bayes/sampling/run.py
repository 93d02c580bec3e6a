"""Several chains, step by step, and what they drew."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

import numpy as np

from bactrian.bayes.draws.losses import Labels
from bactrian.bayes.draws.posterior_draws import PosteriorDraws
from bactrian.bayes.sampling.chain import Chain, Draw
from bactrian.bayes.sampling.evidence import KnownPartition, best_known
from bactrian.bayes.sampling.state import State, Target
from bactrian.core.arrays import FloatArray
from bactrian.core.values.terms import Terms

CANDIDATES = 12  # partitions, of which one is chosen for the evidence
LOOKED_AT = 100  # parameters by which it is chosen


class SampleInfo(NamedTuple):
    """How far the chains are.

    Parameters
    ----------
    step : int
        Steps that each chain has taken, from 1.
    n_steps : int
        Steps that each is to take, those before the first draw among them.
    n_components : tuple of int
        Components that hold rows, in each chain.
    log_joint : tuple of float
        Where each chain stands, in nats.
    """

    step: int
    n_steps: int
    n_components: tuple[int, ...]
    log_joint: tuple[float, ...]


Observe = Callable[[SampleInfo], bool | None]


@final
@dataclass(frozen=True, eq=False)
class Plan:
    """How many draws there are to be.

    Parameters
    ----------
    n_draws : int
        Of each chain.
    n_chains : int
    n_warmup : int
        Steps of each chain before the first draw.
    thin : int
        Steps from draw to draw.
    """

    n_draws: int
    n_chains: int
    n_warmup: int
    thin: int

    @property
    def n_steps(self) -> int:
        """Steps of each chain."""
        return self.n_warmup + self.n_draws * self.thin


@final
@dataclass(eq=False)
class Recorded:
    """What one chain drew."""

    labels: list[Labels] = field(default_factory=list)
    weights: list[FloatArray] = field(default_factory=list)
    means: list[FloatArray] = field(default_factory=list)
    covariances: list[FloatArray] = field(default_factory=list)
    numbers: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, target: Target, draw: Draw, known: KnownPartition) -> None:
        """Keep a draw, labels in the smallest type that has room for them."""
        log_known = known.log_probability(draw.terms, draw.log_likelihood)
        covariances = target.form.algebra.covariances_of(draw.factors)
        self.weights.append(draw.weights)
        self.means.append(draw.means)
        shape = target.form.public_shape(*draw.means.shape)
        self.covariances.append(covariances.reshape(shape))
        self.labels.append(draw.labels.astype(np.min_scalar_type(len(draw.weights))))
        self.numbers.append((draw.log_likelihood, draw.log_joint, log_known))


def run(
    target: Target,
    plan: Plan,
    seeds: Sequence[np.random.SeedSequence],
    observe: Observe | None,
    feature_names: tuple[str, ...],
    settings: dict[str, Any],
) -> tuple[PosteriorDraws | None, bool]:
    """Run all chains side by side; Ctrl-C, or `observe` that returns True, ends them early.

    Returns
    -------
    PosteriorDraws or None
        None before the first draw.
    bool
        Whether it was Ctrl-C.
    """
    chains: list[Chain] = []
    recorded = [Recorded() for _ in seeds]
    states: deque[State] = deque(maxlen=CANDIDATES)
    given: deque[tuple[Terms, float]] = deque(maxlen=LOOKED_AT)
    known: KnownPartition | None = None
    interrupted = False
    try:
        for i, seed in enumerate(seeds):
            chains.append(Chain(target, seed, alone=i == 0))
        for step in range(1, plan.n_steps + 1):
            draws = [chain.step() for chain in chains]
            after = step - plan.n_warmup
            if after <= 0:
                given.extend((draw.terms, draw.log_likelihood) for draw in draws)
                states.append(chains[step % len(chains)].state)
            elif after % plan.thin == 0:
                known = known or best_known(states, given)
                for own, draw in zip(recorded, draws, strict=True):
                    own.add(target, draw, known)
            if observe is not None and observe(_info(step, plan, chains)):
                break
    except KeyboardInterrupt:
        interrupted = True
    if known is None or not recorded[-1].numbers:
        return None, interrupted
    return _assembled(recorded, known, plan, feature_names, settings), interrupted


def _info(step: int, plan: Plan, chains: Sequence[Chain]) -> SampleInfo:
    return SampleInfo(
        step,
        plan.n_steps,
        tuple(len(chain.state.sizes) for chain in chains),
        tuple(chain.state.log_joint for chain in chains),
    )


def _assembled(
    recorded: Sequence[Recorded],
    known: KnownPartition,
    plan: Plan,
    feature_names: tuple[str, ...],
    settings: dict[str, Any],
) -> PosteriorDraws:
    """The draws as arrays; a chain that was interrupted late gives no more than the others."""
    n = min(len(own.numbers) for own in recorded)
    most = max(len(weights) for own in recorded for weights in own.weights[:n])

    def padded(name: str, filler: float) -> FloatArray:
        first = getattr(recorded[0], name)[0]
        found = np.full((len(recorded), n, most, *first.shape[1:]), filler)
        for c, own in enumerate(recorded):
            for s, values in enumerate(getattr(own, name)[:n]):
                found[c, s, : len(values)] = values
        return found

    numbers = np.array([own.numbers[:n] for own in recorded])
    return PosteriorDraws(
        np.stack([np.stack(own.labels[:n]) for own in recorded]),
        padded("weights", 0.0),
        padded("means", np.nan),
        padded("covariances", np.nan),
        numbers[..., 0],
        numbers[..., 1],
        numbers[..., 2],
        known.log_joint,
        feature_names,
        plan.n_warmup,
        settings,
    )
