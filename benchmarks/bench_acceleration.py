"""Passes over the data until slow fits converge, with and without `acceleration`.

A back end that counts stands before the real one. All start from the same parameters, on heavily
overlapping components, with tol=1e-8.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import bactrian
from bactrian.backends import backend_for
from checking import checked_score
from measuring import Row, benchmark, in_turn, label, medians, seconds, table
from peers import start_from
from simulated import mixture

# rows, features, components, structure, separation, seed
SIZES = (
    (20_000, 2, 3, "full", 1.0, 11),
    (20_000, 2, 8, "full", 3.0, 13),
    (20_000, 4, 10, "full", 1.0, 14),
    (20_000, 5, 20, "full", 1.5, 15),
    (20_000, 8, 8, "full", 0.5, 16),
    (20_000, 8, 8, "tied", 0.5, 16),
    (20_000, 8, 8, "diag", 0.5, 16),
    (200_000, 2, 8, "full", 3.0, 13),
)
TOL = 1e-8
OFF, ON = "none", "auto"  # values of `acceleration`


class Counting:
    """A back end that counts the passes over the data."""

    def __init__(self, name: str = "auto") -> None:
        self.inner = backend_for(name)
        self.passes = 0

    def hold(self, source: Any) -> Any:
        return Watched(self, self.inner.hold(source))


@dataclass
class Watched:
    """Rows whose passes are counted."""

    counting: Counting
    inner: Any

    def accumulate(self, terms: Any, origin: Any = None) -> Any:
        self.counting.passes += 1
        return self.inner.accumulate(terms, origin)

    def evaluate(self, terms: Any, *wanted: str) -> Any:
        return self.inner.evaluate(terms, *wanted)


def variants() -> dict[str, dict[str, Any]]:
    """Options of the estimator; only one, where it knows no acceleration."""
    known = inspect.signature(bactrian.GaussianMixture).parameters
    if "acceleration" not in known:
        return {"plain": {}}
    return {"plain": {"acceleration": OFF}, "accelerated": {"acceleration": ON}}


@dataclass
class Contender:
    """A way to fit; ``ends`` holds where each fit ended, and after how many passes."""

    options: dict[str, Any]
    X: np.ndarray
    ends: list[Row] = field(default_factory=list)

    def __call__(self) -> float:
        backend = Counting()
        gm = bactrian.GaussianMixture(**self.options, backend=backend)
        taken = seconds(lambda: gm.fit(self.X))
        end = {
            "passes": backend.passes,
            "n_iter": int(gm.n_iter_),
            "converged": bool(gm.converged_),
            "score": checked_score(gm, self.X),
        }
        self.ends.append(end)
        return taken


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    for n, d, k, covariance_type, separation, seed in SIZES[:1] if arguments.quick else SIZES:
        if arguments.part not in label(covariance_type, n, d, k):
            continue
        source = mixture(500 if arguments.quick else n, d, k, separation, seed)
        start = start_from(source, covariance_type)
        shared = {
            "n_components": k,
            "covariance_type": covariance_type,
            "weights_init": start.weights,
            "means_init": start.means,
            "precisions_init": start.precisions,
            "tol": TOL,
            "max_iter": 200 if arguments.quick else 100_000,
            "stopping": arguments.stopping,
        }
        contenders = {
            name: Contender({**shared, **options}, source.X)
            for name, options in variants().items()
        }
        rounds = in_turn(contenders, min(arguments.rounds, 3))
        yield {
            "n_samples": len(source.X),
            "n_features": d,
            "n_components": k,
            "covariance_type": covariance_type,
            "misassigned": source.misassigned(),
            "seconds": medians(rounds),
            "ends": {name: contender.ends[-1] for name, contender in contenders.items()},
        }


def report(rows: list[Row]) -> Iterator[str]:
    names = list(rows[0]["ends"])
    header = ["n × d, K, structure", "misassigned"]
    for name in names:
        header += [f"{name}: passes", "s", "log-likelihood a sample"]
    yield from table([*header, "fewer passes"], (cells(row) for row in rows))


def cells(row: Row) -> Iterator[str]:
    ends = row["ends"]
    size = f"{row['n_samples']:,} × {row['n_features']}, {row['n_components']}"
    yield f"{size}, {row['covariance_type']}"
    yield f"{row['misassigned']:.0%}"
    for name, end in ends.items():
        yield f"{end['passes']}" + " (not converged)" * (not end["converged"])
        yield f"{row['seconds'][name]:.2f}"
        yield f"{end['score']:.6f}"
    fewest = min(end["passes"] for end in ends.values())
    yield f"{ends['plain']['passes'] / fewest:.1f} times"


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stopping", default="auto", help="rule of both")


if __name__ == "__main__":
    benchmark("acceleration", __doc__, measure, report, options)
