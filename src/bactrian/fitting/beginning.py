"""Where EM begins: starting values for a model and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import cycle
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.em.starts import Start
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.data.summary import Summary
from bactrian.errors import DegenerateCovarianceError
from bactrian.fitting.conjugate import ConjugateChoice
from bactrian.fitting.model import Model
from bactrian.fitting.starts import Starts
from bactrian.fitting.view import View
from bactrian.init.borrowed import borrowed
from bactrian.init.given import Given
from bactrian.init.groups import GROUPINGS, grouped
from bactrian.init.labelled import aligned, labelled_means
from bactrian.init.regrouping import regroupings
from bactrian.init.splits import n_splits, splits
from bactrian.init.starts import (
    DETERMINISTIC,
    STARTS,
    around,
    from_groups,
    responsible,
    revived,
)
from bactrian.init.viewed import ViewedRows
from bactrian.machine.generator import Later, seeded

AUTO_STARTS = 30  # most starts
# All splits of the rows are tried if they are few: of 10 rows into two groups, of 7 into three.
MOST_ROWS, MOST_SPLITS = 64, 511
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
    maximise : Maximise
        The M-step.
    spikes : PointMasses or None
        Those of the rows: at first each component has them as all rows do.
    """

    view: View
    labelled: tuple[FloatArray, FloatArray] | None
    model: Model
    wanted: Starts
    summary: Summary
    maximise: Maximise
    spikes: PointMasses | None = None

    def starts(self, random_state: np.random.RandomState) -> Iterator[Start]:
        """Yield starts, each with its own seed, so that more starts do not change the others."""
        wanted, given = self.wanted, self.wanted.given
        complete = given.parameters(self.model.structure)
        if complete is not None:
            yield lambda: self._ready(self.maximise.within_structure(complete))
            return
        if wanted.init_params in DETERMINISTIC:
            yield partial(self._found, 0, wanted.init_params)
            return
        if self.every_split:
            for labels in splits(len(self._distinct.X), self.model.n_components):
                yield partial(self._split, labels)
            return
        deterministic = given.resp is not None or given.means is not None
        if self.labelled is not None and not deterministic:
            means = labelled_means(*self.labelled)
            if means is not None:
                yield lambda: self._ready(self._over(self._around(means, seeded(0))))
        n_init = 1 if deterministic else wanted.n_init or self._most_starts
        kinds = AUTO_KINDS if wanted.init_params == "auto" else (wanted.init_params,)
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_init)
        for seed, kind in zip(seeds, cycle(kinds), strict=False):
            yield partial(self._found, int(seed), kind)

    @property
    def free(self) -> bool:
        """Whether where EM starts from is left to the fit, and its end to what the starts find."""
        wanted = self.wanted
        chosen = wanted.n_init is not None or wanted.init_params != "auto" or self._moves
        return wanted.given.places_none and self.labelled is None and not chosen

    @cached_property
    def every_split(self) -> bool:
        """Whether EM starts from all splits of the distinct rows: they are few, none is given."""
        n_components = self.model.n_components
        if not self.free or n_components == 1 or self.view.n_samples > MOST_ROWS:
            return False
        n_rows = len(self._distinct.X)
        return n_components < n_rows and n_splits(n_rows, n_components) <= MOST_SPLITS

    @cached_property
    def _distinct(self) -> ViewedRows:
        """The distinct rows, which are split."""
        return self.view.valued_rows().distinct()

    def _split(self, labels: IntArray) -> Parameters:
        return self._resumed(self._distinct, np.eye(self.model.n_components)[labels])

    def regroupings(self, resp: FloatArray) -> Iterator[Start]:
        """Starts that differ from a mixture in a few components.

        Parameters
        ----------
        resp : (n_samples, n_components)
            Of the rows that starts look at.
        """
        rows = self._all_rows
        for own in regroupings(rows, resp):
            yield partial(self._resumed, rows, own)

    def borrowed(self, own: FloatArray | None, others: Iterable[FloatArray]) -> Iterator[Start]:
        """Starts from what other mixtures say of the rows that starts look at.

        Parameters
        ----------
        own : (n_samples, K) or None
        others : iterable of (n_samples, K - 1), (n_samples, K) or (n_samples, K + 1)
            See :func:`~bactrian.init.borrowed.borrowed`.
        """
        rows = self._all_rows
        for resp in borrowed(rows, own, others, self.model.n_components):
            yield partial(self._resumed, rows, resp)

    def _resumed(self, rows: ViewedRows, resp: FloatArray) -> Parameters:
        return self._ready(self._over(self._responsible(rows, resp)))

    @cached_property
    def _all_rows(self) -> ViewedRows:
        return self.view.all_rows()

    def revived(self, parameters: Parameters, dead: Sequence[int]) -> Parameters:
        """Move the dead components of a mixture to where they can hold rows."""
        generator = self._revival.generator
        found = revived(self.view.ordered(generator), parameters, dead, generator)
        held = {name: getattr(parameters, name) for name in self.model.fixed}
        return self._spiked(self.maximise.within_structure(found.replaced(**held)), dead)

    @property
    def _most_starts(self) -> int:
        """Largest number of starts; 1 for a single Gaussian: one step finds it from anywhere.

        A posterior has one of each kind: its moves find what the starts miss.
        """
        if self.model.n_components == 1 and not self.model.family.robust:
            return 1
        return len(AUTO_KINDS) if self._moves else AUTO_STARTS

    @property
    def _moves(self) -> bool:
        """Whether the best run is followed by moves."""
        return isinstance(self.model.prior, ConjugateChoice)

    @cached_property
    def _revival(self) -> Later:
        """What draws where the components that died in a run from a start are put."""
        return Later()

    def _found(self, seed: int, kind: str) -> Parameters:
        self._revival.begin(seed)
        start = self._start(seed, kind)
        return self._ready(self._numbered(start, self.wanted.given))

    def ended(self, found: Parameters) -> Parameters:
        """Use the end of a fit to a sample as a start, even if no row there has a label."""
        return self._spiked(self._numbered(found, self.wanted.given.held(self.model.fixed)))

    def _numbered(self, start: Parameters, kept: Given) -> Parameters:
        """Number the components of a start as the known labels are, except fixed ones."""
        if self.labelled is None or not self.wanted.given.places_none:
            return start
        return kept.over(aligned(start, *self.labelled))

    def again(self, fitted: Parameters) -> Parameters:
        """Use the parameters of an earlier fit, of any family, as a start."""
        start = self.model.family.again(fitted, self.summary, self.view.units)
        return self._ready(self.maximise.within_structure(start))

    def _ready(self, start: Parameters) -> Parameters:
        """Complete the start as an M-step could return it; else the first step could fall."""
        start = self._spiked(self.model.family.complete(start, self.summary, self.view.units))
        if "covariances" not in self.model.fixed:
            start = self.maximise.bounds.confine(start)
        return self.maximise.begin(start)

    def _spiked(self, start: Parameters, anew: Sequence[int] = ()) -> Parameters:
        """Give a start the point masses of the rows, with shares from which EM can go on.

        Parameters
        ----------
        start : Parameters
        anew : sequence of int
            Components that get the shares of all rows.
        """
        if self.spikes is None:
            return start if start.spikes is None else start.replaced(spikes=None)
        overall = self.spikes.of_terms(start.n_terms, start.n_features)
        if start.spikes is None or not overall.is_like(start.spikes):
            return start.replaced(spikes=overall)
        return start.replaced(spikes=start.spikes.opened(overall, anew))

    def _start(self, seed: int, kind: str) -> Parameters:
        model, given, generator = self.model, self.wanted.given, seeded(seed)
        if given.resp is not None:
            noisy = self.wanted.noise_rows
            resp = given.resp if noisy is None else given.resp[~noisy]
            return self._over(self._responsible(self._all_rows, resp))
        if given.means is not None:
            return self._over(self._around(given.means, generator))
        rows = self.view.ordered(generator)
        if model.family.robust and kind != UNTRIMMED:
            rows = self.view.trimmed
        if kind in GROUPINGS:
            groups = grouped(rows, kind, model.n_components, seed, generator)
            return self._over(from_groups(rows, groups, model.structure))
        method = STARTS[kind]
        return self._over(method(rows, model.n_components, model.structure, generator))

    def _over(self, found: Parameters) -> Parameters:
        """Replace what was found by what is given.

        What components share is pooled by the rows that each holds, not by given weights.
        """
        given, within = self.wanted.given, self.maximise.within_structure
        start = given.over(within(found))
        return start if given.precisions is None else within(start)

    def _responsible(self, rows: ViewedRows, resp: FloatArray) -> Parameters:
        """Do the M-step on responsibilities, or nearly, if a component would have no volume."""
        structure = self.model.structure
        near, stats = responsible(rows, resp, structure)
        try:
            step = self.maximise(stats, near)
        except DegenerateCovarianceError:
            return near
        bounds, limits = self.maximise.bounds, structure.form.limits
        apart = limits.exceeds(step.covariances, bounds.collapsed, step.precisions_cholesky)
        whole = bounds.ridge > 0 or apart.all()
        return step if whole and stats.resp_sum.all() else near

    def _around(self, means: FloatArray, generator: np.random.RandomState) -> Parameters:
        """Make a start with given means."""
        rows = self.view.ordered(generator)
        return around(rows, (means - rows.place) / rows.units, self.model.structure)
