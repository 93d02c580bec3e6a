"""The E-step by its formulas, in extended precision, and how far rounding may lead from it.

A back end works in float64 (or float32) with unit roundoff eps. What it may be off by:

* A log-density is a constant less half the squared length of ``z = y U``, ``y = x - mean``. Each
  z_j is a sum of terms ``y_i U_ij``; it is off by eps times the sum of their sizes, and so the
  log-density by eps times ``|y| |U|`` squared and summed, whatever cancels in z itself. At 1e6
  standard deviations that is 1e-4: no double holds it better.
* A responsibility is off by its own size times what its log-density is off by, less the mean of
  that over the components of its row: where one component has it all, by nothing.
* A moment is a sum over rows: off by that of each row, and by 1e-12 of the sum of the sizes of
  its terms. For `first` and `second` that is on the scale of standard deviations, not of the
  sum, which may cancel to nothing.
* Shares below 1e-30 (1e-18 in float32) need not be counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.values.parameters import Parameters

Long = np.longdouble
LOG_2PI = np.log(2 * Long(np.pi)) + Long(1.2246467991473532e-16) / Long(np.pi)
EPS = 2.0**-53
OPERATIONS = 8  # roundings on the way to one number, in units of eps


@dataclass(frozen=True, eq=False)
class Expected:
    """Values, and by how much each may be off (named after it, with _off)."""

    log_density: np.ndarray
    log_density_off: np.ndarray
    resp: np.ndarray
    resp_off: np.ndarray
    resp_sum: np.ndarray
    resp_sum_off: np.ndarray
    first: np.ndarray
    first_off: np.ndarray
    second: np.ndarray
    second_off: np.ndarray
    log_likelihood: float
    log_likelihood_off: float
    weight: float


def times(y, factor):
    """``y U`` for a matrix, a diagonal or one number."""
    return y @ factor if factor.ndim == 2 else y * factor


def log_densities(X, p: Parameters):
    """Weighted log-densities (n, K), and the sizes of the terms that they are the sum of."""
    structure, n_features = p.form.name, p.n_features
    values, sizes = np.empty((2, len(X), p.n_components), dtype=Long)
    with np.errstate(divide="ignore"):
        log_weights = np.log(p.weights.astype(Long))
    centre = p.means.mean(axis=0)
    for k, factor in enumerate(p.factors().astype(Long)):
        diagonal = np.diagonal(factor) if factor.ndim == 2 else np.broadcast_to(factor, n_features)
        constant = log_weights[k] + np.log(diagonal).sum() - n_features * LOG_2PI / 2
        y = X - p.means[k].astype(Long)
        # With one factor for all, distances between whitened points are as good.
        way = np.abs(p.means[k] - centre) if structure == "tied" else 0.0
        values[:, k] = constant - np.square(times(y, factor)).sum(axis=1) / 2
        length = np.square(times(np.abs(y) + way, np.abs(factor))).sum(axis=1)
        sizes[:, k] = length + np.where(np.isinf(constant), 0, np.abs(constant)) + n_features
    return values, sizes


def moments(structure, y, r):
    """Second moments of rows y weighted by r, as the structure keeps them (not pooled)."""
    if structure in ("full", "tied"):
        return (r[:, None] * y).T @ y
    second = r @ np.square(y)
    return second if structure == "diag" else second.sum(keepdims=True)


def expected(X, p: Parameters, sample_weight=None, origin=None, eps=EPS):
    """What a back end of that eps should say of rows and of their sums."""
    X = np.asarray(X, dtype=Long)
    single = eps > 1e-10
    negligible, relative = (1e-18, 4e-6) if single else (1e-30, 1e-12)
    values, sizes = log_densities(X, p)
    highest = values.max(axis=1, keepdims=True)
    share = np.exp(values - highest)
    total = share.sum(axis=1, keepdims=True)
    resp = share / total
    off = OPERATIONS * eps * np.where(share > negligible, sizes, 0)
    row_off = (resp * off).sum(axis=1)
    resp_relative = relative + (1 - 2 * resp) * off + row_off[:, None]
    log_density = (highest + np.log(total))[:, 0]

    w = np.ones(len(X), dtype=Long) if sample_weight is None else sample_weight.astype(Long)
    r = w[:, None] * resp
    r_off = r * resp_relative + 10 * negligible * w[:, None]
    origin = (p.means if origin is None else origin).astype(Long)
    name = p.form.name
    away = [X - o for o in origin]
    second = np.stack([moments(name, y, r[:, k]) for k, y in enumerate(away)])
    second_off = np.stack([moments(name, np.abs(y), r_off[:, k]) for k, y in enumerate(away)])
    if name == "tied":
        second, second_off = second.sum(0, keepdims=True), second_off.sum(0, keepdims=True)
    return Expected(
        log_density,
        row_off + eps,
        resp,
        resp * resp_relative + 10 * negligible,
        r.sum(axis=0),
        r_off.sum(axis=0),
        np.stack([r[:, k] @ y for k, y in enumerate(away)]),
        np.stack([r_off[:, k] @ np.abs(y) for k, y in enumerate(away)]),
        second,
        second_off,
        float(w @ log_density),
        float(w @ (row_off + relative * np.abs(log_density))),
        float(w.sum()),
    )


def worst(got, wanted, off) -> float:
    """The largest error, in units of what is allowed."""
    got = np.asarray(got)
    assert got.shape == np.shape(wanted)
    assert np.isfinite(got).all()
    error = np.abs(got - wanted)
    allowed = np.maximum(off, np.finfo(float).tiny)  # below that no double has all its digits
    return float(np.max(error / allowed, initial=0.0))


def assert_statistics(stats, wanted: Expected, relative=1e-12) -> None:
    for name in ("resp_sum", "first", "second", "log_likelihood"):
        off = getattr(wanted, f"{name}_off")
        assert worst(getattr(stats, name), getattr(wanted, name), off) <= 1, name
    assert abs(stats.weight - wanted.weight) <= relative * wanted.weight


def assert_rows(results, wanted: Expected) -> None:
    """Of what was wanted of each row: close, and the label one of the most probable."""
    if results.log_density is not None:
        off = wanted.log_density_off
        assert worst(results.log_density, wanted.log_density, off) <= 1
    if results.resp is not None:
        assert worst(results.resp, wanted.resp, wanted.resp_off) <= 1
    if results.labels is not None:
        rows = np.arange(len(results.labels))
        lead = wanted.resp.max(axis=1) - wanted.resp[rows, results.labels]
        assert (lead <= 2 * wanted.resp_off.max(axis=1, initial=0.0)).all()
