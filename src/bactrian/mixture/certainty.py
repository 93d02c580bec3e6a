"""How certain it is which component rows are of."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import final

from bactrian.core.arrays import FloatArray


@final
@dataclass(frozen=True)
class Certainty:
    """How certain it is which component the rows are of, in two measures.

    Parameters
    ----------
    relative_entropy : float or None
        ``1 - sum_i w_i sum_k -r_ik log r_ik / (n log K)`` with the responsibilities r, the weights
        w of the rows, and n their sum: 1 if the component of each row is certain, 0 if the rows
        say nothing of it [1]_. Noise counts as a component. None for a single component.
    probabilities : tuple of float or None
        For each component, and for noise last: the mean largest responsibility of the rows of
        which it is the most probable component; None where it is that of no row. (Nagin [2]_
        asks for at least 0.7.)

    References
    ----------
    .. [1] Ramaswamy, V., DeSarbo, W. S., Reibstein, D. J. and Robinson, W. T. (1993). An empirical
       pooling approach for estimating marketing mix elasticities with PIMS data. Marketing Science
       12, 103-124.
    .. [2] Nagin, D. S. (2005). Group-based modeling of development. Harvard University Press,
       section 5.5.
    """

    relative_entropy: float | None
    probabilities: tuple[float | None, ...]

    @classmethod
    def of(cls, entropy: float, held: FloatArray, sure: FloatArray) -> Certainty:
        """Certainty from sums over the rows.

        Parameters
        ----------
        entropy : float
            Weighted sum of the entropies of the rows, in nats.
        held : (n_terms,)
            Weight of the rows of which each is the most probable.
        sure : (n_terms,)
            The same, each row times its largest responsibility.
        """
        most = float(held.sum()) * log(len(held))
        means = (float(s / h) if h > 0 else None for s, h in zip(sure, held, strict=True))
        return cls(1 - entropy / most if most > 0 else None, tuple(means))
