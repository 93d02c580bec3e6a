"""A number that is computed numerically, and how far off it can be."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A number that is computed numerically.

    Parameters
    ----------
    value : float
    error : float
        Of quadrature a bound of its own error as estimated; of drawn points three standard
        errors.
    """

    value: float
    error: float

    def __float__(self) -> float:
        return self.value
