"""The first rows of a stream: kept until there are enough of them to begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.backends import Backend
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.fitting.stream import Schedule


@final
@dataclass(frozen=True, eq=False)
class Waiting:
    """Rows that are too few to begin with.

    They are fitted as a whole at certain numbers of rows, which do not depend on how they come;
    rows after these count by one step of EM.

    Parameters
    ----------
    rows : Chunk
    schedule : Schedule
    fitted : float
        Weight of the rows of the last fit.
    found : Parameters or None
        What it found; None if nothing could be fitted.
    maximise : Maximise or None
        Its M-step.
    """

    rows: Chunk
    schedule: Schedule
    fitted: float = 0
    found: Parameters | None = None
    maximise: Maximise | None = None

    @property
    def weighted(self) -> Chunk:
        """The rows with what they count for."""
        weights = self.schedule.weights(np.asarray(self.rows.sample_weight))
        return replace(self.rows, sample_weight=weights)

    def parameters(self, backend: Backend) -> Parameters | None:
        """The mixture, with what the rows after the last fit say of it; None if there is none."""
        if self.found is None or self.maximise is None:
            return self.found
        held = backend.hold(ArraySource.of(self.weighted))
        return self.maximise(held.accumulate(self.found.terms()), self.found)
