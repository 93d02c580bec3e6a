"""One mixture as a value: densities, responsibilities, imputation, samples, likelihoods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bactrian.backends import Backend
from bactrian.core.arrays import FloatArray, IntArray, RealArray
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.results import RowResults
from bactrian.errors import BadInputError
from bactrian.mixture.certainty import Certainty
from bactrian.mixture.columns.verbs import OfColumns
from bactrian.mixture.distances.verbs import Distances
from bactrian.mixture.distribution.verbs import Distribution
from bactrian.mixture.evaluation import in_pieces, in_units_of_data
from bactrian.mixture.filling import filled
from bactrian.mixture.grouping import Grouping
from bactrian.mixture.likelihoods import Likelihoods, likelihoods
from bactrian.mixture.picture import as_html, as_text
from bactrian.mixture.regions import Region, regions_of
from bactrian.mixture.sampling import draw_samples
from bactrian.mixture.seeds import Seed, random
from bactrian.mixture.shape.verbs import Shape
from bactrian.mixture.thresholds import Threshold, thresholds_of
from bactrian.mixture.unlikely import Unlikely, unlikely_of


@dataclass(frozen=True, eq=False, init=False)
class Mixture(Distribution, OfColumns, Shape, Distances, Grouping):
    """A mixture, wherever it came from.

    What it says is in units of the data, whatever the scaling: densities, samples, likelihoods.
    Below, K is the number of components and D that of features.

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
        Lowest and highest corner of the box of uniform noise, whose weight is what the weights
        leave of 1.
    dof : float, (1,) or (K,), optional
        Degrees of freedom of t distributions.
    scaling : Scaling, optional
        The mixture is one of ``(x - centre) / scale``, in which all of these are.
    feature_names : sequence of str, optional
        Empty if the features have no names.
    component_names : sequence of str or None, optional
        None where a component has no name; empty if none has.

    Raises
    ------
    BadInputError
        Names the argument that cannot be used.

    Examples
    --------
    >>> from bactrian import Mixture
    >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [1.0, 1.0], "spherical")
    >>> mixture.responsibilities([[2.0]])
    array([[0.5, 0.5]])
    """

    # ---- what it looks like

    def __str__(self) -> str:
        return as_text(*self._shown())

    def _repr_html_(self) -> str:
        """A table of weights and means with a small picture, which notebooks show."""
        return as_html(*self._shown())

    def _shown(self) -> tuple[Parameters, tuple[str, ...], list[str]]:
        names = [str(k + 1) if n is None else n for k, n in enumerate(self.component_names)]
        return self.in_original_units(), self.feature_names, names

    # ---- what it is

    def regions(self) -> tuple[Region, ...]:
        """Intervals of the line in which one component is the most probable.

        For one feature, in units of the data, from the left to the right. They are exact: the
        roots of quadratics, or for t distributions of unlike degrees of freedom bracketed.

        Returns
        -------
        tuple of Region
            Each with its `component` (-1 for noise), `low` and `high`; :meth:`labels` of a row
            within it is its component.

        Raises
        ------
        BadInputError
            If there is more than one feature.
        """
        return regions_of(self.in_original_units())

    def thresholds(self) -> tuple[Threshold, ...]:
        """Values of one feature at which the most probable component changes.

        From the left to the right, in units of the data: the ends of :meth:`regions`, except
        those of an outer region that holds less than a millionth of the mixture.

        Returns
        -------
        tuple of Threshold
            Each with its `value` and the components `below` and `above` it (-1 for noise).

        Raises
        ------
        BadInputError
            If there is more than one feature.

        Examples
        --------
        >>> from bactrian import Mixture
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [1.0, 1.0], "spherical")
        >>> mixture.thresholds()
        (Threshold(value=2.0, below=0, above=1),)
        """
        return thresholds_of(self.in_original_units())

    # ---- what it says of rows

    def log_density(self, X: Any) -> FloatArray:
        """Log-density of the observed part of each row, (n_samples,), in nats.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            NaN where missing. Columns of a frame are found by their names, if the features have
            names.

        Raises
        ------
        BadInputError
            If `X` has other columns, or values that are infinite or not numbers.
        """
        return cast(FloatArray, self._said(X, "log_density"))

    def unlikely(
        self, X: Any, share: float | None = None, *, below: float | None = None
    ) -> Unlikely:
        """Mark the least likely rows: outliers, faults, news.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            As in :meth:`log_density`. Of an incomplete row it is the density of what is observed.
        share : float, default=None
            Of these rows, at least one. None: 0.01, if `below` is not given.
        below : float, default=None
            A log-density: all rows of that or less.

        Returns
        -------
        Unlikely
            `threshold`, a log-density, and `rows`, (n_samples,) of bool.

        Raises
        ------
        BadInputError
            If both are given, or one cannot be used.
        """
        return unlikely_of(self.log_density(X), share, below)

    def responsibilities(self, X: Any) -> FloatArray:
        """Probability of each component for each row, (n_samples, K).

        Given what is observed of it; `X` as in :meth:`log_density`. With noise there is one more
        column, the last.
        """
        return cast(FloatArray, self._said(X, "resp"))

    def labels(self, X: Any) -> IntArray:
        """Most probable component of each row, (n_samples,), from 0 to K - 1; -1 for noise.

        Given what is observed of it; `X` as in :meth:`log_density`.
        """
        return cast(IntArray, self._said(X, "labels"))

    def certainty(self, X: Any) -> Certainty:
        """How certain it is which component the rows are of; `X` as in :meth:`log_density`.

        Returns
        -------
        Certainty
            With `relative_entropy`, which is 1 if the component of each row is certain, and
            `probabilities`: for each component the mean largest responsibility of its rows.
        """
        return likelihoods([self._rows(X)], self.parameters, self.scaling, None).certainty

    def impute(self, X: Any, n_draws: int | None = None, random_state: Seed = None) -> FloatArray:
        """Fill in missing values, given what is observed in each row.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            NaN where missing.
        n_draws : int, default=None
            None for conditional expectations; a number of tables, each with missing
            values drawn from their conditional distribution.
        random_state : int, RandomState, Generator or None, default=None

        Returns
        -------
        (n_samples, D), or (n_draws, n_samples, D)
        """
        rows = self._rows(X)
        if n_draws is None:
            return filled(rows, self.parameters, self.scaling)
        _check_count("n_draws", n_draws)
        source = random(random_state)
        tables = (filled(rows, self.parameters, self.scaling, source) for _ in range(n_draws))
        return np.stack(list(tables))

    def sample(
        self,
        n_samples: int = 1,
        random_state: Seed = None,
        sort: bool = True,
        *,
        component: int | None = None,
    ) -> tuple[FloatArray, IntArray]:
        """Draw rows.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, RandomState, Generator or None, default=None
        sort : bool, default=True
            Whether rows come in the order of their components, or at random.
        component : int, default=None
            Draw from this one alone, counted from 0; -1 is the noise. None: from the mixture.

        Returns
        -------
        X : (n_samples, D)
        y : (n_samples,)
            Component of each row, -1 for noise.
        """
        _check_count("n_samples", n_samples)
        source = random(random_state)
        X, y = draw_samples(
            self.parameters, int(n_samples), source, sort=sort, component=component
        )
        X = X if self.scaling is None else self.scaling.original(X)
        spikes = self.parameters.spikes
        return (X if spikes is None else spikes.placed(X, y, source)), y

    # ---- rows that were checked

    def evaluate(
        self,
        rows: RealArray,
        *wanted: str,
        backend: Backend | None = None,
        complete: bool = False,
    ) -> RowResults:
        """Evaluate checked rows in one pass.

        Parameters
        ----------
        rows : (n_samples, D)
            float32 or float64, finite, or NaN where missing.
        *wanted : {"log_density", "resp", "labels"}
        backend : Backend, optional
            By default the fastest that is installed.
        complete : bool, default=False
            Whether it is known that no value is missing. If it is not known, one more pass looks.

        Returns
        -------
        RowResults
            Of the type of the rows, or float64 if there is a scaling. The label of noise is -1.
        """
        chunk = Chunk(rows, None, complete=complete)
        return in_units_of_data(chunk, self.parameters, self.scaling, wanted, backend)

    def likelihoods(
        self,
        rows: RealArray,
        sample_weight: FloatArray | None = None,
        *,
        plausibility: FloatArray | None = None,
        backend: Backend | None = None,
        complete: bool = False,
    ) -> Likelihoods:
        """Log-likelihood of checked rows, and what else the criteria need.

        A row without any observed value counts for nothing, as in a fit; neither does a row of
        weight 0, whatever its density.

        Parameters
        ----------
        rows : (n_samples, D)
            As in :meth:`evaluate`.
        sample_weight : (n_samples,), optional
            At least 0.
        plausibility : (n_samples, n_terms), optional
            What is known of the components: factors on the weights (of the noise last), of which
            the largest in each row is 1. The likelihood is then that of rows and labels.
        backend : Backend, optional
        complete : bool, default=False
            As in :meth:`evaluate`.
        """
        chunk = Chunk(rows, sample_weight, plausibility, complete)
        return self.likelihoods_of([chunk], backend)

    def likelihoods_of(
        self, chunks: Iterable[Chunk], backend: Backend | None = None
    ) -> Likelihoods:
        """The same, of checked rows that come piece by piece.

        Parameters
        ----------
        chunks : iterable of Chunk
        backend : Backend, optional
        """
        return likelihoods(chunks, self.parameters, self.scaling, backend)

    def _said(self, X: Any, wanted: str) -> Any:
        """One result in float64 for each row, from whatever holds the rows."""
        found = in_pieces(self._rows(X), self.parameters, self.scaling, (wanted,))
        return getattr(found, wanted)


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadInputError(name, repr(value), "a whole number of at least 1", code="out_of_range")
