"""When EM may stop: rules that look at the state and at the gain still to come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import ClassVar, final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.em.ending import Ending
from bactrian.core.em.state import EMState
from bactrian.core.em.stride import Pace
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.vocabulary import STOPPING

ACCURACY = 1e-5  # nats a sample that a fit called converged may still be short
REMEMBERED = 5  # values of the objective that an estimate of the gain to come looks at
UNKNOWN_RATE = 0.99
RACE_FROM, RACE_MARGIN = 10, 10.0  # iterations, estimated gains before a run is given up
DUE = 0.1  # share of tol below which an estimate of the gain to come is believed
ROUNDING = 64 * float(np.finfo(float).eps)


def gain_to_come(trace: Sequence[float]) -> float:
    """Estimate, by Aitken's method, how far the sequence will still rise.

    The gains of EM shrink, in the end, by a constant rate a, so that ``g a / (1 - a)`` is left
    after a gain g [1]_. The rate is taken as the largest of the last three ratios, because it
    grows towards its limit; while the gains still grow, the estimate is infinite. After a single
    gain it is taken as 0.99.

    Parameters
    ----------
    trace : sequence of float
        Mean log-likelihood at each iteration, the start first.

    Returns
    -------
    float
        In the unit of `trace`, at least 0.

    References
    ----------
    .. [1] Boehning, D., Dietz, E., Schaub, R., Schlattmann, P. and Lindsay, B. (1994). The
       distribution of the likelihood ratio for mixtures of densities from the one-parameter
       exponential family. Ann. Inst. Stat. Math. 46, 373-388, section 4.
    """
    recent = trace[-REMEMBERED:]
    gains = [b - a for a, b in pairwise(recent)]
    if not gains:
        return inf
    last = gains[-1]
    if last <= ROUNDING * max(1.0, abs(trace[-1])):
        return abs(last)
    if len(gains) < 2:
        return last * UNKNOWN_RATE / (1 - UNKNOWN_RATE)
    rates = [b / a if a > 0 else inf for a, b in pairwise(gains)]
    rate = max(rates[-3:])
    return last * rate / (1 - rate) if rate < 1 else inf


def outpaced(state: EMState, rival: float) -> bool:
    """Whether a run will probably not reach the mean log-likelihood `rival`.

    It is granted ten times the estimated gain to come: early estimates are low.
    """
    reach = RACE_MARGIN * gain_to_come(state.plain_trace)
    return state.iteration >= RACE_FROM and state.trace[-1] + reach < rival - ACCURACY


class StoppingRule(ABC):
    """Says when a fit has arrived; a run that it stops has its `ending`."""

    name: ClassVar[str]
    ending: ClassVar[Ending]
    tol: float

    @property
    def pace(self) -> Pace | None:
        """How far EM may go without asking this rule; None (the default): no step."""
        return None

    @property
    def accuracy(self) -> float:
        """Gain per sample that may still be to come when a fit counts as converged."""
        return ACCURACY

    @abstractmethod
    def satisfied(self, state: EMState) -> bool:
        """Whether EM may stop in this state, judged by its last plain steps."""

    @abstractmethod
    def is_due(self, state: EMState, proposal: Parameters, gain_to_come: float) -> bool:
        """Whether plain steps from here are likely to satisfy the rule.

        Parameters
        ----------
        state : EMState
        proposal : Parameters
            What EM proposes there.
        gain_to_come : float
            Mean gain up to the maximum, as an acceleration estimates it.
        """


@final
@dataclass(frozen=True)
class LogLikelihoodRule(StoppingRule):
    """The mean log-likelihood changed by less than `tol` (scikit-learn's rule)."""

    name = "log_likelihood"
    ending = Ending.LOG_LIKELIHOOD
    tol: float

    @property
    def pace(self) -> Pace:
        return Pace(gain=self.tol, due=DUE * self.tol)

    def satisfied(self, state: EMState) -> bool:
        trace = state.plain_trace
        return len(trace) > 1 and abs(trace[-1] - trace[-2]) < self.tol

    def is_due(self, state: EMState, proposal: Parameters, gain_to_come: float) -> bool:
        return gain_to_come < DUE * self.tol


@final
@dataclass(frozen=True)
class AitkenRule(StoppingRule):
    """The estimated gain still to come, per sample, is below `tol`."""

    name = "aitken"
    ending = Ending.AITKEN
    tol: float

    @property
    def pace(self) -> Pace:
        return Pace(to_come=self.tol, due=DUE * self.tol)

    @property
    def accuracy(self) -> float:
        return max(self.tol, ACCURACY)

    def satisfied(self, state: EMState) -> bool:
        return gain_to_come(state.plain_trace) < self.tol

    def is_due(self, state: EMState, proposal: Parameters, gain_to_come: float) -> bool:
        return gain_to_come < DUE * self.tol


@final
@dataclass(frozen=True, eq=False)
class ParametersRule(StoppingRule):
    """No weight, mean or covariance entry moved by more than `tol`.

    Means are measured in `units` of their features, covariances in products of two, degrees of
    freedom in those before. Shares of point masses move like weights.
    """

    name = "parameters"
    ending = Ending.PARAMETERS
    tol: float
    units: FloatArray

    def satisfied(self, state: EMState) -> bool:
        return state.previous is not None and self._still(state.previous, state.parameters)

    def is_due(self, state: EMState, proposal: Parameters, gain_to_come: float) -> bool:
        return self._still(state.parameters, proposal)

    def _still(self, old: Parameters, new: Parameters) -> bool:
        change = new.form.limits.scaled(new.covariances - old.covariances, 1 / self.units)
        moves = (
            np.abs(new.weights - old.weights).max(),
            (np.abs(new.means - old.means) / self.units).max(),
            np.abs(change).max(),
            np.abs(new.family.dof / old.family.dof - 1).max(initial=0.0),
            _moved(old, new),
        )
        return max(float(move) for move in moves) <= self.tol


def _moved(old: Parameters, new: Parameters) -> float:
    """Largest change of a share of a point mass; 0 without any."""
    if old.spikes is None or new.spikes is None:
        return 0.0
    return float(np.abs(new.spikes.shares - old.spikes.shares).max())


def stopping_rule(name: object, tol: float, units: FloatArray) -> StoppingRule:
    """Return the rule of that name; "auto" is log_likelihood, checked by the certificate.

    Raises
    ------
    BadInputError
        If there is no such rule.
    """
    match name:
        case AitkenRule.name:
            return AitkenRule(tol)
        case LogLikelihoodRule.name | "auto":
            return LogLikelihoodRule(tol)
        case ParametersRule.name:
            return ParametersRule(tol, units)
    raise BadInputError(
        "stopping", repr(name), f"one of {', '.join(STOPPING.choices)}", code="bad_choice"
    )
