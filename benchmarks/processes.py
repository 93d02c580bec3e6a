"""Measurements in a process of their own, with an environment of its own.

Threads and instruction sets are chosen when the package is imported; so is memory measured from a
clean start. A child takes its task as JSON and answers with one JSON line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def environment(threads: int | None = None, isa: str | None = None) -> dict[str, str]:
    """Variables that say how many threads to use, and which instructions."""
    chosen = {}
    if threads is not None:
        chosen = dict.fromkeys(("BACTRIAN_NUM_THREADS", *BLAS_THREADS), str(threads))
    if isa is not None:
        chosen["BACTRIAN_ISA"] = isa
    return chosen


def asked(script: str, task: dict[str, Any], variables: dict[str, str] | None = None) -> Any:
    """Answer of a script of this folder to a task.

    Raises
    ------
    RuntimeError
        If it fails, with what it wrote.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, json.dumps(task)],
        cwd=Path(__file__).parent,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{script} failed on {task} with {variables}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def answer(do: Callable[..., Any]) -> None:
    """In the child: do the task and write the answer."""
    print(json.dumps(do(**json.loads(sys.argv[1]))))
