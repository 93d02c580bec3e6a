"""The document that ``--json`` prints and that the report shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bactrian import __version__
from bactrian.mixture.sampling import NOISE
from bactrian.report.names import names_of
from bactrian.report.posterior import LEVEL, posterior_document

if TYPE_CHECKING:
    from bactrian.core.values.parameters import Parameters
    from bactrian.mixture import Mixture
    from bactrian.mixture.thresholds import Threshold
    from bactrian.storage import MixtureModel

Document = dict[str, Any]

_FIT = (
    "log_likelihood", "log_posterior", "bic", "aic", "n_parameters", "n_iter", "tol", "converged",
    "ending", "reason", "seconds",
)  # fmt: skip


def as_json(document: Mapping[str, Any]) -> str:
    """JSON text; a number that is not finite becomes null.

    Parameters
    ----------
    document : mapping

    Returns
    -------
    str
    """
    return _spelled(_plain(document), "")


def _spelled(value: Any, indent: str) -> str:
    """JSON text, with one line for each field and each row of numbers."""
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        parts = [f"{json.dumps(key)}: {_spelled(part, inner)}" for key, part in value.items()]
    elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        parts = [_spelled(part, inner) for part in value]
    else:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(f"{inner}{part}" for part in parts)
    return f"{opened}\n{lines}\n{indent}{closed}"


def document_of(command: str, model: MixtureModel, source: str) -> Document:
    """All that is known of a model and its fit; what is unknown is left out.

    Parameters
    ----------
    command : str
        The one that ran.
    model : MixtureModel
    source : str
        Name of the data, or of the model file.

    Returns
    -------
    dict
    """
    training = model.training
    document: Document = {"bactrian": __version__, "command": command, "source": source}
    data = {name: training[name] for name in ("n_samples", "weight") if name in training}
    if training.get("labelled"):
        data["labelled"] = training["labelled"]
    if training.get("missing"):
        data["missing"] = _missing(training["missing"], names_of(model))
    if data:
        document["data"] = data
    document["model"] = _model(model)
    fit = {name: training[name] for name in _FIT if name in training}
    if fit.get("log_posterior") is None:  # there was no prior
        fit.pop("log_posterior", None)
    if "optima" in training:
        runs = sum(optimum["times"] for optimum in training["optima"])
        fit["n_runs"] = runs + len(training.get("failures", ()))
    if fit:
        document["fit"] = fit
    if "gain_to_come" in training:
        document["certificate"] = {
            "gain_to_come": training["gain_to_come"],
            "score": training.get("score"),
            "rate": training.get("rate"),
            "collapses": [_from_one(collapse) for collapse in training.get("collapses", ())],
        }
    if training.get("posterior"):
        document["posterior"] = posterior_document(model, LEVEL)
    if training.get("certainty"):
        document["certainty"] = training["certainty"]
    if model.component_names:
        document["component_names"] = model.component_names
    for name in ("optima", "optima_samples", "every_split", "failures", "warnings"):
        if name in training:
            document[name] = training[name]
    if "objections" in training:
        document["objections"] = [_from_one(one) for one in training["objections"]]
    if "optima" in document:
        document["optima"] = _optima(training["optima"])
    return document


def _from_one(facts: Mapping[str, Any]) -> Document:
    """The same with components counted from 1."""
    told = dict(facts)
    if "component" in told:
        told["component"] += 1
    if "components" in told:
        told["components"] = [component + 1 for component in told["components"]]
    return told


def _missing(missing: Mapping[str, Any], names: Sequence[str]) -> Document:
    """Number of incomplete rows, and of missing values in each column."""
    values = dict(zip(names, missing["values"], strict=True))
    return {"rows": missing["rows"], "empty_rows": missing["empty"], "values": values}


def _optima(optima: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Optima, collapsed ones last: their likelihood has no bound and no rank."""
    told = [{**optimum, "collapsed": bool(optimum.get("collapsed"))} for optimum in optima]
    return sorted(told, key=lambda optimum: optimum["collapsed"])


def _model(mixture: Mixture) -> Document:
    """Parameters in the units of the data, and what follows from them."""
    parameters = mixture.in_original_units()
    covariances = parameters.dense_covariances()
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlations = covariances / deviations[:, :, None] / deviations[:, None, :]
    features = range(parameters.n_features)
    correlations[:, features, features] = 1.0
    return {
        "n_components": parameters.n_components,
        "n_features": parameters.n_features,
        "feature_names": names_of(mixture),
        "covariance_type": mixture.parameters.structure.name,
        "standardized": mixture.scaling is not None,
        "weights": parameters.weights,
        "means": parameters.means,
        "covariances": covariances,
        "standard_deviations": deviations,
        "correlations": np.clip(correlations, -1.0, 1.0),
        "family": "gaussian" if parameters.dof is None else "t",
        "dof": parameters.dof,
        "noise": _noise(parameters),
        **_spikes(mixture),
        **_thresholds(mixture),
    }


def _spikes(mixture: Mixture) -> Document:
    """Point masses, if there are any: how probable each is, and in each component, noise last."""
    spikes, names = mixture.parameters.spikes, names_of(mixture)
    if spikes is None:
        return {}
    shares = spikes.shares_of_rows(mixture.parameters.term_weights)
    each = [None] * len(spikes) if spikes.common else list(spikes.shares.T)
    told = zip(spikes.columns, spikes.values, shares, each, strict=True)
    return {
        "spikes": [
            {"feature": names[column], "value": value, "share": share, "by_component": own}
            for column, value, share, own in told
        ]
    }


def _thresholds(mixture: Mixture) -> Document:
    """For one column: where the most probable component changes; components are counted from 1."""
    parameters = mixture.parameters
    uneven = parameters.spikes is not None and not parameters.spikes.common
    if parameters.n_features > 1 or parameters.n_terms == 1 or uneven:
        return {}
    return {"thresholds": [threshold(one) for one in mixture.thresholds()]}


def threshold(cut: Threshold) -> Document:
    """A cut, with components counted from 1."""
    numbers = {side: getattr(cut, side) for side in ("below", "above")}
    counted = {side: k + 1 if k != NOISE else k for side, k in numbers.items()}
    return {"value": cut.value, **counted}


def _noise(parameters: Parameters) -> Document | None:
    if parameters.noise is None:
        return None
    return {
        "weight": parameters.term_weights[-1],
        "log_density": parameters.noise_log_density[0],
        "box": parameters.noise,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
