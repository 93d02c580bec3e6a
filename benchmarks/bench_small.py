"""Small data and the start: a fit to Iris beside scikit-learn's, and `import bactrian`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import numpy as np
import sklearn.mixture
from sklearn.datasets import load_iris

import bactrian
from checking import checked_score
from measuring import Row, benchmark, in_turn, medians, seconds, table

IMPORTS = ("import bactrian", "from bactrian import GaussianMixture")
TIMED = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
IMPORT_TARGET = 0.2  # seconds
RATIO_TARGET = 2
AGAIN = 20  # fits in a measurement


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    yield fits(arguments)
    yield start(arguments)


def fits(arguments: argparse.Namespace) -> Row:
    X, shared = load_iris().data, {"n_components": 3, "random_state": 0}
    estimators = {
        "bactrian, n_init=1": bactrian.GaussianMixture(n_init=1, **shared),
        "bactrian": bactrian.GaussianMixture(**shared),
        "scikit-learn": sklearn.mixture.GaussianMixture(**shared),
    }
    scores = {name: checked_score(gm.fit(X), X) for name, gm in estimators.items()}
    again = 1 if arguments.quick else AGAIN
    timed = {name: partial(_each, gm, X, again) for name, gm in estimators.items()}
    return {
        "what": "Iris, K=3, full",
        "seconds": medians(in_turn(timed, arguments.rounds)),
        "scores": scores,
        "n_iter": {name: int(gm.n_iter_) for name, gm in estimators.items()},
        "target": RATIO_TARGET,
    }


def _each(gm: object, X: np.ndarray, again: int) -> float:
    return seconds(lambda: [gm.fit(X) for _ in range(again)]) / again


def start(arguments: argparse.Namespace) -> Row:
    rounds = 1 if arguments.quick else 2 * arguments.rounds
    taken = in_turn({code: partial(_imported, code) for code in IMPORTS}, rounds)
    return {"what": "import", "seconds": medians(taken), "target": IMPORT_TARGET}


def _imported(code: str) -> float:
    command = [sys.executable, "-c", TIMED.format(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def report(rows: list[Row]) -> Iterator[str]:
    iris, loading = rows
    theirs = iris["seconds"]["scikit-learn"]
    header = (iris["what"], "ms", "times as fast", "log-likelihood a sample", "iterations")
    yield from table(
        header,
        (
            (
                name,
                f"{1e3 * taken:.2f}",
                f"{theirs / taken:.2f}",
                f"{iris['scores'][name]:.5f}",
                f"{iris['n_iter'][name]}",
            )
            for name, taken in iris["seconds"].items()
        ),
    )
    yield ""
    package, estimator = (loading["seconds"][code] for code in IMPORTS)
    yield (
        f"Wanted: {iris['target']} times as fast, with all its starts. `{IMPORTS[0]}` takes "
        f"{package:.3f} s (wanted: under {loading['target']}), `{IMPORTS[1]}` {estimator:.3f} s."
    )


if __name__ == "__main__":
    benchmark("small", __doc__, measure, report)
