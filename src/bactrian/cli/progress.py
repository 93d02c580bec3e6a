"""The state of a fit: on the terminal while it runs, and in a file afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from bactrian.cli.console import console
from bactrian.report.numbers import nats, small

if TYPE_CHECKING:
    from bactrian.core.em import EMInfo

Shown = AbstractContextManager[Callable[[Any], None] | None]


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
        """Write the iterations, with likelihoods in the units of the data.

        Parameters
        ----------
        path : str
        log_volume : float
            Log-density of the units of the fit minus that of the data's, for each row.
        """
        from bactrian.tables.write import write_table

        rows = [
            (*row[:2], row[2] - weight * log_volume, row[3] - log_volume, row[4])
            for row, weight in zip(self.rows, self.weights, strict=True)
        ]
        write_table(path, self.NAMES, [list(column) for column in zip(*rows, strict=True)])


def progress(*, quiet: bool) -> Shown:
    """A line on the terminal that shows each :class:`EMInfo`."""
    return _shown(
        "Starting",
        lambda info: (
            f"start {info.start + 1}, iteration {info.iteration}: "
            f"log-likelihood {nats(info.log_likelihood)}, gain {small(info.gain)} nats a row"
        ),
        quiet=quiet,
    )


def refitting(total: int, *, quiet: bool) -> Shown:
    """A line on the terminal that shows how many of `total` resamples have been refitted."""
    done = count(1)
    return _shown(
        f"Refitting {total} resamples",
        lambda _: f"Refitting: {next(done)} of {total} resamples are done",
        quiet=quiet,
    )


def counting(total: int, *, quiet: bool) -> Shown:
    """A line on the terminal that shows which of `total` fits has ended, and which gained."""
    begun = count(2)

    def words(candidate: Any) -> str:
        last, number = f"{candidate.n_components} {candidate.covariance_type}", next(begun)
        if number <= total:
            return f"Fitting {number} of {total}; {last} is done"
        gained = f"; {last} gained" if candidate.borrowed else ""
        return f"Fitting each from what the others found{gained}"

    return _shown(f"Fitting 1 of {total}", words, quiet=quiet)


def resampling(total: int, *, quiet: bool) -> Shown:
    """A line on the terminal that shows how many of `total` simulated data sets are fitted."""
    done: Counter[int] = Counter()

    def words(resample: Any) -> str:
        smaller = resample.n_components
        done[smaller] += 1
        what = f"Testing {smaller} against {smaller + 1} components"
        return f"{what}: {done[smaller]} of {total} resamples"

    return _shown("Testing", words, quiet=quiet)


def sampling(*, quiet: bool) -> Shown:
    """A line on the terminal that shows how far the chains are, and what they hold."""

    def words(info: Any) -> str:
        held = ", ".join(map(str, info.n_components))
        return f"Step {info.step} of {info.n_steps}; components with rows: {held}"

    return _shown("Drawing", words, quiet=quiet)


@contextmanager
def _shown(
    beginning: str, words: Callable[[Any], str], *, quiet: bool
) -> Iterator[Callable[[Any], None] | None]:
    """A line on the terminal that is updated.

    None if nobody looks: standard error is not a terminal, or the command is quiet.
    """
    err = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status(beginning) as status:
        yield lambda told: status.update(words(told))
