"""The state of a fit, on the terminal while it runs and in a file afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bactrian.cli.console import console
from bactrian.cli.report.numbers import nats, small

if TYPE_CHECKING:
    from bactrian.core.em import EMInfo


@dataclass
class Trace:
    """Likelihoods of all iterations of all starts.

    Parameters
    ----------
    rows : list of tuple
        Start and iteration (from 1), log-likelihood, its mean (with a prior, the log-posterior a
        unit of weight), the gain of that.
    weights : list of float
        Sums of the weights of the rows that the iterations saw, which may be a sample.
    """

    NAMES = ("start", "iteration", "log_likelihood", "lower_bound", "gain")
    rows: list[tuple[int, int, float, float, float]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def __call__(self, info: EMInfo) -> None:
        """Keep one iteration."""
        self.rows.append(
            (info.start + 1, info.iteration, info.log_likelihood, info.lower_bound, info.gain)
        )
        self.weights.append(info.weight)

    def save(self, path: str, log_volume: float) -> None:
        """Write the iterations, likelihoods in the units of the data.

        Parameters
        ----------
        path : str
        log_volume : float
            Log-density of the units of the fit minus that of the data's, for each row.
        """
        from bactrian.data.write import write_table

        rows = [
            (*row[:2], row[2] - weight * log_volume, row[3] - log_volume, row[4])
            for row, weight in zip(self.rows, self.weights, strict=True)
        ]
        write_table(path, self.NAMES, [list(column) for column in zip(*rows, strict=True)])


@contextmanager
def progress(*, quiet: bool) -> Iterator[Any]:
    """Line on the terminal that :class:`EMInfo` after :class:`EMInfo` is written to.

    Parameters
    ----------
    quiet : bool

    Yields
    ------
    callable or None
        None where nobody looks: standard error is no terminal, or all shall be quiet.
    """
    err = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status("Starting") as status:

        def show(info: EMInfo) -> None:
            status.update(
                f"start {info.start + 1}, iteration {info.iteration}: "
                f"log-likelihood {nats(info.log_likelihood)}, "
                f"gain {small(info.gain)} nats a row"
            )

        yield show


@contextmanager
def refitting(total: int, *, quiet: bool) -> Iterator[Any]:
    """Line on the terminal that tells how many resamples have been refitted.

    Parameters
    ----------
    total : int
        How many there will be.
    quiet : bool

    Yields
    ------
    callable or None
    """
    err = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status(f"Refitting {total} resamples") as status:
        done = 0

        def show(refit: Any) -> None:
            nonlocal done
            done += 1
            status.update(f"Refitting: {done} of {total} resamples are done")

        yield show


@contextmanager
def counting(total: int, *, quiet: bool) -> Iterator[Any]:
    """Line on the terminal that tells which fit of many has ended.

    Parameters
    ----------
    total : int
        How many there will be.
    quiet : bool

    Yields
    ------
    callable or None
    """
    err = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status(f"Fitting 1 of {total}") as status:
        done = 0

        def show(candidate: Any) -> None:
            nonlocal done
            done += 1
            last = f"{candidate.n_components} {candidate.covariance_type}"
            status.update(f"Fitting {min(done + 1, total)} of {total}; {last} is done")

        yield show


@contextmanager
def resampling(total: int, *, quiet: bool) -> Iterator[Any]:
    """Line on the terminal that tells which simulated data set has been fitted.

    Parameters
    ----------
    total : int
        How many there will be in each test.
    quiet : bool

    Yields
    ------
    callable or None
    """
    err = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status("Testing") as status:
        done: dict[int, int] = {}

        def show(resample: Any) -> None:
            count = resample.n_components
            done[count] = done.get(count, 0) + 1
            what = f"Testing {count} against {count + 1} components"
            status.update(f"{what}: {done[count]} of {total} resamples")

        yield show
