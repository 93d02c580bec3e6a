"""Sources of random numbers, from what the user gives."""

from __future__ import annotations

from typing import Any

import numpy as np

Seed = int | np.random.RandomState | np.random.Generator | None


def random(random_state: Seed) -> Any:
    """Return the given generator, or make one from that seed."""
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return random_state
    return np.random.RandomState(random_state)
