"""One generator of random numbers for each thread: to make one takes longer than a small fit."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.generator = np.random.RandomState(0)


_of_thread = _OfThread()


def seeded(seed: Any) -> np.random.RandomState:
    """Begin the generator of this thread anew: it draws what ``RandomState(seed)`` does.

    It is good until the next call in this thread: who draws later must not keep it.

    Parameters
    ----------
    seed : int or sequence of int
    """
    generator = _of_thread.generator
    generator.seed(seed)
    return generator


class Later:
    """A generator that is made only if somebody draws from it."""

    def __init__(self) -> None:
        self._seed: Any = 0
        self._generator: np.random.RandomState | None = None

    def begin(self, seed: Any) -> None:
        """Draw from then on what ``RandomState(seed)`` does."""
        self._seed, self._generator = seed, None

    @property
    def generator(self) -> np.random.RandomState:
        """The generator, which goes on until it is begun anew."""
        if self._generator is None:
            self._generator = np.random.RandomState(self._seed)
        return self._generator
