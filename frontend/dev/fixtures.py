"""Write fixtures.json: fitted mixtures, the way to them, and searches, for the page of all charts.

From the root of the project: ``python frontend/dev/fixtures.py``.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture, select_mixture
from bactrian.core.parameters import Parameters

HERE = Path(__file__).parent
FAITHFUL = HERE.parents[1] / "src/bactrian/data/samples/old_faithful.csv"


def as_page(parameters: Parameters) -> dict:
    noise = None
    if parameters.noise is not None:
        low, high = parameters.noise.tolist()
        weight, height = parameters.term_weights[-1], parameters.noise_log_density[0]
        noise = {"weight": weight, "log_density": height, "lowest": low, "highest": high}
    return {
        "weights": parameters.weights.tolist(),
        "means": parameters.means.tolist(),
        "covariances": parameters.dense_covariances().tolist(),
        "noise": noise,
        "dof": None if parameters.dof is None else parameters.dof.tolist(),
    }


def parameters_of(gm: GaussianMixture) -> Parameters:
    return gm._parameters()


def fitted(X: np.ndarray, k: int, **settings) -> GaussianMixture:
    settings = {"random_state": 0, "tol": 1e-9, "max_iter": 500, **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(k, **settings).fit(X)


def frames(X: np.ndarray, k: int, most: int, **settings) -> dict:
    found = []
    for iteration in range(1, most + 1):
        gm = fitted(X, k, max_iter=iteration, n_init=1, **settings)
        found.append(
            {
                "iteration": iteration,
                "log_likelihood": float(gm.score(X) * len(X)),
                "n_rows": len(X),
                "accelerated": False,
                "mixture": as_page(parameters_of(gm)),
            }
        )
        if gm.n_iter_ < iteration:
            break
    return {"stride": 1, "frames": found}


def case(X: np.ndarray, columns: list[str], k: int, steps: int = 0, **settings) -> dict:
    complete = X[~np.isnan(X).any(axis=1)]
    means = KMeans(k, n_init=5, random_state=0).fit(complete)
    start = {"means_init": complete[:k]} if steps else {}
    return {
        "columns": columns,
        "rows": [[None if np.isnan(x) else round(x, 6) for x in row] for row in X.tolist()],
        "mixture": as_page(parameters_of(fitted(X, k, **settings))),
        "kmeans": {
            "centres": means.cluster_centers_.tolist(),
            "sizes": np.bincount(means.labels_, minlength=k).tolist(),
        },
        "frames": frames(X, k, steps, **start, **settings) if steps else None,
    }


FIELDS = (
    "n_components covariance_type log_likelihood n_parameters bic aic icl converged collapsed "
    "failure relative_entropy"
).split()


def search(X: np.ndarray, structures: list[str], most: int = 8) -> dict:
    found = select_mixture(X, range(1, most + 1), structures, random_state=0)
    rows = [{name: getattr(row, name) for name in FIELDS} for row in found.candidates]
    best = found.candidates.index(found.best)
    return {"criterion": "bic", "candidates": rows, "best": best}


def main() -> None:
    rng = np.random.default_rng(3)
    faithful = np.loadtxt(FAITHFUL, delimiter=",", skiprows=1)
    iris = load_iris()
    names = [name.replace(" (cm)", "") for name in iris.feature_names]
    line = np.r_[rng.normal(20, 3, 200), rng.normal(32, 4, 600)][:, None]
    noisy = np.r_[
        rng.normal([0, 0], [1, 0.4], (150, 2)),
        rng.normal([5, 4], [0.5, 1.2], (150, 2)),
        rng.uniform(-8, 12, (40, 2)),
    ]
    gaps = np.where(rng.random(faithful.shape) < 0.15, np.nan, faithful)
    circle = 8 * np.c_[np.cos(np.arange(10) * 0.63), np.sin(np.arange(10) * 0.63)]
    ten = np.concatenate([rng.normal(centre, 0.8, (60, 2)) for centre in circle])
    crowd = np.concatenate(
        [
            rng.multivariate_normal(mean, cov, 400)
            for mean, cov in (
                ([0, 0], [[2, 1.4], [1.4, 1.5]]),
                ([6, 1], [[0.6, -0.4], [-0.4, 1.8]]),
                ([3, 6], [[2.5, 0], [0, 0.3]]),
                ([-3, 5], [[0.5, 0.2], [0.2, 0.5]]),
                ([8, 7], [[1, 0.9], [0.9, 1]]),
            )
        ]
    )
    t_rows = np.r_[rng.standard_t(3, (200, 2)), 8 + 1.5 * rng.standard_t(3, (150, 2))]
    six = np.array([[1.0, 2.0], [1.5, 1.8], [1.2, 2.3], [8.0, 8.0], [8.5, 8.3], [7.8, 8.6]])
    axes = ["x", "y"]
    cases = {
        "faithful": case(faithful, ["eruption (min)", "waiting (min)"], 2, 40),
        "six": case(six, axes, 2, reg_covar=0.05),
        "iris": case(iris.data, names, 3),
        "line": case(line, ["temperature"], 2, 60),
        "noise": case(noisy, axes, 2, noise=True),
        "gaps": case(gaps, ["eruption (min)", "waiting (min)"], 2),
        "ten": case(ten, axes, 10),
        "far": case(faithful * 1e-3 + 1e6, ["a rather long name of a column, in metres", "y"], 2),
        "tails": case(t_rows, axes, 2, family="t"),
        "crowd": case(crowd, axes, 5, 60),
    }
    searches = {
        "one": search(faithful, ["full"]),
        "many": search(iris.data, ["full", "tied", "diag", "spherical", "VVE"]),
        "collapsed": search(six, ["full", "diag"], 7),
    }
    text = json.dumps({"cases": cases, "searches": searches}, separators=(",", ":"))
    (HERE / "fixtures.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
