"""Learning from rows as they come: ``partial_fit``."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats, TailStats
from bactrian.data.source import ArraySource
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.estimators.asking import estimation_for
from bactrian.estimators.estimated import EstimatedMixture
from bactrian.estimators.labels import known_of
from bactrian.estimators.settings import parts_of
from bactrian.estimators.validation import (
    check_rows,
    check_sample_weight,
    check_seed,
    check_values,
)
from bactrian.fitting.report import FitReport
from bactrian.fitting.samples import LARGEST_SAMPLE
from bactrian.fitting.stream import FIRST_ROWS, NO_ROWS, Schedule, Stream, joined, parted
from bactrian.fitting.waiting import Waiting
from bactrian.machine.blas import one_blas_thread
from bactrian.mixture import Mixture, Scaling
from bactrian.remedies import Act, Say
from bactrian.storage import MixtureModel
from bactrian.storage.stream_state import state_of, state_values

MILESTONE = 1.25  # rows for a fit, relative to the fit before
STAND_INS = 1000  # rows drawn from a mixture that stand for those that it was fitted to
# Attributes that tell of a fit, or of what was learned.
OF_A_FIT = (
    "_learned", "n_samples_seen_", "effective_samples_", "fit_report_", "lower_bound_",
    "lower_bounds_", "log_likelihood_",
)  # fmt: skip


class LearningMixture(EstimatedMixture):
    """A mixture that also learns from rows batch by batch."""

    half_life: Any

    def partial_fit(
        self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Learn from more rows, without those before: stepwise EM (Cappe & Moulines 2009).

        What is found depends on the rows and their order, not on how they are cut into batches.
        Each row counts as much as any other, or by `half_life` less and less. The first rows (200
        for each free parameter, 65,536 at most) are kept until there are enough of them for a
        fit as of :meth:`fit`; after that memory does not grow. After :meth:`fit` it goes on from
        what was found, which counts as much as the rows that it was found from.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            May have no rows.
        y, sample_weight
            As of :meth:`fit`.

        Returns
        -------
        self
            Not yet fitted if there are fewer rows than a mixture needs.

        Raises
        ------
        BadInputError
            If a parameter or the data cannot be used; all that was learned before stays.
        DegenerateCovarianceError
            If a component collapses and `reg_covar` is 0.
        """
        with self._unchanged_on_failure(), one_blas_thread():
            chunk = self._checked(X, y, sample_weight)
            if len(chunk.X):
                state = self._state(chunk.X.shape[1])
                if isinstance(state, Waiting):
                    state = self._waited(state, chunk)
                else:
                    state = state.learned(chunk, self._backend())
                self._keep_learned(state, chunk)
        return self

    # ---- files

    def to_model(self, scaling: Scaling | None = None) -> MixtureModel:
        """The fitted mixture with what is known of its fit, as a value.

        Parameters
        ----------
        scaling : Scaling, default=None
            If the estimator was fitted to ``(x - centre) / scale``. The model is then one of x,
            its likelihoods and criteria too. What :meth:`partial_fit` learned is kept without it
            only.
        """
        model, state = super().to_model(scaling), getattr(self, "_learned", None)
        if state is None or scaling is not None:
            return model
        told = {"n_samples_seen": self.n_samples_seen_, **state_values(state)}
        training = {**model.training, "stream": told}
        return MixtureModel(model.parameters, None, model.feature_names, training)

    @classmethod
    def from_mixture(cls, mixture: Mixture) -> Self:
        """Make a fitted estimator from a mixture, in units of the data.

        Of a :class:`~bactrian.MixtureModel` it has the settings of the fit, as far as they are
        there (no callback, no starting values); ``fit_report_`` is there if ``training`` holds
        all of it. Where it holds what was learned, :meth:`partial_fit` goes on from that.

        Parameters
        ----------
        mixture : Mixture or MixtureModel

        Raises
        ------
        ModelFileError
            If what was learned does not go with the mixture.
        """
        found, training = super().from_mixture(mixture), getattr(mixture, "training", {})
        told = training.get("stream")
        if told is not None and mixture.scaling is None:
            schedule = found._schedule(mixture.parameters.n_features)
            state, seen = state_of(mixture.parameters, schedule, found._backend(), told)
            found._know_learned(state, seen)
        return found

    # ---- what is asked

    def _checked(self, X: Any, y: Any, sample_weight: Any) -> Chunk:
        first = not hasattr(self, "n_features_in_")
        if np.ndim(X) == 2 and len(X) == 0 and not first:
            check_rows(self, np.zeros((1, np.shape(X)[1])), reset=False)
            return NO_ROWS
        rows = check_rows(self, X, reset=first)
        complete = check_values(self, rows)
        weights = check_sample_weight(sample_weight, len(rows))
        model = parts_of(self, (self.n_components + 1, rows.shape[1])).model
        known = known_of(self, y, len(rows), model)
        if self.spikes is not None:
            raise BadInputError(
                "spikes", repr(self.spikes), "None to learn batch by batch", Say("spikes", None)
            )
        weights = np.ones(len(rows)) if weights is None else weights
        whole = Chunk(rows, weights, known, complete)
        return whole if weights.all() else whole.take(weights > 0)

    def _schedule(self, n_features: int) -> Schedule:
        half_life = self.half_life
        known = isinstance(half_life, Real) and not isinstance(half_life, bool)
        if half_life is not None and not (known and 0 < float(half_life) < np.inf):
            wanted = "None, or a number of rows above 0"
            raise BadInputError("half_life", repr(half_life), wanted, code="out_of_range")
        model = parts_of(self, (self.n_components + 1, n_features)).model
        count = model.structure.n_parameters(model.n_components, n_features)
        count += model.n_components * (n_features + 1)
        return Schedule(count, None if half_life is None else float(half_life))

    def _state(self, n_features: int) -> Waiting | Stream:
        state: Waiting | Stream | None = getattr(self, "_learned", None)
        if state is not None:
            return replace(state, schedule=self._schedule(n_features))
        if not hasattr(self, "converged_"):
            return Waiting(NO_ROWS, self._schedule(n_features))
        return self._resumed()

    def _resumed(self) -> Stream:
        """Go on from a fit: as if its mixture were the statistics of its rows."""
        parameters, report = self.mixture_.parameters, getattr(self, "fit_report_", None)
        if report is None:
            raise BadInputError(
                "X",
                "rows for a mixture of which is not known how many rows it stands for",
                "rows for an estimator that was fitted to rows",
                Act("fit it with fit or partial_fit"),
                code="not_fitted",
            )
        stand_ins, _ = self.mixture_.sample(STAND_INS, 0)
        estimation = estimation_for(self, Chunk(stand_ins, None, complete=True))
        schedule, n = self._schedule(parameters.n_features), report.weight
        weights = schedule.weights(np.array([n]))
        stats = of_mixture(parameters, float(weights.sum()))
        squares = np.full(1, np.sqrt(weights.sum()))  # of rows of weight 1 each
        return Stream.begun(estimation.maximise, schedule, parameters, stats, squares, n)

    # ---- the first rows

    def _waited(self, state: Waiting, chunk: Chunk) -> Waiting | Stream:
        state = replace(state, rows=joined(state.rows, chunk))
        schedule, rows = state.schedule, state.rows
        total = float(np.asarray(rows.sample_weight).sum())
        enough = FIRST_ROWS * schedule.n_parameters
        whole = len(rows.X) >= LARGEST_SAMPLE or total >= enough
        count = min(total, enough) if whole else milestone(total, self.n_components + 1, enough)
        if count == state.fitted:
            return state
        own, rest = parted(rows, count)
        first = Waiting(own, schedule).weighted
        try:
            estimation = estimation_for(self, first)
            fit = estimation.run(check_seed(self.random_state))
        except (DegenerateCovarianceError, BadInputError):
            if whole:
                raise
            return replace(state, fitted=count, found=None)
        found, maximise = estimation.end(fit), estimation.maximise
        if not whole:
            return replace(state, fitted=count, found=found, maximise=maximise)
        held = self._backend().hold(ArraySource.of(first))
        stats, weights = held.accumulate(found.terms()), np.asarray(first.sample_weight)
        stream = Stream.begun(maximise, schedule, found, stats, weights, count)
        return stream.learned(rest, self._backend())

    def _keep_learned(self, state: Waiting | Stream, chunk: Chunk) -> None:
        """Set the attributes of what was learned."""
        seen = getattr(self, "n_samples_seen_", 0) + len(chunk.X)
        if not hasattr(self, "_learned") and hasattr(self, "fit_report_"):
            seen += self.fit_report_.n_samples
        parameters = state.parameters(self._backend())
        self._know_learned(state, seen)
        if parameters is not None:
            self._set_parameters(parameters, chunk.X.dtype)
            self.converged_, self.n_iter_ = False, 0

    def _know_learned(self, state: Waiting | Stream, seen: int) -> None:
        """Set what is known of what was learned, besides the mixture."""
        self._forget()
        self._learned, self.n_samples_seen_ = state, seen
        if isinstance(state, Stream):
            self.lower_bound_ = state.log_likelihood
            self.effective_samples_ = state.effective_samples

    def _forget(self) -> None:
        """Remove what is known of a fit or of what was learned."""
        for name in OF_A_FIT:
            self.__dict__.pop(name, None)

    def _keep(self, parameters: Parameters, report: FitReport, dtype: Any) -> None:
        self._forget()
        super()._keep(parameters, report, dtype)


def milestone(weight: float, least: int, enough: int) -> int:
    """The last weight of rows at which they are fitted as a whole; 0 if there are too few."""
    if weight >= enough:
        return enough
    last, following = 0, least
    while following <= weight:
        last, following = following, max(following + 1, int(MILESTONE * following))
    return last


def of_mixture(parameters: Parameters, weight: float) -> SufficientStats:
    """Statistics of rows of that weight, of which a mixture is the M-step.

    Points at the deviations along the principal axes have the moments of each component.
    """
    form, (n_components, n_features) = parameters.form, parameters.means.shape
    dense = form.algebra.dense(parameters.covariances, n_components, n_features)
    axes = np.linalg.cholesky(dense).transpose(0, 2, 1) * np.sqrt(n_features)
    points = parameters.means[:, None] + np.concatenate([axes, -axes], axis=1)
    count = 2 * n_features
    held = weight * parameters.weights
    resp = np.repeat(np.diag(held / count), count, axis=0)
    X = points.reshape(-1, n_features)
    stats = SufficientStats.of(form, X, resp, parameters.means, weight=weight)
    if parameters.dof is None:
        return stats
    half = np.broadcast_to(parameters.dof, n_components) / 2
    log_scale = -held * (1 + np.log(half) - digamma(half))
    return replace(stats, tails=TailStats(held, log_scale))
