"""What is worth knowing about a fit besides its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.em import EMResult, EMState, Ending
from bactrian.core.em.certificate import Certificate
from bactrian.core.em.starts import Fit, Optimum
from bactrian.core.values.posterior import Posterior
from bactrian.core.values.spike import Spike
from bactrian.data.summary import Summary
from bactrian.fitting.columns import collinear, constant
from bactrian.fitting.conjugate import ConjugateChoice
from bactrian.fitting.doubts import both_sides, no_counts
from bactrian.fitting.estimation import Estimation
from bactrian.mixture.criteria import aic, bic
from bactrian.objections import Limit, Objection, OnSpike, Unsettled, few_rows, sentences


@dataclass(frozen=True)
class Missing:
    """What was missing in the data.

    Parameters
    ----------
    rows : int
        Rows that were not complete.
    empty : int
        Those among them without any observed value. They carry no information, and are in none
        of the other numbers of a report.
    values : tuple of int
        Missing values of each column.
    observed : tuple of float
        Sum of the weights of the rows in which the column was observed.
    """

    rows: int
    empty: int
    values: tuple[int, ...]
    observed: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class FitReport:
    """All that is worth knowing about a fit besides its parameters.

    Parameters
    ----------
    log_likelihood : float
        Sum over samples of weight times log-density at the final parameters, in nats.
    bic, aic : float
        Lower is better: ``-2 log_likelihood + penalty``.
    n_parameters : int
        Free ones.
    n_samples : int
    weight : float
        Sum of the sample weights, the n of BIC.
    trace : tuple of float
        Mean log-likelihood from the start to the end; with a prior, the log-posterior a unit of
        weight.
    n_iter : int
    converged : bool
    ending : Ending
        Why it stopped; `reason` has it in words.
    certificate : Certificate
    tol : float
    optima : tuple of Optimum
        What the starts led to, the best first.
    optima_samples : int
        Rows on which: all of them, or the sample on which the start was chosen.
    failures : tuple of str
        Messages of the starts that failed.
    objections : tuple of Objection
        What speaks against it; `warnings` has it in words.
    seconds : float
    missing : Missing or None
        None where the data are complete.
    log_posterior : float or None
        With a prior, what the fit maximised: `log_likelihood` and the log-density of the prior,
        up to a constant. The criteria are those of the log-likelihood there. None without.
    evidence_bound : float or None
        Of a posterior, the lower bound of the log evidence, with all constants, in nats; `trace`
        is this bound a unit of weight, and so are the `optima`. `log_likelihood` and the criteria
        are those at the posterior means. None without a posterior.
    every_split : bool
        Whether the starts were all splits of the distinct rows into groups, because they are few.
    spikes : tuple of Spike
        The point masses, with their shares of the rows in which their column is observed.
    labelled : int
        Rows of whose component something is known. The log-likelihood is that of rows and labels.
    """

    log_likelihood: float
    bic: float
    aic: float
    n_parameters: int
    n_samples: int
    weight: float
    trace: tuple[float, ...]
    n_iter: int
    converged: bool
    ending: Ending
    certificate: Certificate
    tol: float
    optima: tuple[Optimum, ...]
    optima_samples: int
    failures: tuple[str, ...]
    objections: tuple[Objection, ...]
    seconds: float
    missing: Missing | None = None
    log_posterior: float | None = None
    labelled: int = 0
    every_split: bool = False
    spikes: tuple[Spike, ...] = ()
    evidence_bound: float | None = None

    @property
    def reason(self) -> str:
        """Why the fit stopped, in words."""
        return self.ending.words

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against the fit, in words."""
        return sentences(self.objections)

    def __str__(self) -> str:
        certificate, missing = self.certificate, self.missing
        rate = "not examined" if certificate.rate is None else f"{certificate.rate:.3g}"
        lines = [
            f"log-likelihood  {self.log_likelihood:.6f} ({self.n_samples} rows)",
            *self._posterior_lines(),
            f"BIC, AIC        {self.bic:.3f}, {self.aic:.3f} ({self.n_parameters} parameters)",
            f"converged       {self.converged} after {self.n_iter} iterations: {self.reason}",
            f"gain to come    {certificate.gain_to_come:.2g} nats a sample, estimated",
            f"score           {certificate.score:.2g}",
            f"rate of EM      {rate}",
            *(
                f"optimum         {optimum.log_likelihood:.4f}, {optimum.times} times"
                for optimum in self.optima
            ),
            *(
                [f"missing         {sum(missing.values)} values, in {missing.rows} rows"]
                if missing is not None
                else []
            ),
            *(
                f"point mass      {spike.value:.12g} of column {spike.column}: "
                f"{100 * spike.share:.1f} % of the rows"
                for spike in self.spikes
            ),
            *([f"labelled        {self.labelled} rows"] if self.labelled else []),
            *(f"warning         {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)

    def _posterior_lines(self) -> list[str]:
        found = []
        if self.log_posterior is not None:
            said = "what was maximised; not normalised"
            found.append(f"log-posterior   {self.log_posterior:.6f} ({said})")
        if self.evidence_bound is not None:
            found.append(f"evidence bound  {self.evidence_bound:.6f} (what was maximised)")
        return found


def report_on(estimation: Estimation, fit: Fit) -> FitReport:
    """Report on a fit of the estimation."""
    model, best, explored = estimation.model, fit.best, fit.explored or fit
    stats, conjugate = best.state.stats, isinstance(model.prior, ConjugateChoice)
    log_likelihood = _log_likelihood(estimation, best.state)
    n_parameters = best.state.parameters.n_parameters(model.fixed)
    masses = estimation.data.spikes
    spikes = () if masses is None else masses.overall()
    return FitReport(
        log_likelihood=log_likelihood,
        bic=bic(log_likelihood, n_parameters, stats.weight),
        aic=aic(log_likelihood, n_parameters, stats.weight),
        n_parameters=n_parameters,
        n_samples=stats.n_samples,
        weight=stats.weight,
        trace=best.state.trace,
        n_iter=best.state.iteration,
        converged=best.converged,
        ending=best.ending,
        certificate=best.certificate,
        tol=estimation.climb.tol,
        optima=explored.optima(estimation.units),
        optima_samples=explored.best.state.stats.n_samples,
        failures=explored.failures,
        objections=_objections(estimation, best, n_parameters),
        seconds=sum(run.seconds for run in {*fit.runs, *explored.runs}),
        missing=_missing(estimation.data.summary, spikes),
        log_posterior=best.state.log_posterior if model.prior and not conjugate else None,
        evidence_bound=best.state.log_posterior if conjugate else None,
        every_split=len(explored.runs) > 1 and estimation.beginning.every_split,
        labelled=estimation.data.summary.labelled,
        spikes=spikes,
    )


def _log_likelihood(estimation: Estimation, state: EMState) -> float:
    """Log-likelihood of the rows; of a posterior at its means, which takes one more pass."""
    parameters = state.parameters
    if not isinstance(parameters, Posterior):
        return state.log_likelihood
    return estimation.data.held.accumulate(parameters.expected.terms()).log_likelihood


def _missing(summary: Summary, spikes: tuple[Spike, ...]) -> Missing | None:
    """What was missing; None if nothing was."""
    if summary.incomplete == 0:
        return None
    left = np.ones(len(summary.observed))  # of the rows in which each column is observed
    for spike in spikes:
        left[spike.column] -= spike.share
    return Missing(
        summary.incomplete,
        summary.empty,
        tuple(summary.missing.tolist()),
        tuple((summary.observed / left).tolist()),
    )


def closing_line(report: FitReport) -> str:
    """Say in one line how a fit ended."""
    word = "Converged" if report.converged else "Did not converge"
    return (
        f"{word} after {report.n_iter} iterations and {report.seconds:.2f} s: "
        f"log-likelihood {report.log_likelihood:.6f}"
    )


def _objections(
    estimation: Estimation, best: EMResult, n_parameters: int
) -> tuple[Objection, ...]:
    certificate, data = best.certificate, estimation.data
    found: list[Objection] = []
    if best.ending is Ending.LIMIT:
        found.append(Limit(estimation.climb.max_iter))
    found.extend(certificate.objections(estimation.rule.accuracy))
    if best.satisfied and not best.converged and not found:
        found.append(Unsettled())
    if len(certificate.collapses) == estimation.model.n_components:
        found.extend(collinear(data))
    n_samples = data.summary.n_samples
    for one in certificate.on_spikes:
        features = tuple(spike.column for spike in one.spikes)
        columns = tuple(data.names[j] for j in features)
        values = tuple(spike.value for spike in one.spikes)
        found.append(OnSpike(one.component, one.rows, n_samples, features, columns, values))
    narrow = {one.component for one in certificate.collapses}
    narrow |= {one.component for one in certificate.on_spikes}
    return (
        *found,
        *constant(data),
        *no_counts(data.summary, best.state.stats),
        *both_sides(data.summary, best.state.parameters, narrow),
        *(few_rows(n_samples, n_parameters) if estimation.maximise.can_collapse else ()),
    )
