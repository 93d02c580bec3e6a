"""Anderson acceleration: extrapolate from EM's last steps, to need fewer passes.

EM is a fixed-point iteration whose rate matrix R is symmetric in coordinates that are orthonormal
in the complete-data information, where its step is also the gradient. A slow direction is one in
which R is near 1: there the next steps can be foretold from the last, and taken at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt

import numpy as np
from scipy.linalg import lapack

from bactrian.core.arrays import FloatArray
from bactrian.core.em.state import EMState, Memory
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError

MEMORY = 3  # steps that are remembered
SETTLED = 3e-4  # nats a sample: EM runs alone until it gains less
SHRINKING = 3  # ... and so many gains have shrunk: it has left the saddles behind
LAST_RADIUS = 2.0  # bound of any step, in deviations of all components
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


def extrapolate(
    state: EMState, proposal: Parameters, lay_out: Callable[[Parameters, float], Coordinates]
) -> tuple[Memory, Extrapolation | None]:
    """Look ahead from a state and EM's next step there; return None if it is too soon.

    Anderson's acceleration of type I [1]_ [2]_ with a bound on its steps. With f = EM(x) - x, and
    the differences S of the last points and Y of their -f, the fixed point is sought where f has
    no component along S, supposing that ``(I - R) S = Y``; from there one step of EM is taken.
    Since I - R is symmetric, and f the gradient, the first of these is a Newton step in the space
    of S. Where the likelihood is convex, near saddles, EM goes on alone: there its small steps
    decide which maximum it is led to. Steps are no longer than a radius that shrinks where they
    fail.

    Parameters
    ----------
    state : EMState
        With the memory of the states before; every state of the run is to be shown, in order.
    proposal : Parameters
    lay_out : callable
        ``lay_out(parameters, weight)`` gives coordinates around parameters.

    Returns
    -------
    memory : Memory
        For the next state.
    ahead : Extrapolation or None

    References
    ----------
    .. [1] Fang, H. and Saad, Y. (2009). Two classes of multisecant methods for nonlinear
       acceleration. Numer. Linear Algebra Appl. 16, 197-221, section 2.3.
    .. [2] Henderson, N. C. and Varadhan, R. (2019). Damped Anderson acceleration with restarts
       and monotonicity control for accelerating EM and EM-like algorithms. J. Comput. Graph.
       Stat. 28, 834-846.
    """
    memory, parameters = state.memory, state.parameters
    if memory.chart is None and not has_settled(state.trace):
        return memory, None
    chart, here = memory.chart, memory.foreseen
    if chart is not None and (here is None or state.previous is None):
        here = chart.vector(parameters)
    if chart is None or here is None or not _length(here) < REACH:
        # Coordinates are laid out anew around the state, in which nothing is remembered yet.
        chart = lay_out(parameters, state.stats.weight)
        memory = Memory(chart, radius=memory.radius)
        there = chart.vector(proposal)
        here = np.zeros_like(there)
    else:
        there = chart.vector(proposal)
    residual = there - here
    if np.any(proposal.weights[parameters.weights > 0] == 0):  # a component dies
        return Memory(radius=memory.radius), None
    moves, changes = memory.moves, memory.changes
    if memory.here is not None and memory.residual is not None:
        move = here - memory.here
        length = _length(move)
        if length > 0:
            moves = (move / length, *moves)[:MEMORY]
            changes = ((memory.residual - residual) / length, *changes)[:MEMORY]
    step = newton_step(residual, np.stack(moves, 1), np.stack(changes, 1)) if moves else None
    rise = 0.0 if step is None else float(residual @ step)
    ahead, reach = None, memory.length
    if step is not None and 0 < rise < inf:
        length = _length(step)
        reach = min(length, memory.radius)
        try:
            point = chart.point(here + (reach / length) * step)
            ahead = Extrapolation(point, rise / 2)
        except DegenerateCovarianceError:
            pass
    return Memory(chart, moves, changes, here, residual, there, memory.radius, reach), ahead


def judged(memory: Memory, *, accepted: bool) -> Memory:
    """Update the memory once it is known how well the last extrapolation did."""
    if not accepted:
        return replace(memory, radius=memory.length / 4)
    if memory.length >= memory.radius:
        return replace(memory, radius=min(2 * memory.radius, LAST_RADIUS))
    return memory


def has_settled(trace: tuple[float, ...]) -> bool:
    """Whether the gains are small and shrinking, so that EM will not change direction."""
    gains = [b - a for a, b in pairwise(trace[-SHRINKING - 1 :])]
    shrink = all(b < a for a, b in pairwise(gains))
    return len(gains) == SHRINKING and gains[-1] < SETTLED and shrink


def newton_step(residual: FloatArray, moves: FloatArray, changes: FloatArray) -> FloatArray | None:
    """Step to where the residual along the moves is 0, and take one EM step from there.

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
    """Orthonormal moves and their changes, as rows; stops at the first dependent move.

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
