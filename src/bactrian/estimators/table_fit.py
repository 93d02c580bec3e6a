"""A fit of the rows of a table: units, names, interruption."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from bactrian.core.arrays import FloatArray
from bactrian.core.em import EMInfo, Ending
from bactrian.core.em.starts import Fit
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.posterior import Posterior
from bactrian.data.marking import marked
from bactrian.data.named import NamedArray
from bactrian.data.source import ArraySource
from bactrian.errors import FitInterrupted
from bactrian.estimators.emptiness import emptiness
from bactrian.estimators.estimated import EstimatedMixture
from bactrian.estimators.family import held_by_family
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.labels import check_labels
from bactrian.estimators.spikes import with_spikes
from bactrian.estimators.validation import fixed_names, held_weights
from bactrian.init.given import check_means
from bactrian.mixture import Likelihoods, Scaling
from bactrian.mixture.certainty import Certainty
from bactrian.mixture.criteria import aic, bic
from bactrian.objections import Interrupted, Objection, few_rows
from bactrian.storage import MixtureModel
from bactrian.storage.ending import told
from bactrian.storage.posterior import posterior_values
from bactrian.storage.training import in_other_units
from bactrian.tables.checks import check_enough
from bactrian.tables.named_rows import NamedRows
from bactrian.tables.scan import Scan

Observer = Callable[[EMInfo], None]


class InterruptedFitError(Exception):
    """Ctrl-C ended a fit.

    Parameters
    ----------
    model : MixtureModel or None
        The best so far, if there is one.
    """

    def __init__(self, model: MixtureModel | None) -> None:
        self.model = model
        super().__init__("The fit was interrupted.")


@dataclass(frozen=True, eq=False)
class TableFit:
    """What to fit, and in which units.

    Parameters
    ----------
    rows : NamedRows
        In the units of the data.
    scaling : Scaling or None
    spikes : PointMasses or None
        In the units of the data.
    elsewhere : Scan or None
        Where all rows are, if `rows` are only the first of them; these are not scaled.
    """

    rows: NamedRows
    scaling: Scaling | None
    spikes: PointMasses | None = None
    elsewhere: Scan | None = None

    @classmethod
    def of(cls, rows: NamedRows, *, standardize: bool, spikes: Any = None) -> TableFit:
        """Prepare a fit of these rows, on z-scores if wanted.

        Parameters
        ----------
        rows : NamedRows
        standardize : bool
        spikes : object
            The setting of the estimator: what is to be found is found here, once for all fits.

        Raises
        ------
        BadInputError
            If the point masses cannot be used.
        """
        scaling = Scaling.of(rows.X, rows.weights) if standardize else None
        source = ArraySource(rows.X, rows.weights)
        if rows.weights is not None and not rows.weights.all():
            source = source.only(rows.weights > 0)
        return cls(rows, scaling, with_spikes(spikes, source, rows.names)[1])

    @cached_property
    def values(self) -> FloatArray:
        """Rows in the units of the fit, (n_samples, n_features)."""
        return self.rows.X if self.scaling is None else self.scaling.scaled(self.rows.X)

    @property
    def named(self) -> NamedArray | Scan:
        """All rows with the names of the columns, for messages."""
        return self.elsewhere or NamedArray(self.values, self.rows.names)

    @cached_property
    def log_volume(self) -> float:
        """Log-density in the units of the fit minus that in the data's, per unit of weight.

        It is a mean where not all values are observed.
        """
        if self.scaling is None:
            return 0.0
        weights, X = self.rows.weights, marked(Chunk(self.rows.X, None), self.spikes).values
        if not np.isnan(X).any():
            return self.scaling.log_volume
        volumes = self.scaling.log_volumes(X) * (1.0 if weights is None else weights)
        return float(volumes.sum() / self.rows.total_weight)

    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Parameters of the estimator in units of the fit, from those in units of the data."""
        own, volume, means = dict(settings), settings["noise"], settings.get("means_init")
        if self.scaling is not None and not isinstance(volume, bool):
            own["noise"] = float(np.exp(np.log(volume) - self.scaling.log_volume))
        if means is not None:
            own["means_init"] = self.means(means)
        if "spikes" in own:
            spikes = self.spikes
            spikes = spikes if self.scaling is None else self.scaling.scaled_spikes(spikes)
            own["spikes"] = None if spikes is None else spikes.by_column()
        return own

    def in_data_units(self, parameters: Parameters) -> Parameters:
        """Parameters of a fit to the values, with their point masses in units of the data."""
        if self.spikes is None or parameters.spikes is None:
            return parameters
        own = replace(parameters.spikes, values=self.spikes.values)
        return parameters.replaced(spikes=own)

    def means(self, given: Sequence[Sequence[float]]) -> FloatArray:
        """Starting means in units of the fit, from those in units of the data.

        Raises
        ------
        BadInputError
            If one has not a number for each column.
        """
        known = check_means(given, len(given), len(self.rows.names))
        return known if self.scaling is None else self.scaling.scaled(known)

    def judged(self, model: MixtureModel) -> MixtureModel:
        """A model of the rows, which then knows how certain their components are."""
        return with_certainty(self, model, self.likelihoods(model).certainty)

    def likelihoods(self, model: MixtureModel) -> Likelihoods:
        """Likelihoods of the rows, and of what is known of their components, under a model."""
        if self.elsewhere is not None:
            return model.likelihoods_of(Chunk(*block) for block in self.elsewhere.blocks())
        rows, n_components = self.rows, model.parameters.n_components
        known = None
        if rows.labels is not None:
            y, _ = rows.labels.among(n_components)
            known = check_labels(y, "use", len(y), n_components, model.parameters.n_terms)
        return model.likelihoods(rows.X, rows.weights, plausibility=known)

    def check(self, n_components: int) -> None:
        """Refuse more components than rows.

        Raises
        ------
        DataError
        """
        rows = self.rows
        n_samples = len(rows.X) if rows.weights is None else int(np.count_nonzero(rows.weights))
        check_enough(n_samples, len(rows.names), n_components, rows.source)


def with_certainty(task: TableFit, model: MixtureModel, certainty: Certainty) -> MixtureModel:
    """The model, which knows how certain the components of its rows are."""
    training = {**model.training, "certainty": asdict(certainty)}
    if training.get("posterior") is not None:
        labels = task.rows.labels
        y = None if labels is None else labels.among(model.parameters.n_components)[0]
        empty = emptiness(model, task.values, task.rows.weights, y)
        training["posterior"] = {**training["posterior"], "empty": empty.tolist()}
    return model.replaced(training=training)


def fit_model(
    task: TableFit,
    settings: dict[str, Any],
    observers: Sequence[Observer] = (),
    kind: type[EstimatedMixture] = GaussianMixture,
) -> MixtureModel:
    """Fit one mixture.

    Parameters
    ----------
    task : TableFit
    settings : dict
        Parameters of the estimator.
    observers : sequence of callable
        Told each iteration.
    kind : type, optional
        The estimator: :class:`~bactrian.GaussianMixture`, or that of a posterior.

    Returns
    -------
    MixtureModel

    Raises
    ------
    InterruptedFitError
        On Ctrl-C, with the best so far.
    """
    task.check(settings["n_components"])

    def tell(info: EMInfo) -> None:
        for observe in observers:
            observe(info)

    y = None
    if task.rows.labels is not None:
        y, _ = task.rows.labels.among(settings["n_components"])
        settings = {**settings, "labels": "use"}
    estimator: Any = kind(**settings, callback=tell if observers else None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the report says it better
            weights = None if task.elsewhere is not None else task.rows.weights
            estimator.fit(task.named, y, sample_weight=weights)
    except FitInterrupted as interrupt:
        equal = held_weights(equal=estimator.equal_weights)
        fixed = fixed_names(estimator.fixed) | held_by_family(estimator) | equal
        so_far = None
        if interrupt.result is not None:
            so_far = _so_far(task, interrupt.result, estimator.tol, fixed)
        raise InterruptedFitError(so_far) from None
    return model_of(task, estimator)


def model_of(task: TableFit, estimator: Any) -> MixtureModel:
    """The model of an estimator that was fitted to the values of a task, with their names.

    Parameters
    ----------
    task : TableFit
    estimator : EstimatedMixture

    Returns
    -------
    MixtureModel
    """
    model, labels = estimator.to_model(task.scaling), task.rows.labels
    names = None if labels is None else labels.among(estimator.n_components)[1]
    return model.replaced(feature_names=task.rows.names, component_names=names or ())


def _so_far(task: TableFit, fit: Fit, tol: float, fixed: frozenset[str]) -> MixtureModel:
    best, stats = fit.best, fit.best.state.stats
    parameters = task.in_data_units(best.state.parameters)
    whole = isinstance(parameters, Posterior)
    n_parameters = parameters.n_parameters(fixed)
    objections: tuple[Objection, ...] = (
        Interrupted(best.state.iteration, stats.n_samples),
        *few_rows(stats.n_samples, n_parameters),
    )
    training = {
        "n_samples": stats.n_samples,
        "weight": stats.weight,
        "log_likelihood": stats.log_likelihood,
        "evidence_bound": best.state.merit if whole else None,
        "bic": bic(stats.log_likelihood, n_parameters, stats.weight),
        "aic": aic(stats.log_likelihood, n_parameters, stats.weight),
        "n_parameters": n_parameters,
        "n_iter": best.state.iteration,
        "tol": tol,
        "converged": False,
        **told(Ending.INTERRUPTED, objections),
        "failures": fit.failures,
        "seconds": sum(run.seconds for run in fit.runs),
        "trace": best.state.trace,
    }
    training = in_other_units(training, task.log_volume)
    if isinstance(parameters, Posterior):
        training["posterior"] = posterior_values(parameters)
        parameters = parameters.expected
    return MixtureModel(parameters, task.scaling, task.rows.names, training)
