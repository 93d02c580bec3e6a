"""Numbers as text, with the digits that are meaningful."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import floor, inf, log10

_LARGEST_PLAIN = 1e7
_MOST_DECIMALS = 8


def aligned(values: Sequence[float | None], significant: int = 4) -> list[str]:
    """Write numbers of one kind with the same number of decimals.

    The largest gets `significant` digits, the smallest at least two; where no such number of
    decimals is readable, all are written with powers of ten.

    Parameters
    ----------
    values : sequence of float or None
        None is written as a dash.
    significant : int, default=4

    Returns
    -------
    list of str
    """
    sizes = [abs(value) for value in values if value]
    if not sizes:
        return plain(values, 0)
    top, low = max(sizes), min(sizes)
    decimals = max(significant - 1 - exponent(top), 1 - exponent(low), 0)
    if top >= _LARGEST_PLAIN or decimals > _MOST_DECIMALS or exponent(top) + decimals > 9:
        return _scientific(values, significant - 1)
    return plain(values, decimals)


def resolved(values: Sequence[float], resolution: float) -> list[str]:
    """Write locations (means) with the precision that their spread justifies.

    Parameters
    ----------
    values : sequence of float
    resolution : float
        What is too small to matter, such as a hundredth of the standard deviation.

    Returns
    -------
    list of str
    """
    if not 0 < resolution < inf:
        return aligned(values)
    top = max((abs(value) for value in values), default=0.0)
    decimals = -exponent(resolution)
    if top >= 1e10 or decimals > _MOST_DECIMALS:
        digits = exponent(top) + decimals if top else 0
        return _scientific(values, min(max(digits, 3), 15))
    return plain(values, max(decimals, 0))


def matrices(stack: Sequence[Sequence[Sequence[float]]]) -> list[list[list[str]]]:
    """Write covariance matrices: four digits of the smallest variance if that is readable.

    Parameters
    ----------
    stack : (K, D, D)

    Returns
    -------
    nested lists of str, (K, D, D)
    """
    diagonal = [abs(row[i]) for rows in stack for i, row in enumerate(rows) if row[i]]
    low, top = (min(diagonal), max(diagonal)) if diagonal else (1.0, 1.0)
    decimals = max(3 - exponent(low), 0)
    readable = top < _LARGEST_PLAIN and decimals <= 6 and exponent(top) + decimals <= 8
    write = partial(plain if readable else _scientific, decimals=decimals if readable else 3)
    return [[write(row) for row in rows] for rows in stack]


def plain(values: Sequence[float | None], decimals: int) -> list[str]:
    """Write numbers with that number of decimals, and zero without a minus."""
    return [_plain(value, decimals) for value in values]


def nats(value: float | None) -> str:
    """Write a log-likelihood or a criterion."""
    if value is None:
        return "-"
    return _plain(value, 3 if abs(value) < 1e6 else 1 if abs(value) < 1e10 else 0)


def small(value: float | None) -> str:
    """Write a number whose order of magnitude matters."""
    if value is None:
        return "unknown"
    if value == 0 or 0.001 <= abs(value) < 1000:
        return f"{value:.3g}"
    return f"{value:.1e}"


def exponent(value: float) -> int:
    """Power of ten of the leading digit."""
    return floor(log10(value)) if value > 0 else 0


def _plain(value: float | None, decimals: int) -> str:
    if value is None:
        return "-"
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if not text.strip("-0.") else text


def _scientific(values: Sequence[float | None], decimals: int) -> list[str]:
    return [
        "-" if value is None else f"{value:.{decimals}e}" if value else "0" for value in values
    ]
