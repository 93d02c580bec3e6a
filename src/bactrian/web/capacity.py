"""How much work the server accepts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from bactrian.web.schema import Limits

MIB = 1 << 20


def processors() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def physical_memory() -> int:
    """Bytes of memory of the machine; 8 GiB if the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 8192 * MIB


@dataclass(frozen=True)
class Capacity:
    """What the server accepts, and how much of it at a time.

    Parameters
    ----------
    jobs : int
        Fits and searches that run at a time.
    queue : int
        ... and that wait.
    questions : int
        Short ones that are answered at a time, and files that are read.
    seconds : float
        Of a job; the best until then is kept.
    answer_seconds : float
        Of a question, or of reading a file.
    grace : float
        Seconds that a job has to stop in once it is told to.
    upload_bytes, table_bytes, request_bytes : int
        Of a file; of a table as JSON; of other requests.
    memory : int, optional
        Bytes that a job may use besides what it begins with. By default three quarters of the
        machine's, divided by the jobs.
    rows, columns, components : int
    drawn_rows, most_drawn : int
        Points of a data set: as many as the page draws, and the most that it can ask for.
    keep : float
        Seconds after which data and results that nobody asks for are forgotten.
    datasets, results : int
        How many are held; the oldest are forgotten.
    bytes : int
        ... and how large all files of data, and all of results, may be.
    """

    jobs: int = field(default_factory=lambda: min(2, processors()))
    queue: int = 128
    questions: int = 4
    seconds: float = 1800.0
    answer_seconds: float = 1800.0
    grace: float = 2.0
    upload_bytes: int = 1024 * MIB
    table_bytes: int = 64 * MIB
    request_bytes: int = 4 * MIB
    rows: int = 50_000_000
    memory: int | None = None
    columns: int = 1000
    components: int = 1000
    drawn_rows: int = 20_000
    most_drawn: int = 200_000
    keep: float = 3600.0
    datasets: int = 64
    results: int = 256
    bytes: int = 8192 * MIB

    @property
    def threads(self) -> int:
        """Threads of a job: all jobs together use at most twice as many as there are processors.

        So one job alone has all of them, if there are no more than two at a time.
        """
        return min(processors(), max(1, 2 * processors() // self.jobs))

    @property
    def memory_bytes(self) -> int:
        """Memory that a job may use."""
        if self.memory is not None:
            return self.memory
        return 3 * physical_memory() // 4 // self.jobs

    @property
    def told(self) -> Limits:
        """What the page is told about these limits."""
        return Limits(
            upload_bytes=self.upload_bytes,
            rows=self.rows,
            columns=self.columns,
            components=self.components,
            seconds=self.seconds,
            jobs=self.jobs,
            drawn_rows=self.drawn_rows,
        )
