"""Whole fits with default settings: how high they end, and how soon they are as high as the peer.

Ours and scikit-learn's default take turns. Beside them stands what a patient scikit-learn reaches
(``reference.py``). From 100,000 rows on, the time is taken at which our fit to all rows, whatever
it does before on a sample of them, is first as high as scikit-learn's default ends.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import sklearn.mixture

import bactrian
from checking import checked_score
from datasets import Case, cases, large_cases
from measuring import Row, benchmark, in_turn, medians, table, where
from reference import collapsed, reference

SAME = 1e-4  # nats a sample
MANY = 100_000  # rows from which the time to a value is wanted
PATIENT = ("score", "n_init", "seconds", "collapsed", "machine")
TARGETS = {"share": 0.9, "ratio": 100}


class Climb:
    """Callback that notes how high a fit to all rows is, and when.

    It is told the sum and the mean of the log-likelihood, which say on how many rows an iteration
    was: one on a sample of them does not count.
    """

    def __init__(self, n_samples: int) -> None:
        self.n_samples = n_samples
        self.heights: list[tuple[float, float]] = []
        self.begin = time.perf_counter()

    def __call__(self, info: Any) -> None:
        now = time.perf_counter() - self.begin
        total = self.n_samples * info.lower_bound
        if abs(info.log_likelihood - total) <= 1e-6 * abs(total):
            self.heights.append((now, info.lower_bound))

    def reached(self, height: float) -> float:
        """Seconds to that height; infinite if it never was so high."""
        return min((when for when, value in self.heights if value >= height), default=np.inf)


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    chosen = [*cases(), *large_cases()]
    if arguments.quick:
        chosen = [case for case in chosen if case.name in ("iris", "two normals")]
    for case in chosen:
        name = f"{case.name}, {case.covariance_type}"
        if arguments.part in name:
            print(name, file=sys.stderr)
            yield measure_one(case, arguments)


def measure_one(case: Case, arguments: argparse.Namespace) -> Row:
    X = case.load()
    known = reference(case, X, keep=not arguments.quick, fresh=arguments.fresh)
    shared = {
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
        "random_state": 0,
    }
    theirs = sklearn.mixture.GaussianMixture(**shared).fit(X)
    height = checked_score(theirs, X)
    last: dict[str, Any] = {}

    def ours_in() -> tuple[float, float]:
        climb = Climb(len(X))
        last["ours"] = bactrian.GaussianMixture(**shared, callback=climb).fit(X)
        return time.perf_counter() - climb.begin, climb.reached(height)

    def theirs_in() -> tuple[float, float]:
        begin = time.perf_counter()
        sklearn.mixture.GaussianMixture(**shared).fit(X)
        return time.perf_counter() - begin, np.nan

    rounds = in_turn({"bactrian": ours_in, "scikit-learn": theirs_in}, min(arguments.rounds, 3))
    ours = last["ours"]
    reached = medians({"all": [when for _, when in rounds["bactrian"]]})["all"]
    return {
        "data": case.name,
        "n_samples": len(X),
        "n_features": X.shape[1],
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
        "seconds": medians({name: [t for t, _ in times] for name, times in rounds.items()}),
        "reached": reached if np.isfinite(reached) else None,
        "bactrian": {
            "score": checked_score(ours, X),
            "converged": bool(ours.converged_),
            "collapsed": bool(ours.fit_report_.certificate.collapses),
            "n_iter": int(ours.n_iter_),
        },
        "scikit-learn": {
            "score": height,
            "converged": bool(theirs.converged_),
            "collapsed": collapsed(theirs),
            "n_iter": int(theirs.n_iter_),
        },
        "patient": {name: known[name] for name in PATIENT},
    }


# ---- the tables


def as_high(row: Row, other: str) -> bool:
    return row["bactrian"]["score"] >= row[other]["score"] - SAME


def report(rows: list[Row]) -> Iterator[str]:
    yield summary(rows)
    yield ""
    header = ["data", "n × d, K, structure", "bactrian", "s", "scikit-learn", "s"]
    yield from table([*header, "patient", "starts", "s", ""], (cells(row) for row in rows))
    yield ""
    yield where((row["patient"] for row in rows), "The patient fits were measured")
    large = [row for row in rows if row["n_samples"] >= MANY]
    if large:
        yield ""
        yield from reaching(large)


def summary(rows: list[Row]) -> str:
    won = sum(as_high(row, "patient") for row in rows)
    sound = [row for row in rows if not row["patient"]["collapsed"]]
    real = sum(as_high(row, "patient") for row in sound)
    default = sum(as_high(row, "scikit-learn") for row in rows)
    spent = sum(row["patient"]["seconds"] for row in rows)
    sets = len({row["data"] for row in rows})
    return (
        f"On {sets} data sets, in {won} of {len(rows)} fits ({won / len(rows):.0%}; wanted: "
        f"{TARGETS['share']:.0%}) "
        f"ours is at least as high, within {SAME:g} nats a sample, as that of the patient "
        f"scikit-learn, which took {spent:.0f} s in all; in {real} of {len(sound)} without those "
        f"in which a component of the latter collapsed (\\*), where the likelihood has no bound; "
        f"and in {default} of {len(rows)} as scikit-learn's default."
    )


def cells(row: Row) -> Iterator[str]:
    n, ours, theirs, patient = (
        row["n_samples"],
        row["bactrian"],
        row["scikit-learn"],
        row["patient"],
    )
    yield row["data"]
    yield f"{n:,} × {row['n_features']}, {row['n_components']}, {row['covariance_type']}"
    yield f"{ours['score']:.5f}" + "\\*" * ours["collapsed"]
    yield f"{row['seconds']['bactrian']:.3f}"
    yield f"{theirs['score'] - ours['score']:+.5f}" + "\\*" * theirs["collapsed"]
    yield f"{row['seconds']['scikit-learn']:.3f}"
    yield f"{patient['score'] - ours['score']:+.5f}" + "\\*" * patient["collapsed"]
    yield f"{patient['n_init']}"
    yield f"{patient['seconds']:.1f}"
    yield "" if as_high(row, "patient") else "lost"


def reaching(rows: list[Row]) -> Iterator[str]:
    """How soon ours is as high as scikit-learn's default ends."""
    fast = sum(_ratio(row) >= TARGETS["ratio"] for row in rows)
    yield (
        f"Time until ours is as high as scikit-learn's default ends, from {MANY:,} rows on "
        f"(wanted: {TARGETS['ratio']} times shorter; {fast} of {len(rows)} are):"
    )
    yield ""
    header = ("data", "n × d, K, structure", "bactrian, s", "scikit-learn, s", "ratio")
    yield from table(header, (_reaching_cells(row) for row in rows))


def _ratio(row: Row) -> float:
    reached = row["reached"]
    return 0.0 if reached is None else row["seconds"]["scikit-learn"] / reached


def _reaching_cells(row: Row) -> Iterator[str]:
    yield from list(cells(row))[:2]
    yield "never" if row["reached"] is None else f"{row['reached']:.3f}"
    yield f"{row['seconds']['scikit-learn']:.2f}"
    yield f"{_ratio(row):.0f}"


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fresh", action="store_true", help="the reference is measured again")


if __name__ == "__main__":
    benchmark("fits", __doc__, measure, report, options)
