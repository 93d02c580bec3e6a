"""A mixture as a value: parameters, units and names, made from a fit or from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture.checks import (
    check_component_names,
    check_feature_names,
    given_parameters,
)
from bactrian.mixture.rows import check_columns
from bactrian.mixture.scaling import Scaling
from bactrian.remedies import Act


@dataclass(frozen=True, eq=False)
class MixtureValue:
    """A mixture as a value: its numbers, their units, and names. It says nothing yet.

    Values are equal if, and only if, they hold the same numbers, structure, units and names.

    Parameters
    ----------
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling, optional
        The mixture is one of ``(x - centre) / scale``.
    feature_names : tuple of str, optional
        Empty if the features have no names.
    component_names : tuple of str or None, optional
        None where a component has no name; empty if none has.

    Raises
    ------
    BadInputError
        If names or scaling do not fit the number of features or components.
    """

    parameters: Parameters
    scaling: Scaling | None = None
    feature_names: tuple[str, ...] = ()
    component_names: tuple[str | None, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        given: Any = self.parameters
        if not isinstance(given, Parameters):
            got = f"a {type(given).__name__}"
            of_numbers = Act(f"make it with {type(self).__name__}.of(weights, means, covariances)")
            raise BadInputError("parameters", got, "Parameters", of_numbers)
        n_components, n_features = self.parameters.means.shape
        if self.scaling is not None and self.scaling.n_features != n_features:
            got = f"one of {self.scaling.n_features} features"
            raise BadInputError("scaling", got, f"of {n_features} features", code="bad_shape")
        for name, value in (
            ("feature_names", check_feature_names(self.feature_names, n_features)),
            ("component_names", check_component_names(self.component_names, n_components)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(
        cls,
        weights: npt.ArrayLike,
        means: npt.ArrayLike,
        covariances: npt.ArrayLike,
        covariance_type: str = "full",
        *,
        noise: npt.ArrayLike | None = None,
        dof: npt.ArrayLike | None = None,
        scaling: Scaling | None = None,
        feature_names: Sequence[str] = (),
        component_names: Sequence[str | None] = (),
    ) -> Self:
        """Make a mixture from weights, means and covariances, without a fit.

        Parameters
        ----------
        weights : (K,)
            At least 0; their sum is 1, with `noise` less.
        means : (K, D)
        covariances : array-like
            Symmetric and positive definite, in the shape that `covariance_type` has in
            :class:`~bactrian.GaussianMixture`: (K, D, D) for "full". Of t distributions, their
            scale matrices.
        covariance_type : str, default="full"
        noise : (2, D), optional
            Lowest and highest corner of the box of uniform noise, whose weight is what the
            weights leave of 1.
        dof : float, (1,) or (K,), optional
            Degrees of freedom of t distributions.
        scaling : Scaling, optional
            In whose units all of these are.
        feature_names, component_names : sequence of str, optional

        Raises
        ------
        BadInputError
            Names the argument that cannot be used.
        """
        parameters = given_parameters(weights, means, covariances, covariance_type, noise, dof)
        n_components, n_features = parameters.means.shape
        return cls(
            parameters,
            scaling,
            check_feature_names(feature_names, n_features),
            component_names=check_component_names(component_names, n_components),
        )

    # ---- what it is

    def in_original_units(self) -> Parameters:
        """Parameters in units of the data. A scaled "spherical" becomes "diag" there.

        Raises
        ------
        BadInputError
            If they are beyond float64.
        """
        if self.scaling is None:
            return self.parameters
        return self.scaling.folded_into(self.parameters)

    def with_densities(self) -> Parameters:
        """Parameters in units of the data, where every column has a density everywhere.

        Raises
        ------
        BadInputError
            If there are point masses, or the parameters are beyond float64.
        """
        if self.parameters.spikes is not None:
            raise BadInputError(
                "spikes",
                "a mixture with point masses",
                "None here: these are questions to densities alone",
                "log_density, responsibilities, labels, impute and sample take them.",
                code="do_not_go_together",
            )
        return self.in_original_units()

    def n_parameters(self, fixed: frozenset[str] = frozenset()) -> int:
        """Number of free parameters, in the units of the fit.

        Parameters
        ----------
        fixed : frozenset of {"weights", "noise", "means", "covariances", "dof"}
            Those that were given, and not estimated.
        """
        return self.parameters.n_parameters(fixed)

    # ---- equality

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, MixtureValue)
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[Any, ...]:
        """All that it holds, as values that can be compared."""
        p, units = self.parameters, self.scaling
        arrays: tuple[FloatArray | None, ...] = (
            p.weights, p.means, p.covariances, p.noise, p.dof,
            None if units is None else units.centre, None if units is None else units.scale,
        )  # fmt: skip
        if p.spikes is not None:
            arrays += (p.spikes.columns.astype(float), p.spikes.values, p.spikes.shares)
        numbers = tuple(None if a is None else (a.shape, (a + 0.0).tobytes()) for a in arrays)
        return p.structure.name, self.feature_names, self.component_names, *numbers

    # ---- what its verbs are given

    def _rows(self, X: Any) -> Chunk:
        return check_columns(X, self.feature_names, self.parameters.n_features)
