"""Detection of outliers by density, with a rate of false alarms that is kept."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.decisions.calibration import Calibration
from bactrian.decisions.reasons import Reasons, reasons_of
from bactrian.decisions.reference import Reference
from bactrian.decisions.rows import OfMixtures, check_share
from bactrian.errors import BactrianError, BadInputError
from bactrian.estimators.fitted import feature_names_of
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import check_integer, check_real
from bactrian.mixture import Mixture

FOLDS = 10
HARDLY = 0.1  # of all normal rows, that one is so rare


class GaussianMixtureOutlierDetector(OfMixtures, OutlierMixin, BaseEstimator):
    """Outliers are rows that the mixture of the normal rows makes improbable.

    The rows of the fit may hold outliers. Scattered ones are taken by a uniform noise, and groups
    of them by components that are too small to be normal (`smallest_share`); both are then left
    out, so that outliers do not hide themselves or each other.

    How improbable is too improbable is found by cross-fitting: each normal row is scored by a
    mixture that was fitted without it [1]_, so that of *new* normal rows the share
    `false_alarm_rate` is below the threshold.

    Parameters
    ----------
    n_components : int, default=1
    covariance_type : str, default="full"
        As of :class:`~bactrian.GaussianMixture`.
    false_alarm_rate : float, default=0.01
        Share of new normal rows that are taken for outliers, above 0 and below 1.
    contamination : "auto" or float, default="auto"
        A number, above 0 and at most 0.5: the threshold is such that this share of the rows of
        the fit is below it, as in scikit-learn's detectors; the rate of false alarms is then not
        asked for.
    smallest_share : float, default=0.1
        Components of a smaller weight are outliers. 0: all components are normal.
    noise : bool, default=True
        Whether there may be scattered outliers among the rows of the fit.
    n_folds : int, default=10
        Of the cross-fitting.
    random_state : int, RandomState or None, default=None
    missing, family, dof, prior, reg_covar, tol, max_iter, n_init, n_jobs
        As of :class:`~bactrian.GaussianMixture`.

    Attributes
    ----------
    mixture_ : Mixture
        Of the normal rows.
    offset_ : float
        The threshold: `decision_function` is `score_samples` minus it.
    contamination_ : float
        Share of outliers among the rows of the fit, estimated.
    calibration_ : Calibration or None
        Scores of normal rows under mixtures that do not know them; None with a number for
        `contamination`.
    n_iter_ : int
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,)
        If X has names.

    References
    ----------
    .. [1] Barber, R. F., Candes, E. J., Ramdas, A. and Tibshirani, R. J. (2021). Predictive
       inference with the jackknife+. Ann. Statist. 49, 486-507, section 3 (CV+).

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixtureOutlierDetector
    >>> rng = np.random.default_rng(0)
    >>> X = np.r_[rng.normal(size=(190, 3)), rng.normal(8, 0.5, size=(10, 3))]
    >>> detector = GaussianMixtureOutlierDetector(2, random_state=0).fit(X)
    >>> (detector.predict(X[190:]) == -1).all(), round(detector.contamination_, 2)
    (np.True_, 0.05)
    """

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        false_alarm_rate: float = 0.01,
        contamination: Any = "auto",
        smallest_share: float = 0.1,
        noise: bool = True,
        n_folds: int = FOLDS,
        missing: str = "em",
        family: str = "gaussian",
        dof: Any = "shared",
        prior: Any = None,
        reg_covar: Any = "auto",
        tol: float = 1e-7,
        max_iter: int = 1000,
        n_init: Any = "auto",
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.false_alarm_rate = false_alarm_rate
        self.contamination = contamination
        self.smallest_share = smallest_share
        self.noise = noise
        self.n_folds = n_folds
        self.missing = missing
        self.family = family
        self.dof = dof
        self.prior = prior
        self.reg_covar = reg_covar
        self.tol = tol
        self.max_iter = max_iter
        self.n_init = n_init
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the mixture of the normal rows, and find the threshold.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing.
        y : ignored

        Raises
        ------
        BadInputError
            If a parameter or the data cannot be used, or no component is large enough.
        """
        self._check()
        rows = self._checked_rows(X, reset=True)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        model = self._fitted(rows, seed)
        normal, outlying = self._normal(model)
        self.mixture_: Mixture = normal.replaced(feature_names=feature_names_of(self))
        self.n_iter_ = max(1, int(model.n_iter_))
        if self.contamination != "auto":
            self.calibration_: Calibration | None = None
            scores = self.mixture_.log_density(rows)
            self.offset_ = float(np.percentile(scores, 100 * self.contamination))
            self.contamination_ = float(self.contamination)
            return self
        held_out = np.empty(len(rows))
        folds = KFold(min(self.n_folds, len(rows)), shuffle=True, random_state=seed)
        for fit, test in folds.split(rows):
            try:
                own, _ = self._normal(self._fitted(rows[fit], seed))
            except BactrianError:  # too few rows without these: the whole stands for it
                own = normal
            held_out[test] = own.log_density(rows[test])
        clean = ~self._are_outlying(model, normal, outlying, rows)
        clean = clean if clean.any() else np.ones(len(rows), dtype=bool)
        self.calibration_ = Calibration.of(normal, held_out[clean])
        self.offset_ = self.calibration_.threshold(self.false_alarm_rate)
        alarms = float((held_out < self.offset_).mean())
        rate = self.false_alarm_rate
        self.contamination_ = max(0.0, (alarms - rate) / (1 - rate))
        return self

    def score_samples(self, X: Any) -> FloatArray:
        """Log-density of each row among the normal rows, (n_samples,), in nats."""
        rows = self._checked_rows(X)
        return self.mixture_.log_density(rows)

    def decision_function(self, X: Any) -> FloatArray:
        """`score_samples` minus the threshold, (n_samples,): below 0 for outliers.

        A row with missing values is compared with the threshold of normal rows that lack the same.
        """
        rows = self._checked_rows(X)
        scores = self.mixture_.log_density(rows)
        holes = np.isnan(rows).any(axis=1)
        if holes.any() and self.calibration_ is not None:
            own = self.calibration_.thresholds(rows[holes], self.false_alarm_rate)
            scores[holes] += self.offset_ - own
        return np.asarray(scores - self.offset_)

    def predict(self, X: Any) -> npt.NDArray[np.int64]:
        """1 for normal rows, -1 for outliers, (n_samples,)."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def p_values(self, X: Any) -> FloatArray:
        """Share of new normal rows that are at least as improbable, (n_samples,).

        A row with missing values is compared with normal rows that lack the same. Below one over
        the number of normal rows the share is that of the mixture's own tail.

        Raises
        ------
        BadInputError
            With a number for `contamination`, there is no calibration.
        """
        rows = self._checked_rows(X)
        if self.calibration_ is None:
            got = repr(self.contamination)
            raise BadInputError("contamination", got, "'auto' for p-values", code="bad_choice")
        return self.calibration_.p_values(rows, self.mixture_.log_density(rows))

    def discoveries(self, X: Any, rate: float = 0.1) -> BoolArray:
        """Mark outliers so that of the marked rows at most this share is normal, on average.

        Benjamini and Hochberg's (1995) step-up rule on the p-values.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
        rate : float, default=0.1
            Above 0 and below 1.

        Returns
        -------
        (n_samples,) of bool
        """
        check_share("rate", rate)
        p = self.p_values(X)
        order = np.sort(p)
        passed = np.flatnonzero(order <= rate * np.arange(1, len(p) + 1) / len(p))
        return np.asarray(p <= order[passed[-1]]) if len(passed) else np.zeros(len(p), dtype=bool)

    def explain(self, X: Any) -> Reasons:
        """Why rows are odd: what each column adds to the log-density, and conditional z-scores.

        See :class:`~bactrian.decisions.reasons.Reasons`.
        """
        rows = self._checked_rows(X)
        return reasons_of(self.mixture_, rows)

    # ---- parts

    def _fitted(self, rows: FloatArray, seed: int) -> GaussianMixture:
        own = {name: getattr(self, name) for name in ("n_components", "covariance_type", "noise")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return GaussianMixture(**self._settings(), **own, random_state=seed).fit(rows)

    def _normal(self, model: GaussianMixture) -> tuple[Mixture, BoolArray]:
        """The mixture of the normal components, and which are outlying, (n_components,)."""
        parameters = model.mixture_.parameters
        outlying = parameters.weights < self.smallest_share
        if outlying.all():
            raise BadInputError(
                "smallest_share",
                f"{self.smallest_share:g}, with weights of at most {parameters.weights.max():.3g}",
                "below the weight of some component",
                "Lower smallest_share or n_components.",
                code="out_of_range",
            )
        kept = parameters.permuted(np.flatnonzero(~outlying))
        alone = kept.replaced(weights=kept.weights / kept.weights.sum(), noise=None)
        return Mixture.from_parameters(alone), outlying

    def _are_outlying(
        self,
        model: GaussianMixture,
        normal: Mixture,
        outlying: BoolArray,
        rows: FloatArray,
    ) -> BoolArray:
        """Which rows of the fit are outliers: of outlying components, or too rare to be normal.

        The noise takes some of the rarest normal rows as well. Left out are only those of its rows
        that are so rare that of as many normal rows hardly one is.
        """
        resp = model.predict_proba(rows)
        count = len(outlying)
        of_groups = resp[:, :count][:, outlying].sum(axis=1) > 0.5
        scattered = resp[:, count:].sum(axis=1) > 0.5
        if scattered.any():
            rare = Reference(normal).levels(rows, HARDLY / len(rows))
            scattered &= normal.log_density(rows) < rare
        return np.asarray(of_groups | scattered)

    def _check(self) -> None:
        check_share("false_alarm_rate", self.false_alarm_rate)
        check_integer("n_folds", self.n_folds, 2)
        smallest = check_real("smallest_share", self.smallest_share)
        contamination = self.contamination
        if smallest >= 1:
            raise BadInputError("smallest_share", repr(smallest), "below 1", code="out_of_range")
        number = isinstance(contamination, Real) and not isinstance(contamination, bool)
        if contamination != "auto" and not (number and 0 < float(contamination) <= 0.5):
            wanted = "'auto', or above 0 and at most 0.5"
            raise BadInputError("contamination", repr(contamination), wanted, code="out_of_range")
