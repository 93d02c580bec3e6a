"""Time of score_samples and predict_proba, beside scikit-learn's, with the same parameters."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

import numpy as np
from sklearn.mixture import GaussianMixture

import bactrian
from iterations import drawn
from measuring import Row, benchmark, in_turn, label, medians, seconds, table
from peers import scikit_learn, start_from

SIZE = (1_000_000, 8, 8)
METHODS = ("score_samples", "predict_proba")
TARGET = 40


def fitted(
    shape: tuple[int, int, int], covariance_type: str
) -> tuple[GaussianMixture, np.ndarray]:
    """A mixture of scikit-learn's, and rows for it."""
    few = drawn(min(shape[0], 20_000), *shape[1:])
    X = drawn(*shape).X
    return scikit_learn(few.X, start_from(few, covariance_type), 2), X


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    shape = (2000, *SIZE[1:]) if arguments.quick else SIZE
    for covariance_type in ("full", "tied", "diag", "spherical"):
        if arguments.part not in label(covariance_type, *shape):
            continue
        theirs, X = fitted(shape, covariance_type)
        mixtures = {
            "bactrian": bactrian.GaussianMixture.from_sklearn(theirs),
            "scikit-learn": theirs,
        }
        for method in METHODS:
            calls = {name: partial(getattr(gm, method), X) for name, gm in mixtures.items()}
            answers = [call() for call in calls.values()]
            np.testing.assert_allclose(*answers, rtol=1e-8, atol=1e-12)
            timed = {name: partial(seconds, call) for name, call in calls.items()}
            yield {
                "method": method,
                "covariance_type": covariance_type,
                "n_samples": len(X),
                "n_features": X.shape[1],
                "n_components": shape[2],
                "seconds": medians(in_turn(timed, arguments.rounds)),
                "target": TARGET,
            }


def report(rows: list[Row]) -> Iterator[str]:
    header = ("method, n × d, K, structure", "bactrian, ms", "scikit-learn, ms", "ratio", "wanted")
    yield from table(header, (cells(row) for row in rows))


def cells(row: Row) -> Iterator[str]:
    size = f"{row['n_samples']:,} × {row['n_features']}, {row['n_components']}"
    ours, theirs = row["seconds"]["bactrian"], row["seconds"]["scikit-learn"]
    yield f"`{row['method']}`, {size}, {row['covariance_type']}"
    yield f"{1e3 * ours:.1f}"
    yield f"{1e3 * theirs:.1f}"
    yield f"{theirs / ours:.1f}"
    yield f"{row['target']}"


if __name__ == "__main__":
    benchmark("scoring", __doc__, measure, report)
