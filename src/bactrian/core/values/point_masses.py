"""Point masses: values of columns that have a probability of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray, frozen
from bactrian.core.values.spike import Spike

OPENED = 0.01  # part of the shares of all rows in those of a term that would lose some for good


@final
@dataclass(frozen=True, eq=False)
class PointMasses:
    """Values that rows of a mixture have with a probability, in one column each.

    Term k puts, in column j, the probability ``theta_kv`` on the value v, and with the rest,
    ``1 - sum_v theta_kv``, its density holds. A row that is at values of some columns is a row of
    the mixture of its other columns, in which each weight is times these probabilities. So
    densities are with respect to counting measure at the values, and to Lebesgue measure off
    them. (In one column such a model is the zero-inflated one of Aitchison 1955.)

    Parameters
    ----------
    columns : (n_spikes,)
        Ascending; counted from 0.
    values : (n_spikes,)
        Ascending in each column. In units of the data, whatever the scaling of a mixture.
    shares : (n_terms, n_spikes) or (1, n_spikes)
        The probabilities: of each term (of noise the last), or of all alike. With a single column
        a row at its value says nothing of its component, and only the latter can be known.
    """

    columns: IntArray
    values: FloatArray
    shares: FloatArray

    def __post_init__(self) -> None:
        for name in ("values", "shares"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        columns = np.array(self.columns, dtype=np.int64)
        columns.flags.writeable = False
        object.__setattr__(self, "columns", columns)

    @classmethod
    def of(cls, spikes: Sequence[Spike]) -> PointMasses | None:
        """The values of spikes with their shares of all rows; None without any."""
        if not spikes:
            return None
        ordered = sorted(spikes, key=lambda spike: (spike.column, spike.value))
        return cls(
            np.array([spike.column for spike in ordered]),
            np.array([spike.value for spike in ordered]),
            np.array([[spike.share for spike in ordered]]),
        )

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def common(self) -> bool:
        """Whether the shares are those of all terms alike."""
        return len(self.shares) == 1

    @cached_property
    def column(self) -> IntArray:
        """The columns that have values, each once, (n_columns,)."""
        return np.unique(self.columns)

    @cached_property
    def place(self) -> IntArray:
        """The place of each value's column in :attr:`column`, (n_spikes,)."""
        return np.searchsorted(self.column, self.columns)

    @cached_property
    def rest(self) -> FloatArray:
        """What the shares leave of 1 in each column, (n_terms or 1, n_columns)."""
        return np.maximum(1.0 - self.summed(self.shares), 0.0)

    def summed(self, shares: FloatArray) -> FloatArray:
        """Sum over the values of each column: (n, n_spikes) to (n, n_columns)."""
        return np.add.reduceat(shares, np.flatnonzero(np.diff(self.place, prepend=-1)), axis=1)

    def log_factors(self, at: IntArray, seen: BoolArray) -> FloatArray:
        """Logs of the factors on the weights for rows at the same values, (n_terms or 1,).

        Parameters
        ----------
        at : (n_features,)
            The number of the value in each column, from 0; -1 where it is at none.
        seen : (n_features,)
            Which columns are observed and not at a value.
        """
        with np.errstate(divide="ignore"):
            held = np.log(self.shares[:, at[at >= 0]]).sum(axis=1)
            free = np.log(self.rest[:, seen[self.column]]).sum(axis=1)
        return np.asarray(held + free)

    def of_terms(self, n_terms: int, n_features: int) -> PointMasses:
        """The shares of all rows as those of each term; with one feature, of all terms alike."""
        if n_features == 1:
            return self
        return replace(self, shares=np.repeat(self.shares[:1], n_terms, axis=0))

    def of_components(self, order: IntArray, n_components: int) -> PointMasses:
        """With the components in another order, or with some of them; noise stays last."""
        if self.common:
            return self
        rows = np.concatenate([order, np.arange(n_components, len(self.shares))])
        return replace(self, shares=self.shares[rows])

    def marginal(self, columns: IntArray) -> PointMasses | None:
        """Those of some of the columns; None without any."""
        kept = [
            (new, i) for new, j in enumerate(columns) for i in np.flatnonzero(self.columns == j)
        ]
        if not kept:
            return None
        numbers, own = np.array(kept).T
        return PointMasses(numbers, self.values[own], self.shares[:, own])

    def placed(
        self,
        X: FloatArray,
        terms: IntArray,
        random_state: np.random.RandomState,
        columns: IntArray | None = None,
    ) -> FloatArray:
        """Put values in place of numbers that are drawn from the densities, as often as they are.

        Parameters
        ----------
        X : (n_samples, n_features)
            In the units of the values.
        terms : (n_samples,)
            Of which term each row is; -1 for the last, noise.
        random_state : RandomState
        columns : (n_features,), optional
            Which columns `X` has; by default all.

        Returns
        -------
        (n_samples, n_features)
        """
        X = X.copy()
        of_row = self.shares[np.zeros_like(terms) if self.common else terms]
        for place, column in enumerate(range(X.shape[1]) if columns is None else columns):
            own = np.flatnonzero(self.columns == column)
            if len(own) == 0:
                continue
            ends = np.cumsum(of_row[:, own], axis=1)
            number = (ends <= random_state.uniform(size=(len(X), 1))).sum(axis=1)
            at = number < len(own)
            X[at, place] = self.values[own[number[at]]]
        return X

    def expected(self, centres: FloatArray, columns: IntArray) -> FloatArray:
        """Expectations of some columns under each term, from those of the densities.

        Parameters
        ----------
        centres : (n_terms, n_samples, n_columns)
        columns : (n_columns,)
        """
        means = self.summed(self.shares * self.values)
        found = centres.copy()
        for place, column in enumerate(columns):
            for own in np.flatnonzero(self.column == column):
                rest, mean = self.rest[:, own, None], means[:, own, None]
                found[:, :, place] = rest * found[:, :, place] + mean
        return found

    def shares_of_rows(self, term_weights: FloatArray) -> FloatArray:
        """Probability of each value in the whole mixture, (n_spikes,)."""
        return self.shares[0] if self.common else term_weights @ self.shares

    def overall(self) -> tuple[Spike, ...]:
        """The values, with their shares of all rows."""
        triples = zip(
            self.columns.tolist(), self.values.tolist(), self.shares[0].tolist(), strict=True
        )
        return tuple(Spike(*triple) for triple in triples)

    def by_column(self) -> dict[int, list[float]]:
        """The values of each column, as an estimator takes them."""
        return {int(j): self.values[self.columns == j].tolist() for j in self.column}

    def is_like(self, other: PointMasses) -> bool:
        """Whether another has the same values in the same columns, and shares of as many terms."""
        return (
            self.shares.shape == other.shares.shape
            and np.array_equal(self.columns, other.columns)
            and np.array_equal(self.values, other.values)
        )

    def opened(self, overall: PointMasses, anew: Sequence[int] = ()) -> PointMasses:
        """With shares from which EM can go on: one of 0 would stay 0, though it need not be.

        Parameters
        ----------
        overall : PointMasses
            The shares of all rows.
        anew : sequence of int
            Components that get these shares.
        """
        lost = ((self.shares == 0) & (overall.shares > 0)).any(axis=1, keepdims=True)
        mixed = (1 - OPENED) * self.shares + OPENED * overall.shares
        shares = np.where(lost, mixed, self.shares)
        if not self.common:
            shares[list(anew)] = overall.shares[list(anew)]
        return replace(self, shares=shares)
