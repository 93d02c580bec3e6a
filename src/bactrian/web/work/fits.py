"""Fit one mixture, report its progress, and prepare it for the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, nan
from time import monotonic

from bactrian.core.em import EMInfo
from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture
from bactrian.estimators.of_posterior import settings_of_posterior
from bactrian.estimators.table_fit import (
    InterruptedFitError,
    TableFit,
    fit_model,
    with_certainty,
)
from bactrian.mixture import Mixture
from bactrian.mixture.criteria import CRITERIA
from bactrian.report.document import document_of
from bactrian.report.page import page
from bactrian.storage import MixtureModel
from bactrian.storage.training import json_values
from bactrian.web.orders import Order
from bactrian.web.schema import FitProgress, FitResult, Settings
from bactrian.web.work.child import PART, WHOLE, Tell, finish
from bactrian.web.work.contrast import kmeans_of
from bactrian.web.work.frames import Recorder, frames_of
from bactrian.web.work.mixtures import shown
from bactrian.web.work.notes import notes_on
from bactrian.web.work.objections import objections_to
from bactrian.web.work.reading import rows_of
from bactrian.web.work.reproduction import code_of, command_of

APART = 0.1  # seconds between two messages of progress
MOST_SHOWN = 20_000  # entries of covariances beyond which progress goes without the mixture
WIDTH = 80


def fit(order: Order, settings: Settings, tell: Tell) -> bytes:
    """Fit a mixture, and write its files: ``result.json``, ``frames.json``, ``model.json``."""
    again = {"code": code_of(order, settings), "command": command_of(order, settings)}
    task = TableFit.of(
        rows_of(order, missing=settings.missing == "em"),
        standardize=settings.standardize,
        spikes=settings.parameters["spikes"],
    )
    recorder = Recorder()
    progress = Progress(task, tell)
    whole = True
    try:
        parameters = task.settings(settings.parameters)
        if settings.estimation == "bayes":
            own = settings_of_posterior(parameters)
            model = fit_model(task, own, [progress], BayesianGaussianMixture)
        else:
            model = fit_model(task, parameters, [progress, recorder])
    except InterruptedFitError as interrupt:
        if interrupt.model is None:
            raise KeyboardInterrupt from None
        model, whole = interrupt.model, False
    finish()
    result = result_of(order, settings, task, model, again, whole=whole)
    likelihood = _likelihood_of(model, task)
    frames = frames_of(recorder, task, model.parameters, likelihood)
    (order.folder / "frames.json").write_bytes(frames.model_dump_json().encode())
    (order.folder / "model.json").write_bytes(model.to_json().encode())
    (order.folder / "result.json").write_bytes(result.model_dump_json().encode())
    return WHOLE if whole else PART


def _likelihood_of(model: MixtureModel, task: TableFit) -> float:
    """Log-likelihood of all rows, scaled up if the fit stopped on a sample."""
    training = model.training
    return float(training["log_likelihood"] * task.rows.total_weight / training["weight"])


@dataclass
class Progress:
    """An observer that reports the state of a fit several times a second."""

    task: TableFit
    tell: Tell
    last: float = field(default=0.0)

    def __call__(self, info: EMInfo) -> None:
        """Report, if it is time."""
        now = monotonic()
        if now - self.last < APART:
            return
        self.last = now
        n_components, n_features = info.parameters.means.shape
        small = n_components * n_features**2 <= MOST_SHOWN
        parameters = self.task.in_data_units(info.parameters)
        share = self.task.rows.total_weight / info.weight
        log_likelihood = share * (info.log_likelihood - info.weight * self.task.log_volume)
        told = FitProgress(
            start=info.start + 1,
            iteration=info.iteration,
            log_likelihood=log_likelihood,
            gain=info.gain,
            n_rows=info.before.stats.n_samples,
            mixture=shown(Mixture.from_parameters(parameters, self.task.scaling))
            if small
            else None,
        )
        self.tell(told.model_dump_json().encode())


def result_of(
    order: Order,
    settings: Settings,
    task: TableFit,
    model: MixtureModel,
    again: dict[str, str],
    *,
    whole: bool,
) -> FitResult:
    """All that the page shows of a fit.

    How to do it `again` was said before it began: the data may be forgotten by its end.
    """
    label = order.origin.label
    found = task.likelihoods(model) if whole else None
    if found is not None:
        model = with_certainty(task, model, found.certainty)
    made = document_of("fit", model, label)
    document = json_values(made)
    notes = notes_on(objections_to(document, model.training))
    lines = page(made, WIDTH, [note.text for note in notes])
    return FitResult(
        n_rows=len(task.rows.X),
        columns=list(order.names),
        document=document,
        mixture=shown(model),
        criteria=_criteria(model, nan if found is None else found.classification),
        notes=notes,
        kmeans=kmeans_of(task, settings) if whole else None,
        text="\n".join(line.text.rstrip() for line in lines) + "\n",
        **again,
    )


def _criteria(model: MixtureModel, classification: float) -> dict[str, float]:
    """Criteria by name; without ICL for a stopped fit, as it needs a pass over the rows."""
    training = model.training
    arguments = training["log_likelihood"], training["n_parameters"], training["weight"]
    values = {name: rule(*arguments, classification) for name, rule in CRITERIA.items()}
    return {name: float(value) for name, value in values.items() if isfinite(value)}
