"""What a fitted mixture can do, whatever the way it was fitted."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, DensityMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from bactrian.backends import Backend, backend_for
from bactrian.core.arrays import FloatArray, RealArray
from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.results import RowResults
from bactrian.errors import BadInputError
from bactrian.estimators.family import held_by_family
from bactrian.estimators.labels import check_labels
from bactrian.estimators.scanned import chunks_of, each_block, mean_score, refuse_beside
from bactrian.estimators.validation import (
    check_integer,
    check_jobs,
    check_rows,
    check_sample_weight,
    check_seed,
    check_values,
    fixed_names,
    held_weights,
)
from bactrian.mixture import Likelihoods, Mixture
from bactrian.mixture.certainty import Certainty
from bactrian.mixture.criteria import CRITERIA
from bactrian.mixture.thresholds import Threshold
from bactrian.mixture.unlikely import Unlikely, unlikely_of
from bactrian.tables.scan import is_elsewhere


class FittedMixture(TransformerMixin, DensityMixin, BaseEstimator):
    """Densities, probabilities, samples and criteria from the attributes of a fitted mixture.

    The attributes are those of scikit-learn's mixtures, and may be set by hand as well.
    """

    covariance_type: str
    weights_: Any
    fixed: Any
    equal_weights: bool
    missing: str
    family: str
    dof: Any
    labels: str
    random_state: Any
    backend: Any
    n_jobs: int | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "em"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _set_parameters(self, parameters: Parameters, dtype: Any = np.float64) -> None:
        form, shape = parameters.form, parameters.means.shape
        public = form.public_shape(*shape)
        factors = parameters.precisions_cholesky
        values = {
            "weights_": parameters.weights,
            "means_": parameters.means,
            "covariances_": parameters.covariances.reshape(public),
            "precisions_": form.algebra.precisions_of(factors).reshape(public),
            "precisions_cholesky_": factors.reshape(public),
        }
        with np.errstate(over="ignore", under="ignore"):
            cast = {name: np.array(value, dtype=dtype) for name, value in values.items()}
        box = parameters.noise
        for name, extra in (
            ("noise_weight_", None if box is None else float(parameters.term_weights[-1])),
            ("noise_box_", None if box is None else np.array(box)),
            ("dof_", None if parameters.dof is None else np.array(parameters.dof)),
            ("spikes_", parameters.spikes),
        ):
            if extra is not None:
                setattr(self, name, extra)
            elif hasattr(self, name):
                delattr(self, name)
        for name, value in cast.items():
            if not np.isfinite(value).all():
                raise BadInputError(
                    "X", f"float32 data whose {name} overflows", "in a moderate unit",
                    "Pass float64 data, or rescale the columns.",
                )  # fmt: skip
            setattr(self, name, value)

    @property
    def mixture_(self) -> Mixture:
        """The mixture that the current attributes describe, also if they were set by hand.

        Raises
        ------
        NotFittedError
            It is an AttributeError: without a fit there is no such attribute.
        """
        check_is_fitted(self)
        structure = covariance_structure(self.covariance_type)
        means = np.asarray(self.means_, dtype=np.float64)
        shape = structure.form.shape(*means.shape)
        parameters = Parameters(
            np.asarray(self.weights_, dtype=np.float64),
            means,
            np.asarray(self.covariances_, dtype=np.float64).reshape(shape),
            structure,
            np.asarray(self.precisions_cholesky_, dtype=np.float64).reshape(shape),
            getattr(self, "noise_box_", None),
            getattr(self, "dof_", None),
            getattr(self, "spikes_", None),
        )
        return Mixture.from_parameters(parameters, feature_names=feature_names_of(self))

    def _backend(self) -> Backend:
        return backend_for(self.backend, check_jobs(self.n_jobs))

    def _evaluate(self, X: Any, *wanted: str) -> RowResults:
        mixture = self.mixture_
        rows = check_rows(self, X, reset=False)
        complete, backend = check_values(self, rows), self._backend()
        return mixture.evaluate(rows, *wanted, backend=backend, complete=complete)

    @each_block
    def score_samples(self, X: Any) -> RealArray:
        """Log-density of each row (of its observed part), (n_samples,), in nats."""
        return cast(RealArray, self._evaluate(X, "log_density").log_density)

    def score(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> float:
        """Mean log-density of the rows, weighted, in nats."""
        if is_elsewhere(X):
            refuse_beside(X, sample_weight=sample_weight)
            return mean_score(self, X)
        densities = self.score_samples(X)
        weights = check_sample_weight(sample_weight, len(densities))
        if weights is None:
            return float(densities.mean())
        kept = weights > 0  # a row of weight 0 counts for nothing, whatever its density
        return float(np.average(densities[kept], weights=weights[kept]))

    @each_block
    def predict(self, X: Any) -> npt.NDArray[np.int64]:
        """Most probable component of each row, (n_samples,), from 0 to K - 1; -1 for noise."""
        return cast(npt.NDArray[np.int64], self._evaluate(X, "labels").labels)

    @each_block
    def predict_proba(self, X: Any) -> RealArray:
        """Probability of each component for each row, (n_samples, K); noise is one more column."""
        return cast(RealArray, self._evaluate(X, "resp").resp)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Values of one feature at which the most probable component changes.

        See :meth:`bactrian.Mixture.thresholds`; ``bootstrap(...).thresholds()`` says how certain
        they are.
        """
        return self.mixture_.thresholds()

    def uncertainty(self, X: Any) -> RealArray:
        """How uncertain each assignment is, (n_samples,): 1 minus the largest probability."""
        return cast(RealArray, 1 - self.predict_proba(X).max(axis=1))

    def transform(self, X: Any) -> RealArray:
        """Return the probabilities of :meth:`predict_proba`, for the steps of a pipeline after it.

        They add up to 1 in each row, so that a linear model that follows needs no constant, or
        one column less.
        """
        return self.predict_proba(X)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Names of the columns of :meth:`transform`, (K,), and of noise in one more.

        Parameters
        ----------
        input_features : ignored
        """
        check_is_fitted(self)
        called = type(self).__name__.lower()
        names = [f"{called}{k}" for k in range(len(self.weights_))]
        if hasattr(self, "noise_box_"):
            names.append(f"{called}_noise")
        return np.array(names, dtype=object)

    def unlikely(
        self, X: Any, share: float | None = None, *, below: float | None = None
    ) -> Unlikely:
        """Mark the least likely rows: outliers, faults, news.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
        share : float, default=None
            Of these rows, at least one. None: 0.01, if `below` is not given.
        below : float, default=None
            A log-density: all rows of that or less.

        Returns
        -------
        Unlikely
            `threshold`, a log-density, and `rows`, (n_samples,) of bool.
        """
        return unlikely_of(np.asarray(self.score_samples(X), dtype=np.float64), share, below)

    def impute(self, X: Any, n_draws: int | None = None) -> FloatArray:
        """Fill in missing values, given what is observed in each row.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            NaN, or null, where missing.
        n_draws : int, default=None
            None: each missing value is replaced by its conditional expectation, the best guess,
            which varies too little. A number: that many tables, each with missing values
            drawn from their conditional distribution, for multiple imputation (Rubin 1987).

        Returns
        -------
        (n_samples, D), or (n_draws, n_samples, D)
        """
        mixture = self.mixture_
        rows = check_rows(self, X, reset=False)
        check_values(self, rows)
        if n_draws is not None:
            n_draws = check_integer("n_draws", n_draws, 1, "None, or ")
        return mixture.impute(rows, n_draws, check_seed(self.random_state))

    def sample(
        self, n_samples: int = 1, *, sort: bool = True, component: int | None = None
    ) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Draw rows from the mixture.

        Parameters
        ----------
        n_samples : int, default=1
        sort : bool, default=True
            Whether rows come in the order of their components, or at random.
        component : int, default=None
            Draw from this one alone, counted from 0; -1 is the noise. None: from the mixture.

        Returns
        -------
        X : (n_samples, D)
        y : (n_samples,)
            Component of each row, -1 for noise.
        """
        mixture = self.mixture_
        size = check_integer("Invalid value for 'n_samples': it", n_samples, 1)
        source = check_seed(self.random_state)
        return mixture.sample(size, source, sort=sort, component=component)

    def _n_parameters(self) -> int:
        """Count the free parameters, without those held fixed."""
        fixed = fixed_names(self.fixed) | held_by_family(self)
        return self.mixture_.n_parameters(fixed | held_weights(equal=self.equal_weights))

    def bic(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """Bayesian information criterion, lower is better (Schwarz 1978).

        ``-2 log_likelihood + n_parameters log(n)``, n the sum of the weights.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
        sample_weight : array-like of shape (n_samples,), default=None
        y : array-like, default=None
            What is known of the components, as in ``fit``. After a fit with labels, which
            maximises the likelihood of rows and labels, the criterion of ``fit_report_`` is the
            one with these labels; without them it is that of the rows alone.
        """
        return self._criterion("bic", X, sample_weight, y)

    def aic(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """Akaike information criterion, lower is better (Akaike 1974).

        ``-2 log_likelihood + 2 n_parameters``.
        """
        return self._criterion("aic", X, sample_weight, y)

    def aicc(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """AIC corrected for few samples, lower is better (Hurvich & Tsai 1989).

        ``aic + 2 k (k + 1) / (n - k - 1)``, k the free parameters, n the sum of the weights.
        """
        return self._criterion("aicc", X, sample_weight, y)

    def caic(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """Consistent AIC, lower is better (Bozdogan 1987).

        ``-2 log_likelihood + n_parameters (log(n) + 1)``, n the sum of the weights.
        """
        return self._criterion("caic", X, sample_weight, y)

    def hq(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """Hannan-Quinn criterion, lower is better (Hannan & Quinn 1979).

        ``-2 log_likelihood + 2 n_parameters log(log(n))``, n the sum of the weights.
        """
        return self._criterion("hq", X, sample_weight, y)

    def icl(self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None) -> float:
        """Integrated completed likelihood, lower is better (Biernacki and others 2000).

        ``bic - 2 sum_i w_i log(max_k r_ik)``, r the responsibilities: BIC, and a charge for
        overlap.
        """
        return self._criterion("icl", X, sample_weight, y)

    def certainty(
        self, X: Any, sample_weight: npt.ArrayLike | None = None, y: Any = None
    ) -> Certainty:
        """How certain it is which component the rows are of.

        Returns
        -------
        Certainty
            With `relative_entropy`, which is 1 if the component of each row is certain, and
            `probabilities`: for each component the mean largest probability of its rows.
        """
        return self._likelihoods(X, sample_weight, y).certainty

    def _criterion(self, name: str, X: Any, sample_weight: npt.ArrayLike | None, y: Any) -> float:
        log_likelihood, weight, classification, _ = self._likelihoods(X, sample_weight, y)
        return CRITERIA[name](log_likelihood, self._n_parameters(), weight, classification)

    def _likelihoods(self, X: Any, sample_weight: npt.ArrayLike | None, y: Any) -> Likelihoods:
        mixture = self.mixture_
        if is_elsewhere(X):
            refuse_beside(X, sample_weight=sample_weight, y=y)
            return mixture.likelihoods_of(chunks_of(self, X), self._backend())
        rows = check_rows(self, X, reset=False)
        complete, backend = check_values(self, rows), self._backend()
        weights = check_sample_weight(sample_weight, len(rows))
        n_components, n_terms = len(self.weights_), mixture.parameters.n_terms
        known = check_labels(y, self.labels, len(rows), n_components, n_terms)
        return mixture.likelihoods(
            rows, weights, plausibility=known, backend=backend, complete=complete
        )


def feature_names_of(estimator: Any) -> tuple[str, ...]:
    """Feature names that a fitted estimator knows; may be empty."""
    return tuple(str(name) for name in getattr(estimator, "feature_names_in_", ()))
