"""Exact evidence of few rows, by summing over all ways to give them to components."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy import stats
from scipy.integrate import quad
from scipy.special import gammaln, logsumexp, multigammaln

from bactrian.core.values.posterior import ConjugatePrior


def log_marginal(X: np.ndarray, labels: np.ndarray, prior: ConjugatePrior) -> float:
    """Log-density of rows whose components are known (Murphy 2007, eqs. 266 and 95)."""
    n_features, letters = X.shape[1], prior.structure.letters
    groups = [X[labels == k] for k in np.unique(labels)]
    scatters, total = [], 0.0
    for rows in groups:
        n, mean = len(rows), rows.mean(axis=0)
        apart, shrunk = mean - prior.mean, prior.mean_precision + n
        total += n_features / 2 * np.log(prior.mean_precision / shrunk)
        total -= n * n_features / 2 * np.log(np.pi)
        within = (rows - mean).T @ (rows - mean)
        scatters.append(within + prior.mean_precision * n / shrunk * np.outer(apart, apart))
    sizes = [len(rows) for rows in groups]
    if letters[0] == "E":
        scatters, sizes = [sum(scatters)], [len(X)]
    for scatter, n in zip(scatters, sizes, strict=True):
        total += _precision_part(scatter, n, prior)
    return float(total)


def _precision_part(scatter: np.ndarray, n: int, prior: ConjugatePrior) -> float:
    n_features, v, form = len(scatter), prior.dof, prior.structure.form.name
    if form in ("full", "tied"):
        log_det = [np.linalg.slogdet(s)[1] for s in (prior.scale, prior.scale + scatter)]
        gamma = multigammaln((v + n) / 2, n_features) - multigammaln(v / 2, n_features)
        return gamma + v / 2 * log_det[0] - (v + n) / 2 * log_det[1]
    if form == "diag":
        after = prior.scale + np.diagonal(scatter)
        each = v / 2 * np.log(prior.scale) - (v + n) / 2 * np.log(after)
        return float((gammaln((v + n) / 2) - gammaln(v / 2) + each).sum())
    a, b = n_features * v / 2, n_features * prior.scale[0]
    own = a + n_features * n / 2
    return gammaln(own) - gammaln(a) + a * np.log(b) - own * np.log(b + np.trace(scatter))


def log_evidence(X: np.ndarray, prior: ConjugatePrior, n_components: int) -> float:
    """Log evidence of a finite mixture, or of a process (for which K does not count)."""
    c = prior.shares.concentration
    found = []
    if prior.shares.sorts:
        for labels in partitions(len(X)):
            sizes = np.bincount(labels)
            log_prior = _of_concentration(len(sizes), len(X), prior) + gammaln(sizes).sum()
            found.append(log_prior + log_marginal(X, labels, prior))
    else:
        for given in product(range(n_components), repeat=len(X)):
            sizes = np.bincount(given, minlength=n_components)
            log_prior = (gammaln(c + sizes) - gammaln(c)).sum()
            log_prior += gammaln(n_components * c) - gammaln(n_components * c + len(X))
            found.append(log_prior + log_marginal(X, np.array(given), prior))
    return float(logsumexp(found))


def _of_concentration(n_groups: int, n: int, prior: ConjugatePrior) -> float:
    """Log of ``c^k gamma(c) / gamma(c + n)``, averaged over c if that is learned."""
    shares = prior.shares

    def one(c: float) -> float:
        return float(n_groups * np.log(c) + gammaln(c) - gammaln(c + n))

    if shares.hyperprior is None:
        return one(shares.concentration)
    law = stats.gamma(shares.hyperprior.shape, scale=1 / shares.hyperprior.rate)
    return float(np.log(quad(lambda c: law.pdf(c) * np.exp(one(c)), 0, np.inf)[0]))


def partitions(n: int) -> Iterator[np.ndarray]:
    """All partitions of n rows, as labels that appear in order."""

    def grow(labels: tuple[int, ...]) -> Iterator[np.ndarray]:
        if len(labels) == n:
            yield np.array(labels)
            return
        for label in range(max(labels, default=-1) + 2):
            yield from grow((*labels, label))

    return grow(())
