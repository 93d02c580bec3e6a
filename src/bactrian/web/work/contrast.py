"""K-means next to the mixture, for contrast."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.estimators.table_fit import TableFit
from bactrian.init.kmeans import kmeans, lloyd
from bactrian.init.passes import passes_for
from bactrian.web.schema import KMeans, Settings

RUNS = 5
FIRST_ROWS = 65_536  # of which the best of the runs is followed on all


def kmeans_of(task: TableFit, settings: Settings) -> KMeans | None:
    """The best of several runs on the fitted columns; None if values are missing.

    Parameters
    ----------
    task : TableFit
    settings : Settings
    """
    X = task.values
    if np.isnan(X).any() or settings.n_components > len(X):
        return None
    place = X.mean(axis=0)
    X = np.ascontiguousarray(X - place)
    weights = task.rows.weights
    weights = np.ones(len(X)) if weights is None else weights
    if (weights <= 0).any():
        X, weights = X[weights > 0], weights[weights > 0]
    centres, labels = _best(X, weights, settings.n_components, settings.seed)
    sizes = np.bincount(labels, minlength=settings.n_components)
    found = centres + place
    if task.scaling is not None:
        found = task.scaling.original(found)
    return KMeans(centres=found.tolist(), sizes=sizes.tolist())


def _best(
    X: FloatArray, weights: FloatArray, n_clusters: int, seed: int
) -> tuple[FloatArray, IntArray]:
    passes, random_state = passes_for(), np.random.RandomState(seed)
    own, mass = X, weights
    if len(X) > FIRST_ROWS:
        some = np.sort(random_state.choice(len(X), FIRST_ROWS, replace=False))
        own, mass = X[some], weights[some]
    runs = [kmeans(own, mass, n_clusters, random_state, passes)[0] for _ in range(RUNS)]
    best = min(runs, key=lambda centres: passes.moments(own, mass, centres)[2])
    return lloyd(X, weights, best, passes)
