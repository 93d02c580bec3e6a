"""Refit a mixture to the same rows with other weights: one resample of a bootstrap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from bactrian.core import em
from bactrian.core.arrays import FloatArray
from bactrian.core.em import EMProblem, EMResult
from bactrian.core.em.stopping import AitkenRule
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import DataSource
from bactrian.errors import BadInputError, DegenerateCovarianceError, reason_of
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.machine.blas import one_blas_thread
from bactrian.machine.generator import seeded
from bactrian.mixture import Mixture, Scaling
from bactrian.mixture.matching import matching
from bactrian.objections import Collapse, words
from bactrian.selection.bootstrap.estimates import Estimates

SHORT = 1e-5  # nats, of all rows, that a refit may be short: 0.4 % of a standard error


@dataclass(frozen=True, eq=False)
class Refit:
    """The outcome of one resample.

    Parameters
    ----------
    number : int
        From 0.
    estimates : Estimates or None
        Components in the order of the fit; None if it failed.
    gain : float
        By how much its log-likelihood is above that of the fit, a unit of weight, in nats.
    n_iter : int
    converged : bool
        Whether it came so near to the maximum that it makes no difference.
    switched : bool
        Whether components had to be put in another order.
    failure : str or None
        Why it counts for nothing.
    """

    number: int
    estimates: Estimates | None = None
    gain: float = 0.0
    n_iter: int = 0
    converged: bool = False
    switched: bool = False
    failure: str | None = None


@dataclass(frozen=True, eq=False)
class Refitting:
    """A fit, and how to repeat it on resamples of its rows.

    Parameters
    ----------
    estimation : Estimation
        Data and settings of the fit.
    start : Parameters
        The fit itself.
    method : {"weighted", "nonparametric"}
    times : (n_samples,)
        How often each row was observed: the unit that is drawn.
    weights : (n_samples,) or None
        Of the rows in the fit.
    seed : int
    matched : bool
        Whether components are told by what they are; else they keep their places.
    scaling : Scaling or None
        Units of the fit, if they are not those of the data.
    """

    estimation: Estimation
    start: Parameters
    method: str
    times: FloatArray
    weights: FloatArray | None
    seed: int
    matched: bool
    scaling: Scaling | None = None

    def drawn(self, number: int) -> FloatArray:
        """Weights of the rows in a resample, (n_samples,).

        How often each row counts has the mean `times`, and is drawn from a multinomial
        distribution (Efron 1979) or a Dirichlet distribution (Rubin 1981; Newton & Raftery 1994),
        which is the same made smooth.
        """
        random_state = seeded([self.seed, number])
        total = self.times.sum()
        if self.method == "weighted":
            shares = random_state.standard_gamma(self.times)
            counts = shares * (total / shares.sum())
        else:
            drawn = random_state.multinomial(int(total), self.times / total)
            counts = drawn.astype(np.float64)
        return counts if self.weights is None else counts * (self.weights / self.times)

    def resampled(self, number: int) -> Refit:
        """Refit one resample."""
        weights = self.drawn(number)
        return self._refit(number, self.estimation.data.source.weighted(weights).only(weights > 0))

    def portion(self, numbers: Iterable[int]) -> list[Refit]:
        """Refit several resamples."""
        return [self.resampled(number) for number in numbers]

    def repeated(self) -> Refit:
        """Refit to the rows themselves; at a maximum this changes nothing."""
        return self._refit(0, self.estimation.data.source)

    def _refit(self, number: int, source: DataSource) -> Refit:
        before = self.estimation
        climb = replace(before.climb, accelerated=True)
        rule = AitkenRule(SHORT / self.times.sum())
        try:
            with one_blas_thread():
                names = before.data.feature_names
                data = DataSet.of(
                    source, before.data.machine, feature_names=names, spikes=before.data.spikes
                )
                data = replace(data, sampled=data.n_samples)  # no smaller sample is looked at
                estimation = replace(before, data=data, climb=climb)
                estimation.check()
                problem = estimation.problem
                state = em.init(problem, self.start)
                result = em.run(problem, state, rule, rule.accuracy, climb.max_iter)
        except (DegenerateCovarianceError, BadInputError) as error:
            return Refit(number, failure=reason_of(error))
        lost = _lost(problem, result)
        if lost:
            return Refit(number, failure=words(lost[0]))
        state = result.state
        order = np.arange(state.parameters.n_components)
        if self.matched:
            order = matching(self.start, state.parameters)
        return Refit(
            number,
            Estimates.of(self.shown(state.parameters.permuted(order))),
            state.trace[-1] - state.trace[0],
            state.iteration,
            result.satisfied,
            bool((np.diff(order) < 0).any()),
        )

    def shown(self, parameters: Parameters) -> Parameters:
        """Parameters in the units of the data."""
        return Mixture.from_parameters(parameters, self.scaling).in_original_units()


def _lost(problem: EMProblem, result: EMResult) -> list[Collapse]:
    """Components that are dead or at the bound of their covariance.

    That a component holds few rows, by weights that are drawn, is no collapse.
    """
    parameters, bounds = result.state.parameters, problem.maximise.bounds
    factors = parameters.precisions_cholesky
    apart = parameters.form.limits.exceeds(parameters.covariances, bounds.collapsed, factors)
    held = np.broadcast_to(apart, parameters.n_components)
    return [one for one in result.certificate.collapses if one.dead or not held[one.component]]
