"""Is it a maximum? The curvature of the likelihood where EM stopped, and a way off a saddle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from bactrian.core.arrays import FloatArray, seal
from bactrian.core.em.state import EMState
from bactrian.core.em.steps import EMProblem, init, propose, step
from bactrian.core.mstep.chart import Coordinates
from bactrian.errors import DegenerateCovarianceError

DIFFERENCE = 1e-5  # least step of the finite differences, in standardised coordinates
MOST_STEPS = 24
CLEAR = 0.9  # rate on a sample that leaves no doubt of a maximum; others are found on all rows
FIRST_STRIDE, LAST_STRIDE = 0.05, 4.0


@dataclass(frozen=True, eq=False)
class Curvature:
    """The slowest direction of EM at a state.

    Parameters
    ----------
    rate : float
        Largest eigenvalue found of EM's rate matrix ``I - I_complete^-1 I_observed`` [1]_. Below 1
        at a maximum, above 1 at a saddle.
    gain : float
        Mean gain in log-likelihood that Newton's method expects, ``s' I_observed^-1 s / 2``, over
        the directions searched in which the likelihood is concave.
    direction : (n,)
        Eigenvector of `rate`, in the coordinates of `chart`.
    chart : Coordinates

    References
    ----------
    .. [1] Dempster, A., Laird, N. and Rubin, D. (1977). Maximum likelihood from incomplete data
       via the EM algorithm. J. R. Stat. Soc. B 39, 1-38, section 3.
    """

    rate: float
    gain: float
    direction: FloatArray
    chart: Coordinates


def curvature(problem: EMProblem, state: EMState) -> Curvature:
    """Largest eigenvalue of EM's rate matrix, by Arnoldi's method on differences of the EM map.

    Each step is a pass over the data, or over the problem's sample of it where that will do. The
    matrix is symmetric where the components share nothing but a matrix; elsewhere it is so in the
    metric of the M-step's curvature, which is not quite that of the chart. Its eigenvalues are
    approached from within, so that a rate above 1 is evidence of a saddle (up to rounding), and
    one below 1 of a maximum.

    Raises
    ------
    DegenerateCovarianceError
        If there is no next step of EM.
    """
    chart = problem.maximise.chart(state.parameters, state.stats.weight)
    gradient = chart.vector(propose(problem, state))
    if problem.sample is not None:
        try:
            sampled = init(problem.sample, state.parameters)
            here = chart.vector(propose(problem.sample, sampled))
            found = _curvature(problem.sample, sampled, chart, gradient, here)
            if found.rate < CLEAR:
                return found
        except DegenerateCovarianceError:  # too few rows of a component
            pass
    return _curvature(problem, state, chart, gradient, gradient)


def _curvature(
    problem: EMProblem,
    state: EMState,
    chart: Coordinates,
    gradient: FloatArray,
    here: FloatArray,
) -> Curvature:
    """Curvature of the problem's likelihood; the gain is the one along `gradient`.

    Parameters
    ----------
    gradient : (n,)
        Where a step of EM on all rows leads.
    here : (n,)
        Where one on the problem's rows does.
    """
    difference = max(DIFFERENCE, np.sqrt(_rounding(state)))

    def rate_matrix(direction: FloatArray) -> FloatArray:
        return (_image(problem, chart, difference * direction) - here) / difference

    first = _first_direction(chart, gradient)
    if not first.any():  # nothing can move
        return Curvature(0.0, 0.0, first, chart)
    basis = [first]
    images: list[FloatArray] = []
    rate = -np.inf
    for _ in range(min(MOST_STEPS, here.size)):
        image = rate_matrix(basis[-1])
        images.append(image)
        known = np.stack(basis)
        for _ in range(2):  # once more, for orthogonality to the last digit
            image = image - known.T @ (known @ image)
        values, vectors = _eigen(known @ np.stack(images, axis=1))
        settled = abs(values[-1] - rate) < 0.01 * abs(1 - values[-1])
        rate = float(values[-1])
        length = float(np.linalg.norm(image))
        if length < 1e-8 or (settled and len(basis) > 3):
            break
        basis.append(image / length)
    directions = vectors.T @ known
    slopes = directions @ gradient
    parts = np.linalg.lstsq(vectors, known @ gradient)[0]
    concave = values < 1.0
    gain = float((slopes[concave] * parts[concave] / (1 - values[concave])).sum() / 2)
    return Curvature(rate, gain, directions[-1], chart)


def _image(problem: EMProblem, chart: Coordinates, vector: FloatArray) -> FloatArray:
    """Where a step of EM leads from a point of the chart, as a point of the chart."""
    if problem.image is not None:
        there = problem.image(problem.maximise, chart, vector)
        if there is not None:
            return there
    nearby = chart.point(vector)
    return chart.vector(problem.maximise(problem.accumulate(nearby.terms(), None), nearby))


def _eigen(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues sorted by size, and eigenvectors; they are real except for rounding."""
    values, vectors = np.linalg.eig(matrix)
    order = np.argsort(values.real)
    return values.real[order], _each_unit(vectors.real[:, order])


def _each_unit(columns: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(columns, axis=0)
    return np.asarray(columns / np.where(lengths > 0, lengths, 1.0))


def _first_direction(chart: Coordinates, here: FloatArray) -> FloatArray:
    """EM's next step: mostly along the slow directions, with a little of all others."""
    spread = _spread(here.size)
    random = chart.vector(chart.point(1e-3 * spread / np.linalg.norm(spread)))
    return _unit(_unit(here) + 0.3 * _unit(random))


@lru_cache(maxsize=64)
def _spread(size: int) -> FloatArray:
    """Always the same random numbers, (size,)."""
    spread = np.random.RandomState(0).standard_normal(size)
    seal(spread)
    return spread


def _rounding(state: EMState) -> float:
    """Rounding error of the means, in deviations of their components; large far from 0."""
    p = state.parameters
    errors = np.finfo(float).eps * np.abs(p.means)
    deviations = p.form.algebra.whitened_each(errors, np.abs(p.precisions_cholesky))
    return float(np.linalg.norm(deviations, axis=1).max())


def _unit(vector: FloatArray) -> FloatArray:
    """Scale a vector to length 1; a zero vector stays 0."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


def descend(problem: EMProblem, state: EMState, found: Curvature) -> EMState | None:
    """Return the highest state found along the slowest direction; None if both ways fall.

    The stride doubles as long as the likelihood rises: off a saddle, or along a plateau. After
    each stride one step of EM brings the faster directions back to where they belong, because the
    way is curved. All of it is part of the last iteration, not one more.
    """
    best = state
    for sign in (1.0, -1.0):
        stride, highest = FIRST_STRIDE, state.trace[-1]
        while stride < LAST_STRIDE:
            try:
                moved = step(
                    problem, init(problem, found.chart.point(sign * stride * found.direction))
                )
            except DegenerateCovarianceError:
                break
            if not moved.trace[-1] > highest:
                break
            highest = moved.trace[-1]
            if highest > best.trace[-1]:
                best = replace(
                    moved,
                    iteration=state.iteration,
                    previous=None,
                    trace=(*state.trace[:-1], moved.trace[-1]),
                )
            stride *= 2
    return None if best is state else best
