"""Check the starting values that the user gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray, refuse_hidden
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError


@dataclass(frozen=True, eq=False)
class Given:
    """What the user wants to start from; None for what must be found.

    Parameters
    ----------
    weights : (n_components,) or None
    means : (n_components, n_features) or None
    precisions : in the shape of the structure's form, or None
    resp : (n_samples, n_components) or None
    """

    weights: FloatArray | None
    means: FloatArray | None
    precisions: FloatArray | None
    resp: FloatArray | None

    @classmethod
    def checked(
        cls,
        weights: Any,
        means: Any,
        precisions: Any,
        resp: Any,
        structure: CovarianceStructure,
        n_components: int,
        shape: tuple[int, ...],
        kept: Any,
    ) -> Given:
        """Check what the user gives, for rows of that shape of which only some are kept.

        Raises
        ------
        BadInputError
            If one of them does not fit.
        """
        n_samples, n_features = shape

        def unless_none(value: Any, check: Callable[..., FloatArray], *wanted: Any) -> Any:
            return None if value is None else check(value, *wanted)

        resp = unless_none(resp, check_responsibilities, n_samples, n_components)
        return cls(
            unless_none(weights, check_weights, n_components),
            unless_none(means, check_means, n_components, n_features),
            unless_none(precisions, check_precisions, structure, n_components, n_features),
            None if resp is None else resp[kept],
        )

    @property
    def places_none(self) -> bool:
        """Whether it says nothing of where the components are: at most their weights are given."""
        return self.means is self.precisions is self.resp is None

    def parameters(self, structure: CovarianceStructure) -> Parameters | None:
        """The parameters, if nothing must be found."""
        if self.weights is None or self.means is None or self.precisions is None:
            return None
        return Parameters.from_precisions(self.weights, self.means, self.precisions, structure)

    def held(self, fixed: frozenset[str]) -> Given:
        """The values of the parameters that are held fixed."""
        return Given(
            self.weights if "weights" in fixed else None,
            self.means if "means" in fixed else None,
            self.precisions if "covariances" in fixed else None,
            None,
        )

    def over(self, found: Parameters) -> Parameters:
        """Replace what was found by what the user gives."""
        if self.weights is None and self.means is None and self.precisions is None:
            return found
        weights, means = found.weights, found.means
        if self.weights is not None:  # of what the noise leaves
            weights = self.weights if found.noise is None else self.weights * weights.sum()
        if self.means is not None:
            means = self.means
        if self.precisions is None:
            return replace(found, weights=weights, means=means)
        given = Parameters.from_precisions(weights, means, self.precisions, found.structure)
        return replace(given, noise=found.noise, dof=found.dof, spikes=found.spikes)


NOTHING = Given(None, None, None, None)


def check_weights(weights: Any, n_components: int) -> FloatArray:
    """Check weights (n_components,): at least 0, with the sum 1.

    Raises
    ------
    BadInputError
    """
    values = _numbers("weights_init", weights, (n_components,))
    if (values < 0).any() or (values > 1).any():
        got = f"values from {values.min():.6g} to {values.max():.6g}"
        raise BadInputError("weights_init", got, "numbers from 0 to 1", code="out_of_range")
    precision = 1e-6 if getattr(weights, "dtype", None) == np.float32 else 1e-8
    if abs(values.sum() - 1) > precision:
        raise BadInputError(
            "weights_init",
            f"a sum of {values.sum():.9g}",
            "numbers that sum to 1",
            "Divide them by their sum.",
        )
    return values / values.sum()


def check_means(means: Any, n_components: int, n_features: int) -> FloatArray:
    """Check means (n_components, n_features).

    Raises
    ------
    BadInputError
    """
    return _numbers("means_init", means, (n_components, n_features))


def check_precisions(
    precisions: Any, structure: CovarianceStructure, n_components: int, n_features: int
) -> FloatArray:
    """Check precisions: positive definite, in the shape that this package uses.

    Raises
    ------
    BadInputError
    """
    values = _numbers(
        "precisions_init", precisions, structure.form.public_shape(n_components, n_features)
    )
    values = values.reshape(structure.form.shape(n_components, n_features))
    if values.ndim == 3 and not np.allclose(values, values.transpose(0, 2, 1)):
        raise BadInputError("precisions_init", "a matrix that is not", "symmetric")
    with np.errstate(all="ignore"):
        factors = structure.form.algebra.precisions_cholesky_of(values)
    if not np.isfinite(factors).all():
        broken = np.flatnonzero(~np.isfinite(factors).reshape(len(factors), -1).all(axis=1))
        wanted = "positive definite" if values.ndim == 3 else "positive"
        which = f"component {broken[0] + 1}, which is not"
        raise BadInputError("precisions_init", which, wanted)
    return values


def check_responsibilities(resp: Any, n_samples: int, n_components: int) -> FloatArray:
    """Check labels 0 to K - 1 (n_samples,) or responsibilities (n_samples, n_components).

    Returns
    -------
    (n_samples, n_components)
        Rows that sum to 1.

    Raises
    ------
    BadInputError
    """
    values = np.asarray(resp)
    if values.ndim == 1:
        labels = _numbers("resp_init", resp, (n_samples,))
        whole = (labels == np.floor(labels)) & (labels >= 0) & (labels < n_components)
        if not whole.all():
            row = int(np.flatnonzero(~whole)[0])
            wanted = f"labels from 0 to {n_components - 1}, or responsibilities"
            raise BadInputError("resp_init", f"{values[row]!r} in row {row}", wanted)
        return np.eye(n_components)[labels.astype(int)]
    values = _numbers("resp_init", resp, (n_samples, n_components))
    bad = (values < 0).any(axis=1) | (np.abs(values.sum(axis=1) - 1) > 1e-6)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        got = f"row {row} with the sum {values[row].sum():.6g} and minimum {values[row].min():.6g}"
        raise BadInputError("resp_init", got, "rows of numbers, at least 0, that sum to 1")
    return values


def _numbers(name: str, given: Any, shape: tuple[int, ...]) -> FloatArray:
    """Check that `given` has that shape and is finite; return it as float64."""
    refuse_hidden(name, given, "Fill them in.")
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(
            name, f"{type(given).__name__} {repr(given)[:60]}", "numbers", code="not_a_number"
        ) from None
    if values.shape != shape:
        raise BadInputError(
            name, f"the shape {values.shape}", f"an array of shape {shape}", code="bad_shape"
        )
    if not np.isfinite(values).all():
        raise BadInputError(name, "NaN or infinity", "finite numbers", code="not_finite")
    return values
