"""The ways to start: each gives weights, means and covariances to begin with.

The covariances are of the structure's form: what its components share is left to the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.covariance import CovarianceStructure, Form
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats
from bactrian.init.groups import GROUPINGS, Grouping, Groups, distinct_rows, nearest
from bactrian.init.hierarchical import dendrogram
from bactrian.init.kmeans import draw
from bactrian.init.viewed import ViewedRows

Method = Callable[[ViewedRows, int, CovarianceStructure, np.random.RandomState], Parameters]


def from_groups(rows: ViewedRows, groups: Groups, structure: CovarianceStructure) -> Parameters:
    """Start from the shares, means and covariances of groups."""
    start = from_labels(rows, groups.labels, groups.n_groups, structure)
    if groups.means is None:
        return start
    return start.replaced(means=groups.means * rows.units + rows.place)


def from_grouping(
    grouping: Grouping,
    rows: ViewedRows,
    n_components: int,
    structure: CovarianceStructure,
    random_state: np.random.RandomState,
) -> Parameters:
    """Start from groups that are formed now."""
    return from_groups(rows, grouping(rows, n_components, random_state), structure)


def from_sample_variance(
    rows: ViewedRows,
    n_components: int,
    structure: CovarianceStructure,
    random_state: np.random.RandomState,
) -> Parameters:
    """Start from K distinct rows as means, the sample covariance and equal weights."""
    means = rows.X[distinct_rows(rows, n_components, random_state)]
    covariances = _overall_of(rows, structure.form)
    shape = structure.form.shape(n_components, rows.X.shape[1])
    weights = np.full(n_components, 1 / n_components)
    return _in_own_units(rows, weights, means, np.broadcast_to(covariances, shape), structure)


def from_random(
    rows: ViewedRows,
    n_components: int,
    structure: CovarianceStructure,
    random_state: np.random.RandomState,
) -> Parameters:
    """Start from random responsibilities."""
    resp = random_state.uniform(size=(len(rows.X), n_components))
    return from_responsibilities(rows, resp / resp.sum(axis=1, keepdims=True), structure)


def from_dendrogram(
    criterion: str,
    rows: ViewedRows,
    n_components: int,
    structure: CovarianceStructure,
    random_state: np.random.RandomState,
) -> Parameters:
    """Start from the groups of hierarchical agglomeration; nothing is random."""
    rows = rows.distinct()
    labels = dendrogram(rows.X, rows.weights, criterion).labels(n_components)
    return from_labels(rows, labels, n_components, structure)


STARTS: dict[str, Method] = {
    **{name: partial(from_grouping, grouping) for name, grouping in GROUPINGS.items()},
    "random": from_random,
    "sample_variance": from_sample_variance,
    "hierarchical": partial(from_dendrogram, "VVV"),
    "ward": partial(from_dendrogram, "EII"),
}
DETERMINISTIC = ("hierarchical", "ward")  # the same for any seed


def around(rows: ViewedRows, means: FloatArray, structure: CovarianceStructure) -> Parameters:
    """Start from given means (in the units of `rows`), each with the rows nearest to it."""
    return from_groups(rows, nearest(rows, means), structure)


def from_labels(
    rows: ViewedRows, labels: IntArray, n_components: int, structure: CovarianceStructure
) -> Parameters:
    """Shares, means and covariances of the groups with labels 0 to K - 1."""
    found = rows.passes.of_groups(rows.X, rows.weights, labels, n_components, structure.form)
    return _maximised(rows, found, structure)


def from_responsibilities(
    rows: ViewedRows, resp: FloatArray, structure: CovarianceStructure
) -> Parameters:
    """Parameters from an M-step on given responsibilities (n_samples, n_components)."""
    found = rows.passes.of_shares(rows.X, rows.weights, resp, structure.form)
    return _maximised(rows, found, structure)


def responsible(
    rows: ViewedRows, resp: FloatArray, structure: CovarianceStructure
) -> tuple[Parameters, SufficientStats]:
    """Parameters from responsibilities (n_samples, n_components), and their statistics.

    These are in the units of the data.
    """
    form, units = structure.form, rows.units
    stats = rows.passes.of_shares(rows.X, rows.weights, resp, form)
    own = replace(
        stats,
        origin=stats.origin * units + rows.place,
        first=stats.first * units,
        second=form.limits.scaled(stats.second, units),
    )
    return _maximised(rows, stats, structure), own


def _maximised(
    rows: ViewedRows, stats: SufficientStats, structure: CovarianceStructure
) -> Parameters:
    """Parameters from an M-step on statistics about the means.

    A component with too few rows for a covariance of its own starts with that of all rows.
    """
    form, means = stats.form, stats.origin
    one_row = min(1.0, stats.weight / stats.n_samples)
    made = rows.passes.settled(stats, rows.lowest, rows.place, rows.units, one_row)
    if made is not None:
        weights, means, covariances, factors = made
        return Parameters(weights, means, covariances, structure, factors)
    n_components, n_features = means.shape
    nothing = np.zeros(form.shape(n_components, n_features))
    covariances = form.averages(stats.second, stats.resp_sum, nothing, n_features)
    if len(covariances) == n_components:
        few = ~form.limits.exceeds(covariances, rows.lowest)
        if few.any():
            covariances[few] = _overall(rows, stats)
    weights = np.maximum(stats.resp_sum, one_row)
    return _in_own_units(rows, weights / weights.sum(), means, covariances, structure)


def revived(
    rows: ViewedRows,
    parameters: Parameters,
    dead: Sequence[int],
    random_state: np.random.RandomState,
) -> Parameters:
    """Move the dead components of a mixture to rows far from the live ones.

    Each gets the covariance of all rows and the weight of an equal share.
    """
    structure, n_components = parameters.structure, parameters.n_components
    alive = np.setdiff1d(np.arange(n_components), dead)
    means = (parameters.means - rows.place) / rows.units
    mass = rows.weights * rows.passes.nearest(rows.X, means[alive])[1]
    means[list(dead)] = rows.X[draw(mass if mass.any() else rows.weights, len(dead), random_state)]
    weights = np.where(parameters.weights > 0, parameters.weights, 0.0)
    weights[list(dead)] = 1 / n_components
    covariances = parameters.covariances.copy()
    if len(covariances) == n_components:
        overall = _in_own_units(
            rows, np.ones(1), means[:1], _overall_of(rows, structure.form), structure
        )
        covariances[list(dead)] = overall.covariances
    return parameters.replaced(
        weights=weights / weights.sum() * parameters.weights.sum(),
        means=means * rows.units + rows.place,
        covariances=covariances,
    )


def _overall(rows: ViewedRows, stats: SufficientStats) -> FloatArray:
    """Covariance of all rows as one component, with a lower bound."""
    form, n_features = stats.form, stats.origin.shape[1]
    mass = stats.resp_sum
    mean = mass @ stats.means / mass.sum()
    second = stats.second_about(np.broadcast_to(mean, stats.origin.shape))
    unused = np.zeros(form.shape(1, n_features))
    covariance = form.averages(
        second.sum(axis=0, keepdims=True), mass.sum(keepdims=True), unused, n_features
    )
    return form.limits.floored(covariance, rows.lowest)[0]


def _overall_of(rows: ViewedRows, form: Form) -> FloatArray:
    everything = np.ones((len(rows.X), 1))
    return _overall(rows, rows.passes.of_shares(rows.X, rows.weights, everything, form))


def _in_own_units(
    rows: ViewedRows,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    structure: CovarianceStructure,
) -> Parameters:
    """Convert parameters of `rows` back to the units of the data."""
    limits = structure.form.limits
    floored, _ = limits.floored(covariances, rows.lowest)
    own = limits.scaled(floored, rows.units)
    return Parameters(weights, means * rows.units + rows.place, own, structure)
