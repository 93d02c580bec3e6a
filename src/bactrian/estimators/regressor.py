"""Regression by a mixture of predictors and targets together."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from bactrian.core.arrays import FloatArray
from bactrian.data.frames import to_array
from bactrian.errors import BadInputError
from bactrian.estimators.fitted import feature_names_of
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.mixture import Mixture
from bactrian.mixture.columns.regression import Regression
from bactrian.mixture.seeds import Seed
from bactrian.remedies import LeaveOut


class GaussianMixtureRegressor(RegressorMixin, BaseEstimator):
    """Regression by a mixture of predictors and targets together.

    A mixture is fitted to the columns of X and y; its conditional distribution, given X, is the
    prediction: a curve that bends between the components, with a spread and a shape that change
    along it [1]_. With one Gaussian it is linear regression. Values may be missing in X, in the
    fit and in predictions.

    The parameters are those of :class:`~bactrian.GaussianMixture`, except for `spikes`; starting
    values (`means_init`, ...) are of the columns of X and y, in this order.

    Parameters
    ----------
    n_components : int, default=1
    covariance_type : str, default="full"
    random_state : int, RandomState or None, default=None
    **settings
        All others of :class:`~bactrian.GaussianMixture`.

    Attributes
    ----------
    estimator_ : GaussianMixture
        The fit to the columns of X and y.
    mixture_ : Mixture
        Its mixture, with the names of the columns if X and y have names.
    n_outputs_ : int
        Number of targets.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,)
        If X has names.

    References
    ----------
    .. [1] Ghahramani, Z. and Jordan, M. I. (1994). Supervised learning from incomplete data via
       an EM approach. Advances in Neural Information Processing Systems 6, 120-127.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixtureRegressor
    >>> X = np.linspace(-3, 3, 200)[:, None]
    >>> model = GaussianMixtureRegressor(4, random_state=0).fit(X, np.abs(X[:, 0]))
    >>> model.predict([[2.0]]).round(1)
    array([2.])
    """

    __init__ = GaussianMixture.__init__

    n_components: int
    missing: str
    spikes: Any
    random_state: Any

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "em"
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Fit the mixture of X and y.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Raises
        ------
        BadInputError, DegenerateCovarianceError, FitInterrupted
            As :meth:`bactrian.GaussianMixture.fit`.
        """
        if self.spikes is not None:
            wanted = "None: a regression is of densities alone"
            raise BadInputError("spikes", repr(self.spikes)[:80], wanted, LeaveOut("spikes"))
        names = _names_of_targets(y)
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True,
            ensure_all_finite=self._finite(), ensure_min_samples=2,
        )  # fmt: skip
        targets = np.asarray(y, dtype=np.float64)
        self._one_target = targets.ndim == 1
        targets = targets.reshape(len(targets), -1)
        estimator = GaussianMixture(**self.get_params(deep=False))
        estimator.fit(np.hstack([X, targets]), sample_weight=sample_weight)
        self.estimator_, self.n_outputs_ = estimator, targets.shape[1]
        known = feature_names_of(self)
        together = known + names if known and len(names) == self.n_outputs_ else ()
        unlike = len(set(together)) == len(together)
        self.mixture_ = Mixture.from_parameters(
            estimator.mixture_.parameters, None, together if unlike else ()
        )
        return self

    def predict(
        self, X: Any, return_std: bool = False, return_cov: bool = False
    ) -> FloatArray | tuple[FloatArray, FloatArray]:
        """Conditional expectation of the targets.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing.
        return_std, return_cov : bool, default=False
            Return the conditional standard deviations, or covariances, too.

        Returns
        -------
        y : (n_samples,) or (n_samples, n_outputs)
        spread : like y, or (n_samples, n_outputs, n_outputs) for covariances
        """
        found = self.predict_distribution(X)
        mean = self._shaped(found.mean())
        if return_cov:
            return mean, found.covariance()
        return (mean, self._shaped(found.std())) if return_std else mean

    def predict_quantiles(self, X: Any, p: npt.ArrayLike) -> FloatArray:
        """Conditional quantiles of the targets.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
        p : float, or array-like of shape (n_p,)
            Above 0 and below 1.

        Returns
        -------
        (n_samples,) or (n_samples, n_outputs), with one more axis in front for several `p`
        """
        return self._shaped(self.predict_distribution(X).icdf(p))

    def sample_y(self, X: Any, n_samples: int = 1, random_state: Seed = 0) -> FloatArray:
        """Draw targets for each row.

        Returns
        -------
        (n_rows, n_samples) or (n_rows, n_outputs, n_samples)
        """
        draws = self.predict_distribution(X).sample(n_samples, random_state)
        return self._shaped(draws).transpose(*range(1, draws.ndim - self._one_target), 0)

    @property
    def n_iter_(self) -> int:
        """Iterations of EM."""
        return int(self.estimator_.n_iter_)

    def log_score(self, X: Any, y: npt.ArrayLike) -> FloatArray:
        """Conditional log-density of the targets of each row, (n_samples,), in nats."""
        return self.predict_distribution(X).logpdf(y)

    def predict_distribution(self, X: Any) -> Regression:
        """The conditional distribution of the targets, for many rows at once."""
        check_is_fitted(self)
        rows = validate_data(
            self, X, reset=False, dtype=np.float64, ensure_all_finite=self._finite()
        )
        width = rows.shape[1]
        targets = [int(j) for j in range(width, width + self.n_outputs_)]
        return self.mixture_.regress(rows, targets)

    def _finite(self) -> bool | str:
        return "allow-nan" if self.missing == "em" else True

    def _shaped(self, values: FloatArray) -> FloatArray:
        """Without the axis of targets if y had none."""
        return values[..., 0] if self._one_target else values


def _names_of_targets(y: Any) -> tuple[str, ...]:
    name = getattr(y, "name", None)
    if name is not None and getattr(y, "ndim", 1) == 1:
        return (str(name),)
    if not hasattr(y, "columns"):
        return ()
    return tuple(to_array(y)[1] or ())
