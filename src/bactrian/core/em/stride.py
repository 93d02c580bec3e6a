"""Several steps of EM in one call: what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.em.state import EMState
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.mstep.likelihood import Maximise

MANY = 1_000_000


@final
@dataclass(frozen=True)
class Pace:
    """When several steps in one call must end, because the loop must decide.

    Parameters
    ----------
    most : int
        Passes.
    enough : int
        Passes after which no further step is begun.
    accelerated : bool
        Whether EM is extrapolated once it has settled.
    gain : float
        They end with a gain of a plain step, up or down, below this.
    to_come : float
        They end once the estimated gain to come is below this.
    due : float
        A step is a plain one where the acceleration estimates less gain to come than this.
    rival : float
        They end once they will hardly come up to this objective...
    racing_after : int
        ... but not before so many passes.
    """

    most: int = 1
    enough: int = MANY
    accelerated: bool = False
    gain: float = 0.0
    to_come: float = 0.0
    due: float = 0.0
    rival: float = -inf
    racing_after: int = 0

    def beside(self, rival: float | None, racing_after: int) -> Pace:
        """The same in a race with another run, if there is one."""
        if rival is None:
            return self
        return replace(self, rival=rival, racing_after=racing_after)


Advance = Callable[[Maximise, EMState, Pace], EMState | None]
"""``advance(maximise, state, pace)`` takes steps from a state; None where it takes none."""

Image = Callable[[Maximise, Coordinates, FloatArray], FloatArray | None]
"""``image(maximise, chart, vector)`` says where a step of EM leads from a point of a chart."""
