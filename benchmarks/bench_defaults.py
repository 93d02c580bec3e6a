"""The defaults, measured: final log-likelihoods and times beside scikit-learn's.

One JSON line for each measurement goes to standard output, the tables to docs/defaults.md.
``--choices`` measures instead what the number and kind of starts are worth (about ten minutes).
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import sklearn
import sklearn.mixture
from scipy.special import logsumexp

import bactrian
from datasets import Case, cases

PAGE = Path(__file__).parents[1] / "docs" / "defaults.md"
SAME = 1e-4  # nats a sample
STARTS = ("kmeans", "k-means++", "random_from_data", "sample_variance")
SEEDS = 24


def machine() -> dict[str, str]:
    """Where and with what it is measured."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "bactrian": bactrian.__version__,
        "machine": platform.machine(),
    }


def log_normal(difference: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Log-density of a normal, by the formula as it is written in textbooks."""
    distances = np.sum(difference * np.linalg.solve(covariance, difference.T).T, axis=1)
    log_det = np.linalg.slogdet(2 * np.pi * covariance)[1]
    return -0.5 * (distances + log_det)


def checked_score(gm: object, X: np.ndarray) -> float:
    """Mean log-likelihood, after comparing some densities with a plain formula."""
    some = X[:200]
    covariances = np.asarray(gm.covariances_)
    n_components, n_features = gm.means_.shape
    identity = np.eye(n_features)
    dense = {
        "full": lambda k: covariances[k],
        "tied": lambda _: covariances,
        "diag": lambda k: np.diag(covariances[k]),
        "spherical": lambda k: covariances[k] * identity,
    }[gm.covariance_type]
    parts = [
        np.log(gm.weights_[k]) + log_normal(some - gm.means_[k], dense(k))
        for k in range(n_components)
    ]
    np.testing.assert_allclose(gm.score_samples(some), logsumexp(parts, axis=0), rtol=1e-5)
    return float(gm.score(X))


def fitted(estimator: object, X: np.ndarray) -> tuple[float, float, bool]:
    """Mean log-likelihood, seconds, whether it says it converged."""
    begin = time.perf_counter()
    estimator.fit(X)
    seconds = time.perf_counter() - begin
    return checked_score(estimator, X), seconds, bool(estimator.converged_)


def measure(case: Case) -> dict[str, object]:
    """Ours, scikit-learn's default and its best of ten patient starts, in turn; median times."""
    X = case.load()
    shared = {
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
        "random_state": 0,
    }
    contenders = {
        "bactrian": lambda: bactrian.GaussianMixture(**shared),
        "sklearn": lambda: sklearn.mixture.GaussianMixture(**shared),
        "sklearn_10": lambda: sklearn.mixture.GaussianMixture(
            **shared, n_init=10, tol=1e-6, max_iter=1000
        ),
    }
    rounds = {name: [] for name in contenders}
    for _ in range(3):
        for name, make in contenders.items():
            rounds[name].append(fitted(make(), X))
    row: dict[str, object] = {
        "data": case.name,
        "n_samples": len(X),
        "n_features": X.shape[1],
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
    }
    for name, results in rounds.items():
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
            start: np.array([_end(case, X, start, seed) for seed in range(SEEDS)])
            for start in STARTS
        }
        best = max(values.max() for values in ends.values())
        for start, values in ends.items():
            for size in (1, 3, 5, 10):
                draws = [rng.choice(values, size, replace=False).max() for _ in range(300)]
                missed.setdefault((start, size), []).append(np.mean(np.array(draws) < best - SAME))
        print(json.dumps({"choices": case.name, "ends": {k: list(v) for k, v in ends.items()}}))
    yield "| start | 1 | 3 | 5 | 10 |\n| --- | --: | --: | --: | --: |"
    for start in STARTS:
        shares = (f"{np.mean(missed[start, size]):.2f}" for size in (1, 3, 5, 10))
        yield f"| `{start}` | {' | '.join(shares)} |"


def _end(case: Case, X: np.ndarray, start: str, seed: int) -> float:
    """Mean log-likelihood of one start; -inf if a component collapsed."""
    gm = bactrian.GaussianMixture(
        case.n_components,
        covariance_type=case.covariance_type,
        init_params=start,
        n_init=1,
        random_state=seed,
    ).fit(X)
    return -np.inf if gm.fit_report_.certificate.collapses else float(gm.score(X))


def replace_between(name: str, lines: list[str]) -> None:
    """Put lines between the marks of that name in the page."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    PAGE.write_text(
        before + begin + "\n" + "\n".join(lines) + "\n" + end + after, encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choices", action="store_true", help="measure the starts instead")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.choices:
        replace_between("choices", list(choices()))
        return
    rows = []
    for case in cases():
        rows.append(measure(case))
        print(json.dumps({**rows[-1], **machine()}), flush=True)
        print(f"{case.name}, {case.covariance_type}", file=sys.stderr)
    where = ", ".join(f"{name} {value}" for name, value in machine().items())
    replace_between("results", [summary(rows), "", *table(rows), "", f"Measured with {where}."])


if __name__ == "__main__":
    main()
