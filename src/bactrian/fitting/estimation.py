"""From rows to a fit: starts, EM, and the best end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, final

import numpy as np

from bactrian.backends import maximisation_for
from bactrian.core import em
from bactrian.core.arrays import FloatArray
from bactrian.core.em import EMProblem, EMResult, Observe, Run
from bactrian.core.em.climb import stay
from bactrian.core.em.moves import TRIED, Moves
from bactrian.core.em.starts import Fit, Pursuit, Regroup, Start, as_they_are, run_starts
from bactrian.core.em.stopping import StoppingRule
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError, FitInterrupted
from bactrian.fitting.beginning import MOST_SPLITS, Beginning
from bactrian.fitting.climb import Climb
from bactrian.fitting.columns import check_columns, check_rows, collinear, surely_flat
from bactrian.fitting.conjugate import ConjugateChoice
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.model import Model
from bactrian.fitting.samples import SAMPLED_STARTS, first_sample, larger_samples
from bactrian.fitting.starts import Starts
from bactrian.objections import sentences

ENOUGH = 3  # times the best optimum must be found for the starts to end


@final
@dataclass(frozen=True, eq=False)
class Estimation:
    """A model, the data, and how to fit it to them.

    Parameters
    ----------
    data : DataSet
    model : Model
    climb : Climb
    starts : Starts
    looked_at : DataSet, optional
        The rows that starts look at, if not all.
    """

    data: DataSet
    model: Model
    climb: Climb = field(default_factory=Climb)
    starts: Starts = field(default_factory=Starts)
    looked_at: DataSet | None = None

    def check(self) -> None:
        """Refuse data that the model cannot be fitted to.

        Raises
        ------
        BadInputError
        """
        check_rows(self.data, self.model)
        check_columns(self.data, self.model)

    @cached_property
    def units(self) -> FloatArray:
        """The length in which each feature is measured, (n_features,)."""
        return self.model.measure(self.data.summary).units

    @property
    def rule(self) -> StoppingRule:
        """When EM may stop."""
        return self.climb.rule(self.units)

    @cached_property
    def maximise(self) -> Maximise:
        """The M-step, compiled if the back end is."""
        return maximisation_for(self.data.machine.backend, self.model.maximise(self.data))

    @property
    def problem(self) -> EMProblem:
        """The data and the M-step, for the EM loop."""
        data, held, accelerated = self.data, self.data.held, self.climb.accelerated
        sample = None if self._sample is None else self._sample.problem
        return EMProblem(
            held.accumulate,
            self.maximise,
            self.units,
            accelerated,
            sample,
            data.found_spikes,
            getattr(held, "advance", None),
            getattr(held, "image", None),
        )

    def run(
        self,
        random_state: np.random.RandomState,
        observe: Observe | None = None,
        start: Parameters | None = None,
        pursuit: Pursuit | None = None,
    ) -> Fit:
        """Run EM from all starts, or from the given one.

        Where the number of starts is "auto" and the rows are many, the starts run on a sample of
        them, and the best is followed on larger ones, and on all.

        Parameters
        ----------
        random_state : RandomState
            Drawn from before anything else is.
        observe : callable, optional
        start : Parameters, optional
        pursuit : callable, optional
            How the best run is followed; by default as the climb says.

        Raises
        ------
        DegenerateCovarianceError
            If every start fails.
        FitInterrupted
        """
        if start is not None:
            return self._run_from([lambda: self.beginning.again(start)], observe, pursuit)
        starts = list(self.beginning.starts(random_state))
        if self._sample is not None and self.starts.n_init is None and len(starts) > 1:
            return self._by_samples(self._sample, random_state, observe, pursuit)
        return self._run_from(starts, observe, pursuit, regroup=self._regroup)

    def end(self, fit: Fit) -> Parameters:
        """Where a fit ended, with the factors that a reader computes from the covariances."""
        parameters = fit.best.state.parameters
        held = "covariances" in self.model.fixed
        return parameters if held else self.maximise.bounds.refactored(parameters)

    @cached_property
    def beginning(self) -> Beginning:
        """Where EM begins."""
        lengths = self.model.measure(self.data.summary).lengths
        return Beginning(
            self._looked_at.view(lengths),
            self.data.view(lengths).labelled(self.model.n_components),
            self.model,
            self.starts,
            self.data.summary,
            self.maximise,
            self.data.spikes,
        )

    @property
    def _enough(self) -> int | None:
        """How many starts must come up to the best for the others not to be made."""
        if self.starts.n_init is not None:
            return None
        return MOST_SPLITS if self.beginning.every_split else ENOUGH

    def _run_from(
        self,
        starts: Sequence[Start],
        observe: Observe | None,
        pursuit: Pursuit | None = None,
        follows: Run | None = None,
        regroup: Regroup = as_they_are,
        enough: int | None = None,
    ) -> Fit:
        try:
            return run_starts(
                self.problem,
                starts,
                self.rule,
                self.climb.max_iter,
                observe,
                self.beginning.revived,
                enough=enough or self._enough,
                hopeless=lambda: surely_flat(self.data, self.model),
                regroup=regroup,
                pursuit=pursuit or self._pursuit(self.climb.pursuit),
                follows=follows,
            )
        except DegenerateCovarianceError as error:
            raise error.because("; ".join(sentences(collinear(self.data)))) from None

    def _pursuit(self, last: Pursuit) -> Pursuit:
        """How the best run is followed: of a posterior by moves, which many rows are too slow for.

        These are then made on a sample, where the starts are.
        """
        if not isinstance(self.model.prior, ConjugateChoice):
            return last
        ordered = self.data.summary.labelled == 0
        few = self._sample is None
        return Moves(last, ordered, TRIED if self.climb.moves and few else ())

    def _regroup(self, best: Parameters) -> Iterable[Start]:
        """Starts near a mixture, in which a few components are elsewhere."""
        return self.beginning.regroupings(self._resp_of(best)) if self._free else ()

    def _resp_of(self, parameters: Parameters) -> FloatArray:
        """What a mixture says of the rows that starts look at, (n_samples, K)."""
        found = self._looked_at.held.evaluate(parameters.terms(), "resp").resp
        return np.asarray(found, dtype=np.float64)[:, : parameters.n_components]

    @property
    def _free(self) -> bool:
        """Whether other starts than the fit's own may lead higher."""
        held_still = self.model.n_components == 1 or self.model.fixed - {"weights"}
        return not held_still and self.beginning.free and not self.beginning.every_split

    # ---- other mixtures of the same rows

    def run_borrowing(
        self, own: Parameters | None, others: Sequence[Parameters], observe: Observe | None = None
    ) -> Fit | None:
        """Run EM from where this model ended before, and from what other mixtures say of the rows.

        Parameters
        ----------
        own : Parameters or None
            Where it ended before; None if it could not be fitted.
        others : sequence of Parameters
            Of mixtures of the same rows, with at most a component more or fewer.
        observe : callable, optional

        Returns
        -------
        Fit or None
            None if nothing is higher than where it ended before, or all starts are given, or the
            rows are so many that starts see only some of them.

        Raises
        ------
        DegenerateCovarianceError
            If every start fails.
        FitInterrupted
        """
        if not self._free or self._sample is not None:
            return None
        known = None if own is None else self._resp_of(own)
        starts: list[Start] = list(self.beginning.borrowed(known, map(self._resp_of, others)))
        if not starts:
            return None
        if own is not None:
            starts.insert(0, partial(self.beginning.again, own))
        last = self._pursuit(self.climb.pursuit)

        def is_own(run: Run) -> bool:
            return own is not None and run.start == 0

        def pursuit(problem: EMProblem, best: EMResult, *rest: Any) -> EMResult:
            return best if is_own(best.run) else last(problem, best, *rest)

        fit = self._run_from(starts, observe, pursuit, enough=len(starts) + 1)
        return None if is_own(fit.best.run) else fit

    # ---- samples of the rows

    def _by_samples(
        self,
        sample: Estimation,
        random_state: np.random.RandomState,
        observe: Observe | None,
        last: Pursuit | None,
    ) -> Fit:
        starts = list(sample.beginning.starts(random_state))[:SAMPLED_STARTS]
        pursuit = sample._pursuit(stay)
        fit = explored = sample._run_from(starts, observe, pursuit, regroup=sample._regroup)
        try:
            for rows in larger_samples(sample.data.n_samples, self.data):
                if fit.stopped:
                    break
                fit = self._sampled(rows)._follow(fit, observe, stay)
            fit = self._stopped(fit) if fit.stopped else self._follow(fit, observe, last)
        except FitInterrupted as interrupt:
            raise FitInterrupted(replace(interrupt.result or fit, explored=explored)) from None
        return replace(fit, explored=explored)

    def _follow(self, fit: Fit, observe: Observe | None, pursuit: Pursuit | None = None) -> Fit:
        """Continue from the end of a fit to fewer rows."""

        def start() -> Parameters:
            return self.beginning.ended(fit.best.state.parameters)

        return self._run_from([start], observe, pursuit, fit.best.run)

    def _stopped(self, fit: Fit) -> Fit:
        """The state of a fit to a sample, with the log-likelihood of all rows."""
        limited = replace(self, climb=replace(self.climb, max_iter=0))
        ended = limited._follow(fit, None)
        return replace(ended, best=replace(ended.best, ending=em.Ending.CALLBACK))

    @cached_property
    def _sample(self) -> Estimation | None:
        """The sample on which the start is chosen; None if all rows are used."""
        rows = first_sample(self.data, self.model)
        return None if rows is None else self._sampled(rows)

    def _sampled(self, rows: int) -> Estimation:
        """The same estimation on a sample of the rows; it stops earlier."""
        looked_at = None if self.starts.noise_rows is None else self._looked_at
        return replace(
            self,
            data=self.data.sample(rows),
            climb=self.climb.on_a_sample(),
            looked_at=looked_at,
        )

    @cached_property
    def _looked_at(self) -> DataSet:
        """The rows that starts see."""
        if self.looked_at is not None:
            return self.looked_at
        noisy = self.starts.noise_rows
        return self.data if noisy is None else self.data.only(~noisy)
