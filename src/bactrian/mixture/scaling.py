"""The units in which a mixture was fitted, if they are not those of the data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bactrian.core.arrays import FloatArray, frozen
from bactrian.core.covariance import free
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.data.source import ArraySource
from bactrian.data.summary import summarise
from bactrian.errors import BadInputError


@dataclass(frozen=True, eq=False)
class Scaling:
    """``z = (x - centre) / scale``, feature by feature.

    Parameters
    ----------
    centre : (n_features,)
    scale : (n_features,)
        Positive.
    """

    centre: FloatArray
    scale: FloatArray

    def __post_init__(self) -> None:
        for name in ("centre", "scale"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        shapes = self.centre.shape, self.scale.shape
        if shapes[0] != shapes[1] or self.centre.ndim != 1:
            raise BadInputError(
                "scaling",
                f"the shapes {shapes[0]} and {shapes[1]}",
                "of one entry for each feature",
                code="bad_shape",
            )
        for name, value, good in (
            ("centre", self.centre, np.isfinite(self.centre)),
            ("scale", self.scale, np.isfinite(self.scale) & (self.scale > 0)),
        ):
            if not good.all():
                j = int(np.flatnonzero(~good)[0])
                wanted = "finite" if name == "centre" else "finite and above 0"
                raise BadInputError(f"scaling.{name}[{j}]", repr(float(value[j])), wanted)

    @classmethod
    def of(cls, X: FloatArray, sample_weight: FloatArray | None = None) -> Scaling:
        """Scale columns to mean 0 and variance 1, over the values present; constant columns to 0.

        Parameters
        ----------
        X : (n_samples, n_features)
            NaN where missing.
        sample_weight : (n_samples,), optional
        """
        if sample_weight is not None:
            kept = sample_weight > 0
            X, sample_weight = X[kept], sample_weight[kept]
        summary = summarise(ArraySource(X, sample_weight))
        deviations = np.sqrt(summary.variance)
        return cls(summary.mean, np.where(deviations > 0, deviations, 1.0))

    @property
    def n_features(self) -> int:
        """Number of features."""
        return len(self.centre)

    @property
    def log_volume(self) -> float:
        """``sum log scale``: log-density of z minus that of x."""
        return float(np.log(self.scale).sum())

    def log_volumes(self, X: FloatArray) -> FloatArray:
        """The same for each row, over its observed features, (n_samples,)."""
        return self.log_volume - np.isnan(X) @ np.log(self.scale)

    def scaled(self, X: FloatArray) -> FloatArray:
        """Rows in the scaled units."""
        return (X - self.centre) / self.scale

    def original(self, Z: FloatArray) -> FloatArray:
        """Rows in units of the data."""
        return self.centre + self.scale * Z

    def scaled_spikes(self, spikes: PointMasses | None) -> PointMasses | None:
        """Point masses with their values in the scaled units: those that scaled rows have."""
        if spikes is None:
            return None
        columns = spikes.columns
        return replace(spikes, values=(spikes.values - self.centre[columns]) / self.scale[columns])

    def original_value(self, column: int, z: float) -> float:
        """The value of x whose scaled value is z, to the last bit: of several, the shortest.

        Parameters
        ----------
        column : int
        z : float
        """
        centre, scale = self.centre[column], self.scale[column]
        near = float(centre + scale * z)
        largest = max(abs(centre), abs(near))
        first = int(np.floor(np.log10(largest))) if largest > 0 else 0
        rounded = (round(near, digit - first) for digit in range(18))
        return next((value for value in rounded if (value - centre) / scale == z), near)

    def original_spikes(self, spikes: PointMasses | None) -> PointMasses | None:
        """Point masses with their values in units of the data, from those in scaled units."""
        if spikes is None:
            return None
        pairs = zip(spikes.columns.tolist(), spikes.values.tolist(), strict=True)
        return replace(spikes, values=np.array([self.original_value(*pair) for pair in pairs]))

    def folded_into(self, parameters: Parameters) -> Parameters:
        """The mixture of x, from the mixture of z.

        A structure with a common unit is lost: spheres become ellipsoids along the axes.

        ``mean_x = centre + scale mean_z``, ``cov_x = S cov_z S`` and ``U_x = S^-1 U_z`` with
        ``S = diag(scale)``. The box of the noise is stretched likewise; degrees of freedom
        stay, and point masses, whose values are in units of x.

        Raises
        ------
        BadInputError
            If that is beyond float64.
        """
        structure, scale = parameters.structure, self.scale
        if structure.has_common_unit:
            structure = free(structure.form.stretched)
        lengths = scale[:, None] if parameters.covariances.ndim == 3 else scale
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            means = self.original(parameters.means)
            covariances = parameters.covariances * lengths * scale
            factors = parameters.precisions_cholesky / lengths
            box = None if parameters.noise is None else self.original(parameters.noise)
        parts = (means, covariances, factors, *([] if box is None else [box]))
        whole = all(np.isfinite(part).all() for part in parts)
        if not whole or not _diagonals(covariances).all() or not _diagonals(factors).all():
            raise BadInputError(
                "scaling", "a mixture beyond float64 in units of the data", "moderate",
                "Give the data in another unit.",
            )  # fmt: skip
        return Parameters(
            parameters.weights,
            means,
            covariances,
            structure,
            factors,
            box,
            parameters.dof,
            parameters.spikes,
        )


def _diagonals(stack: FloatArray) -> FloatArray:
    return np.diagonal(stack, axis1=1, axis2=2) if stack.ndim == 3 else stack
