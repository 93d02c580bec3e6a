"""Values that many rows share exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Spike:
    """A value of a column that many rows equal exactly: a finding, not a collapse.

    Zeros of an amount, a sensor at its limit, a default that was never changed.

    Parameters
    ----------
    column : int
        Counted from 0.
    value : float
    share : float
        Share of the rows that have it.
    """

    column: int
    value: float
    share: float
