"""How near an iteration is to what the machine can do; threads, float32, instruction sets.

Each variant runs in a process of its own, in turn, after its answer was checked; the rate of
matrix products is measured in the same process, before and after.

- From 32 features on, a pass costs 2 n K d² operations, and is compared with that rate.
- Up to 4 features, it is compared with the time that its multiply-adds alone would take at that
  rate, two operations each: ``multiply_adds`` counts them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from statistics import median

from measuring import Row, benchmark, in_turn, label, table
from processes import asked, environment

# What is to be compared with the first: threads, type, instruction set.
BASE = "2 threads"
VARIANTS = {
    BASE: (2, "float64", None),
    "1 thread": (1, "float64", None),
    "float32": (2, "float32", None),
    "v4": (2, "float64", "v4"),
    "v3": (2, "float64", "v3"),
}
SIZES = (
    ("full", 1_000_000, 2, 3),
    ("full", 1_000_000, 2, 8),
    ("full", 1_000_000, 8, 8),
    ("diag", 1_000_000, 8, 8),
    ("full", 200_000, 32, 16),
    ("full", 100_000, 64, 32),
    ("full", 50_000, 128, 16),
)
EXPONENTIAL = 14  # multiply-adds in double precision


def multiply_adds(d: int) -> int:
    """For a row and component of full covariance: d² + 4 d + 15, or 27 for d = 2.

    The difference from the mean takes d, its product with the triangular factor d (d + 1) / 2,
    the squared length d, the exponential 14; the moments take 1, d and d (d + 1) / 2.
    """
    triangle = d * (d + 1) // 2
    density = d + triangle + d + EXPONENTIAL
    moments = 1 + d + triangle
    return density + moments


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    for covariance_type, n, d, k in SIZES[:1] if arguments.quick else SIZES:
        if arguments.part not in label(covariance_type, n, d, k):
            continue
        shape = (2000, min(d, 8), min(k, 4)) if arguments.quick else (n, d, k)
        yield measure_one(covariance_type, shape, arguments)


def measure_one(
    covariance_type: str, shape: tuple[int, int, int], arguments: argparse.Namespace
) -> Row:
    task = {
        "covariance_type": covariance_type,
        "shape": shape,
        "wanted": 0.01 if arguments.quick else 1.0,
        "gemm_size": 64 if arguments.quick else 1500,
    }
    names = list(VARIANTS)[:1] if arguments.quick else list(VARIANTS)
    rounds = in_turn({name: partial(child, task, name) for name in names}, arguments.rounds)
    answers = {name: [a for a in rounds[name] if a is not None] for name in names}
    answers = {name: given for name, given in answers.items() if given}
    n, d, k = shape
    return {
        "covariance_type": covariance_type,
        "n_samples": n,
        "n_features": d,
        "n_components": k,
        "seconds": {name: median(a["seconds"] for a in given) for name, given in answers.items()},
        "gemm": gemm_rates(answers),
        "backend": {name: given[-1]["backend"] for name, given in answers.items()},
    }


def gemm_rates(answers: dict[str, list[Row]]) -> dict[str, float]:
    """Highest rate of matrix products in double precision, by the number of threads."""
    rates: dict[str, float] = {}
    for name, given in answers.items():
        threads, dtype, _ = VARIANTS[name]
        if dtype == "float64":
            rates[str(threads)] = max(rates.get(str(threads), 0.0), *(a["gemm"] for a in given))
    return rates


def child(task: Row, name: str) -> Row | None:
    """Its answer; None, and words on it, if the machine lacks the instruction set."""
    threads, dtype, isa = VARIANTS[name]
    try:
        return asked("child_iteration.py", {**task, "dtype": dtype}, environment(threads, isa))
    except RuntimeError as error:
        if isa is None:
            raise
        print(error, file=sys.stderr)
        return None


def report(rows: list[Row]) -> Iterator[str]:
    header = ["n × d, K, structure", "ms", "2 threads to 1", "float32", "v3 to v4"]
    header += ["of matrix product, 2 threads", "1 thread", "over multiply-adds, 2 threads", "1"]
    yield from table(header, (cells(row) for row in rows))
    yield ""
    yield (
        "Wanted: two threads at least 1.8 times as fast as one, float32 1.6 times as float64; v3 "
        "at most 2.2 times as slow as v4; from 32 features on, at least 70 % of the rate of "
        "matrix products, counting 2 n K d² operations; up to 4, at most 2.5 times the time of "
        "the multiply-adds alone."
    )
    rates = (f"{max(row['gemm'][n] for row in rows) / 1e9:.0f} on {n}" for n in rows[0]["gemm"])
    yield f"Matrix products, in 10⁹ operations a second: {', '.join(rates)} threads."


def cells(row: Row) -> Iterator[str]:
    n, d, k, times = row["n_samples"], row["n_features"], row["n_components"], row["seconds"]
    yield f"{n:,} × {d}, {k}, {row['covariance_type']}"
    yield f"{1e3 * times[BASE]:.2f}"
    yield _ratio(times, "1 thread", BASE)
    yield _ratio(times, BASE, "float32")
    yield _ratio(times, "v3", "v4")
    for name in (BASE, "1 thread"):
        if d < 32 or name not in times:
            yield ""
        else:
            yield f"{2 * n * k * d**2 / times[name] / _gemm(row, name):.0%}"
    for name in (BASE, "1 thread"):
        if d > 4 or name not in times:
            yield ""
        else:
            least = 2 * n * k * multiply_adds(d) / _gemm(row, name)
            yield f"{times[name] / least:.2f}"


def _gemm(row: Row, name: str) -> float:
    return row["gemm"][str(VARIANTS[name][0])]


def _ratio(times: dict[str, float], slow: str, fast: str) -> str:
    return f"{times[slow] / times[fast]:.2f}" if slow in times and fast in times else ""


if __name__ == "__main__":
    benchmark("ceilings", __doc__, measure, report)
