"""The steps that led to the result, through starts and samples of rows.

An observer is told the steps of all starts, and of which run each is. The steps of a run are a
chain, which begins with starting values; a run that follows one on fewer rows goes on with its
chain. The one that holds the result is the way to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from bactrian.core.em import EMInfo, EMState, Run
from bactrian.core.values.parameters import Parameters
from bactrian.estimators.table_fit import TableFit
from bactrian.mixture import Mixture
from bactrian.web.schema import Frame, Frames
from bactrian.web.work.mixtures import shown, size_of

MOST_HELD = 4_000_000  # numbers of all steps that are kept while a fit runs
MOST_SENT = 400_000  # ... and of those that are shown
MOST_FRAMES = 1000


@dataclass(frozen=True, eq=False)
class Step:
    """Parameters at one step: after how many iterations, and the likelihood of the rows."""

    number: int
    parameters: Parameters
    lower_bound: float
    n_rows: int
    extrapolated: bool = False


@dataclass(eq=False)
class Chain:
    """Consecutive steps; the last one is always kept."""

    steps: list[Step]
    last: Step

    def thin(self, stride: int) -> None:
        """Keep only every `stride`-th step."""
        self.steps = [step for step in self.steps if step.number % stride == 0]


@dataclass
class Recorder:
    """An observer that keeps the steps of all starts of a fit, but only some if there are many.

    A step that was searched for along the slowest direction does not count as an iteration.
    """

    chains: dict[Run, Chain] = field(default_factory=dict)
    stride: int = 1

    def __call__(self, info: EMInfo) -> None:
        """Keep a step."""
        before = info.before
        chain = self.chains.get(info.run)
        if chain is None:
            chain = self._begun(info.run, before)
            self.chains[info.run] = chain
        chain.last = Step(
            chain.last.number + info.iteration - before.iteration,
            info.parameters,
            info.log_likelihood / info.weight,
            before.stats.n_samples,
            info.extrapolated,
        )
        if chain.last.number % self.stride == 0:
            chain.steps.append(chain.last)
        if sum(len(c.steps) for c in self.chains.values()) * size_of(info.parameters) > MOST_HELD:
            self.stride *= 2
            for one in self.chains.values():
                one.thin(self.stride)

    def _begun(self, run: Run, start: EMState) -> Chain:
        """Begin the chain of a run: with its start, or with the start of the run before it."""
        if run.follows in self.chains:
            return self.chains.pop(run.follows)
        n_rows, mean = start.stats.n_samples, start.log_likelihood / start.stats.weight
        first = Step(0, start.parameters, mean, n_rows)
        return Chain([first], first)

    def way_to(self, end: Parameters) -> list[Step]:
        """The steps from the starting values to the result; empty if they were not seen."""
        for chain in self.chains.values():
            steps = chain.steps if chain.steps[-1] is chain.last else [*chain.steps, chain.last]
            for place in reversed(range(len(steps))):
                if _same(steps[place].parameters, end):
                    return steps[: place + 1]
        return []


def _same(a: Parameters, b: Parameters) -> bool:
    names = ("weights", "means", "covariances")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def frames_of(
    recorder: Recorder, task: TableFit, end: Parameters, log_likelihood: float
) -> Frames:
    """The steps to a result, in the units of the data.

    Parameters
    ----------
    recorder : Recorder
    task : TableFit
    end : Parameters
        Of the result, in the units of the fit.
    log_likelihood : float
        Of the result, in the units of the data.
    """
    weight, n_rows = task.rows.total_weight, len(task.rows.X)
    mean = log_likelihood / weight + task.log_volume
    steps = recorder.way_to(end) or [Step(0, end, mean, n_rows)]
    steps[-1] = replace(steps[-1], parameters=end)
    stride, most = 1, max(2, min(MOST_FRAMES, MOST_SENT // size_of(end)))
    while len(steps) > stride * most:
        stride += 1
    told = [*steps[:-1:stride], steps[-1]]
    frames = [
        Frame(
            iteration=step.number,
            log_likelihood=weight * (step.lower_bound - task.log_volume),
            n_rows=step.n_rows,
            accelerated=step.extrapolated,
            mixture=shown(
                Mixture.from_parameters(task.in_data_units(step.parameters), task.scaling)
            ),
        )
        for step in told
    ]
    return Frames(stride=stride * recorder.stride, frames=frames)
