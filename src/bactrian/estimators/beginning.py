"""Where EM begins: the starting values that settings and data call for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import cycle

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.maximisation import Bounds
from bactrian.core.multistart import Start
from bactrian.core.parameters import Parameters
from bactrian.data.source import DataSource
from bactrian.data.summary import Summary
from bactrian.estimators.settings import Settings
from bactrian.init.filling import Filling
from bactrian.init.given import Given
from bactrian.init.labelled import aligned, labelled_means
from bactrian.init.starts import (
    DETERMINISTIC,
    SAMPLE_LIMIT,
    STARTS,
    TRIMMED_LIMIT,
    Rows,
    around,
    from_responsibilities,
    revived,
)

AUTO_STARTS = 30  # most starts
AUTO_KINDS = ("kmeans", "k-means++", "random_from_data")  # of starts, in turn
UNTRIMMED = "random_from_data"  # the one that looks at all rows where others leave out outliers


@dataclass(frozen=True, eq=False)
class Beginning:
    """Starting values for a data set.

    Parameters
    ----------
    clean : DataSource
        The rows that starts look at.
    source : DataSource
        All rows.
    settings : Settings
    summary : Summary
    units : (n_features,)
    bounds : Bounds
    """

    clean: DataSource
    source: DataSource
    settings: Settings
    summary: Summary
    units: FloatArray
    bounds: Bounds

    def starts(self, random_state: np.random.RandomState) -> Iterator[Start]:
        """One start after another, each with its own seed, so that more starts change none."""
        settings, given = self.settings, self.settings.given
        complete = given.parameters(settings.structure)
        if complete is not None:
            yield lambda: self._ready(complete)
            return
        if settings.init_params in DETERMINISTIC:
            yield partial(self._found, 0, settings.init_params)
            return
        deterministic = given.resp is not None or given.means is not None
        if self._labelled is not None and not deterministic:
            means = labelled_means(*self._labelled)
            if means is not None:
                yield lambda: self._ready(given.over(self._around(means)))
        n_init = 1 if deterministic else settings.n_init or AUTO_STARTS
        kinds = AUTO_KINDS if settings.init_params == "auto" else (settings.init_params,)
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_init)
        for seed, kind in zip(seeds, cycle(kinds), strict=False):
            yield partial(self._found, int(seed), kind)

    def revived(self, parameters: Parameters, dead: Sequence[int]) -> Parameters:
        """The mixture with its dead components moved to where they may live."""
        rows = self._ordered_rows()
        found = revived(rows, parameters, dead, self._generator)
        held = {name: getattr(parameters, name) for name in self.settings.fixed}
        return self.within_structure(found.replaced(**held))

    def within_structure(self, start: Parameters) -> Parameters:
        """The start with the nearest covariances that share what they should."""
        if "covariances" in self.settings.fixed:
            return start
        near = start.structure.projected(start.covariances, start.weights, start.n_features)
        return start if near is start.covariances else start.replaced(covariances=near)

    @cached_property
    def _generator(self) -> np.random.RandomState:
        """One for all starts, each of which seeds it: to make one takes as long as a start."""
        return np.random.RandomState(0)

    def _found(self, seed: int, kind: str) -> Parameters:
        self._generator.seed(seed)
        return self._ready(self._numbered(self._start(kind), self.settings.given))

    def ended(self, found: Parameters) -> Parameters:
        """The end of a fit to a sample, in which no row may be labelled, as a start."""
        return self._numbered(found, self.settings.held())

    def _numbered(self, start: Parameters, kept: Given) -> Parameters:
        """The start, its components numbered as the known labels are but for what is kept."""
        given = self.settings.given
        if self._labelled is None or not (given.means is given.precisions is given.resp is None):
            return start
        return kept.over(aligned(start, *self._labelled))

    def _ready(self, start: Parameters) -> Parameters:
        """The start complete, as an M-step could give it: or its first step could fall."""
        start = self.settings.family.complete(start, self.summary, self.units)
        start = self.within_structure(start)
        return start if "covariances" in self.settings.fixed else self.bounds.confine(start)

    def _start(self, kind: str) -> Parameters:
        settings, given, structure = self.settings, self.settings.given, self.settings.structure
        if given.resp is not None:
            rows, noisy = self._rows(self.clean.n_samples), settings.family.noise_rows
            resp = given.resp if noisy is None else given.resp[~noisy]
            return given.over(from_responsibilities(rows, resp, structure))
        if given.means is not None:
            return given.over(self._around(given.means))
        rows = self._ordered_rows()
        if settings.family.robust and kind != UNTRIMMED:
            rows = self._trimmed_rows
        return given.over(STARTS[kind](rows, settings.n_components, structure, self._generator))

    def _around(self, means: FloatArray) -> Parameters:
        """Start with given means."""
        rows = self._ordered_rows()
        return around(rows, (means - rows.place) / rows.units, self.settings.structure)

    # ---- rows to look at

    def _rows(self, limit: int) -> Rows:
        chunk = self.clean.sample(limit, self._generator)
        X, place = self._filling(chunk.X), self.summary.mean
        return Rows.of(X, chunk.sample_weight, place, self.units, self.settings.n_jobs)

    def _ordered_rows(self) -> Rows:
        """Rows for a start, sorted: all of them, or a sample of its own if they are many."""
        if self.clean.n_samples <= SAMPLE_LIMIT:
            return self._all_rows
        return self._rows(SAMPLE_LIMIT).ordered()

    @cached_property
    def _all_rows(self) -> Rows:
        return self._rows(self.clean.n_samples).ordered()

    @cached_property
    def _trimmed_rows(self) -> Rows:
        return self._rows(TRIMMED_LIMIT).ordered().trimmed()

    @cached_property
    def _filling(self) -> Filling:
        chunk = self.clean.sample(SAMPLE_LIMIT, np.random.RandomState(0))
        return Filling(chunk, self.summary.mean, self.units, self.settings.backend)

    @cached_property
    def _labelled(self) -> tuple[FloatArray, FloatArray] | None:
        """Rows whose component is known, and their labels times weights; None without any."""
        own = self.source.labelled(SAMPLE_LIMIT, np.random.RandomState(0))
        if own is None or own.plausibility is None:
            return None
        weights = np.ones(len(own.X)) if own.sample_weight is None else own.sample_weight
        labels = own.plausibility[:, : self.settings.n_components] * weights[:, None]
        return np.asarray(self._filling(own.X), dtype=np.float64), labels
