"""Time of one EM iteration: that of many less that of few, over the difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from measuring import seconds
from simulated import Mixture, mixture

FEW = 1
MOST = 400  # iterations in one measurement
SEPARATION = 2.0

Run = Callable[[int], Any]


def drawn(n_samples: int, n_features: int, n_components: int) -> Mixture:
    """What the iterations are timed on."""
    return mixture(n_samples, n_features, n_components, SEPARATION, seed=1)


def enough(run: Run, wanted: float, most: int = MOST) -> int:
    """Iterations that take about `wanted` seconds more than few of them, at least 3."""
    pilot = 3
    run(FEW)  # the first call loads what it needs
    while True:
        each = max(per_iteration(run, pilot), 1e-9)
        if each * pilot > 0.2 * wanted or pilot >= most:
            return int(np.clip(wanted / each, 3, most))
        pilot = min(4 * pilot, most)


def per_iteration(run: Run, more: int) -> float:
    """Seconds that an iteration takes.

    A peer that comes to rest before the last is divided by what it did.

    Raises
    ------
    RuntimeError
        If there is no difference to divide by.
    """
    taken: list[int] = []

    def timed(iterations: int) -> float:
        return seconds(lambda: taken.append(run(iterations).n_iter_))

    few, many = timed(FEW), timed(FEW + more)
    if taken[0] != FEW or taken[1] < FEW + 2:
        raise RuntimeError(f"{taken} iterations were made, not {[FEW, FEW + more]}")
    return (many - few) / (taken[1] - taken[0])
