"""Convert between an estimator, the mixture as a value, and what is known of its fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from math import inf
from typing import Any, TypeVar

import numpy as np

from bactrian.core.em.certificate import Certificate
from bactrian.core.em.starts import Optimum
from bactrian.core.mstep.prior import Prior
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.spike import Spike
from bactrian.estimators.fitted import FittedMixture
from bactrian.fitting.report import FitReport, Missing
from bactrian.mixture import Mixture, Scaling
from bactrian.objections import Collapse, Objection, OnBothSides, OnSpike
from bactrian.storage import MixtureModel
from bactrian.storage.ending import ending_of, objections_of, told
from bactrian.storage.posterior import posterior_values
from bactrian.storage.training import Training, in_other_units, json_values, mean_log_volume

Estimator = TypeVar("Estimator", bound=FittedMixture)
DIGITS = 12  # of a value in deviations of its column: what scaling there and back keeps

# Settings that say where and how loudly a fit ran, not which fit it was.
_CIRCUMSTANCES = ("backend", "n_jobs", "callback", "verbose", "verbose_interval")
_RECORDED = ("prior", "dof", "spikes")  # whatever they are
_HELD = {"weights": "weights", "means": "means", "covariances": "precisions"}


def model_of(estimator: FittedMixture, scaling: Scaling | None = None) -> MixtureModel:
    """The model of a fitted estimator.

    Parameters
    ----------
    estimator : FittedMixture
    scaling : Scaling, optional
        If the estimator was fitted to ``(x - centre) / scale``. The likelihoods and criteria in
        `training` are then turned into those of x.
    """
    mixture, training = estimator.mixture_, _training_of_estimator(estimator, scaling)
    parameters = mixture.parameters
    if scaling is not None:
        training = in_other_units(training, mean_log_volume(training, scaling))
        spikes = scaling.original_spikes(parameters.spikes)
        if spikes is not None:
            parameters = parameters.replaced(spikes=spikes)
            training["settings"]["spikes"] = _recorded(spikes.by_column())
    return MixtureModel(parameters, scaling, mixture.feature_names, training)


def in_units_of_data(
    objections: Iterable[Objection], scaling: Scaling | None
) -> tuple[Objection, ...]:
    """Objections to a fit to ``(x - centre) / scale``, with the values of x."""
    if scaling is None:
        return tuple(objections)
    return tuple(_scaled_back(one, scaling) for one in objections)


def _scaled_back(objection: Objection, scaling: Scaling) -> Objection:
    """The objection with values in units of the data instead of scaled units."""

    def back(values: Sequence[float], features: Sequence[int]) -> list[float]:
        unit, centre = scaling.scale[list(features)], scaling.centre[list(features)]
        found = np.round(np.array(values) + centre / unit, DIGITS) * unit
        return [float(value) for value in found]

    match objection:
        case OnSpike(features=features, values=values):
            return replace(objection, values=tuple(back(values, features)))
        case OnBothSides(low=low, high=high):
            low, high = back((low, high), (0, 0))
            return replace(objection, low=low, high=high)
    return objection


def _training_of_estimator(estimator: Any, scaling: Scaling | None) -> Training:
    """All that a fitted estimator knows of its fit; its objections use the data's units."""
    report = getattr(estimator, "fit_report_", None)
    if report is None:
        found: Training = {"converged": bool(estimator.converged_), "n_iter": estimator.n_iter_}
    else:
        report = replace(
            report,
            objections=in_units_of_data(report.objections, scaling),
            spikes=_in_original_units(report.spikes, scaling),
        )
        found = training_of(report)
    posterior = getattr(estimator, "posterior_", None)
    if posterior is not None:
        found["posterior"] = posterior_values(posterior)
    found["dtype"] = str(np.asarray(estimator.means_).dtype)
    found["settings"] = {
        name: _recorded(value)
        for name, value in estimator.get_params(deep=False).items()
        if name not in _CIRCUMSTANCES and (name in _RECORDED or _is_plain(value))
    }
    return found


def _in_original_units(spikes: tuple[Spike, ...], scaling: Scaling | None) -> tuple[Spike, ...]:
    """Spikes with values in units of the data."""
    if scaling is None:
        return spikes
    values = (scaling.original_value(spike.column, spike.value) for spike in spikes)
    return tuple(replace(spike, value=v) for spike, v in zip(spikes, values, strict=True))


def restored(estimator: Estimator, mixture: Mixture) -> Estimator:
    """The estimator as if it had been fitted, from a mixture in units of the data and settings.

    A numeric `reg_covar` of a scaled fit is left out, and so are a prior with numbers and the
    volume of the noise: they are in other units.

    Parameters
    ----------
    estimator : FittedMixture
        With its defaults; it is changed.
    mixture : Mixture
        What a :class:`~bactrian.MixtureModel` knows of its fit is taken over.
    """
    parameters, scaled = mixture.in_original_units(), mixture.scaling is not None
    training = mixture.training if isinstance(mixture, MixtureModel) else {}
    settings = dict(training.get("settings", {}))
    if scaled:
        settings.pop("reg_covar", None)
        if isinstance(settings.get("prior"), dict):
            settings.pop("prior")
    settings["n_components"] = parameters.n_components
    settings["covariance_type"] = parameters.structure.name
    settings["family"] = "gaussian" if parameters.dof is None else "t"
    volume = True if scaled else settings.get("noise") or True
    settings["noise"] = False if parameters.noise is None else volume
    if parameters.spikes is not None:
        settings["spikes"] = parameters.spikes.by_column()
    if isinstance(settings.get("fixed"), list):
        settings["fixed"] = tuple(settings["fixed"])
    known = set(estimator.get_params(deep=False)).difference(_CIRCUMSTANCES)
    estimator.set_params(**{name: settings[name] for name in settings if name in known})
    single = training.get("dtype") == "float32" and _is_single(parameters)
    estimator._set_parameters(parameters, np.float32 if single else np.float64)
    _hold(estimator)
    name_features(estimator, parameters.n_features, mixture.feature_names)
    _recall(estimator, training)
    return estimator


def _hold(estimator: Any) -> None:
    """Give fixed parameters the values at which they were held."""
    fixed: Any = estimator.fixed
    names = fixed if isinstance(fixed, tuple) else (fixed,)
    for name in names:
        if isinstance(name, str) and name in _HELD:
            value = getattr(estimator, f"{_HELD[name]}_")
            setattr(estimator, f"{_HELD[name]}_init", value.copy())


def name_features(estimator: Any, n_features: int, feature_names: tuple[str, ...]) -> None:
    """Set what scikit-learn's estimators know about the columns."""
    estimator.n_features_in_ = n_features
    if feature_names:
        estimator.feature_names_in_ = np.array(feature_names, dtype=object)


def _recall(estimator: Any, training: Mapping[str, Any]) -> None:
    """Set what is known of the fit; a model from elsewhere has no report."""
    estimator.converged_ = bool(training.get("converged", False))
    estimator.n_iter_ = int(training.get("n_iter", 0))
    report = report_of(training)
    if report is None:
        estimator.lower_bounds_, estimator.lower_bound_ = [], float("nan")
        return
    estimator.lower_bounds_ = list(report.trace[:-1])
    estimator.lower_bound_ = (estimator.lower_bounds_ or report.trace)[-1]
    estimator.log_likelihood_ = report.log_likelihood
    estimator.fit_report_ = report


def _is_single(parameters: Parameters) -> bool:
    """Whether all of it fits into float32."""
    names = ("weights", "means", "covariances", "precisions_cholesky")
    arrays = [getattr(parameters, name) for name in names]
    with np.errstate(over="ignore", under="ignore"):
        return all(np.array_equal(a, a.astype(np.float32)) for a in arrays)


def _recorded(value: Any) -> Any:
    """A setting as a model file records it; a prior is recorded as a dict of all its parts."""
    if isinstance(value, Prior):
        return value.parts()
    if isinstance(value, Mapping):
        pairs = ((str(name), v) for name, v in value.items())
        return {name: None if v is None else np.asarray(v).tolist() for name, v in pairs}
    return sorted(value) if isinstance(value, set | frozenset) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list | set | frozenset):
        return all(isinstance(entry, str) for entry in value)
    return value is None or isinstance(value, bool | int | float | str | np.generic)


# ---- the report of a fit, and what a model file says of it


def training_of(report: FitReport) -> Training:
    """The report as JSON values, with its certificate; what is not finite becomes null."""
    values = asdict(report)
    values.update(values.pop("certificate"))
    values.pop("on_spikes")  # an objection says it
    values.update(told(report.ending, report.objections))
    values["trace"] = values.pop("trace")  # the longest comes last
    return json_values(values)


def report_of(training: Mapping[str, Any]) -> FitReport | None:
    """The report of the fit; None if the training does not hold all of it."""
    # Files that are older have none of these.
    training = {
        "missing": None,
        "log_posterior": None,
        "labelled": 0,
        "every_split": False,
        "spikes": [],
        "evidence_bound": None,
        **training,
    }
    own = {entry.name for entry in fields(FitReport)} - {"certificate", "ending", "objections"}
    certified = {entry.name for entry in fields(Certificate)} - {"on_spikes"}
    if not own | certified <= training.keys():
        return None
    ending, trace = ending_of(training), training["trace"]
    if ending is None or training["log_likelihood"] is None:
        return None
    if len(trace) <= training["n_iter"] or None in trace:
        return None
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in training.items()
    }
    values["optima"] = tuple(
        Optimum(**{name: _or_infinite(value) for name, value in optimum.items()})
        for optimum in training["optima"]
    )
    values["collapses"] = tuple(Collapse(**collapse) for collapse in training["collapses"])
    if training["missing"] is not None:
        told = training["missing"]
        lists = {name: tuple(told[name]) for name in ("values", "observed")}
        values["missing"] = Missing(told["rows"], told["empty"], **lists)
    values["spikes"] = tuple(Spike(**spike) for spike in training["spikes"])
    for name in ("gain_to_come", "score"):
        values[name] = _or_infinite(values[name])
    certificate = Certificate(**{name: values[name] for name in certified})
    return FitReport(
        **{name: values[name] for name in own},
        certificate=certificate,
        ending=ending,
        objections=objections_of(training),
    )


def _or_infinite(value: float | None) -> Any:
    return inf if value is None else value
