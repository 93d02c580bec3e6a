"""A mixture as a value: parameters, units and names, made from a fit or from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
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


@dataclass(frozen=True, eq=False, init=False)
class MixtureValue:
    """A mixture as a value: its numbers, their units, and names. It says nothing yet.

    Values are equal if, and only if, they hold the same numbers, structure, units and names.

    It is made as :class:`~bactrian.Mixture` says.
    """

    parameters: Parameters
    scaling: Scaling | None
    feature_names: tuple[str, ...]
    component_names: tuple[str | None, ...]

    def __init__(
        self,
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
    ) -> None:
        parameters = given_parameters(weights, means, covariances, covariance_type, noise, dof)
        self._hold(parameters, scaling, feature_names, component_names)

    @classmethod
    def from_parameters(
        cls,
        parameters: Parameters,
        scaling: Scaling | None = None,
        feature_names: Sequence[str] = (),
        *,
        component_names: Sequence[str | None] = (),
    ) -> Self:
        """Make a mixture from parameters, as a fit has them.

        Parameters
        ----------
        parameters : Parameters
            In the units of `scaling`.
        scaling, feature_names, component_names
            As of the class.

        Raises
        ------
        BadInputError
            If names or scaling do not fit the number of features or components.
        """
        mixture = cls.__new__(cls)
        mixture._hold(parameters, scaling, feature_names, component_names)
        return mixture

    def _hold(
        self,
        parameters: Parameters,
        scaling: Scaling | None,
        feature_names: Sequence[str],
        component_names: Sequence[str | None],
    ) -> None:
        n_components, n_features = parameters.means.shape
        if scaling is not None and scaling.n_features != n_features:
            got = f"one of {scaling.n_features} features"
            raise BadInputError("scaling", got, f"of {n_features} features", code="bad_shape")
        for name, value in (
            ("parameters", parameters),
            ("scaling", scaling),
            ("feature_names", check_feature_names(feature_names, n_features)),
            ("component_names", check_component_names(component_names, n_components)),
        ):
            object.__setattr__(self, name, value)

    def replaced(self, **changes: Any) -> Self:
        """A copy with some of `parameters`, `scaling` and the names changed.

        Raises
        ------
        BadInputError
            If they do not fit each other.
        """
        held = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return type(self).from_parameters(**{**held, **changes})

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
