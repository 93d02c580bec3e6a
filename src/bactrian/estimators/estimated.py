"""How an estimator is fitted, whatever its settings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning

from bactrian.core.em import Ending
from bactrian.core.em.starts import Fit
from bactrian.core.observation.labelled import as_known
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.estimators.asking import asked
from bactrian.estimators.labels import check_labels
from bactrian.estimators.progress import observer
from bactrian.estimators.scanned import spooled
from bactrian.estimators.settings import estimation_of
from bactrian.estimators.stored import StoredMixture
from bactrian.estimators.validation import check_seed
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.report import FitReport, closing_line, report_on
from bactrian.machine.blas import one_blas_thread
from bactrian.mixture import Mixture
from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Act, Say
from bactrian.tables.scan import is_elsewhere


class EstimatedMixture(StoredMixture):
    """A mixture that is fitted according to its settings."""

    warm_start: bool
    verbose: int
    verbose_interval: int
    callback: Any

    def fit(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Estimate the parameters by EM.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN, null, or hidden by a masked array where missing. Rows that are too many for the
            memory are named instead: see :func:`bactrian.scan`; a path, a pyarrow Dataset or a
            function that returns pieces is scanned, too.
        y : array-like of shape (n_samples,) or (n_samples, K), default=None
            What is known of the component of each row (see `labels`): its number from 0, or -1
            (or hidden by a masked array) where it is unknown; or how plausible each component
            is, up to a factor a row.
        sample_weight : array-like of shape (n_samples,), default=None
            At least 0. A weight of 2 counts as the same row twice.

        Raises
        ------
        BadInputError
            If a parameter or the data cannot be used.
        DegenerateCovarianceError
            If a component collapses in every start and `reg_covar` is 0.
        FitInterrupted
            On Ctrl-C. The estimator stays as it was; ``result`` holds the best fit so far.
        """
        if is_elsewhere(X):
            return self._fit_elsewhere(X, y, sample_weight)
        self._fit(X, y, sample_weight)
        return self

    def _fit_elsewhere(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None) -> Self:
        return self.fit_data(spooled(self, X, sample_weight), y)

    def fit_predict(
        self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.int64]:
        """Fit, and label each row with its most probable component, (n_samples,).

        A row whose component is known keeps it.
        """
        if is_elsewhere(X):
            labels = self._fit_elsewhere(X, y, sample_weight).predict(X)
            terms = len(self.weights_) + hasattr(self, "noise_box_")
            known = check_labels(y, self.labels, len(labels), len(self.weights_), terms)
            return as_known(labels, known)
        rows = self._fit(X, y, sample_weight)
        backend = self._backend()
        found = self._judge.evaluate(rows.X, "labels", backend=backend, complete=rows.complete)
        return as_known(cast(npt.NDArray[np.int64], found.labels), rows.plausibility)

    def fit_data(self, data: DataSet, y: Any = None, start: Parameters | None = None) -> Self:
        """Fit to checked and summarised rows, which many mixtures of the same rows can share.

        The machine that holds them is the data's, not that of this estimator.

        Parameters
        ----------
        data : DataSet
        y : array-like, default=None
            As of :meth:`fit`, for all rows that were given.
        start : Parameters, default=None
            Where to start; None: as the settings say.

        Raises
        ------
        BadInputError, DegenerateCovarianceError, FitInterrupted
            As :meth:`fit`.
        """
        with self._unchanged_on_failure(), one_blas_thread():
            self._run(estimation_of(self, data, y), start)
            self._warn_unless_converged(stacklevel=3)
        return self

    def fit_borrowing(
        self, data: DataSet, y: Any, own: Parameters | None, others: Sequence[Parameters]
    ) -> bool:
        """Fit from what other mixtures say of the rows, if that leads higher than before.

        Parameters
        ----------
        data : DataSet
        y : array-like or None
            As of :meth:`fit_data`.
        own : Parameters or None
            Where this model ended before.
        others : sequence of Parameters
            Of mixtures of the same rows, with at most a component more or fewer.

        Returns
        -------
        bool
            Whether it did; if not, the estimator is as it was.

        Raises
        ------
        BadInputError, DegenerateCovarianceError, FitInterrupted
            As :meth:`fit`.
        """
        with self._unchanged_on_failure(), one_blas_thread():
            estimation = estimation_of(self, data, y)
            found = estimation.run_borrowing(own, others)
            if found is not None:
                self.adopt(estimation, found)
                self._warn_unless_converged(stacklevel=3)
        return found is not None

    def _fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None) -> Chunk:
        with self._unchanged_on_failure(), one_blas_thread():
            rows, estimation = asked(self, X, y, sample_weight, reset=True)
            self._run(estimation)
            self._warn_unless_converged(stacklevel=4)
        return rows

    def _run(self, estimation: Estimation, start: Parameters | None = None) -> None:
        observe = observer(self.verbose, self.verbose_interval, self.callback)
        if start is None and self.warm_start:
            start = self._warm_start(estimation)
        self.adopt(estimation, estimation.run(check_seed(self.random_state), observe, start))
        if self.verbose:
            print(closing_line(self.fit_report_))

    def adopt(self, estimation: Estimation, fit: Fit) -> None:
        """Take over the mixture that an estimation with these parameters found.

        Parameters
        ----------
        estimation : Estimation
        fit : Fit
        """
        data = estimation.data
        self.n_features_in_ = data.n_features
        if data.feature_names:
            self.feature_names_in_ = np.array(data.feature_names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._keep(estimation.end(fit), report_on(estimation, fit), data.source.dtype)

    @property
    def _judge(self) -> Mixture:
        """What says which component a row is of."""
        return self.mixture_

    def _warm_start(self, estimation: Estimation) -> Parameters | None:
        """Parameters of the last fit, with fixed ones at their given values; None without one."""
        if not hasattr(self, "converged_"):
            return None
        model = estimation.model
        fitted, wanted = np.shape(self.means_), (model.n_components, estimation.data.n_features)
        structure = model.structure
        known = np.shape(self.covariances_) == structure.form.public_shape(*fitted)
        if fitted != wanted or not known:
            raise BadInputError(
                "warm_start",
                f"a last fit with means of shape {fitted}, covariances of shape "
                f"{np.shape(self.covariances_)}",
                Phrase(
                    f"False for {wanted[0]} components in {wanted[1]} features with ",
                    ParameterValue("covariance_type", structure.name),
                ),
                Say("warm_start", value=False),
                Act("clone the estimator"),
            )
        return estimation.starts.given.held(model.fixed).over(self.mixture_.parameters)

    @contextmanager
    def _unchanged_on_failure(self) -> Iterator[None]:
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _keep(self, parameters: Parameters, report: FitReport, dtype: Any) -> None:
        """Set the attributes of a fitted estimator."""
        self._set_parameters(parameters, dtype)
        self.converged_ = report.converged
        self.n_iter_ = report.n_iter
        self.lower_bounds_ = list(report.trace[:-1])
        self.lower_bound_ = self.lower_bounds_[-1] if self.lower_bounds_ else report.trace[-1]
        self.log_likelihood_ = report.log_likelihood
        self.fit_report_ = report

    def _warn_unless_converged(self, stacklevel: int) -> None:
        report = self.fit_report_
        start_only = report.n_iter == 0 and report.ending is Ending.LIMIT
        if not report.converged and not start_only:
            warnings.warn(
                f"The fit did not converge: {'; '.join(report.warnings)}. "
                f"It ended because {report.reason}. "
                "Raise max_iter, try other starts, or look for degenerate data.",
                ConvergenceWarning,
                stacklevel=stacklevel,
            )
