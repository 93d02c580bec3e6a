"""One candidate: fit it, and report the outcome."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BactrianError, BadInputError
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.labels import check_labels
from bactrian.fitting.dataset import DataSet
from bactrian.mixture.criteria import CRITERIA
from bactrian.objections import Unvalidated
from bactrian.selection.search.candidates import Candidate
from bactrian.selection.search.folds import Folds
from bactrian.selection.settings import NUMERICAL

Pair = tuple[int, str]
Trial = tuple[Candidate, GaussianMixture | None]
OF_ONE_CANDIDATE = ("n_components", "covariance_type", "y")  # faults that others need not share


@dataclass(frozen=True, eq=False)
class Revisit:
    """A candidate that may gain by what others found.

    Parameters
    ----------
    candidate : Candidate
    others : tuple of Parameters
        Where the candidates ended that are nearest to it.
    """

    candidate: Candidate
    others: tuple[Parameters, ...]


@dataclass(frozen=True, eq=False)
class Shared:
    """What all candidates share.

    Parameters
    ----------
    data : DataSet
        The rows, checked and summarised once for all candidates.
    rows : Chunk
        All that were given, with their weights.
    settings : mapping
        Other parameters of the estimator.
    folds : tuple of pairs, optional
        For each, the rows to fit and the rows to hold out.
    y : (n_samples,) or (n_samples, K), optional
        What is known of the components, if it is used. It may be masked.
    exchange : bool
        Whether it counts where they ended.
    """

    data: DataSet
    rows: Chunk
    settings: Mapping[str, Any]
    folds: Folds | None = None
    y: Any = None
    exchange: bool = False

    def __call__(self, pair: Pair) -> Trial:
        """Return the row of a candidate, and its estimator if it could be fitted.

        Raises
        ------
        BadInputError
            If something is wrong that is so for all candidates.
        """
        began = perf_counter()
        estimator = self._estimator(pair)
        try:
            self._fitted(estimator)
        except (*NUMERICAL, BadInputError) as error:
            if isinstance(error, BadInputError) and error.name not in OF_ONE_CANDIDATE:
                raise
            return _failed(pair, perf_counter() - began, error), None
        candidate = self._validated(self._measured(estimator), estimator)
        return replace(candidate, seconds=perf_counter() - began), estimator

    def revisited(self, asked: Revisit) -> Trial | None:
        """Return a candidate that gained by what others found; None if it did not.

        What was held out is judged as before: the folds know nothing of other candidates.
        """
        began, before = perf_counter(), asked.candidate
        estimator = self._estimator(before.pair)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                if not estimator.fit_borrowing(self.data, self.y, before.end, asked.others):
                    return None
        except (*NUMERICAL, BadInputError):
            return None
        candidate = replace(self._measured(estimator), borrowed=True)
        if before.failure is None:
            told = [one for one in before.objections if isinstance(one, Unvalidated)]
            objections = (*candidate.objections, *told)
            candidate = replace(candidate, cv=before.cv, objections=objections)
        else:
            candidate = self._validated(candidate, estimator)
        return replace(candidate, seconds=before.seconds + perf_counter() - began), estimator

    def fitted_again(self, candidate: Candidate) -> GaussianMixture:
        """The estimator of a candidate of which only the numbers are known."""
        estimator = self._estimator(candidate.pair)
        self._fitted(estimator, candidate.end if candidate.borrowed else None)
        return estimator

    def _estimator(self, pair: Pair) -> GaussianMixture:
        n_components, name = pair
        return GaussianMixture(n_components, covariance_type=name, **self.settings)

    def _fitted(self, estimator: GaussianMixture, start: Parameters | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit_data(self.data, self.y, start)

    def _measured(self, estimator: GaussianMixture) -> Candidate:
        report = estimator.fit_report_
        rows, backend = self.rows, self.data.machine.backend
        found = estimator.mixture_.likelihoods(
            rows.X,
            rows.sample_weight,
            plausibility=self._known(estimator),
            backend=backend,
            complete=rows.complete,
        )
        arguments = report.log_likelihood, report.n_parameters, report.weight, found.classification
        values: dict[str, Any] = {name: rule(*arguments) for name, rule in CRITERIA.items()}
        return Candidate(
            estimator.n_components,
            estimator.covariance_type,
            log_likelihood=report.log_likelihood,
            n_parameters=report.n_parameters,
            relative_entropy=found.certainty.relative_entropy,
            n_iter=report.n_iter,
            converged=report.converged,
            collapsed=bool(report.certificate.collapses),
            objections=report.objections,
            end=estimator.mixture_.parameters if self.exchange else None,
            **values,
        )

    def _known(self, estimator: GaussianMixture) -> FloatArray | None:
        """What is known of a fitted estimator's components."""
        n_terms = estimator.mixture_.parameters.n_terms
        rows, n_components = len(self.rows.X), estimator.n_components
        return check_labels(self.y, estimator.labels, rows, n_components, n_terms)

    def _validated(self, candidate: Candidate, estimator: GaussianMixture) -> Candidate:
        """The candidate with its cross-validated log-likelihood, or with the reason for none."""
        if self.folds is None:
            return candidate
        try:
            return replace(candidate, cv=-2 * self._held_out(estimator, self.folds))
        except (*NUMERICAL, BadInputError) as error:
            return replace(candidate, objections=(*candidate.objections, Unvalidated(str(error))))

    def _held_out(self, estimator: GaussianMixture, folds: Folds) -> float:
        """Log-likelihood of each fold under the mixture that is fitted to the other folds.

        Where folds overlap, or leave rows out, it is scaled to all rows. With labels it is that of
        rows and labels.
        """
        X, weights = self.rows.X, self.rows.sample_weight
        weights = np.ones(len(X)) if weights is None else weights
        known = self._known(estimator)
        total = seen = 0.0
        for kept, out in folds:
            model = clone(estimator)
            spikes = self.data.spikes
            model.spikes = None if spikes is None else spikes.by_column()
            if model.resp_init is not None:
                model.resp_init = np.asarray(model.resp_init)[kept]
            if self.y is not None:
                model.labels = "use"  # a fold may have no row whose component is unknown
            y = None if self.y is None else self.y[kept]
            model.fit(X[kept], y, sample_weight=weights[kept])
            told = None if known is None else known[out]
            found = model.mixture_.likelihoods(
                X[out], weights[out], plausibility=told, backend=self.data.machine.backend
            )
            total += found.log_likelihood
            seen += float(weights[out].sum())
        return total / seen * float(weights.sum())


def _failed(pair: Pair, seconds: float, error: Exception) -> Candidate:
    value = error if isinstance(error, BactrianError) else None
    return Candidate(*pair, seconds=seconds, failure=str(error), error=value)
