"""Memory that a whole fit needs above the data: largest resident size less that before the fit.

scikit-learn is given two iterations only: more take as much memory, and long.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

from measuring import Row, benchmark, in_turn, medians, table
from processes import asked

SIZE = (10_000_000, 4, 10)
TARGET = 64e6  # bytes
LIMITS = {"bactrian": None, "scikit-learn": 2}


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    shape = (2000, 4, 2) if arguments.quick else SIZE
    tasks = {
        library: {"library": library, "shape": shape, "max_iter": limit}
        for library, limit in LIMITS.items()
        if library in arguments.libraries
    }
    contenders = {name: partial(asked, "child_memory.py", task) for name, task in tasks.items()}
    answers = in_turn(contenders, min(arguments.rounds, 3))
    yield {
        "n_samples": shape[0],
        "n_features": shape[1],
        "n_components": shape[2],
        "above": medians({name: [a["above"] for a in given] for name, given in answers.items()}),
        "answers": answers,
        "target": TARGET,
    }


def report(rows: list[Row]) -> Iterator[str]:
    header = ("n × d, K", "data, MB", "bactrian, MB above", "wanted", "scikit-learn, MB above")
    yield from table(header, (cells(row) for row in rows))


def cells(row: Row) -> Iterator[str]:
    above = row["above"]
    yield f"{row['n_samples']:,} × {row['n_features']}, {row['n_components']}"
    yield f"{8 * row['n_samples'] * row['n_features'] / 1e6:.0f}"
    yield f"{above['bactrian'] / 1e6:.1f}" if "bactrian" in above else ""
    yield f"{row['target'] / 1e6:.0f}"
    yield f"{above['scikit-learn'] / 1e6:.0f}" if "scikit-learn" in above else ""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--libraries", nargs="*", default=list(LIMITS), help="by default all")


if __name__ == "__main__":
    benchmark("memory", __doc__, measure, report, options)
