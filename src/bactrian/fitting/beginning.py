"""Where EM begins: starting values for a model and data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import cycle
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.em.starts import Start
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.values.parameters import Parameters
from bactrian.data.summary import Summary
from bactrian.fitting.model import Model
from bactrian.fitting.starts import Starts
from bactrian.fitting.view import View
from bactrian.init.given import Given
from bactrian.init.labelled import aligned, labelled_means
from bactrian.init.starts import DETERMINISTIC, STARTS, around, from_responsibilities, revived

AUTO_STARTS = 30  # most starts
AUTO_KINDS = ("kmeans", "k-means++", "random_from_data")  # of starts, in turn
UNTRIMMED = "random_from_data"  # the one that looks at all rows where others leave out outliers


@final
@dataclass(frozen=True, eq=False)
class Beginning:
    """Starting values for a data set.

    Parameters
    ----------
    view : View
        The rows that starts look at.
    labelled : tuple of arrays, or None
        Rows whose component is known, and their labels (see :meth:`View.labelled`).
    model : Model
    wanted : Starts
    summary : Summary
    bounds : Bounds
    """

    view: View
    labelled: tuple[FloatArray, FloatArray] | None
    model: Model
    wanted: Starts
    summary: Summary
    bounds: Bounds

    def starts(self, random_state: np.random.RandomState) -> Iterator[Start]:
        """Yield starts, each with its own seed, so that more starts do not change the others."""
        wanted, given = self.wanted, self.wanted.given
        complete = given.parameters(self.model.structure)
        if complete is not None:
            yield lambda: self._ready(complete)
            return
        if wanted.init_params in DETERMINISTIC:
            yield partial(self._found, 0, wanted.init_params)
            return
        deterministic = given.resp is not None or given.means is not None
        if self.labelled is not None and not deterministic:
            means = labelled_means(*self.labelled)
            if means is not None:
                yield lambda: self._ready(given.over(self._around(means)))
        n_init = 1 if deterministic else wanted.n_init or AUTO_STARTS
        kinds = AUTO_KINDS if wanted.init_params == "auto" else (wanted.init_params,)
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_init)
        for seed, kind in zip(seeds, cycle(kinds), strict=False):
            yield partial(self._found, int(seed), kind)

    def revived(self, parameters: Parameters, dead: Sequence[int]) -> Parameters:
        """Move the dead components of a mixture to where they can hold rows."""
        rows = self.view.ordered(self._generator)
        found = revived(rows, parameters, dead, self._generator)
        held = {name: getattr(parameters, name) for name in self.model.fixed}
        return self.model.within_structure(found.replaced(**held))

    @cached_property
    def _generator(self) -> np.random.RandomState:
        """One generator for all starts; each start seeds it, because making one is slow."""
        return np.random.RandomState(0)

    def _found(self, seed: int, kind: str) -> Parameters:
        self._generator.seed(seed)
        return self._ready(self._numbered(self._start(kind), self.wanted.given))

    def ended(self, found: Parameters) -> Parameters:
        """Use the end of a fit to a sample as a start, even if no row there has a label."""
        return self._numbered(found, self.wanted.given.held(self.model.fixed))

    def _numbered(self, start: Parameters, kept: Given) -> Parameters:
        """Number the components of a start as the known labels are, except fixed ones."""
        given = self.wanted.given
        if self.labelled is None or not (given.means is given.precisions is given.resp is None):
            return start
        return kept.over(aligned(start, *self.labelled))

    def again(self, fitted: Parameters) -> Parameters:
        """Use the parameters of an earlier fit, of any family, as a start."""
        return self._ready(self.model.family.again(fitted, self.summary, self.view.units))

    def _ready(self, start: Parameters) -> Parameters:
        """Complete the start as an M-step could return it; else the first step could fall."""
        start = self.model.family.complete(start, self.summary, self.view.units)
        start = self.model.within_structure(start)
        return start if "covariances" in self.model.fixed else self.bounds.confine(start)

    def _start(self, kind: str) -> Parameters:
        model, given, structure = self.model, self.wanted.given, self.model.structure
        if given.resp is not None:
            noisy = self.wanted.noise_rows
            resp = given.resp if noisy is None else given.resp[~noisy]
            return given.over(from_responsibilities(self.view.all_rows(), resp, structure))
        if given.means is not None:
            return given.over(self._around(given.means))
        rows = self.view.ordered(self._generator)
        if model.family.robust and kind != UNTRIMMED:
            rows = self.view.trimmed
        return given.over(STARTS[kind](rows, model.n_components, structure, self._generator))

    def _around(self, means: FloatArray) -> Parameters:
        """Make a start with given means."""
        rows = self.view.ordered(self._generator)
        return around(rows, (means - rows.place) / rows.units, self.model.structure)
