"""What the server holds: data sets, jobs, and their folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bactrian.web.capacity import Capacity
from bactrian.web.datasets import DataFolder
from bactrian.web.folders import Folder, sweep
from bactrian.web.jobs import Job, Jobs
from bactrian.web.orders import Destination, Provenance
from bactrian.web.problems import refusal
from bactrian.web.process import Questions, prepare, warm_up
from bactrian.web.schema import Dataset
from bactrian.web.shelf import Shelf
from bactrian.web.work import child

TIDY_EVERY = 30.0  # seconds


@dataclass(eq=False)
class Calculator:
    """The state of a server.

    Parameters
    ----------
    capacity : Capacity
    """

    capacity: Capacity = field(default_factory=Capacity)

    def __post_init__(self) -> None:
        capacity = self.capacity
        prepare()
        self._own = Folder()
        self.folder = self._own.path
        (self.folder / "incoming").mkdir(mode=0o700)
        self.datasets: Shelf[DataFolder] = Shelf(
            self.folder / "datasets", "data set", capacity.datasets, capacity.bytes, capacity.keep
        )
        self.jobs: Shelf[Job] = Shelf(
            self.folder / "jobs", "job", capacity.results, capacity.bytes, capacity.keep
        )
        self.queue = Jobs(capacity)
        allowance = child.Allowance(capacity.threads, capacity.memory_bytes)
        share = (capacity.questions, capacity.queue, capacity.answer_seconds, allowance)
        self.questions = Questions(*share)
        self.checks = Questions(*share)  # apart, so that they wait for no file that is read
        self.examples: dict[str, bytes] = {}

    async def live(self) -> None:
        """Forget unused things from time to time; first remove what dead servers left behind."""
        await asyncio.to_thread(warm_up)
        await asyncio.to_thread(sweep)
        while True:
            await asyncio.sleep(min(TIDY_EVERY, max(0.05, self.capacity.keep / 4)))
            self.jobs.tidy()
            self.datasets.tidy()

    def close(self) -> None:
        """End all jobs, and remove all files."""
        self.queue.close()
        self._own.remove()

    @contextmanager
    def place(self) -> Iterator[Destination]:
        """A place for a table; it is removed if no table comes of it."""
        name, folder = self.datasets.place()
        try:
            yield Destination(name, folder, self.capacity.rows, self.capacity.columns)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def hold(
        self, place: Destination, answer: bytes, options: dict[str, Any], *, is_file: bool
    ) -> DataFolder:
        """Hold a table that lies in its place.

        Parameters
        ----------
        place : Destination
        answer : bytes
            The Dataset, as JSON.
        options : dict
            How it is read.
        is_file : bool
            Whether it is a file that goes by its name.
        """
        told = Dataset.model_validate_json(answer)
        origin = Provenance(
            told.name,
            is_file,
            options,
            tuple(column.name for column in told.columns),
            tuple(one.name for one in told.left_out),
        )
        held = DataFolder(place.id, place.folder, told, origin)
        self.datasets.put(held)
        return held

    def draft(self) -> Path:
        """A new file for incoming content, which the server names."""
        handle, name = tempfile.mkstemp(dir=self.folder / "incoming")
        os.close(handle)
        return Path(name)

    def job(self, name: str) -> Job:
        """The job with that id; its data count as used again.

        Raises
        ------
        RefusalError
        """
        job = self.jobs.get(name)
        if job.dataset.id in self.datasets:
            self.datasets.get(job.dataset.id)
        return job

    def fit(self, name: str) -> Job:
        """A fit with a result.

        Raises
        ------
        RefusalError
        """
        job = self.job(name)
        if not job.ended:
            raise refusal("not_ready", "This job has not ended.", remedy="Wait until it ends.")
        if not (job.folder / "model.json").exists():
            raise refusal("not_found", "There is no fitted mixture with this id.")
        return job
