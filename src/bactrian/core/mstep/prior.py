"""What is known before the data: a conjugate prior, and what it adds to the M-step."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray, frozen
from bactrian.core.covariance import CovarianceStructure, Form
from bactrian.core.covariance.forms.matrices import standardised
from bactrian.core.mstep.pseudo import PseudoStatistics
from bactrian.errors import BadInputError

SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that has none
DEFAULT_SHRINKAGE = 0.01  # rows that the default puts at the mean of the data


@dataclass(frozen=True, eq=False)
class Prior:
    """Conjugate prior on weights, means and covariances. A part that is not given is flat.

    ``mean_k | cov_k ~ N(mean, cov_k / shrinkage)``, ``cov_k ~ inverse Wishart(dof, scale)`` [1]_,
    and ``weights ~ Dirichlet(concentration)``. Where covariances are diagonal, each variance is
    inverse gamma with shape ``dof / 2`` and scale ``scale_d / 2``; where they are spherical, the
    one variance is [2]_. Where the components share a volume there is one such density, not one
    for each.

    Parameters
    ----------
    mean : array-like of shape (D,) or (K, D), or float, optional
        Of the means; for all components, or each its own.
    shrinkage : float, default=0
        How many rows at `mean` the prior is worth. 0: the means are free.
    scale : array-like of shape (D, D) or (D,), or float, optional
        A scatter, in squared units of the data: of a matrix, diagonal covariances take the
        diagonal, and spherical ones its mean.
    dof : float, optional
        Degrees of freedom: about how many rows stand behind `scale`. Proper above ``D - 1``
        (above 0 where covariances are diagonal). None: flat in the covariances.
    concentration : float or array-like of shape (K,), default=1
        Of the weights, at least 1: ``concentration - 1`` rows are added to each component.

    Raises
    ------
    BadInputError

    Notes
    -----
    The fit is the mode of the posterior in (weights, means, covariances), not its mean.
    ``Prior()`` is flat: maximum likelihood. A single mean of a normal distribution with known
    variance v and prior N(m, t) is the case of fixed covariances with ``shrinkage = v / t``.

    References
    ----------
    .. [1] Gelman, A. and others (2013). Bayesian Data Analysis, 3rd ed., section 3.6.
    .. [2] Fraley, C. and Raftery, A. (2007). Bayesian regularization for normal mixture
       estimation and model-based clustering. J. Classif. 24, 155-181, section 3.

    Examples
    --------
    >>> from bactrian import GaussianMixture, Prior
    >>> prior = Prior(mean=[0.0], shrinkage=2.0)
    >>> X = [[1.0], [2.0], [3.0], [4.0]]
    >>> GaussianMixture(prior=prior).fit(X).means_  # 10 / (4 + 2)
    array([[1.66666667]])
    """

    mean: npt.ArrayLike | None = None
    shrinkage: float = 0.0
    scale: npt.ArrayLike | None = None
    dof: float | None = None
    concentration: npt.ArrayLike = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "shrinkage", _number("shrinkage", self.shrinkage))
        if self.dof is not None:
            object.__setattr__(self, "dof", _number("dof", self.dof))
        if self.mean is not None:
            object.__setattr__(self, "mean", _array("mean", self.mean, (0, 1, 2)))
        elif self.shrinkage > 0:
            got = f"{self.shrinkage:g} without a mean"
            raise BadInputError(
                "shrinkage of the prior", got, "0", "Give the mean to shrink towards."
            )
        if self.scale is not None:
            object.__setattr__(self, "scale", _scatter(_array("scale", self.scale, (0, 1, 2))))
        concentration = _array("concentration", self.concentration, (0, 1))
        if (concentration < 1).any():
            got = f"{concentration.min():g}"
            wanted = "at least 1"
            remedy = "Below 1 the posterior has no maximum: weights would end at 0."
            raise BadInputError(
                "concentration of the prior", got, wanted, remedy, code="out_of_range"
            )
        object.__setattr__(self, "concentration", concentration)

    def parts(self) -> dict[str, Any]:
        """All fields, with arrays as lists of numbers: ``Prior(**parts)`` is an equal prior."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }

    def statistics(
        self,
        structure: CovarianceStructure,
        n_components: int,
        n_features: int,
        share: float = 1.0,
    ) -> PseudoStatistics:
        """What this prior adds to the statistics of a mixture of that size.

        Parameters
        ----------
        structure : CovarianceStructure
        n_components, n_features : int
        share : float, default=1
            Power to which the density is raised: for a sample of the rows, its share of them.

        Raises
        ------
        BadInputError
            If a part of it has another size.
        """
        own, form = 1 / n_components if structure.has_common_volume else 1.0, structure.form
        return PseudoStatistics(
            form,
            self._means(n_components, n_features),
            share * self.shrinkage,
            np.sqrt(share * own) * self._deviations(form, n_features),
            share * (own * self._rows(form, n_features) + (self.shrinkage > 0)),
            share * (self._concentrations(n_components) - 1),
        )

    def _rows(self, form: Form, n_features: int) -> float:
        """Minus twice the exponent of ``|cov|`` in the density of one covariance."""
        if self.dof is None:
            return 0.0
        order = n_features if form.correlated else 1
        return (self.dof + (order + 1)) / form.multiplicity(n_features)

    def _means(self, n_components: int, n_features: int) -> FloatArray:
        wanted = (n_components, n_features)
        if self.mean is None:
            return np.zeros(wanted)
        mean = np.asarray(self.mean)
        if mean.shape not in ((), (n_features,), wanted):
            got, shapes = f"the shape {mean.shape}", f"({n_features},) or {wanted}"
            raise BadInputError(
                "mean of the prior", got, f"one number, or of shape {shapes}", code="bad_shape"
            )
        return np.broadcast_to(mean, wanted)

    def _concentrations(self, n_components: int) -> FloatArray:
        concentration = np.asarray(self.concentration)
        if concentration.shape not in ((), (n_components,)):
            got, wanted = f"{len(concentration)} numbers", f"one number, or {n_components}"
            raise BadInputError("concentration of the prior", got, wanted, code="bad_shape")
        return np.broadcast_to(concentration, n_components)

    def _deviations(self, form: Form, n_features: int) -> FloatArray:
        """Deviations, as rows, whose scatter is `scale` in the shape of the form."""
        if self.scale is None:
            return np.empty((0, n_features))
        scale = np.asarray(self.scale)
        if scale.shape not in ((), (n_features,), (n_features, n_features)):
            got = f"the shape {scale.shape}"
            wanted = f"one number, or of shape ({n_features},) or ({n_features}, {n_features})"
            raise BadInputError("scale of the prior", got, wanted, code="bad_shape")
        return form.root(scale if scale.ndim == 2 else np.broadcast_to(scale, n_features))


def default_prior(mean: FloatArray, covariance: FloatArray, n_components: int) -> Prior:
    """The weak prior of Fraley & Raftery (2007), section 3.2, from moments of the data.

    A hundredth of a row at the mean of the data, and ``D + 2`` degrees of freedom about their
    covariance, divided by ``K^(2/D)`` so that K components together fill the volume of the data.
    Where that covariance is singular, as with fewer rows than features, its diagonal stands in for
    it: the prior is no prior in a direction in which it has no spread.

    Parameters
    ----------
    mean : (n_features,)
    covariance : (n_features, n_features), or (n_features,) for variances alone
        Positive variances.
    n_components : int
    """
    n_features = len(mean)
    if covariance.ndim == 2:
        variances = np.diagonal(covariance)
        if not np.linalg.eigvalsh(standardised(covariance)[0])[0] > SINGULAR:
            covariance = variances
    scale = covariance / n_components ** (2 / n_features)
    return Prior(mean, DEFAULT_SHRINKAGE, scale, n_features + 2.0)


def _number(name: str, value: Any) -> float:
    """Check a finite number that is at least 0.

    Raises
    ------
    BadInputError
    """
    number = _array(name, value, (0,))
    if number < 0:
        raise BadInputError(f"{name} of the prior", repr(value), "at least 0", code="out_of_range")
    return float(number)


def _array(name: str, value: Any, dimensions: tuple[int, ...]) -> FloatArray:
    """Check finite numbers, and return them read-only.

    Raises
    ------
    BadInputError
    """
    try:
        array = frozen(value)
    except (TypeError, ValueError):
        raise BadInputError(
            f"{name} of the prior", repr(value)[:60], "numbers", code="not_a_number"
        ) from None
    if array.ndim not in dimensions or not np.isfinite(array).all():
        kinds = " or ".join(("one number", "a list", "a matrix")[n] for n in dimensions)
        got = repr(value)[:60]
        raise BadInputError(
            f"{name} of the prior", got, f"{kinds} of finite numbers", code="not_a_number"
        )
    return array


def _scatter(scale: FloatArray) -> FloatArray:
    """Check that the scale can be a scatter.

    Raises
    ------
    BadInputError
    """
    name = "scale of the prior"
    if scale.ndim < 2:
        if (scale < 0).any():
            raise BadInputError(name, f"{scale.min():g}", "at least 0", code="out_of_range")
        return scale
    if scale.shape[0] != scale.shape[1]:
        raise BadInputError(name, f"the shape {scale.shape}", "square", code="bad_shape")
    correlations, _ = standardised(scale)
    if not np.allclose(correlations, correlations.T, rtol=0, atol=1e-8):
        raise BadInputError(name, "a matrix that is not", "symmetric")
    if np.linalg.eigvalsh(correlations)[0] < -SINGULAR:
        raise BadInputError(name, "a matrix with a negative eigenvalue", "a scatter")
    return scale
