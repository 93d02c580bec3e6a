"""Posteriors some way off: with a component more, with one less, or with components in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import HELD, Posterior

APART = 0.8  # deviation by which the halves of a split lie off its centre: half a normal's mean
AXES = 2  # along which a component is split
PAIRS = 3  # merges that are tried for each component


def in_order(posterior: Posterior) -> Posterior:
    """The posterior with components of more rows first, which no other order exceeds.

    A pair of neighbours that hold n and m rows, with r rows after them, adds
    ``-log(c + r + m)`` to the bound of a process, if n comes first.
    """
    return posterior.permuted(np.argsort(-posterior.counts, kind="stable"))


def deletions(posterior: Posterior) -> Iterator[Posterior]:
    """With one component emptied, that of the fewest rows first."""
    held = np.flatnonzero(posterior.counts >= HELD)
    if len(held) < 2:
        return
    for k in held[np.argsort(posterior.counts[held], kind="stable")]:
        yield _changed(posterior, {int(k): _nothing(posterior)})


def merges(posterior: Posterior) -> Iterator[Posterior]:
    """With two components as one, those that overlap most first."""
    held = [int(k) for k in np.flatnonzero(posterior.counts >= HELD)]
    pairs = sorted(combinations(held, 2), key=lambda pair: _distance(posterior, *pair))
    for j, k in pairs[: PAIRS * len(held)]:
        yield _changed(posterior, {j: _joined(posterior, j, k), k: _nothing(posterior)})


def births(posterior: Posterior) -> Iterator[Posterior]:
    """With one component split in two, the other half in place of one that is empty."""
    counts = posterior.counts
    empty = int(np.argmin(counts))
    if counts[empty] >= HELD:
        return
    for k in np.argsort(-counts, kind="stable"):
        if counts[k] >= 2 * HELD:
            for step in _axes(posterior, int(k)):
                yield _changed(posterior, _halves(posterior, int(k), empty, step))


Component = tuple[float, FloatArray, FloatArray]
"""Rows, mean and covariance as the form stores it."""


def _changed(posterior: Posterior, changes: dict[int, Component]) -> Posterior:
    """The posterior with some components replaced."""
    counts, means = posterior.counts.copy(), posterior.means.copy()
    covariances = posterior.covariances.copy()
    for k, (count, mean, covariance) in changes.items():
        counts[k], means[k] = count, mean
        if not posterior.prior.shares_precision:
            covariances[k] = covariance
    found = Parameters(
        posterior.weights, means, covariances, posterior.structure, noise=posterior.noise
    )
    return Posterior.of(found, counts, posterior.noise_count, posterior.prior)


def _nothing(posterior: Posterior) -> Component:
    """A component that holds no row is as the prior has it."""
    prior = posterior.prior
    return 0.0, prior.mean, posterior.form.algebra.covariances_of(prior.factor)[0]


def _covariance(posterior: Posterior, k: int) -> FloatArray:
    """The covariance of a component as the form stores it, along axis 0."""
    own = posterior.covariances
    return own[k : k + 1] if len(own) == posterior.n_components else own


def _joined(posterior: Posterior, j: int, k: int) -> Component:
    """One component with the moments of two."""
    form, counts, means = posterior.form, posterior.counts, posterior.means
    total = float(counts[j] + counts[k])
    p, q = counts[j] / total, counts[k] / total
    apart = (means[j] - means[k])[None]
    between = form.unshared.outer(apart, apart) / form.multiplicity(posterior.n_features)
    covariance = p * _covariance(posterior, j) + q * _covariance(posterior, k) + p * q * between
    return total, p * means[j] + q * means[k], covariance[0]


def _halves(posterior: Posterior, k: int, empty: int, step: FloatArray) -> dict[int, Component]:
    """The halves of a component whose deviation along one axis is `step`."""
    form, mean = posterior.form, posterior.means[k]
    half = APART * step[None]
    between = form.unshared.outer(half, half) / form.multiplicity(posterior.n_features)
    covariance = (_covariance(posterior, k) - between)[0]
    count = float(posterior.counts[k]) / 2
    return {
        k: (count, mean - half[0], covariance),
        empty: (count, mean + half[0], covariance),
    }


def _axes(posterior: Posterior, k: int) -> list[FloatArray]:
    """Deviations along the longest axes of a component, measured by the prior's covariance.

    So the axes do not depend on the units. Those of a sphere may be any.
    """
    form, n_features = posterior.form, posterior.n_features
    covariance = form.algebra.dense(_covariance(posterior, k), 1, n_features)[0]
    prior = form.algebra.dense(form.algebra.covariances_of(posterior.prior.factor), 1, n_features)
    root = np.linalg.cholesky(prior[0])
    inverse = np.linalg.inv(root)
    values, vectors = np.linalg.eigh(inverse @ covariance @ inverse.T)
    longest = np.argsort(-values, kind="stable")[:AXES]
    return [root @ vectors[:, axis] * np.sqrt(values[axis]) for axis in longest]


def _distance(posterior: Posterior, j: int, k: int) -> float:
    """Bhattacharyya's distance of two components (Fukunaga 1990, eq. 3.152)."""
    algebra, n_features = posterior.form.algebra, posterior.n_features
    pair = [_covariance(posterior, j), _covariance(posterior, k)]
    factor = algebra.precisions_cholesky((pair[0] + pair[1]) / 2)
    apart = algebra.whitened(posterior.means[j] - posterior.means[k], factor[0])
    own = [algebra.log_det(algebra.precisions_cholesky(one), n_features)[0] for one in pair]
    return float(
        apart @ apart / 8 + (own[0] + own[1]) / 2 - algebra.log_det(factor, n_features)[0]
    )
