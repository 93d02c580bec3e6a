"""What the density of a mixture looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.errors import BadInputError
from bactrian.mixture.distribution.checks import check_one_feature
from bactrian.mixture.distribution.density import log_pdf
from bactrian.mixture.distribution.estimate import Estimate
from bactrian.mixture.shape.derivatives import Local, local
from bactrian.mixture.shape.levels import density_intervals, density_level
from bactrian.mixture.shape.modes import Mode, modes_of
from bactrian.mixture.value import MixtureValue


@dataclass(frozen=True, eq=False, init=False)
class Shape(MixtureValue):
    """A mixture as a landscape: slopes, tops, and the regions above a level.

    In units of the data. Noise is uniform within its box, as for `logpdf`.
    """

    # ---- derivatives

    def logpdf_gradient(self, X: Any) -> FloatArray:
        """Gradient of :meth:`logpdf` at each row, (n_samples, D); rows are complete."""
        return self._local(X).gradient

    def logpdf_hessian(self, X: Any) -> FloatArray:
        """Hessian of :meth:`logpdf` at each row, (n_samples, D, D)."""
        return self._local(X).hessian

    def pdf_gradient(self, X: Any) -> FloatArray:
        """Gradient of :meth:`pdf` at each row, (n_samples, D)."""
        at = self._local(X)
        return np.exp(at.log_density)[:, None] * at.gradient

    def pdf_hessian(self, X: Any) -> FloatArray:
        """Hessian of :meth:`pdf` at each row, (n_samples, D, D)."""
        at = self._local(X)
        g = at.gradient
        return np.exp(at.log_density)[:, None, None] * (at.hessian + g[:, :, None] * g[:, None, :])

    # ---- tops

    def modes(self) -> tuple[Mode, ...]:
        """All local maxima of the density, the highest first.

        Also those to which no component's mean leads: there can be more modes than components
        (Carreira-Perpinan & Williams 2003). Each is certified: the gradient is 0, and the Hessian
        negative definite. The search is thorough, yet no proof that there is no other. Noise is
        flat and has no mode; nor has a corner of its box.

        Returns
        -------
        tuple of Mode
            Each with its `location`, `log_density`, `components` that lead to it, and the
            `covariance` that its curvature stands for.

        Examples
        --------
        >>> from bactrian import Mixture
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [1.0, 1.0], "spherical")
        >>> [mode.components for mode in mixture.modes()]
        [(0,), (1,)]
        """
        return modes_of(self.with_densities())

    def mode(self) -> FloatArray:
        """Where the density is the highest, (D,).

        Raises
        ------
        BadInputError
            If there is only noise.
        """
        found = self.modes()
        if not found:
            raise BadInputError("mixture", "noise alone", "one with a component that has a mode")
        return found[0].location

    # ---- regions

    def density_level(self, probability: float, *, seed: int = 0) -> Estimate:
        """Log-density above which rows lie with a probability: the edge of a region.

        The region of highest density is the smallest with this probability (Hyndman 1996). Of
        one feature the level is exact; of more it is found from 262,144 rows that are drawn.

        Parameters
        ----------
        probability : float
            Above 0 and below 1.
        seed : int, default=0

        Returns
        -------
        Estimate
            `value` and `error`, in nats.
        """
        _check_share(probability)
        return density_level(self.with_densities(), float(probability), seed)

    def in_density_region(self, X: Any, probability: float, *, seed: int = 0) -> BoolArray:
        """Whether rows are in the smallest region with a probability, (n_samples,)."""
        rows = self._rows(X)
        level = self.density_level(probability, seed=seed).value
        values = np.asarray(rows.X, dtype=np.float64)
        self._check_complete(values)
        return log_pdf(values, self.with_densities()) >= level

    def density_intervals(self, probability: float) -> FloatArray:
        """The shortest intervals of one feature that hold a probability, (n_intervals, 2)."""
        _check_share(probability)
        parameters = self.with_densities()
        check_one_feature("density_intervals", parameters.n_features)
        return density_intervals(parameters, float(probability))

    def _local(self, X: Any) -> Local:
        values = np.asarray(self._rows(X).X, dtype=np.float64)
        self._check_complete(values)
        return local(values, self.with_densities())

    def _check_complete(self, values: FloatArray) -> None:
        if np.isnan(values).any():
            remedy = "Take the mixture of the other columns: mixture.marginal(...)."
            raise BadInputError("X", "missing values", "complete", remedy, code="missing_value")


def _check_share(probability: Any) -> None:
    number = isinstance(probability, int | float | np.number)
    if not number or not 0 < probability < 1:
        wanted = "above 0 and below 1"
        raise BadInputError("probability", repr(probability), wanted, code="out_of_range")
