"""What a mixture says of some of its columns, by themselves or given the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture.columns.choice import Columns, chosen, given_row
from bactrian.mixture.columns.conditional import conditional
from bactrian.mixture.columns.regression import Regression
from bactrian.mixture.rows import check_columns
from bactrian.mixture.scaling import Scaling
from bactrian.mixture.value import MixtureValue


@dataclass(frozen=True, eq=False, init=False)
class OfColumns(MixtureValue):
    """A mixture of whose columns some are looked at: marginal, conditional, regression.

    Noise counts in a conditional distribution by its density at the given values, wherever they
    are, as in responsibilities and imputation.
    """

    def marginal(self, columns: Columns) -> Self:
        """The mixture of some of the columns, in the order in which they are given.

        Parameters
        ----------
        columns : str, int, or sequence of both
            Names, or positions from 0.

        Raises
        ------
        BadInputError
            If a column is not there or is there twice.
        """
        places = self._chosen("columns", columns)
        units = self.scaling
        if units is not None:
            units = Scaling(units.centre[places], units.scale[places])
        return self._with(self.parameters.marginal(places), places, units)

    def condition(self, given: Mapping[str | int, float]) -> Self:
        """The mixture of the other columns, given values of some.

        Parameters
        ----------
        given : mapping
            From names, or positions from 0, to values: ``{"waiting": 60}``.

        Raises
        ------
        BadInputError
            If a column is not there, a value is not finite, no column is left, or there are point
            masses.

        Examples
        --------
        >>> from bactrian import Mixture
        >>> mixture = Mixture([1.0], [[0.0, 0.0]], [[[1.0, 0.8], [0.8, 1.0]]])
        >>> mixture.condition({0: 2.0}).mean()
        array([1.6])
        """
        row = given_row("given", given, self.feature_names, self.parameters.n_features)
        places = np.flatnonzero(np.isnan(row))
        return self._with(conditional(self.with_densities(), row), places, None)

    def regress(self, X: Any, targets: Columns) -> Regression:
        """The distribution of some columns given the others, for many rows at once.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D - n_targets)
            The other columns, in the mixture's order, or a frame with their names; NaN where
            missing.
        targets : str, int, or sequence of both

        Returns
        -------
        Regression
            With `mean`, `covariance`, `std`, `icdf`, `logpdf` and `sample`.

        Raises
        ------
        BadInputError
            If a column is not there, none is left, `X` has other columns, or there are point
            masses.
        """
        n_features = self.parameters.n_features
        places = self._chosen("targets", targets)
        others = np.setdiff1d(np.arange(n_features), places)
        if not len(others):
            got = f"all {n_features} columns"
            raise BadInputError("targets", got, "some of the columns", code="wrong_columns")
        names = tuple(self.feature_names[j] for j in others) if self.feature_names else ()
        known = check_columns(X, names, len(others)).X
        rows = np.full((len(known), n_features), np.nan)
        rows[:, others] = known
        return Regression(self.with_densities(), rows, places)

    def _chosen(self, name: str, columns: Columns) -> Any:
        return chosen(name, columns, self.feature_names, self.parameters.n_features)

    def _with(self, parameters: Parameters, places: Any, scaling: Scaling | None) -> Self:
        """The mixture of some columns, with their names."""
        names = tuple(self.feature_names[j] for j in places) if self.feature_names else ()
        return type(self).from_parameters(
            parameters, scaling, names, component_names=self.component_names
        )
