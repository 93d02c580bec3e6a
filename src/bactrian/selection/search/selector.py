"""An estimator that chooses its model and then behaves as that model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, DensityMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from bactrian.core.observation.labelled import as_known
from bactrian.errors import BadInputError
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.labels import check_labels
from bactrian.selection.search.candidates import Candidate
from bactrian.selection.search.search import select_mixture


def _of_best(name: str) -> Callable[..., Any]:
    """A method that the best model has."""

    @wraps(getattr(GaussianMixture, name))
    def method(self: GaussianMixtureSelector, *args: Any, **settings: Any) -> Any:
        check_is_fitted(self)
        return getattr(self.best_estimator_, name)(*args, **settings)

    return method


OF_ONE_MODEL = ("partial_fit",)  # what is done to a model, not to a choice of one


class GaussianMixtureSelector(TransformerMixin, DensityMixin, BaseEstimator):
    """Gaussian mixture whose K and covariance structure are chosen by a criterion.

    Fitted, it has all methods and attributes of the best
    :class:`~bactrian.GaussianMixture`; :func:`~bactrian.select_mixture` does the search.

    Parameters
    ----------
    n_components : int or iterable of int, default=(1, 2, 3, 4, 5, 6, 7, 8, 9)
    covariance_type : str or iterable of str, default="all"
        Some of the structures that :class:`~bactrian.GaussianMixture` knows, or "all".
    criterion : {"bic", "aic", "aicc", "icl", "caic", "hq", "cv"}, default="bic"
    cv : int, splitter or iterable, default=None
        Folds of a cross-validation: their number, or as scikit-learn takes them. None: 5 if the
        criterion is "cv", otherwise there is none.
    estimator : GaussianMixture, default=None
        Its other parameters are those of all candidates. None: the defaults.
    random_state : int, RandomState or None, default=None
        An integer is the seed of every candidate. None: that of `estimator`.
    n_jobs : int, default=None
        Processors to use, -1 for all: that many candidates are fitted at a time. None: one after
        the other. The result is the same.
    observe : callable, default=None
        Told each candidate as soon as it is fitted, and again whenever it gained by what others
        found; the search ends if it returns True.
    exchange : bool, default=False
        Whether candidates start again from what others found.

    Attributes
    ----------
    best_estimator_ : GaussianMixture
    selection_ : Selection
        All candidates.
    n_components_ : int
    covariance_type_ : str
        Those of the best.
    weights_, means_, covariances_, ... : ndarray
        All that :class:`~bactrian.GaussianMixture` has, of the best.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixtureSelector
    >>> rng = np.random.default_rng(0)
    >>> X = np.r_[rng.normal(size=(100, 2)), rng.normal(8, 2, size=(100, 2))]
    >>> selector = GaussianMixtureSelector(n_components=(1, 2, 3), random_state=0).fit(X)
    >>> selector.n_components_, selector.covariance_type_, selector.means_.shape
    (2, 'spherical', (2, 2))
    """

    best_estimator_: GaussianMixture

    def __init__(
        self,
        n_components: int | Iterable[int] = tuple(range(1, 10)),
        *,
        covariance_type: str | Iterable[str] = "all",
        criterion: str = "bic",
        cv: Any = None,
        estimator: GaussianMixture | None = None,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        observe: Callable[[Candidate], bool | None] | None = None,
        exchange: bool = False,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.criterion = criterion
        self.cv = cv
        self.estimator = estimator
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.observe = observe
        self.exchange = exchange

    def fit(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Fit all candidates, and keep the best.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
        y : array-like, default=None
            What is known of the component of each row, as in :meth:`GaussianMixture.fit`; whether
            it is used is said by ``labels`` of `estimator`.
        sample_weight : array-like of shape (n_samples,), default=None

        Raises
        ------
        BadInputError
            If a parameter or the data cannot be used, or no candidate can be fitted.
        FitInterrupted
            On Ctrl-C. The estimator stays as it was; ``result`` holds the
            :class:`~bactrian.selection.search.candidates.Selection` so far.
        """
        found = select_mixture(
            X,
            self.n_components,
            self.covariance_type,
            self.criterion,
            sample_weight,
            self.observe,
            y=y,
            cv=self.cv,
            n_jobs=self.n_jobs,
            exchange=self.exchange,
            **self._settings(),
        )
        self.selection_ = found
        self.best_estimator_ = found.best_estimator
        self.n_components_, self.covariance_type_ = found.best.pair
        return self

    def fit_predict(
        self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.int64]:
        """Fit, and label each row with its most probable component, (n_samples,).

        A row whose component is known keeps it.
        """
        best = self.fit(X, y, sample_weight).best_estimator_
        labels, n_components = best.predict(X), best.n_components
        return as_known(
            labels, check_labels(y, best.labels, len(labels), n_components, n_components)
        )

    def _settings(self) -> dict[str, Any]:
        """The parameters that all candidates share."""
        template: object = self.estimator or GaussianMixture()
        if not isinstance(template, GaussianMixture):
            got = f"a {type(template).__name__}"
            raise BadInputError("estimator", got, "None or a GaussianMixture")
        settings = template.get_params()
        for name in ("n_components", "covariance_type", "n_jobs"):
            del settings[name]
        if self.random_state is not None:
            settings["random_state"] = self.random_state
        return settings

    predict = _of_best("predict")
    predict_proba = _of_best("predict_proba")
    transform = _of_best("transform")
    get_feature_names_out = _of_best("get_feature_names_out")
    score = _of_best("score")
    score_samples = _of_best("score_samples")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        template = self.estimator or GaussianMixture()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.input_tags.allow_nan = getattr(template, "missing", "error") == "em"
        return tags

    def __getattr__(self, name: str) -> Any:
        """Attributes of the best model, once there is one."""
        best = self.__dict__.get("best_estimator_")
        if best is None or name.startswith("_") or name in OF_ONE_MODEL:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(best, name)
