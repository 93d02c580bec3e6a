"""What all benchmarks share: taking turns, JSON lines, and tables between marks in a page."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

RESULTS = Path(__file__).parent / "results"
DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "performance.md"
PACKAGES = ("numpy", "scikit-learn", "scikit-learn-intelex", "pomegranate", "tgmm", "torch")

Row = dict[str, Any]
T = TypeVar("T")
IDENTITY = ("what", "data", "method", "covariance_type", "n_samples", "n_features", "n_components")


@cache
def machine() -> dict[str, str]:
    """Where and with what it is measured."""
    facts = {
        "cpu": cpu(),
        "cores": str(os.cpu_count()),
        "BLAS threads": os.environ.get("OPENBLAS_NUM_THREADS", str(os.cpu_count())),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "bactrian": f"{metadata.version('bactrian')} ({backend_in_use()})",
    }
    for package in PACKAGES:
        try:
            facts[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return facts


def backend_in_use() -> str:
    """Where the E-step runs by default: the back end, its instruction set and its threads."""
    from bactrian.backends import backend_for

    backend = backend_for("auto")
    name = type(backend).__name__.removesuffix("Backend").lower()
    path, threads = (getattr(backend, what, None) for what in ("path", "n_threads"))
    return f"{name} {path}, {threads} threads" if path else name


def cpu() -> str:
    """Name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def where(rows: Iterable[Row], what: str = "Measured") -> str:
    """The machine and the versions with which rows were measured, in a sentence."""
    seen: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row["machine"].items():
            values = seen.setdefault(name, [])
            if value not in values:
                values.append(value)
    facts = ", ".join(f"{name} {' or '.join(values)}" for name, values in seen.items())
    return f"{what} with {facts}."


# ---- time


def seconds(action: Callable[[], Any]) -> float:
    """Time that it takes, in seconds."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def in_turn(contenders: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """What each gives, a round at a time, so that a slow minute falls on all of them."""
    results: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            results[name].append(contender())
    return results


def medians(results: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Median of each one's rounds."""
    return {name: statistics.median(values) for name, values in results.items()}


# ---- rows and pages


def emit(row: Row) -> Row:
    """Print a measurement as a JSON line, with the machine; give it back so."""
    complete = {**row, "machine": machine()}
    print(json.dumps(complete), flush=True)
    return complete


def stored(name: str) -> list[Row]:
    """Rows of an earlier run, none if there was none."""
    path = RESULTS / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def store(name: str, rows: Iterable[Row]) -> None:
    """Keep rows for the page, and for those who want to compare."""
    RESULTS.mkdir(exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (RESULTS / f"{name}.jsonl").write_text(text, encoding="utf-8")


def merged(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """The old rows, and the new ones in the place of those of the same data and mixture."""
    rows = {tuple(row.get(name) for name in IDENTITY): row for row in (*old, *new)}
    return list(rows.values())


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Markdown table, the first column to the left, the others to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"| --- |{' --: |' * (len(header) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def replace_between(page: Path, name: str, lines: Iterable[str]) -> None:
    """Put lines between the marks of that name in the page."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(end)
    page.write_text("\n".join([before + begin, *lines, end + after]), encoding="utf-8")


# ---- the command


def label(covariance_type: str, n_samples: int, n_features: int, n_components: int) -> str:
    """Words for a mixture and its data, such as "full 1000000x2 K=3"."""
    return f"{covariance_type} {n_samples}x{n_features} K={n_components}"


def benchmark(
    name: str,
    description: str | None,
    measure: Callable[[argparse.Namespace], Iterable[Row]],
    report: Callable[[list[Row]], Iterable[str]],
    options: Callable[[argparse.ArgumentParser], object] = lambda _: None,
) -> None:
    """Run a benchmark: JSON lines to standard output, its tables to standard error.

    But for ``--quick`` the rows are kept in results/ and the tables put into the page;
    ``--tables`` makes the tables from what is kept, ``--part`` measures a part of it again.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="small sizes; nothing is kept")
    parser.add_argument("--rounds", type=int, default=5, help="rounds to take the median of")
    parser.add_argument("--part", default="", help="only what has this in its label")
    parser.add_argument("--tables", action="store_true", help="of what is kept; no measurement")
    options(parser)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds = 1
    warnings.simplefilter("ignore")
    rows = [] if arguments.tables else [emit(row) for row in measure(arguments)]
    if arguments.tables or arguments.part:
        rows = merged(stored(name), rows)
    if not rows:
        parser.error("nothing is kept, and nothing was measured")
    lines = [*report(rows), "", where(rows)]
    print("\n".join(lines), file=sys.stderr)
    if not arguments.quick:
        store(name, rows)
        replace_between(PAGE, name, lines)
