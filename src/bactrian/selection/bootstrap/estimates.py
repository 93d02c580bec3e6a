"""The parameters of a mixture as arrays; for many mixtures, with a first axis more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.values.parameters import Parameters

Place = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Estimates:
    """A number for each parameter of a mixture. For R mixtures, each array has R as first axis.

    Parameters
    ----------
    weights : (n_components,)
    means : (n_components, n_features)
    covariances : array
        In the shape of ``covariances_`` of the estimator.
    noise_weight : () or None
        None where there is no noise.
    dof : (n_components,) or (1,), or None
        Degrees of freedom of t distributions, each or shared.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    noise_weight: FloatArray | None = None
    dof: FloatArray | None = None

    @classmethod
    def of(cls, parameters: Parameters) -> Estimates:
        """The numbers of one mixture."""
        public = parameters.form.public_shape(*parameters.means.shape)
        noisy = parameters.noise is not None
        return cls(
            parameters.weights,
            parameters.means,
            parameters.covariances.reshape(public),
            np.asarray(parameters.term_weights[-1]) if noisy else None,
            parameters.dof,
        )

    @classmethod
    def stacked(cls, mixtures: Sequence[Estimates]) -> Estimates:
        """Join several mixtures into one value."""
        return mixtures[0].each(lambda *values: np.stack(values), *mixtures[1:])

    def unstacked(self) -> Iterator[Estimates]:
        """Each of several mixtures by itself."""
        for i in range(len(self.weights)):
            yield self.each(lambda values, i=i: values[i])

    def each(self, function: Callable[..., Any], *others: Estimates) -> Estimates:
        """Apply a function to each array, together with the same arrays of the others."""
        arrays: dict[str, Any] = {}
        for entry in fields(self):
            values = [getattr(estimates, entry.name) for estimates in (self, *others)]
            arrays[entry.name] = None if values[0] is None else np.asarray(function(*values))
        return Estimates(**arrays)


@dataclass(frozen=True)
class Name:
    """What one number is.

    Parameters
    ----------
    array : str
        Of :class:`Estimates`.
    place : tuple of int
        In that array.
    parameter : str
        "weight", "noise_weight", "mean", "variance", "covariance" or "dof".
    component : int or None
        From 0; None for what all components share.
    feature, other_feature : int or None
        From 0; the second for a covariance only. Both None for a variance of all features.
    """

    array: str
    place: Place
    parameter: str
    component: int | None = None
    feature: int | None = None
    other_feature: int | None = None


def names_of(estimates: Estimates, structure: CovarianceStructure) -> Iterator[Name]:
    """Name the numbers of one mixture, each once: of a matrix, the upper triangle."""
    for k in range(len(estimates.weights)):
        yield Name("weights", (k,), "weight", k)
    if estimates.noise_weight is not None:
        yield Name("noise_weight", (), "noise_weight")
    for k, j in np.ndindex(*estimates.means.shape):
        yield Name("means", (k, j), "mean", k, j)
    # Of two components and three features, a shape tells what each axis is.
    axes = structure.form.public_shape(2, 3)
    each, n_of_features = 2 in axes, axes.count(3)
    for place in np.ndindex(*estimates.covariances.shape):
        component, features = (place[0], place[1:]) if each else (None, place)
        if n_of_features == 2 and features[0] > features[1]:
            continue
        differ = n_of_features == 2 and features[0] != features[1]
        kind = "covariance" if differ else "variance"
        both = (*dict.fromkeys(features), None, None)[:2]
        yield Name("covariances", place, kind, component, *both)
    if estimates.dof is not None:
        shared = len(estimates.dof) < len(estimates.weights)
        for k in range(len(estimates.dof)):
            yield Name("dof", (k,), "dof", None if shared else k)
