"""What is known at the end of a fit: how near it is to a maximum, and to a collapse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.em.state import EMState
from bactrian.core.em.stopping import gain_to_come
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.spike import Spike
from bactrian.objections import (
    Collapse,
    GainToCome,
    Gradient,
    MoreCollapses,
    Objection,
    Plateau,
)

MENTIONED = 5  # collapsed components that are an objection of their own
FEWEST = 5  # rows of a component that stands on a spike
TIGHT = 1e-2  # deviation, against the columns', below which too few rows are suspicious


@dataclass(frozen=True)
class Standing:
    """A component that stands on spikes: its rows share values with many other rows.

    Parameters
    ----------
    component : int
        Counted from 0.
    rows : float
        How many rows it holds, effectively.
    spikes : tuple of Spike
        One for each column in which its rows are equal.
    """

    component: int
    rows: float
    spikes: tuple[Spike, ...]


@dataclass(frozen=True)
class Certificate:
    """The state of a fit at its end.

    Parameters
    ----------
    gain_to_come : float
        Estimated gain in mean log-likelihood if EM went on; infinite while gains still grow.
        (With a prior, in the log-posterior a unit of weight, as all that follows.)
    score : float
        Largest entry of the gradient of the mean log-likelihood in directions that are free, in
        the coordinates of :class:`~bactrian.core.mstep.chart.Chart`. 0 at a maximum.
    collapses : tuple of Collapse
        Components that are dead or near collapse.
    rate : float or None
        Largest eigenvalue of EM's rate matrix: below 1 at a maximum, and the nearer to 1 the
        slower EM; above 1 at a saddle. None if the fit ended before it was worth the passes.
    on_spikes : tuple of Standing
        Components without volume that stand on values which many rows share: no collapses.
    """

    gain_to_come: float
    score: float
    collapses: tuple[Collapse, ...]
    rate: float | None = None
    on_spikes: tuple[Standing, ...] = ()

    def sound(self, accuracy: float) -> bool:
        """Whether nothing speaks against convergence.

        A score s means that one step of EM alone still gains about ``s^2 / 2``.
        """
        return not self.objections(accuracy)

    def objections(self, accuracy: float) -> tuple[Objection, ...]:
        """What speaks against convergence.

        Parameters
        ----------
        accuracy : float
            Gain in mean log-likelihood that may still be to come.
        """
        found: list[Objection] = []
        if self.gain_to_come > accuracy:
            gain = self.gain_to_come
            found.append(GainToCome(gain) if np.isfinite(gain) else Plateau())
        elif self.score**2 / 2 > accuracy:
            found.append(Gradient(self.score))
        found.extend(self.collapses[:MENTIONED])
        if more := self.collapses[MENTIONED:]:
            found.append(MoreCollapses(tuple(collapse.component for collapse in more)))
        return tuple(found)


UNEXAMINED = Certificate(np.inf, np.inf, ())
"""Of a state that nobody looked at: it is not sound."""


def certify(
    state: EMState,
    proposal: Parameters | None,
    maximise: Maximise,
    units: FloatArray,
    spikes: Callable[[], tuple[Spike, ...]] = tuple,
) -> Certificate:
    """Certify a state, given the parameters that one more M-step proposes.

    The step of EM is the gradient times the inverse of the complete-data information [1]_: in
    coordinates that are orthonormal in the latter, the step is the gradient.

    Parameters
    ----------
    state : EMState
    proposal : Parameters or None
        None if there is no further step because a component has no volume left.
    maximise : Maximise
        A covariance that touches its bounds has collapsed, if it does not stand on spikes. Where
        something is added to all variances, only one that is nothing else, and tight, has.
    units : (n_features,)
    spikes : callable
        Gives those of the data, and is asked where a covariance touches its bounds.

    References
    ----------
    .. [1] Xu, L. and Jordan, M. I. (1996). On convergence properties of the EM algorithm for
       Gaussian mixtures. Neural Comput. 8, 129-151, theorem 1.
    """
    score = np.inf
    if proposal is not None:
        gradient = maximise.chart(state.parameters, state.stats.weight).vector(proposal)
        score = float(np.abs(gradient).max(initial=0.0))
    if not maximise.can_collapse:
        return Certificate(gain_to_come(state.plain_trace), score, ())
    rows, near = _near_collapse(state, maximise, units)
    on_spikes: tuple[Standing, ...] = ()
    if near.any() and (found := spikes()):
        on_spikes = _on_spikes(state.parameters, near, rows, maximise.bounds.collapsed, found)
        near[[one.component for one in on_spikes]] = False
    if maximise.bounds.ridge > 0:  # the likelihood is bounded
        near &= (rows == 0) | _points(state.parameters, units)
    collapses = _collapses(state.parameters, near, rows, units)
    return Certificate(gain_to_come(state.plain_trace), score, collapses, on_spikes=on_spikes)


def _near_collapse(
    state: EMState, maximise: Maximise, units: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """How many rows each component holds, and whether it is dead or near collapse."""
    parameters, stats = state.parameters, state.stats
    # Weights count rows; where they are shares, their mean stands for one.
    rows = stats.resp_sum * max(1.0, stats.n_samples / stats.weight)
    rows = np.where(parameters.weights > 0, rows, 0.0)
    near, few = rows == 0, np.zeros(len(rows), dtype=bool)
    if "covariances" not in maximise.fixed:
        supported = np.round(rows) + maximise.support
        few = supported < parameters.structure.rows_needed(parameters.n_features)
        near = near | ~_apart(parameters, maximise.bounds.collapsed)
    if few.any():
        near = near | (few & ~_apart(parameters, np.square(TIGHT * units)))
    return rows, near


def _collapses(
    parameters: Parameters, near: BoolArray, rows: FloatArray, units: FloatArray
) -> tuple[Collapse, ...]:
    if not near.any():
        return ()
    smallest = _smallest_deviations(parameters, near, units)
    return tuple(
        Collapse(int(k), float(rows[k]), float(deviation))
        for k, deviation in zip(np.flatnonzero(near), smallest, strict=True)
    )


def _on_spikes(
    parameters: Parameters,
    near: BoolArray,
    rows: FloatArray,
    bound: FloatArray,
    spikes: tuple[Spike, ...],
) -> tuple[Standing, ...]:
    """Which components without volume stand on spikes."""
    found = (
        Standing(int(k), float(rows[k]), _under(parameters.only(int(k)), rows[k], bound, spikes))
        for k in np.flatnonzero(near)
    )
    return tuple(one for one in found if one.spikes)


def _under(
    component: Parameters, rows: float, bound: FloatArray, spikes: tuple[Spike, ...]
) -> tuple[Spike, ...]:
    """The spikes that explain why a component has no volume; empty if it really collapsed.

    Its variance is at the bound along some columns, and there its mean is a spike's value; along
    the others it has a volume, and rows enough for one.
    """
    flat = component.dense_covariances()[0].diagonal() <= bound
    free, mean = np.flatnonzero(~flat), component.means[0]
    under = tuple(
        spike
        for spike in spikes
        if flat[spike.column]
        and np.square(mean[spike.column] - spike.value) <= bound[spike.column]
    )
    if len(under) < flat.sum() or rows < FEWEST:
        return ()
    if len(free):
        others = component.marginal(free)
        needed = others.structure.rows_needed(len(free))
        if rows < needed or not _apart(others, bound[free]).all():
            return ()
    return under


def _points(parameters: Parameters, units: FloatArray) -> BoolArray:
    """Whether each covariance is tight in all directions; along axis 0."""
    values = parameters.form.limits.eigenvalues(parameters.covariances, units)
    return np.asarray(values.max(axis=1) <= TIGHT**2)


def _apart(parameters: Parameters, bound: FloatArray) -> BoolArray:
    """Whether each covariance exceeds a bound (all of them, or the shared one); along axis 0."""
    factors = parameters.precisions_cholesky
    return parameters.form.limits.exceeds(parameters.covariances, bound, factors)


def _smallest_deviations(
    parameters: Parameters, chosen: BoolArray, units: FloatArray
) -> FloatArray:
    """Smallest deviations in any direction, in `units`, of the chosen components."""
    covariances = parameters.covariances
    if len(covariances) == parameters.n_components:
        covariances = covariances[chosen]
    variances = parameters.form.limits.smallest_variances(covariances, units)
    return np.broadcast_to(np.sqrt(variances), int(chosen.sum()))
