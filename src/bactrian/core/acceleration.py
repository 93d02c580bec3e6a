"""Fewer passes: extrapolation of EM from the steps that it took.

EM is a fixed-point iteration whose rate matrix R is symmetric in coordinates that are orthonormal
in the complete-data information, where its step is also the gradient. A slow direction is one in
which R is near 1: there the next steps can be foretold from the last, and taken at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import lapack

from bactrian.core.arrays import FloatArray
from bactrian.core.chart import Coordinates
from bactrian.core.errors import DegenerateCovarianceError
from bactrian.core.parameters import Parameters

if TYPE_CHECKING:
    from bactrian.core.steps import EMState

ACCELERATIONS = ("auto", "anderson", "none")
MEMORY = 3  # steps that are remembered
SETTLED = 3e-4  # nats a sample: EM runs alone until it gains less
SHRINKING = 3  # ... and so many gains have shrunk: it has left the saddles behind
FIRST_RADIUS, LAST_RADIUS = 0.3, 2.0  # bounds of a step, in deviations of all components
REACH = 2.0  # length of coordinates at which they are laid out anew
FLATTEST = 1e-4  # curvature, of 1 - R
INDEPENDENT = 1e-6  # share of a remembered step that the others do not explain


@dataclass(frozen=True, eq=False)
class Extrapolation:
    """Where the steps so far lead.

    Parameters
    ----------
    parameters : Parameters
    gain_to_come : float
        Gain in mean log-likelihood up to the maximum, as far as the steps so far can tell.
    """

    parameters: Parameters
    gain_to_come: float


class Anderson:
    """Anderson's acceleration of type I [1]_ [2]_ with a bound on its steps; one for each run.

    With f = EM(x) - x, and the differences S of the last points and Y of their -f, the fixed point
    is sought where f has no component along S, supposing that ``(I - R) S = Y``; from there one
    step of EM is taken. Since I - R is symmetric, and f the gradient, the first of these is a
    Newton step in the space of S. Where the likelihood is convex, near saddles, EM goes on alone:
    there its small steps decide which maximum it is led to. Steps are no longer than a radius
    that shrinks where they fail.

    Parameters
    ----------
    lay_out : callable
        ``lay_out(state)`` gives coordinates around the parameters of a state.

    References
    ----------
    .. [1] Fang, H. and Saad, Y. (2009). Two classes of multisecant methods for nonlinear
       acceleration. Numer. Linear Algebra Appl. 16, 197-221, section 2.3.
    .. [2] Henderson, N. C. and Varadhan, R. (2019). Damped Anderson acceleration with restarts
       and monotonicity control for accelerating EM and EM-like algorithms. J. Comput. Graph.
       Stat. 28, 834-846.
    """

    def __init__(self, lay_out: Callable[[EMState], Coordinates]) -> None:
        self._new_chart = lay_out
        self._chart: Coordinates | None = None
        self._moves: deque[FloatArray] = deque(maxlen=MEMORY)
        self._changes: deque[FloatArray] = deque(maxlen=MEMORY)
        self._last: tuple[FloatArray, FloatArray] | None = None
        self._foreseen: tuple[Parameters, FloatArray] | None = None
        self._radius = FIRST_RADIUS
        self._length = 0.0

    def extrapolate(self, state: EMState, proposal: Parameters) -> Extrapolation | None:
        """Look ahead from a state and the step that EM proposes there; None if it is too soon.

        Every state of the run is to be shown, in order.
        """
        if self._chart is None and not has_settled(state.trace):
            return None
        chart = self._chart or self._lay_out(state)
        here = self._vector(chart, state.parameters)
        if not _length(here) < REACH:
            chart = self._lay_out(state)
            here = np.zeros_like(here)
        there = chart.vector(proposal)
        self._foreseen = proposal, there
        residual = there - here
        if np.any(proposal.weights[state.parameters.weights > 0] == 0):  # a component dies
            self._chart = None
            return None
        self._remember(here, residual)
        if not self._moves:
            return None
        step = newton_step(residual, np.stack(self._moves, 1), np.stack(self._changes, 1))
        if step is None:
            return None
        rise = float(residual @ step)
        length = _length(step)
        if not 0 < rise < inf:
            return None
        self._length = min(length, self._radius)
        try:
            point = chart.point(here + (self._length / length) * step)
            return Extrapolation(point, rise / 2)
        except DegenerateCovarianceError:
            return None

    def judge(self, *, accepted: bool) -> None:
        """Learn how the last extrapolation fared."""
        if not accepted:
            self._radius = self._length / 4
        elif self._length >= self._radius:
            self._radius = min(2 * self._radius, LAST_RADIUS)

    def _lay_out(self, state: EMState) -> Coordinates:
        """New coordinates, in which nothing is remembered yet."""
        self._chart = self._new_chart(state)
        self._moves.clear()
        self._changes.clear()
        self._last = self._foreseen = None
        return self._chart

    def _vector(self, chart: Coordinates, parameters: Parameters) -> FloatArray:
        """Coordinates of parameters, which are known if EM's last proposal was followed."""
        if self._foreseen is not None and self._foreseen[0] is parameters:
            return self._foreseen[1]
        return chart.vector(parameters)

    def _remember(self, here: FloatArray, residual: FloatArray) -> None:
        if self._last is not None:
            move = here - self._last[0]
            length = _length(move)
            if length > 0:
                self._moves.appendleft(move / length)
                self._changes.appendleft((self._last[1] - residual) / length)
        self._last = here, residual


def has_settled(trace: tuple[float, ...]) -> bool:
    """Whether the gains are small and shrink, so that EM will not change its mind."""
    gains = [b - a for a, b in pairwise(trace[-SHRINKING - 1 :])]
    shrink = all(b < a for a, b in pairwise(gains))
    return len(gains) == SHRINKING and gains[-1] < SETTLED and shrink


def newton_step(residual: FloatArray, moves: FloatArray, changes: FloatArray) -> FloatArray | None:
    """Step to where no residual is left along the moves, and one of EM from there.

    The oldest moves are left out until the others are independent and the likelihood is concave
    along them.

    Parameters
    ----------
    residual : (n,)
        Step of EM, the gradient.
    moves : (n, m)
        Earlier steps, each of length 1, the last first.
    changes : (n, m)
        By how much the residual shrank in each, ``(I - R) moves``.

    Returns
    -------
    (n,) or None
        None if the likelihood is convex along the last move.
    """
    basis, images = _orthonormal(moves, changes)
    for count in range(len(basis), 0, -1):
        along, image = basis[:count], images[:count]
        curvature = along @ image.T
        values, vectors, _ = lapack.dsyev((curvature + curvature.T) / 2)
        if values[0] > 0:
            shares = vectors @ (vectors.T @ (along @ residual) / np.maximum(values, FLATTEST))
            beyond = residual - shares @ image
            return np.asarray((shares - along @ beyond) @ along + beyond)
    return None


def _orthonormal(moves: FloatArray, changes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orthonormal moves, up to the first that depends on those before, and their changes; as rows.

    By the modified Gram-Schmidt process, which for a few vectors is all that it takes.
    """
    n, m = moves.shape
    rows = np.concatenate((moves, changes)).T.copy()
    for j, row in enumerate(rows):
        for before in rows[:j]:
            row -= (before[:n] @ row[:n]) * before
        length = _length(row[:n])
        if not length >= INDEPENDENT:
            m = j
            break
        row /= length
    return rows[:m, :n], rows[:m, n:]


def _length(vector: FloatArray) -> float:
    return sqrt(vector @ vector)
