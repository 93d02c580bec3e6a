"""From scores to rates of false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.decisions.reference import DRAWS, Reference, by_pattern
from bactrian.mixture import Mixture


@final
@dataclass(frozen=True, eq=False)
class Calibration:
    """Scores of normal rows under mixtures that were fitted without them.

    Of m such rows and a new one each order is as likely as any other, if all are of one kind: so a
    new row is among the k lowest with probability k / (m + 1) (conformal prediction). What is
    below them all is told apart by the tail of the mixture itself.

    Parameters
    ----------
    mixture : Mixture
        Of the normal rows.
    scores : (m,)
        Sorted log-densities, in nats.
    """

    mixture: Mixture
    scores: FloatArray

    @classmethod
    def of(cls, mixture: Mixture, scores: FloatArray) -> Calibration:
        """From scores in any order; at least one is needed."""
        return cls(mixture, np.sort(scores))

    @cached_property
    def reference(self) -> Reference:
        """Rows of the mixture: for what is below all scores, and for rows that lack values."""
        return Reference(self.mixture)

    @property
    def _tail(self) -> FloatArray:
        """Sorted scores of rows of the mixture."""
        return self.reference.complete

    def threshold(self, rate: float) -> float:
        """The score that at most this share of new normal rows is below."""
        count = len(self.scores)
        rank = int(np.floor(rate * (count + 1) + 1e-9))
        if rank >= 1:
            return float(self.scores[min(rank, count) - 1])
        # The mixture's own tail, joined to the lowest score, which the share 1 / (m + 1) is below.
        share = np.array([rate, 1 / (count + 1)])
        lower, joint = np.quantile(self._tail, share)
        return float(self.scores[0] + lower - joint)

    def p_values(self, X: FloatArray, scores: FloatArray) -> FloatArray:
        """Share of new normal rows with such a score or a lower one, (n_samples,).

        Parameters
        ----------
        X : (n_samples, n_features)
            The rows, whose missing values matter.
        scores : (n_samples,)
        """
        found = self._of_complete(scores)
        for missing, rows in by_pattern(X):
            if missing.any():
                found[rows] = self._of_complete(self._as_complete(scores[rows], missing))
        return found

    def thresholds(self, X: FloatArray, rate: float) -> FloatArray:
        """Thresholds for rows that lack values, (n_samples,)."""
        level = self.threshold(rate)
        share = float(np.searchsorted(self._tail, level) / len(self._tail))
        return self.reference.levels(X, share)

    def _as_complete(self, scores: FloatArray, missing: BoolArray) -> FloatArray:
        """Scores of complete rows that are as rare as those of rows that lack some values."""
        if missing.all():
            return np.full(len(scores), np.inf)
        partial = self.reference.scores(missing)
        places = np.searchsorted(partial, scores, side="right")
        below = scores < partial[0]  # rarer than all that were drawn: by as many nats
        levels = self._tail[np.clip(places - 1, 0, len(self._tail) - 1)]
        return np.asarray(np.where(below, self._tail[0] + scores - partial[0], levels))

    def _of_complete(self, scores: FloatArray) -> FloatArray:
        count = len(self.scores)
        ranks = np.searchsorted(self.scores, scores, side="right")
        found = (1 + ranks) / (count + 1)
        lowest = ranks == 0
        if lowest.any():
            joint = np.quantile(self._tail, 1 / (count + 1))
            shifted = scores[lowest] - self.scores[0] + joint
            share = (1 + np.searchsorted(self._tail, shifted, side="right")) / (1 + DRAWS)
            found[lowest] = np.minimum(share, 1 / (count + 1))
        return np.asarray(np.minimum(found, 1.0))
