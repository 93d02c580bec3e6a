"""How many threads a back end may use."""

from __future__ import annotations

import os

from bactrian.errors import BadInputError

VARIABLE = "BACTRIAN_NUM_THREADS"
MOST = 1024


def available() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(n_jobs: int | None) -> int:
    """Number of threads for ``n_jobs``, as in joblib: -1 for all processors, -2 for all but one.

    None stands for the environment variable BACTRIAN_NUM_THREADS, or all processors. No more than
    1024, whoever asks for them.

    Raises
    ------
    BadInputError
        If the variable is no number of threads.
    """
    if n_jobs is None:
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            return available()
        if not text.isdecimal() or int(text) == 0:
            raise BadInputError(
                VARIABLE,
                repr(text),
                "a whole number of at least 1",
                "Unset it.",
                code="out_of_range",
            )
        n_jobs = int(text)
    return min(n_jobs, MOST) if n_jobs > 0 else max(1, available() + 1 + n_jobs)
