"""The passes of starts over the rows: in C++ if it is compiled, otherwise in NumPy."""

from __future__ import annotations

from typing import Protocol

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.covariance import Form
from bactrian.core.values.statistics import SufficientStats
from bactrian.init.reference import NumpyPasses

try:
    from bactrian.init.compiled import NativePasses
except ImportError:  # not compiled: config.show_config() says why
    COMPILED = False
else:
    COMPILED = True


class Passes(Protocol):
    """What starts need from all rows at once."""

    def nearest(self, X: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
        """Labels of the nearest centres, and squared distances to them; each (n_samples,).

        Of centres equally near, it is the first.
        """

    def moments(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray
    ) -> tuple[FloatArray, FloatArray, float]:
        """Sums over the rows nearest to each centre.

        Returns
        -------
        mass : (n_centres,)
            Of the weights.
        first : (n_centres, n_features)
            Of weight times row, about the centre.
        inertia : float
            Of weight times squared distance, over all rows.
        """

    def closer(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray, squared: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """How each of several new centres would change the squared distances.

        Parameters
        ----------
        squared : (n_samples,)
            Distances to the nearest of the centres chosen already.

        Returns
        -------
        closer : (n_centres, n_samples)
            The lesser of the squared distance to the centre and `squared`.
        potential : (n_centres,)
            Sum of `closer` by weight.
        """

    def of_groups(
        self, X: FloatArray, weights: FloatArray, labels: IntArray, n_groups: int, form: Form
    ) -> SufficientStats:
        """Statistics of groups of rows about their means; about 0 of one without rows.

        Parameters
        ----------
        labels : (n_samples,)
            From 0 to K - 1.
        """

    def of_shares(
        self, X: FloatArray, weights: FloatArray, resp: FloatArray, form: Form
    ) -> SufficientStats:
        """The same of groups in which the rows have shares, `resp` (n_samples, K)."""

    def settled(
        self,
        stats: SufficientStats,
        lowest: FloatArray,
        place: FloatArray,
        units: FloatArray,
        one_row: float,
    ) -> list[FloatArray] | None:
        """Make the mixture of groups, in the units of the data, where this is no question.

        Parameters
        ----------
        stats : SufficientStats
            About the means.
        lowest, place, units : (n_features,)
            As of :class:`~bactrian.init.viewed.ViewedRows`.
        one_row : float
            Weight of a row: no group has less.

        Returns
        -------
        weights, means, covariances, precisions_cholesky
            None if a group has no rows, or a covariance is not above the lowest, and where it is
            no quicker.
        """


def passes_for(n_jobs: int | None = None) -> Passes:
    """The fastest available passes, on that number of threads."""
    return NativePasses(n_jobs) if COMPILED else NumpyPasses()
