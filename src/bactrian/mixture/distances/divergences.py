"""Divergences between two densities: by quadrature or lattices, between bounds that hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distances.components import hellinger_squares, kl_divergences
from bactrian.mixture.distances.plan import plan_of
from bactrian.mixture.distances.projections import directions, projected
from bactrian.mixture.distribution.density import log_pdf
from bactrian.mixture.distribution.expectation import by_quadrature, expectation, reach_of
from bactrian.mixture.distribution.line import Line

Pair = tuple[FloatArray, FloatArray]
OfLogRatio = Callable[[FloatArray], FloatArray]
ROUNDS = 200  # of the variational upper bound
INFINITE = 2.0  # degrees of freedom up to which a t distribution has no variance
UNSURE = 4.0  # up to which, in several dimensions, too much of the tail is not seen
TAIL_ERROR = 1e-6  # of what a tail adds, relative
LINE_ERROR = 1e-12  # of sums of distribution functions
KINK = 1e-8  # where densities cross, |p - q| has a kink that quadrature does not see well
PLACES, HALVINGS = 801, 100  # of each component at which differences are looked at; of a root


class Divergence(NamedTuple):
    """A divergence that is computed numerically.

    Parameters
    ----------
    value : float
    error : float
        Of quadrature a bound of its own error as estimated; of drawn points three standard errors.
    lower, upper : float
        Bounds. In one and two dimensions the value and its error; in more, `lower` is the
        divergence of a projection (which is never larger), and `upper` follows from components.
    """

    value: float
    error: float
    lower: float
    upper: float

    def __float__(self) -> float:
        return self.value


def kl(p: Parameters, q: Parameters, seed: int) -> Divergence:
    """Kullback-Leibler, ``E_p[log p(X) - log q(X)]``."""
    tail = _tail(p, q)
    if np.isinf(tail) and (np.asarray(p.dof) <= INFINITE).any():
        return Divergence(np.inf, 0.0, np.inf, np.inf)
    found = _bounded(_kl, p, q, seed, _upper_kl, np.inf)
    if np.isinf(tail):  # finite, but nobody sees all of the tail
        return found._replace(error=np.inf, lower=0.0, upper=np.inf)
    if tail == 0:
        return found
    value, error = found.value + tail, found.error + TAIL_ERROR * tail
    return Divergence(value, error, max(0.0, value - error), value + error)


def js(p: Parameters, q: Parameters, seed: int) -> Divergence:
    """Jensen-Shannon: mean of the divergences of p and q from their half-and-half mixture."""
    return _bounded(_js, p, q, seed, _upper_js, float(np.log(2)))


def total_variation(p: Parameters, q: Parameters, seed: int) -> Divergence:
    """Total variation, half the integral of ``|p - q|``."""
    if p.n_features == 1:
        return _tv_on_the_line(p, q)
    found = _bounded(_tv, p, q, seed, _upper_tv, 1.0)
    if not by_quadrature(p, q):
        return found
    value, error = found.value, max(found.error, KINK)
    return Divergence(value, error, max(0.0, value - error), min(1.0, value + error))


def hellinger(p: Parameters, q: Parameters, seed: int) -> Divergence:
    """Hellinger distance, ``sqrt(1 - integral of sqrt(p q))``."""
    found = _bounded(_hellinger_square, p, q, seed, _upper_hellinger_square, 1.0)
    value, _, lower, upper = (float(np.sqrt(max(number, 0.0))) for number in found)
    # The slope of the root, bounded where the square is 0.
    error = found.error / max(value, float(np.sqrt(found.error)), 1e-300)
    return Divergence(value, error, lower, upper)


def _tail(p: Parameters, q: Parameters) -> float:
    """What the tails of p that are not integrated over add to its divergence from q.

    Of a t distribution 1e-18 of the mass is left out; there minus the log of a Gaussian grows as
    the square of the distance, whose mean over the tail of ``c |z|^(-dof - 1)`` beyond R is
    ``2 c R^(2 - dof) / (dof - 2)``: infinite for 2 degrees of freedom or fewer.
    """
    if p.dof is None or q.dof is not None:
        return 0.0
    held = np.flatnonzero(p.weights > 0)
    dof = np.broadcast_to(p.dof, p.n_components)[held]
    if (dof <= INFINITE).any():
        return float(np.inf)
    if p.n_features > 1:
        return float(np.inf) if (dof <= UNSURE).any() else 0.0
    variances = p.dense_covariances()[held, 0, 0]
    widest = q.dense_covariances()[q.weights > 0, 0, 0].max()
    reach = np.sinh([reach_of(p, int(k)) for k in held])
    logs = gammaln((dof + 1) / 2) - gammaln(dof / 2) - np.log(np.pi * dof) / 2
    logs += (dof + 1) / 2 * np.log(dof) + (2 - dof) * np.log(reach) - np.log(dof - 2)
    return float(p.weights[held] @ (variances / widest * np.exp(logs)))


def _bounded(
    estimate: Callable[[Parameters, Parameters, int], Pair],
    p: Parameters,
    q: Parameters,
    seed: int,
    upper_of: Callable[[Parameters, Parameters], float],
    most: float,
) -> Divergence:
    values, errors = estimate(p, q, seed)
    value, error = max(0.0, float(values)), float(errors)
    if by_quadrature(p, q):
        return Divergence(value, error, max(0.0, value - error), min(most, value + error))
    noisy = any(one.noise is not None for one in (p, q))
    lower = 0.0
    for direction in () if noisy else directions(p, q):
        of_one, own = estimate(projected(p, direction), projected(q, direction), seed)
        lower = max(lower, float(of_one) - float(own))
    gaussian = not noisy and p.dof is None and q.dof is None
    upper = upper_of(p, q) if gaussian else most
    return Divergence(min(max(value, lower), upper), error, lower, min(most, upper))


def _log_ratio(p: Parameters, q: Parameters, X: FloatArray) -> FloatArray:
    return log_pdf(X, p) - log_pdf(X, q)


def _kl(p: Parameters, q: Parameters, seed: int) -> Pair:
    return _under(p, q, lambda d: d, seed)


def _js(p: Parameters, q: Parameters, seed: int) -> Pair:
    """``log 2 - E[log(1 + q / p)] / 2 - E[log(1 + p / q)] / 2``, each under the denominator."""
    return _of_both(lambda d: np.asarray(np.log(2) - np.logaddexp(0.0, -d)), p, q, seed)


def _tv(p: Parameters, q: Parameters, seed: int) -> Pair:
    """``integral |p - q| / 2 = E[|tanh(log(p / q) / 2)|]`` under the half-and-half mixture."""
    return _of_both(lambda d: np.abs(np.tanh(d / 2)), p, q, seed)


def _tv_on_the_line(p: Parameters, q: Parameters) -> Divergence:
    """Exact: the densities cross at roots, and between these distribution functions tell."""
    places: list[FloatArray] = []
    for one in (p, q):
        deviations = np.sqrt(one.dense_covariances()[:, 0, 0])
        for k, deviation in enumerate(deviations):
            end = reach_of(one, k)
            z = np.sinh(np.linspace(-end, end, PLACES))
            places.append(one.means[k, 0] + deviation * z)
    boxes = [one.noise[:, 0] for one in (p, q) if one.noise is not None]
    beside = [np.nextafter(edge, np.array([-np.inf, np.inf])) for box in boxes for edge in box]
    x = np.unique(np.concatenate([*places, *boxes, *beside]))

    def difference(at: FloatArray) -> FloatArray:
        return _log_ratio(p, q, at[:, None])

    signs = np.sign(difference(x))
    low = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    a, b, sign = x[low], x[low + 1], signs[low]
    for _ in range(HALVINGS):
        middle = a / 2 + b / 2
        same = np.sign(difference(middle)) == sign if len(middle) else np.empty(0, dtype=bool)
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    edges = np.unique(np.concatenate([a / 2 + b / 2, x[signs == 0]]))
    gains = Line.of(p).cdf(edges) - Line.of(q).cdf(edges)
    steps = np.abs(np.diff(np.concatenate([[0.0], gains, [0.0]])))
    value, error = min(1.0, float(steps.sum() / 2)), LINE_ERROR
    return Divergence(value, error, max(0.0, value - error), min(1.0, value + error))


def _hellinger_square(p: Parameters, q: Parameters, seed: int) -> Pair:
    """``1 - integral sqrt(p q) = E[1 - 1 / cosh(log(p / q) / 2)]`` under the same."""

    def f(d: FloatArray) -> FloatArray:
        small = np.exp(-np.abs(d) / 2)
        return np.asarray((1 - small) ** 2 / (1 + small**2))

    return _of_both(f, p, q, seed)


def _of_both(f: OfLogRatio, p: Parameters, q: Parameters, seed: int) -> Pair:
    """Under the half-and-half mixture, with the log-ratio of either to the other."""
    (one, its), (other, error) = _under(p, q, f, seed), _under(q, p, f, seed)
    return (one + other) / 2, (its + error) / 2


def _under(own: Parameters, other: Parameters, f: OfLogRatio, seed: int) -> Pair:
    """``E[f(log own(X) - log other(X))]``, X from the first, and its error."""

    def g(X: FloatArray) -> FloatArray:
        return f(_log_ratio(own, other, X))[:, None]

    values, errors = expectation(g, own, other, seed=seed)
    return values[0], errors[0]


# ---- upper bounds


def _upper_kl(p: Parameters, q: Parameters) -> float:
    """The variational upper bound (Hershey and Olsen 2007, section 8).

    With weights phi that add up to those of p over its columns, and psi to those of q over its
    rows, ``KL <= sum phi log(phi / psi) + sum phi KL(p_i, q_j)``, whatever they are.
    """
    costs, v, w = kl_divergences(p, q), p.weights, q.weights
    psi = v[:, None] * w[None, :]
    best = np.inf
    for _ in range(ROUNDS):
        logs = np.log(np.maximum(psi, 1e-300)) - costs
        logs -= logs.max(axis=1, keepdims=True)
        phi = np.exp(logs)
        phi *= (v / phi.sum(axis=1))[:, None]
        held = phi.sum(axis=0)
        psi = phi * np.divide(w, held, out=np.zeros_like(w), where=held > 0)
        used = phi > 0
        terms = phi[used] * (np.log(phi[used] / psi[used]) + costs[used])
        value = float(terms.sum())
        if best - value < 1e-12 * max(1.0, abs(value)):
            break
        best = value
    return min(best, value)


def _upper_hellinger_square(p: Parameters, q: Parameters) -> float:
    """Joint convexity: the best coupling of the components' own distances."""
    costs = hellinger_squares(p, q)
    return float((plan_of(costs, p.weights, q.weights) * costs).sum())


def _upper_tv(p: Parameters, q: Parameters) -> float:
    """``TV <= H sqrt(2 - H^2)`` (Le Cam 1986)."""
    square = _upper_hellinger_square(p, q)
    return float(np.sqrt(square * (2 - square)))


def _upper_js(p: Parameters, q: Parameters) -> float:
    """``JS <= log(2) TV`` (Lin 1991, theorem 3)."""
    return float(np.log(2)) * _upper_tv(p, q)
