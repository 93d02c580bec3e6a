"""Progress of a fit in plain text, for ``verbose``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TextIO

from bactrian.core.em import EMInfo, Observe


@dataclass
class Printer:
    """An observer that prints a line at each start, and again after every few iterations.

    Parameters
    ----------
    every : int
        Iterations from line to line.
    detailed : bool
        Whether to print log-likelihoods and times.
    stream : text stream or None
        None for the standard output of the moment.
    """

    every: int
    detailed: bool
    stream: TextIO | None = None
    _start: int = -1
    _time: float = field(default_factory=perf_counter)

    def __call__(self, info: EMInfo) -> None:
        """Print the news after an iteration."""
        if info.start != self._start:
            self._start = info.start
            self._print(f"Start {info.start + 1}")
        if info.iteration % self.every == 0:
            self._print(f"  Iteration {info.iteration}{self._details(info)}")

    def _details(self, info: EMInfo) -> str:
        if not self.detailed:
            return ""
        now = perf_counter()
        lapse, self._time = now - self._time, now
        return (
            f": log-likelihood {info.log_likelihood:.6f}, "
            f"gain a sample {info.gain:.3g}, {lapse:.3f} s"
        )

    def _print(self, line: str) -> None:
        print(line, file=self.stream)


def observer(
    verbose: int, every: int, callback: Callable[[EMInfo], bool | None] | None
) -> Observe | None:
    """An observer that prints, calls back, or both; None if there is nothing to do."""
    observers: list[Observe] = []
    if verbose:
        observers.append(Printer(every, detailed=verbose > 1))
    if callback is not None:
        observers.append(callback)
    if not observers:
        return None

    def observe(info: EMInfo) -> bool:
        answers = [tell(info) for tell in observers]
        return True in answers

    return observe
