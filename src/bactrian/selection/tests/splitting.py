"""Starts with one more component: each component in turn is split in two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import FULL, free
from bactrian.core.values.parameters import Parameters
from bactrian.fitting.dataset import DataSet


def split_starts(parameters: Parameters, data: DataSet) -> Iterator[Parameters]:
    """Mixtures of K + 1; in each one, a different component has become two.

    Each half keeps the covariance, which no structure objects to, and half of the weight. Their
    means lie one standard deviation from where it was, along the longest axis of the rows that the
    component holds, features measured by their deviations: where a component holds two groups,
    that is where they part.

    Parameters
    ----------
    parameters : Parameters
        Of K components.
    data : DataSet
    """
    deviations = np.sqrt(data.summary.variance)
    units = np.where(deviations > 0, deviations, 1.0)
    one_each = replace(
        parameters,
        structure=free(FULL),
        covariances=parameters.dense_covariances(),
        precisions_cholesky=np.empty(0),
    )
    stats = data.held.accumulate(one_each.terms())
    scatter = stats.second_about(parameters.means) / units[:, None] / units
    for k in np.flatnonzero(stats.resp_sum):
        values, vectors = np.linalg.eigh(scatter[k] / stats.resp_sum[k])
        step = np.sqrt(max(values[-1], 0.0)) * vectors[:, -1] * units
        yield _split(parameters, int(k), step)


def _split(parameters: Parameters, k: int, step: FloatArray) -> Parameters:
    """Split component k into two, a step to either side; the second half comes last."""
    n_components = parameters.n_components
    both = [*range(n_components), k]
    weights, means = parameters.weights[both], parameters.means[both]
    weights[[k, -1]] /= 2
    means[k] -= step
    means[-1] += step
    dof, spikes = parameters.dof, parameters.spikes
    held = [0] if parameters.form.shared else both
    return replace(
        parameters,
        weights=weights,
        means=means,
        covariances=parameters.covariances[held],
        precisions_cholesky=parameters.precisions_cholesky[held],
        dof=dof if dof is None or len(dof) < n_components else dof[both],
        spikes=None if spikes is None else spikes.of_components(np.array(both), n_components),
    )
