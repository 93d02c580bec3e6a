"""A conjugate prior whose parts may come from the data, for a posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.covariance.forms.matrices import standardised
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.variational import VariationalBayes
from bactrian.core.values.posterior import CONJUGATE, ConjugatePrior
from bactrian.core.values.shares import Gamma, weight_prior
from bactrian.core.values.wishart import WishartLaw
from bactrian.errors import BadInputError
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.prior import covariance_of

SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that has none


@final
@dataclass(frozen=True, eq=False)
class ConjugateChoice:
    """A conjugate prior whose parts may come from the data: None for those.

    Parameters
    ----------
    kind : {"dirichlet_process", "dirichlet_distribution"}
        Of the prior on the weights.
    concentration : float or None
        None for 1 / K.
    mean_precision : float or None
        None for 1.
    mean : (n_features,), or None
        None for that of the data.
    dof : float or None
        None for the number of features.
    covariance : array-like or None
        ``W0^-1``, in the public shape of one covariance. None for that of the data, divided by
        ``n - 1``; its diagonal where it is singular.
    hyperprior : Gamma or None
        Of the concentration of a process, which is learned then.
    """

    kind: str
    concentration: float | None = None
    mean_precision: float | None = None
    mean: FloatArray | None = None
    dof: float | None = None
    covariance: Any = None
    hyperprior: Gamma | None = None

    def maximise(
        self,
        data: DataSet,
        units: FloatArray,
        structure: CovarianceStructure,
        n_components: int,
        ridge: float,
    ) -> VariationalBayes:
        """The M-step for a data set."""
        nothing = np.zeros(data.n_features)
        share = data.n_samples / data.summary.n_samples
        prior = self.completed(data, units, structure, n_components)
        bounds = Bounds(nothing, ridge, nothing, nothing)
        return VariationalBayes(prior, n_components, bounds, data.summary.weight, share)

    def completed(
        self,
        data: DataSet,
        units: FloatArray,
        structure: CovarianceStructure,
        n_components: int,
    ) -> ConjugatePrior:
        """Take the parts that are not given from the data.

        A constant column has the deviation that it is known to, `units`.

        Raises
        ------
        BadInputError
            If a part has another shape, or the prior is improper.
        """
        n_features = data.n_features
        concentration = 1 / n_components if self.concentration is None else self.concentration
        if self.hyperprior is not None:
            concentration = self.hyperprior.mean
        mean = data.summary.mean if self.mean is None else self.mean
        if mean.shape != (n_features,):
            raise BadInputError(
                "mean_prior",
                f"the shape {mean.shape}",
                f"of shape ({n_features},), one number for each feature",
                code="bad_shape",
            )
        return ConjugatePrior(
            weight_prior(self.kind, concentration, self.hyperprior),
            mean,
            1.0 if self.mean_precision is None else self.mean_precision,
            self._dof(structure, n_features),
            self._scale(data, units, structure),
            structure,
        )

    def _dof(self, structure: CovarianceStructure, n_features: int) -> float:
        least = WishartLaw.of(structure.form, n_features).least_dof
        dof = float(n_features) if self.dof is None else self.dof
        if not dof > least:
            raise BadInputError(
                "degrees_of_freedom_prior",
                f"{dof:.3f}",
                f"greater than {least:g}",
                "Below, the prior has no density.",
                code="out_of_range",
            )
        return dof

    def _scale(
        self, data: DataSet, units: FloatArray, structure: CovarianceStructure
    ) -> FloatArray:
        form, n_features = structure.form, data.n_features
        if self.covariance is not None:
            return _given(self.covariance, structure, n_features)
        summary = data.summary
        variance = np.where(summary.constant, np.square(units), summary.variance)
        weight = summary.weight
        covariance = covariance_of(data, variance, form)
        covariance = covariance * (weight / (weight - 1) if weight >= 2 else 1.0)
        if form.multiplicity(n_features) > 1:
            return np.full(n_features, covariance.mean())
        if form.correlated and np.linalg.eigvalsh(standardised(covariance)[0])[0] <= SINGULAR:
            return np.diag(np.diagonal(covariance))
        return covariance


def _given(covariance: Any, structure: CovarianceStructure, n_features: int) -> FloatArray:
    """Check what the user gives as the covariance of the prior.

    Raises
    ------
    BadInputError
    """
    name, form = "covariance_prior", structure.form
    try:
        values = np.asarray(covariance, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(name, repr(covariance)[:60], "numbers", code="not_a_number") from None
    shape: tuple[int, ...] = (n_features, n_features) if form.correlated else (n_features,)
    if form.multiplicity(2) > 1:
        shape = ()
    if values.shape != shape and not (n_features == 1 and values.size == 1):
        wanted = f"of shape {shape}" if shape else "one number"
        raise BadInputError(name, f"the shape {values.shape}", wanted, code="bad_shape")
    if not np.isfinite(values).all():
        raise BadInputError(name, "NaN or infinity", "finite numbers", code="not_finite")
    if not form.correlated:
        if not (values > 0).all():
            raise BadInputError(name, f"{values.min():g}", "above 0", code="out_of_range")
        return np.broadcast_to(values.reshape(-1), (n_features,)).copy()
    values = values.reshape(n_features, n_features)
    if not np.allclose(values, values.T):
        raise BadInputError(name, "a matrix that is not", "symmetric")
    if not (np.diagonal(values) > 0).all() or (
        np.linalg.eigvalsh(standardised(values)[0])[0] <= SINGULAR
    ):
        raise BadInputError(name, "a matrix that is not", "positive definite")
    return (values + values.T) / 2


def check_conjugate(structure: CovarianceStructure) -> None:
    """Refuse a structure whose precisions have no conjugate prior.

    Raises
    ------
    BadInputError
    """
    if structure.letters not in CONJUGATE:
        raise BadInputError(
            "covariance_type",
            repr(structure.name),
            "one of full, tied, diag, spherical, EII, EEI for a posterior",
            "The others have no conjugate prior; GaussianMixture fits them.",
            code="do_not_go_together",
        )
