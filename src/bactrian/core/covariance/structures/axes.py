"""Axes that all components share: the orthogonal matrix that diagonalises them best.

Given axes D, the M-step is one on the scatters along them, ``omega_kd = (D' W_k D)_dd``. What is
left to minimise over D is ``sum_k n_k sum_d log omega_kd`` where each component has its volume
(VVE: common principal components [1]_), and ``n D log sum_k (prod_d omega_kd)^(1/D)`` where they
share it (EVE).

Both are smooth on the orthogonal group, ``D exp(Omega)`` with Omega skew. The steps are those of
Newton's method with truncated conjugate gradients [2]_: near a minimum they converge
quadratically, where MM on planes [1]_ or on the matrix [3]_ is linear, and each takes a few
products of D x D matrices. As there are local minima, the search sets out from several axes where
none are known.

References
----------
.. [1] Flury, B. and Gautschi, W. (1986). An algorithm for simultaneous orthogonal transformation
   of several positive definite symmetric matrices to nearly diagonal form. SIAM J. Sci. Stat.
   Comput. 7, 169-184.
.. [2] Edelman, A., Arias, T. and Smith, S. (1998). The geometry of algorithms with orthogonality
   constraints. SIAM J. Matrix Anal. Appl. 20, 303-353, section 3.
.. [3] Browne, R. and McNicholas, P. (2014). Orthogonal Stiefel manifold optimization for
   eigen-decomposed covariance parameter estimation in mixture models. Stat. Comput. 24, 203-210.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bactrian.core.arrays import FloatArray

MOST_STEPS = 100
ENOUGH = 1e-5  # length of a step after which the next would be lost in rounding
WIDEST = 0.5  # radians, of one step
INEXACT = 1e-4  # relative residual with which a step's equation is solved
ALIKE = 0.3  # correlation up to which covariances count as along common axes
FOLLOWED = 3  # of the axes to set out from, the best
FLAT = 1e-40  # a scatter no smaller is allowed for, relative to the largest


def common_axes(
    scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, *, one_volume: bool
) -> FloatArray:
    """Find the axes (D, D), in columns, that maximise the likelihood.

    Where the previous covariances have common axes the search sets out from these, so that it
    comes out no lower. Elsewhere, from the best of: those nearest to it, the features', the
    eigenvectors of the pooled scatter and of each component's.

    Parameters
    ----------
    scatter : (K, D, D)
    resp_sum : (K,)
    previous : (K, D, D)
    one_volume : bool
    """
    scatter = scatter / np.abs(scatter).max()

    def at(axes: FloatArray) -> Point:
        return Point(axes, scatter, resp_sum, one_volume)

    known, alike = _axes_of(previous)
    if alike:
        return _descended(at(known)).axes
    own = np.linalg.eigh(np.concatenate([scatter.sum(axis=0, keepdims=True), scatter]))[1]
    candidates = [at(known), at(np.eye(len(known))), *map(at, own)]
    candidates.sort(key=lambda point: point.value)
    return min(map(_descended, candidates[:FOLLOWED]), key=lambda point: point.value).axes


def _axes_of(covariances: FloatArray) -> tuple[FloatArray, bool]:
    """The axes that covariances share, as far as one eigendecomposition tells; whether they do.

    The covariances are added in proportions in which no sum of theirs is likely to be round.
    """
    each = covariances / np.trace(covariances, axis1=1, axis2=2)[:, None, None]
    proportions = 1 + np.modf(np.arange(1, len(each) + 1) * 0.6180339887498949)[0]
    axes = np.linalg.eigh((each * proportions[:, None, None]).sum(axis=0))[1]
    turned = axes.T @ each @ axes
    variances = turned.diagonal(axis1=1, axis2=2)
    products = variances[:, :, None] * variances[:, None, :]
    own = np.eye(len(axes), dtype=bool)
    return axes, bool((own | (np.square(turned) < ALIKE**2 * products)).all())


@dataclass(frozen=True, eq=False)
class Point:
    """Axes, and the value and derivatives of the function to be minimised there."""

    axes: FloatArray
    scatter: FloatArray
    resp_sum: FloatArray
    one_volume: bool

    @cached_property
    def turned(self) -> FloatArray:
        """Scatters in the coordinates of the axes, (K, D, D)."""
        return self.axes.T @ self.scatter @ self.axes

    @cached_property
    def spectra(self) -> FloatArray:
        """Scatters along the axes, (K, D)."""
        return np.maximum(self.turned.diagonal(axis1=1, axis2=2), FLAT)

    @cached_property
    def _logarithms(self) -> FloatArray:
        """Sums over the axes, (K,)."""
        return np.log(self.spectra).sum(axis=1)

    @cached_property
    def _masses(self) -> FloatArray:
        """``s_k``, such that the derivative by omega_kd is ``c_kd = s_k / omega_kd``."""
        if not self.one_volume:
            return self.resp_sum
        means = self._logarithms / len(self.axes)
        volumes = np.exp(means - means.max())
        return np.asarray(self.resp_sum.sum() * volumes / volumes.sum())

    @cached_property
    def value(self) -> float:
        if not self.one_volume:
            return float(self.resp_sum @ self._logarithms)
        means = self._logarithms / len(self.axes)
        highest = means.max()
        total = highest + np.log(np.exp(means - highest).sum())
        return float(self.resp_sum.sum() * len(self.axes) * total)

    @cached_property
    def _slopes(self) -> FloatArray:
        return self._masses[:, None] / self.spectra

    @cached_property
    def gradient(self) -> FloatArray:
        """``sum_k V_kij (c_kj - c_ki)``: half the derivative by Omega_ij; skew-symmetric."""
        product = (self.turned * self._slopes[:, None, :]).sum(axis=0)
        return np.asarray(product - product.T)

    @cached_property
    def information(self) -> FloatArray:
        """The Hessian's diagonal for scatters that are diagonal; positive, (D, D)."""
        spectra = self.spectra
        ratios = (self._masses[:, None] * spectra).T @ (1 / spectra)
        diagonal = ratios + ratios.T - 2 * self._masses.sum()
        return np.asarray(np.maximum(diagonal, 1e-6 * self._masses.sum()))

    def length(self, skew: FloatArray) -> float:
        """Largest angle of a step, scaled up where small angles matter: for needles."""
        telling = np.maximum(self.information / self._masses.sum(), 1.0)
        return float((np.abs(skew) * np.sqrt(telling)).max(initial=0.0))

    def curved(self, skew: FloatArray) -> FloatArray:
        """Multiply the Hessian by a skew matrix, in the scale of :attr:`gradient`.

        The derivative of the gradient as the axes turn, made symmetric by half its bracket.
        """
        product = self.turned @ skew
        change = product + product.transpose(0, 2, 1)
        relative = 2 * product.diagonal(axis1=1, axis2=2) / self.spectra
        masses = 0.0
        if self.one_volume:
            means = relative.mean(axis=1, keepdims=True)
            masses = means - self._masses @ means / self._masses.sum()
        slopes = self._slopes * (masses - relative)
        turning = change * self._slopes[:, None, :] + self.turned * slopes[:, None, :]
        half = turning.sum(axis=0) - 0.5 * (self.gradient @ skew)
        return np.asarray(half - half.T)


def _descended(point: Point) -> Point:
    """Go down to the nearest local minimum."""
    for _ in range(MOST_STEPS):
        step = _newton_step(point)
        widest = float(np.abs(step).max(initial=0.0))
        if widest == 0.0:
            return point
        if point.length(step) < ENOUGH:
            return _turned(point, step)
        step = step * min(1.0, WIDEST / widest)
        while True:
            there = _turned(point, step)
            if there.value < point.value:
                break
            step = step / 4
            if point.length(step) < ENOUGH:
                return point
        point = there
    return point


def _turned(point: Point, step: FloatArray) -> Point:
    """Turn the axes of a point by a skew step, with Cayley's transform."""
    half, one = step / 2, np.eye(len(step))
    axes = point.axes @ np.linalg.solve(one - half, one + half)
    return Point(axes, point.scatter, point.resp_sum, point.one_volume)


def _newton_step(point: Point) -> FloatArray:
    """Newton's step by conjugate gradients, as long as the function is convex along it."""
    gradient, scale = point.gradient, point.information
    step = np.zeros_like(gradient)
    residual = -gradient
    direction = residual / scale
    old = float((residual * direction).sum())
    first = old
    for _ in range(gradient.size):
        if not old > INEXACT**2 * first:
            break
        image = point.curved(direction)
        curvature = float((direction * image).sum())
        if not curvature > 0:
            return step if step.any() else direction
        step = step + (old / curvature) * direction
        residual = residual - (old / curvature) * image
        preconditioned = residual / scale
        new = float((residual * preconditioned).sum())
        direction = preconditioned + (new / old) * direction
        old = new
    return step
