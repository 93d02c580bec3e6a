"""Several plain steps of EM in one call: what is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import final

from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats


@final
@dataclass(frozen=True)
class Pace:
    """When a stride ends, at the latest: after each step the loop would look at the same.

    Parameters
    ----------
    most : int
        Steps.
    gain : float
        It ends with a gain, up or down, below this.
    to_come : float
        It ends once the estimated gain to come is below this.
    rival : float
        It ends once it will hardly come up to this objective...
    racing_after : int
        ... but not before so many steps.
    """

    most: int
    gain: float = 0.0
    to_come: float = 0.0
    rival: float = -inf
    racing_after: int = 0

    def at_most(self, steps: int) -> Pace:
        """The same for fewer steps, if these are fewer."""
        return replace(self, most=min(steps, self.most))

    def down_to(self, gain: float) -> Pace:
        """The same that ends with a gain below this, too."""
        return replace(self, gain=max(gain, self.gain))

    def beside(self, rival: float | None, racing_after: int) -> Pace:
        """The same in a race with another run, if there is one."""
        if rival is None:
            return self
        return replace(self, rival=rival, racing_after=racing_after)


@final
@dataclass(frozen=True, eq=False)
class Stride:
    """Where several plain steps led to.

    Parameters
    ----------
    parameters : Parameters
    stats : SufficientStats
        At `parameters`, about their means.
    previous : Parameters
        One step before.
    trace : tuple of float
        The objective after each step.
    """

    parameters: Parameters
    stats: SufficientStats
    previous: Parameters
    trace: tuple[float, ...]


Advance = Callable[[Maximise, Parameters, SufficientStats, tuple[float, ...], Pace], Stride | None]
"""``advance(maximise, parameters, stats, trace, pace)`` takes steps from parameters, of which
`stats` are the statistics and `trace` the last objectives; None where it takes none."""
