"""Classification by the densities of the classes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax, logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.decisions.class_mixtures import ClassMixtures, Task
from bactrian.decisions.classes import Classes
from bactrian.decisions.rows import OfMixtures, check_share
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_integer, check_sample_weight
from bactrian.mixture import Mixture
from bactrian.mixture.criteria import bic
from bactrian.selection.search.request import structures_of


class GaussianMixtureClassifier(OfMixtures, ClassifierMixin, BaseEstimator):
    """Classification by a mixture for each class.

    A row goes to the class with the largest share times density (Bayes' rule), or with the least
    expected cost. With one component for each class and a structure that the classes share this is
    eigenvalue decomposition discriminant analysis [1]_: "EEE" is linear, "full" quadratic
    discriminant analysis. With more components each class has a mixture of its own [2]_.

    Rows without a class are used as well, by EM; values may be missing, in the fit and in
    predictions.

    Parameters
    ----------
    n_components : int, sequence of int or dict, default=1
        For each class. A sequence: chosen by BIC, class by class. A dict: from classes to either.
    covariance_type : str or sequence of str, default="full"
        As of :class:`~bactrian.GaussianMixture`. A sequence, or "all": chosen by BIC.
    priors : None, "equal", array-like of shape (n_classes,) or dict, default=None
        Probabilities of the classes. None: their shares of the rows.
    costs : array-like of shape (n_classes, n_classes), default=None
        Cost of the answer j where the class is i, at least 0, classes in sorted order. None: each
        error costs the same.
    class_weight : None, "balanced" or dict, default=None
        What rows count for, by their class.
    unlabelled : object, default=None
        A label that says that the class of a row is unknown, besides None, NaN and hidden values.
    reject_rate : float, default=None
        Rows so unlikely that only this share of new rows of the classes is, get the answer
        `reject_label`. None: each row gets a class.
    reject_label : object, default=None
        None: -1 for classes that are numbers, "unknown" for words.
    random_state : int, RandomState or None, default=None
    n_jobs : int, default=None
    missing, family, dof, prior, reg_covar, tol, max_iter, n_init
        As of :class:`~bactrian.GaussianMixture`.

    Attributes
    ----------
    classes_ : (n_classes,)
    class_prior_ : (n_classes,)
        Probabilities of the classes.
    mixtures_ : tuple of Mixture
        Densities of the classes.
    covariance_types_ : tuple of str
        The structure of each.
    log_likelihood_ : float
        Of rows and labels, in nats; of unlabelled rows that of the rows alone.
    n_parameters_ : int
    bic_ : float
        Lower is better.
    n_iter_ : int
        Iterations of EM, of all classes.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,)
        If X has names.

    References
    ----------
    .. [1] Bensmail, H. and Celeux, G. (1996). Regularized Gaussian discriminant analysis through
       eigenvalue decomposition. J. Am. Stat. Assoc. 91, 1743-1748.
    .. [2] Fraley, C. and Raftery, A. E. (2002). Model-based clustering, discriminant analysis and
       density estimation. J. Am. Stat. Assoc. 97, 611-631, section 4.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from bactrian import GaussianMixtureClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = GaussianMixtureClassifier(covariance_type="VEV").fit(X, y)
    >>> round(model.score(X, y), 3)
    0.98
    """

    def __init__(
        self,
        n_components: Any = 1,
        *,
        covariance_type: Any = "full",
        priors: Any = None,
        costs: npt.ArrayLike | None = None,
        class_weight: Any = None,
        unlabelled: Any = None,
        reject_rate: float | None = None,
        reject_label: Any = None,
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
        self.priors = priors
        self.costs = costs
        self.class_weight = class_weight
        self.unlabelled = unlabelled
        self.reject_rate = reject_rate
        self.reject_label = reject_label
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

    def fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Fit a mixture for each class.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing.
        y : array-like of shape (n_samples,)
            Numbers or words; see `unlabelled`.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight of 2 counts as the same row twice.

        Raises
        ------
        BadInputError
            If a parameter or the data cannot be used.
        """
        if y is None:
            raise ValueError(
                "This GaussianMixtureClassifier estimator requires y to be passed, but the target "
                "y is None."
            )
        labels = _column(y)
        rows = self._checked_rows(X, reset=True)
        if len(labels) != len(rows):
            raise BadInputError(
                "y", f"{len(labels)} labels", f"{len(rows)}, one for each row", code="bad_shape"
            )
        classes = Classes.of(labels, self.unlabelled)
        weights = check_sample_weight(sample_weight, len(rows))
        weights = np.ones(len(rows)) if weights is None else weights
        known = classes.known
        weights = weights.copy()
        weights[known] *= classes.weights(self.class_weight)[classes.codes[known]]
        kept = weights > 0
        empty = set(range(len(classes.values))) - set(classes.codes[kept & known].tolist())
        if empty:
            names = classes.values[sorted(empty)].tolist()
            raise BadInputError(
                "sample_weight", f"weights of 0 only for the classes {names}",
                "above 0 for some row of each class", code="bad_weights",
            )  # fmt: skip
        task = Task(
            rows[kept],
            classes.codes[kept],
            weights[kept],
            classes.shares(self.priors),
            classes.values.tolist(),
            self._counts(classes),
            tuple(structures_of(self.covariance_type, rows.shape[1])),
            {**self._settings(), "random_state": self.random_state},
        )
        self._costs_for(len(classes.values))
        self._keep(classes, task.fitted(), float(weights.sum()))
        return self

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class of each row, (n_samples,): the most probable, or the cheapest answer."""
        rows = self._checked_rows(X)
        joint = self._found.joint(rows)
        costs = self._costs_for(len(self.classes_))
        proba = np.exp(log_softmax(joint, axis=1))
        best = proba.argmax(axis=1) if costs is None else (proba @ costs).argmin(axis=1)
        answers = self.classes_[best]
        if self.reject_rate is None:
            return np.asarray(answers)
        rate = check_share("reject_rate", self.reject_rate)
        unknown = self._below(rows, np.asarray(logsumexp(joint, axis=1)), rate)
        label = self.reject_label
        if label is None:
            label = "unknown" if self.classes_.dtype.kind in "OSU" else -1
        found = answers.astype(np.result_type(answers.dtype, np.asarray(label).dtype))
        found[unknown] = label
        return np.asarray(found)

    def predict_proba(self, X: Any) -> FloatArray:
        """Probability of each class, (n_samples, n_classes)."""
        rows = self._checked_rows(X)
        return self._found.probabilities(rows)

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Log of the probability of each class, (n_samples, n_classes)."""
        return np.asarray(log_softmax(self._found.joint(self._checked_rows(X)), axis=1))

    def decision_function(self, X: Any) -> FloatArray:
        """Log of share times density of each class, (n_samples, n_classes), in nats.

        Of two classes the log-odds of the second, (n_samples,).
        """
        joint = self._found.joint(self._checked_rows(X))
        return np.asarray(joint[:, 1] - joint[:, 0]) if joint.shape[1] == 2 else joint

    def score_samples(self, X: Any) -> FloatArray:
        """Log-density of each row, whatever its class, (n_samples,), in nats."""
        return self._found.log_density(self._checked_rows(X))

    def is_unlike(self, X: Any, rate: float) -> BoolArray:
        """Which rows are unlike the classes: of rows of these classes only the share `rate` is.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            A row with missing values is compared with others that lack the same values.
        rate : float
            Above 0 and below 1.

        Returns
        -------
        (n_samples,) of bool
        """
        rows = self._checked_rows(X)
        return self._below(rows, self._found.log_density(rows), check_share("rate", rate))

    # ---- parts

    @property
    def _found(self) -> ClassMixtures:
        check_is_fitted(self)
        return self._mixtures

    def _below(self, rows: FloatArray, log_density: FloatArray, rate: float) -> BoolArray:
        return log_density < self._found.reference.levels(rows, rate)

    def _counts(self, classes: Classes) -> tuple[tuple[int, ...], ...]:
        wanted, values = self.n_components, classes.values.tolist()
        if isinstance(wanted, dict):
            missing = [value for value in values if value not in wanted]
            if missing:
                raise BadInputError(
                    "n_components", f"no entry for the class {missing[0]!r}",
                    "a number for each class", code="bad_choice",
                )  # fmt: skip
            return tuple(_numbers(wanted[value]) for value in values)
        return (_numbers(wanted),) * len(values)

    def _costs_for(self, n_classes: int) -> FloatArray | None:
        if self.costs is None:
            return None
        costs = np.asarray(self.costs, dtype=np.float64)
        usable = np.isfinite(costs) & (costs >= 0)
        if costs.shape != (n_classes, n_classes) or not usable.all():
            got = f"shape {costs.shape}"
            if not usable.all():
                got = f"{costs[~usable].flat[0]:g} among them"
            raise BadInputError(
                "costs",
                got,
                f"finite numbers of at least 0 of shape ({n_classes}, {n_classes})",
                code="bad_shape",
            )
        return costs

    def _keep(self, classes: Classes, found: ClassMixtures, weight: float) -> None:
        self.classes_, self._mixtures = classes.values, found
        self.class_prior_: FloatArray = found.shares
        self.mixtures_: tuple[Mixture, ...] = found.mixtures
        self.covariance_types_ = found.structures
        self.n_iter_ = found.n_iter
        self.log_likelihood_, self.n_parameters_ = found.log_likelihood, found.n_parameters
        self.bic_ = bic(found.log_likelihood, found.n_parameters, weight)
        if found.collapsed:
            names = self.classes_[list(found.collapsed)].tolist()
            warnings.warn(
                f"The classes {names} do not fill the space: a covariance is at its lower bound. "
                "Choose a covariance_type with fewer parameters, prior='default', or leave out "
                "columns that are constant within a class.",
                UserWarning,
                stacklevel=3,
            )


def _column(y: Any) -> Any:
    """Labels in one dimension."""
    labels = y if isinstance(y, np.ndarray) else getattr(y, "to_numpy", lambda: np.asarray(y))()
    if np.ndim(labels) == 2 and np.shape(labels)[1] == 1:
        return column_or_1d(labels, warn=True)
    if np.ndim(labels) != 1:
        raise BadInputError("y", f"shape {np.shape(labels)}", "one label a row", code="bad_shape")
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise ValueError("Input y contains infinity or a value too large for dtype('float64').")
    return labels


def _numbers(wanted: Any) -> tuple[int, ...]:
    """Numbers of components to choose from."""
    some = wanted if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
    found = tuple(check_integer("n_components", one, 1) for one in some)
    if not found:
        raise BadInputError("n_components", "nothing", "at least one number", code="bad_choice")
    return found
