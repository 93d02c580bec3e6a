"""The defaults, measured: final log-likelihoods and times beside scikit-learn's.

One JSON line for each measurement goes to standard output, the tables to docs/defaults.md.
``--choices`` measures instead what the number and kind of starts are worth (about ten minutes).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial

import numpy as np
import sklearn.mixture

import bactrian
from bactrian.init.starts import DETERMINISTIC
from checking import checked_score
from datasets import Case, cases
from measuring import DOCS, Row, emit, in_turn, replace_between, where

PAGE = DOCS / "defaults.md"
SAME = 1e-4  # nats a sample
STARTS = ("kmeans", "k-means++", "random_from_data", "sample_variance", "hierarchical", "ward")
SEEDS, SIZES = 24, (1, 3, 5, 10)


def fitted(make: partial, X: np.ndarray) -> tuple[float, float, bool]:
    """Mean log-likelihood, seconds, whether it says it converged."""
    estimator = make()
    begin = time.perf_counter()
    estimator.fit(X)
    seconds = time.perf_counter() - begin
    return checked_score(estimator, X), seconds, bool(estimator.converged_)


def measure(case: Case, rounds: int) -> Row:
    """Ours, scikit-learn's default and its best of ten patient starts, in turn; median times."""
    X = case.load()
    shared = {
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
        "random_state": 0,
    }
    theirs = partial(sklearn.mixture.GaussianMixture, **shared)
    makers = {
        "bactrian": partial(bactrian.GaussianMixture, **shared),
        "sklearn": theirs,
        "sklearn_10": partial(theirs, n_init=10, tol=1e-6, max_iter=1000),
    }
    contenders = {name: partial(fitted, make, X) for name, make in makers.items()}
    row: Row = {
        "data": case.name,
        "n_samples": len(X),
        "n_features": X.shape[1],
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
    }
    for name, results in in_turn(contenders, rounds).items():
        row[name] = {
            "score": results[0][0],
            "seconds": statistics.median(seconds for _, seconds, _ in results),
            "converged": results[0][2],
        }
    return row


def table(rows: list[dict]) -> Iterator[str]:
    """The measurements as a Markdown table."""
    yield (
        "| data | n × d | K | structure | bactrian | s | scikit-learn | s | best of ten | s |\n"
        "| --- | --- | --: | --- | --: | --: | --: | --: | --: | --: |"
    )
    for row in rows:
        n = row["n_samples"]
        ours, theirs, patient = row["bactrian"], row["sklearn"], row["sklearn_10"]
        yield (
            f"| {row['data']} | {n} × {row['n_features']} | {row['n_components']} "
            f"| {row['covariance_type']} | {ours['score'] * n:.2f} | {ours['seconds']:.3f} "
            f"| {(theirs['score'] - ours['score']) * n:+.2f} | {theirs['seconds']:.3f} "
            f"| {(patient['score'] - ours['score']) * n:+.2f} | {patient['seconds']:.3f} |"
        )


def summary(rows: list[dict]) -> str:
    """How often ours is as high, in a sentence."""

    def reached(other: str) -> int:
        return sum(row["bactrian"]["score"] >= row[other]["score"] - SAME for row in rows)

    higher = sum(row["bactrian"]["score"] > row["sklearn"]["score"] + SAME for row in rows)
    return (
        f"On {len(rows)} data sets the default fit is at least as high (within {SAME:g} nats a "
        f"sample) as scikit-learn's default on {reached('sklearn')}, higher on {higher}, and at "
        f"least as high as the best of ten patient starts of scikit-learn on "
        f"{reached('sklearn_10')}."
    )


def choices() -> Iterator[str]:
    """Chance that the best of some starts misses the best known, by number and kind."""
    missed: dict[tuple[str, int], list[float]] = {}
    rng = np.random.default_rng(0)
    for case in cases():
        X = case.load()
        if len(X) > 3500:
            continue
        ends = {
            start: np.array([_end(case, X, start, seed) for seed in range(_seeds(start))])
            for start in STARTS
        }
        auto = np.array([_end(case, X, "auto", seed, "auto") for seed in range(SEEDS // 4)])
        best = max(values.max() for values in [*ends.values(), auto])
        missed.setdefault(("auto", 0), []).append(np.mean(auto < best - SAME))
        for start, values in ends.items():
            for size in SIZES[: len(values)]:
                draws = [rng.choice(values, size, replace=False).max() for _ in range(300)]
                missed.setdefault((start, size), []).append(np.mean(np.array(draws) < best - SAME))
        print(json.dumps({"choices": case.name, "ends": {k: list(v) for k, v in ends.items()}}))
    yield "| start | 1 | 3 | 5 | 10 |\n| --- | --: | --: | --: | --: |"
    for start in STARTS:
        shares = (f"{np.mean(missed.get((start, size), np.nan)):.2f}" for size in SIZES)
        yield f"| `{start}` | {' | '.join(shares)} |".replace("nan", "")
    yield f'\n`n_init="auto"` as a whole misses it in {np.mean(missed["auto", 0]):.2f}.'


def _seeds(start: str) -> int:
    """Seeds that there is any use in: one where nothing is drawn."""
    return 1 if start in DETERMINISTIC else SEEDS


def _end(case: Case, X: np.ndarray, start: str, seed: int, n_init: int | str = 1) -> float:
    """Mean log-likelihood of a fit; -inf if a component collapsed."""
    gm = bactrian.GaussianMixture(
        case.n_components,
        covariance_type=case.covariance_type,
        init_params=start,
        n_init=n_init,
        random_state=seed,
    ).fit(X)
    return -np.inf if gm.fit_report_.certificate.collapses else float(gm.score(X))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choices", action="store_true", help="measure the starts instead")
    parser.add_argument("--quick", action="store_true", help="few sets; nothing is kept")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.choices:
        replace_between(PAGE, "choices", choices())
        return
    rows = []
    for case in cases()[4:5] if arguments.quick else cases():
        print(f"{case.name}, {case.covariance_type}", file=sys.stderr)
        rows.append(emit(measure(case, 1 if arguments.quick else 3)))
    lines = [summary(rows), "", *table(rows), "", where(rows)]
    if not arguments.quick:
        replace_between(PAGE, "results", lines)


if __name__ == "__main__":
    main()
