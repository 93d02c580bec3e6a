"""A server in a process of its own, and ways to speak with it."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np

ROOT = Path(__file__).parents[2]
BYTES = {"Content-Type": "application/octet-stream"}
SIX = {
    "name": "six",
    "columns": ["X1", "X2"],
    "rows": [[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2], [1.2, 0.9], [5.1, 5.0]],
}
SOON = 60.0  # seconds that nothing here may take

# The command with limits that have no option, and with another page.
LIMITED = """
import sys
from pathlib import Path
from bactrian.web import application, calculator, capacity, server
from bactrian.web.guard import Access

if sys.argv[2]:
    application.PAGE = Path(sys.argv[2])
bound = server.listen("127.0.0.1", 0)
url = server.url_of("127.0.0.1", bound.getsockname()[1], Access())
given = eval(sys.argv[1], {})
own = calculator.Calculator(capacity.Capacity(**given))
server.serve(bound, Access(), own, lambda: print(url, flush=True))
"""


class Client(httpx.Client):
    """Speaks with a server."""

    def data(self, table: dict[str, Any]) -> dict[str, Any]:
        answer = self.post("datasets", json=table)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def array(self, X: np.ndarray, name: str = "array.npy") -> dict[str, Any]:
        file = io.BytesIO()
        np.save(file, X)
        return self.file(file.getvalue(), name)

    def file(self, content: bytes, name: str, **query: str) -> dict[str, Any]:
        query["name"] = name
        answer = self.post("datasets", params=query, content=content, headers=BYTES)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def begin(self, dataset: dict[str, Any], **request: Any) -> str:
        of_rows = ("columns", "weights", "labels")
        settings = {k: v for k, v in request.items() if k not in of_rows}
        rest = {k: request[k] for k in of_rows if k in request}
        body = {"dataset": dataset["id"], "settings": settings, **rest}
        answer = self.post("fits", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def follow(self, job: str) -> list[dict[str, Any]]:
        """All events of a job, up to its end."""
        with self.stream("GET", f"jobs/{job}/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    def fit(self, dataset: dict[str, Any], **request: Any) -> dict[str, Any]:
        """The job of a fit, ended."""
        return self.follow(self.begin(dataset, **request))[-1]

    def search(self, dataset: dict[str, Any], **request: Any) -> dict[str, Any]:
        """The job of a search, ended."""
        answer = self.post("searches", json={"dataset": dataset["id"], **request})
        assert answer.status_code == 202, answer.text
        return self.follow(answer.json()["id"])[-1]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return {**kept, "COLUMNS": "80"}


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server with its temporary files in a folder, and the address that it printed."""
    process = subprocess.Popen(
        command,
        env={**environment(), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http"), process.communicate()
        yield process, url
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=SOON)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def command(*options: object) -> list[str]:
    return [sys.executable, "-m", "bactrian.cli", "serve", *map(str, options)]


def limited(page: object = "", **capacity: Any) -> list[str]:
    return [sys.executable, "-c", LIMITED, repr(capacity), str(page)]


def client_of(url: str, **settings: Any) -> Client:
    address = httpx.URL(url).copy_with(query=None)
    return Client(base_url=f"{address}api/v1/", timeout=SOON, **settings)


def wait_until(holds: Any, seconds: float = SOON) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def descendants(pid: int, *, dead: bool = False) -> list[int]:
    """Processes that live below one, or those that have died and are not buried."""
    found: dict[int, tuple[int, bool]] = {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            stat = (folder / "stat").read_text()
            state, parent = stat.rpartition(")")[2].split()[:2]
            found[int(folder.name)] = int(parent), state == "Z"
    below, new = [], [pid]
    while new:
        new = [child for child, (parent, _) in found.items() if parent in new]
        below += new
    return [child for child in below if found[child][1] == dead]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def groups(n: int, k: int = 3, d: int = 2, seed: int = 0) -> np.ndarray:
    """Rows of some groups that overlap."""
    rng = np.random.default_rng(seed)
    centres = 4 * rng.normal(size=(k, d))
    return centres[rng.integers(k, size=n)] + rng.normal(size=(n, d))
