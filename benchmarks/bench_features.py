"""Time of an EM pass with missing values, noise, t distributions and labels, beside a plain one.

All start from the same parameters. After three iterations the compiled back end and the reference
must be in the same place; only then is the time taken, in turn.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

import bactrian
from checking import check_same_parameters
from iterations import drawn, enough, per_iteration
from measuring import Row, benchmark, in_turn, medians, table
from peers import Start, start_from
from simulated import Mixture

N_SAMPLES, N_COMPONENTS = 100_000, 4
CHECKED = 3  # iterations after which the parameters are compared


@dataclass(frozen=True)
class Feature:
    """What a fit has beside complete rows and Gaussians."""

    what: str
    n_features: int = 4
    patterns: int = 0  # of missing values
    incomplete: float = 0.0  # share of the rows
    known: float = 0.0  # share of the rows whose component is known
    plausible: bool = False
    settings: tuple[tuple[str, Any], ...] = ()


FEATURES = (
    Feature("5 patterns of missing values", patterns=5, incomplete=0.4),
    Feature("200 patterns", n_features=8, patterns=200, incomplete=0.9),
    Feature("noise", settings=(("noise", True),)),
    Feature("t", settings=(("family", "t"),)),
    Feature("labels", known=0.2),
    Feature("uncertain labels", plausible=True),
)


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    for feature in FEATURES:
        if arguments.part in feature.what:
            yield measure_one(feature, arguments)


def measure_one(feature: Feature, arguments: argparse.Namespace) -> Row:
    n_samples = 2000 if arguments.quick else N_SAMPLES
    mixture = drawn(n_samples, feature.n_features, N_COMPONENTS)
    start = start_from(mixture, "full")
    X, y = data_of(feature, mixture)
    own = dict(feature.settings)
    reference = fitted(X, y, own | {"backend": "numpy"}, start, CHECKED)
    difference = check_same_parameters(fitted(X, y, own, start, CHECKED), reference, 1e-7)
    runs = {"plain": partial(fitted, mixture.X, None, {}, start),
            "feature": partial(fitted, X, y, own, start)}  # fmt: skip
    wanted = 0.02 if arguments.quick else arguments.seconds
    contenders = {
        name: partial(per_iteration, run, enough(run, wanted)) for name, run in runs.items()
    }
    times = in_turn(contenders, arguments.rounds)
    return {
        "what": feature.what,
        "n_samples": n_samples,
        "n_features": feature.n_features,
        "n_components": N_COMPONENTS,
        "covariance_type": "full",
        "seconds": medians(times),
        "rounds": times,
        "difference": difference,
    }


def data_of(feature: Feature, mixture: Mixture) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows with holes, and what is known of their components."""
    rng, X = np.random.default_rng(0), mixture.X.copy()
    n, d = X.shape
    if feature.patterns:
        every = np.arange(1, 2**d - 1)  # neither complete nor empty
        chosen = rng.choice(every, feature.patterns, replace=False)
        masks = (chosen[:, None] >> np.arange(d)) & 1 == 1
        rows = np.flatnonzero(rng.random(n) < feature.incomplete)
        gone = np.zeros(X.shape, dtype=bool)
        gone[rows] = masks[rng.integers(feature.patterns, size=len(rows))]
        X[gone] = np.nan
    if feature.known:
        return X, np.where(rng.random(n) < feature.known, mixture.labels, -1)
    if feature.plausible:
        return X, rng.uniform(0.1, 1, (n, N_COMPONENTS))
    return X, None


def fitted(
    X: np.ndarray, y: np.ndarray | None, settings: dict[str, Any], start: Start, iterations: int
) -> Any:
    gm = bactrian.GaussianMixture(
        N_COMPONENTS,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=start.precisions,
        stopping="log_likelihood",
        tol=0.0,
        max_iter=iterations,
        **settings,
    ).fit(X, y)
    names = ("weights_", "means_", "covariances_", "n_iter_")
    return SimpleNamespace(**{name: getattr(gm, name) for name in names})


def report(rows: list[Row]) -> Iterator[str]:
    header = ["n × d, K, full", "plain, ms", "with", "ms", "times as long"]
    yield from table(header, (cells(row) for row in rows))


def cells(row: Row) -> Iterator[str]:
    times = row["seconds"]
    yield f"{row['n_samples']:,} × {row['n_features']}, {row['n_components']}"
    yield f"{1e3 * times['plain']:.2f}"
    yield row["what"]
    yield f"{1e3 * times['feature']:.2f}"
    yield f"{times['feature'] / times['plain']:.1f}"


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a measurement")


if __name__ == "__main__":
    benchmark("features", __doc__, measure, report, options)
