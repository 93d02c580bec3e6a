"""Apply one function to many arguments, in this process or in several."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed

from bactrian.estimators.validation import check_jobs
from bactrian.machine.threads import thread_count

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def shares(n_jobs: Any, n_tasks: int) -> tuple[int, int | None]:
    """Number of processes for that many tasks, and the number of threads for each.

    Parameters
    ----------
    n_jobs : int or None
        Processors to use, -1 for all of them; None for this process alone, with as many threads
        as it has by default.
    n_tasks : int

    Returns
    -------
    n_processes : int
    n_threads : int or None

    Raises
    ------
    BadInputError
        If `n_jobs` is none.
    """
    if check_jobs(n_jobs) is None:
        return 1, None
    processors = thread_count(n_jobs)
    n_processes = max(1, min(processors, n_tasks))
    return n_processes, processors // n_processes


def results_of(
    function: Callable[[Argument], Result], arguments: Sequence[Argument], n_processes: int
) -> Iterator[tuple[Argument, Result]]:
    """Yield each argument with its result as they finish; leaving early ends the running tasks.

    Parameters
    ----------
    function : callable
        Of one argument, which goes to other processes by pickle.
    arguments : sequence
    n_processes : int
        1 for this one.
    """
    if n_processes == 1 or len(arguments) < 2:
        for argument in arguments:
            yield argument, function(argument)
        return
    # One task a time, as each takes long; what comes first is told first.
    pool = Parallel(n_processes, return_as="generator_unordered", batch_size=1)
    running = pool(delayed(_paired)(function, argument) for argument in arguments)
    try:
        for pair in running:  # noqa: UP028 - `yield from` would close it outside the filter below
            yield pair
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that tasks are given up is no news
            running.close()


def _paired(function: Callable[[Argument], Result], argument: Argument) -> tuple[Argument, Result]:
    return argument, function(argument)
