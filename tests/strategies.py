"""Random mixtures and data for the property tests, and plain formulas to hold results against.

Shapes, units and seeds are Hypothesis' to choose and to shrink; the numbers themselves come from
NumPy's generator, which is quicker and gives them their proper distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from bactrian.core.covariance import STRUCTURES
from bactrian.core.covariance.structures.shared import SharingStructure
from bactrian.core.em import EMProblem
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource

NAMES = ("full", "tied", "diag", "spherical")  # scikit-learn's, one of each form
EPS = float(np.finfo(float).eps)

seeds = st.integers(0, 2**32 - 1)
forms = st.sampled_from([STRUCTURES[name] for name in NAMES])
structures = st.sampled_from(list(STRUCTURES.values()))
scales = st.sampled_from([1e-100, 1e-4, 1.0, 1e6, 1e100])
offsets = st.sampled_from([0.0, 1.0, 1e4, 1e8])


# ------------------------------------------------------------------ mixtures


def covariance_matrices(rng, n, n_features):
    """Well-conditioned covariances of different sizes, (n, D, D)."""
    A = rng.standard_normal((n, n_features, n_features))
    matrices = A @ A.transpose(0, 2, 1) / n_features + 0.5 * np.eye(n_features)
    return matrices * 10.0 ** rng.uniform(-1, 1, (n, 1, 1))


def covariances_of(structure, rng, n_components, n_features):
    """Covariances of the structure, in its shape."""
    shape = structure.form.shape(n_components, n_features)
    if len(shape) == 3 and structure.name in NAMES:
        return covariance_matrices(rng, shape[0], n_features)
    if structure.name in NAMES:
        return 10.0 ** rng.uniform(-1, 1, shape)
    return shared_covariances(structure.letters, rng, shape)


def shared_covariances(letters, rng, shape):
    """Covariances ``lambda D A D'`` that share what the letters say."""
    k, d = shape[0], shape[-1]
    volume, form, orientation = ({"E": 1, "V": k, "I": 0}[letter] for letter in letters)
    volumes = 10.0 ** rng.uniform(-1, 1, (volume, 1))
    logarithms = rng.uniform(-1, 1, (form or 1, d)) * bool(form)
    shapes = 10.0 ** (logarithms - logarithms.mean(axis=1, keepdims=True))
    spectra = np.broadcast_to(volumes * shapes, (k, d))
    if len(shape) == 2:
        return spectra.copy()
    axes = np.linalg.qr(rng.standard_normal((orientation, d, d)))[0] if orientation else np.eye(d)
    covariances = (axes * spectra[:, None, :]) @ axes.swapaxes(-1, -2)
    return (covariances + covariances.transpose(0, 2, 1)) / 2


def random_parameters(rng, structure, n_components, n_features, scale=1.0, offset=0.0):
    weights = rng.dirichlet(np.full(n_components, 3.0))
    means = (3 * rng.standard_normal((n_components, n_features)) + offset) * scale
    covariances = covariances_of(structure, rng, n_components, n_features) * scale * scale
    return Parameters(weights, means, covariances, structure)


def drawn(rng, parameters, n_samples):
    """Rows of a mixture, in float64."""
    weights = parameters.weights / parameters.weights.sum()
    labels = rng.choice(parameters.n_components, n_samples, p=weights)
    z = rng.standard_normal((n_samples, parameters.n_features))
    lower = np.linalg.cholesky(parameters.dense_covariances())
    return parameters.means[labels] + np.einsum("nij,nj->ni", lower[labels], z)


@dataclass(frozen=True)
class Case:
    """A mixture and rows near it."""

    parameters: Parameters
    X: np.ndarray
    scale: float
    rng: np.random.Generator

    @property
    def structure(self):
        return self.parameters.structure


@st.composite
def cases(
    draw,
    fewest_components=1,
    most_components=4,
    most_features=4,
    most_rows=30,
    scales=scales,
    offsets=offsets,
):
    """A random mixture, in any unit and far from the origin or near, and rows of it."""
    structure = draw(structures)
    n_components = draw(st.integers(fewest_components, most_components))
    n_features = draw(st.integers(1, most_features))
    n_samples = draw(st.integers(1, most_rows))
    scale, offset = draw(scales), draw(offsets)
    rng = np.random.default_rng(draw(seeds))
    parameters = random_parameters(rng, structure, n_components, n_features, scale, offset)
    return Case(parameters, drawn(rng, parameters, n_samples), scale, rng)


# --------------------------------------------------------------------- SciPy


def scipy_weighted_log_prob(X, parameters):
    """Log of weight times density, by SciPy."""
    columns = [
        multivariate_normal(mean, covariance, allow_singular=True).logpdf(X).reshape(len(X))
        for mean, covariance in zip(parameters.means, parameters.dense_covariances(), strict=True)
    ]
    with np.errstate(divide="ignore"):
        return np.stack(columns, axis=1) + np.log(parameters.weights)


def scipy_log_density(X, parameters):
    """Log-density of the mixture, by SciPy."""
    return logsumexp(scipy_weighted_log_prob(X, parameters), axis=1)


def scipy_mean_log_likelihood(X, parameters, sample_weight=None):
    return np.average(scipy_log_density(X, parameters), weights=sample_weight)


def magnitude(X, parameters):
    """Size of the terms that a log-density is the sum of, so of its rounding, (n, K)."""
    dense = parameters.dense_covariances()
    sizes = [
        np.abs(np.linalg.slogdet(covariance)[1])
        + np.einsum("ij,ij->i", X - mean, np.linalg.solve(covariance, (X - mean).T).T)
        for mean, covariance in zip(parameters.means, dense, strict=True)
    ]
    return np.stack(sizes, axis=1) + 2 * parameters.n_features + 1


def expected_log_likelihood(covariances, scatter, resp_sum):
    """``-1/2 sum_k (R_k log|C_k| + tr(C_k^-1 S_k))``, from matrices (K, D, D)."""
    log_det = np.linalg.slogdet(covariances)[1]
    traces = np.trace(np.linalg.solve(covariances, scatter), axis1=1, axis2=2)
    return float(-0.5 * (resp_sum * log_det + traces).sum())


# ------------------------------------------------------------------------ EM


def bounds_of(n_features, floor=0.0, ridge=0.0):
    """Bounds by a floor, one number or one for each feature, or by a ridge."""
    floor = np.broadcast_to(np.asarray(floor, dtype=float), n_features)
    return Bounds(floor, ridge, np.zeros(n_features), 4 * floor)


def problem_of(X, sample_weight=None, bounds=None, fixed=frozenset(), units=None):
    """EM on all rows at once, through the reference E-step."""
    n_features = X.shape[1]
    bounds = bounds_of(n_features) if bounds is None else bounds

    def accumulate(terms, origin):
        return expectation(X, sample_weight, terms, origin)

    units = X.std(axis=0) if units is None else units
    return EMProblem(accumulate, MaximumLikelihood(bounds, fixed), units)


def rounding_of_step(X, parameters, units):
    """By how much rounding alone may lower the mean log-likelihood in an iteration.

    Three sources, each as large as float64 makes it: the sum of the log-densities; the factors,
    off by ``eps * condition number`` along the thinnest direction, and the mean, rounded to its
    last digit. Near a maximiser the latter two count by their squares.
    """
    shape = parameters.means.shape
    dense = parameters.dense_covariances() / units[:, None] / units
    values = np.linalg.eigvalsh(dense)
    values = np.maximum(values, max(np.finfo(float).tiny, 1e-100 * values.max()))
    condition = values[:, -1] / values[:, 0]
    digits = (np.square(np.spacing(np.abs(parameters.means)) / units)).sum(axis=1) / values[:, 0]
    densities = magnitude_of_density(X, parameters)
    assert condition.shape == digits.shape == shape[:1]
    # What components share is no maximiser of each one's own: there rounding counts itself.
    shared = isinstance(parameters.structure, SharingStructure)
    return (
        1e-13 * densities
        + 4 * float((parameters.weights * np.square(EPS * condition)).max())
        + 4 * shared * float(parameters.weights @ (EPS * condition))
        + float((parameters.weights * digits).sum())
    )


def magnitude_of_density(X, parameters):
    """Mean size of a log-density, at least 1."""
    from bactrian.core.estep.density import log_density

    return max(1.0, float(np.abs(log_density(X, parameters.terms())).mean()))


def second_moments(structure, scatter):
    """Second moments as the structure keeps them, of matrices (K, D, D)."""
    variances = np.diagonal(scatter, axis1=1, axis2=2)
    return {
        "full": scatter,
        "tied": scatter.sum(axis=0, keepdims=True),
        "diag": variances,
        "spherical": variances.sum(axis=1, keepdims=True),
    }[structure.form.name]


class Chunks(ArraySource):
    """Rows that come in several chunks."""

    def __init__(self, *chunks):
        super().__init__(chunks[0].X if chunks else np.empty((0, 1)))
        object.__setattr__(self, "_given", chunks)

    def chunks(self):
        return iter(self._given)
