"""What a fit runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from bactrian.backends import Backend


@final
@dataclass(frozen=True, eq=False)
class Machine:
    """What a fit runs on. Nothing here changes the result.

    Parameters
    ----------
    backend : Backend
        Where the rows are held.
    n_jobs : int or None
        Threads (see :func:`~bactrian.machine.threads.thread_count`).
    """

    backend: Backend
    n_jobs: int | None = None
