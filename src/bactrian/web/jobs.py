"""Fits and searches: a few run at a time, each in its own process; the others wait."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from bactrian.web.capacity import Capacity
from bactrian.web.datasets import DataFolder
from bactrian.web.problems import refusal, told
from bactrian.web.process import CrashedError, Process, StoppedError, busy, crashed, too_long
from bactrian.web.schema import Problem
from bactrian.web.work import child

Kind = Literal["fit", "search"]

APART = 0.1  # seconds between two messages to one listener
ALIVE = 15.0  # seconds of silence after which a listener is told that the server still is there


@dataclass(eq=False)
class Job:
    """A fit or a search, from the queue to its result.

    Parameters
    ----------
    id : str
    kind : {"fit", "search"}
    folder : Path
        Where its process leaves what it found: ``result.json``, and other files of a fit.
    dataset : DataFolder
    function, arguments
        What its process calls.
    places : tuple of int
        Columns of the data set that it is about, from 0.
    """

    id: str
    kind: Kind
    folder: Path
    dataset: DataFolder
    function: child.Function
    arguments: tuple[Any, ...]
    places: tuple[int, ...]
    status: str = "queued"
    ahead: int = 0
    progress: bytes = b"null"
    problem: Problem | None = None
    process: Process | None = None
    why: bytes = b""
    asked: float = field(default_factory=monotonic)
    ended_at: float | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _end: asyncio.Event = field(default_factory=asyncio.Event)
    _version: int = 0

    @property
    def ended(self) -> bool:
        """Whether it is done, cancelled or failed."""
        return self.status not in ("queued", "running")

    @property
    def in_use(self) -> bool:
        """Whether it must be kept for now."""
        return not self.ended

    @property
    def result(self) -> Path:
        """The file with the result as JSON; it does not exist if nothing was found."""
        return self.folder / "result.json"

    def change(self, **news: Any) -> None:
        """Set fields, and wake the listeners."""
        for name, value in news.items():
            setattr(self, name, value)
        if self.ended and self.ended_at is None:
            self.ended_at = monotonic()
            self._end.set()
        self._version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def hear(self, progress: bytes) -> None:
        """Keep the last message of its process."""
        self.change(progress=progress)

    async def document(self) -> bytes:
        """The job as JSON. Results are inserted from their file without parsing."""
        results = {"fit": b"null", "search": b"null"}
        if self.ended:
            with suppress(FileNotFoundError):  # nothing was found, or it is being forgotten
                results[self.kind] = await asyncio.to_thread(self.result.read_bytes)
        head = {
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "ahead": self.ahead,
            "seconds": round((self.ended_at or monotonic()) - self.asked, 4),
            "problem": None if self.problem is None else self.problem.model_dump(),
        }
        parts = {"progress": self.progress, **results}
        tail = b"".join(b',"%s":%s' % (name.encode(), part) for name, part in parts.items())
        return json.dumps(head)[:-1].encode() + tail + b"}"

    async def events(self) -> AsyncIterator[bytes]:
        """Messages of an event stream: the state of the job, each time it changes.

        Whoever is slow is told the latest. Leaving does not touch the job.
        """
        seen = -1
        while True:
            changed, ended = self._changed, self.ended
            if self._version == seen:
                try:
                    await asyncio.wait_for(changed.wait(), ALIVE)
                except TimeoutError:
                    yield b": still here\n\n"
                continue
            seen = self._version
            yield b"data: " + await self.document() + b"\n\n"
            if ended:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), APART)


class Jobs:
    """The queue, and the jobs that run.

    Parameters
    ----------
    capacity : Capacity
    """

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._waiting: deque[Job] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._allowance = child.Allowance(capacity.threads, capacity.memory_bytes)

    def check_room(self) -> None:
        """Refuse a job that there is no room for, before any preparation.

        Raises
        ------
        RefusalError
        """
        if len(self._waiting) >= self._capacity.queue:
            raise busy()

    def add(self, job: Job) -> None:
        """Queue a job."""
        job.dataset.users += 1
        self._waiting.append(job)
        self._go_on()

    def cancel(self, job: Job) -> None:
        """End a job; a running one may return the best so far."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._end(job, status="cancelled")
            self._go_on()
        else:
            self._stop(job, child.CANCEL)

    def close(self) -> None:
        """End all jobs."""
        self._waiting.clear()
        for task in self._running:
            task.cancel()

    def _go_on(self) -> None:
        """Start the jobs that have room; tell the others how many are before them."""
        while self._waiting and len(self._running) < self._capacity.jobs:
            job = self._waiting.popleft()
            job.change(status="running", ahead=0)
            task = asyncio.get_running_loop().create_task(self._run(job))
            self._running.add(task)
            task.add_done_callback(self._done)
        for ahead, job in enumerate(self._waiting):
            if job.ahead != ahead + 1:
                job.change(ahead=ahead + 1)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            self._go_on()

    async def _run(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        limit = loop.call_later(self._capacity.seconds, self._stop, job, child.TIME)
        try:
            job.process = Process(job.function, job.arguments, self._allowance, job.hear)
            if job.why:
                job.process.stop(job.why)
            whole = await job.process.run() == child.WHOLE
            self._end(job, status="done" if whole or job.why != child.CANCEL else "cancelled")
        except StoppedError:
            self._end(job, **self._nothing_found(job))
        except CrashedError as error:
            self._end(job, status="failed", problem=crashed(error).problem)
        except Exception as error:
            self._end(job, status="failed", problem=told(error))
        finally:
            limit.cancel()

    def _stop(self, job: Job, why: bytes) -> None:
        """Tell a job to stop; end it if it does not."""
        if job.ended or job.why:
            return
        job.why = why
        if job.process is not None:
            job.process.stop(why)
        asyncio.get_running_loop().call_later(self._capacity.grace, self._kill, job)

    def _kill(self, job: Job) -> None:
        if not job.ended and job.process is not None:
            lost = refusal(
                "lost", "The computation did not stop in time; what it had found is lost."
            )
            job.problem = lost.problem
            job.process.kill()

    def _nothing_found(self, job: Job) -> dict[str, Any]:
        if job.why != child.TIME:
            return {"status": "cancelled"}
        return {"status": "failed", "problem": too_long(self._capacity.seconds).problem}

    def _end(self, job: Job, **news: Any) -> None:
        job.dataset.users -= 1
        job.process = None
        job.arguments = ()
        job.change(**news)
