"""Between model files, this package's estimator and scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.utils.validation import check_is_fitted

from bactrian.core.covariance import covariance_structure
from bactrian.core.errors import BadInputError
from bactrian.core.mstep.prior import Prior
from bactrian.core.values.parameters import Parameters
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.storage.training import Training, report_of, training_of

if TYPE_CHECKING:
    from bactrian.storage.model import MixtureModel

# Settings that say where and how loudly a fit ran, not which fit it was.
_CIRCUMSTANCES = ("backend", "n_jobs", "callback", "verbose", "verbose_interval")
# Starts that scikit-learn does not have, and the nearest that it has.
_NEAREST_START = {
    "sample_variance": "random_from_data",
    "hierarchical": "kmeans",
    "ward": "kmeans",
}
_HELD = {"weights": "weights", "means": "means", "covariances": "precisions"}


# ---- model files


def names_of(estimator: Any) -> tuple[str, ...]:
    """Feature names that a fitted estimator knows, else none."""
    return tuple(str(name) for name in getattr(estimator, "feature_names_in_", ()))


def training_of_estimator(estimator: GaussianMixture) -> Training:
    """All that a fitted estimator knows of its fit."""
    check_is_fitted(estimator)
    report = getattr(estimator, "fit_report_", None)
    if report is None:
        found: Training = {"converged": bool(estimator.converged_), "n_iter": estimator.n_iter_}
    else:
        found = training_of(report)
    found["dtype"] = str(np.asarray(estimator.means_).dtype)
    found["settings"] = {
        name: _recorded(value)
        for name, value in estimator.get_params(deep=False).items()
        if name not in _CIRCUMSTANCES and (name in ("prior", "dof") or _is_plain(value))
    }
    return found


def estimator_of(
    parameters: Parameters,
    feature_names: tuple[str, ...],
    training: Mapping[str, Any],
    *,
    scaled: bool,
) -> GaussianMixture:
    """Fitted estimator with these parameters and the settings in `training`.

    A numeric `reg_covar` of a scaled fit is left out, and so are a prior with numbers and the
    volume of the noise: they are in other units.
    """
    estimator = GaussianMixture()
    settings = dict(training.get("settings", {}))
    if scaled:
        settings.pop("reg_covar", None)
        if isinstance(settings.get("prior"), dict):
            settings.pop("prior")
    known = set(estimator.get_params(deep=False)).difference(_CIRCUMSTANCES)
    settings = {name: value for name, value in settings.items() if name in known}
    settings["n_components"] = parameters.n_components
    settings["covariance_type"] = parameters.structure.name
    settings["family"] = "gaussian" if parameters.dof is None else "t"
    volume = True if scaled else settings.get("noise") or True
    settings["noise"] = False if parameters.noise is None else volume
    if isinstance(settings.get("fixed"), list):
        settings["fixed"] = tuple(settings["fixed"])
    estimator.set_params(**settings)
    single = training.get("dtype") == "float32" and _is_single(parameters)
    estimator._set_parameters(parameters, np.float32 if single else np.float64)
    _hold(estimator)
    _describe(estimator, parameters.n_features, feature_names)
    _recall(estimator, training)
    return estimator


def _hold(estimator: GaussianMixture) -> None:
    """What was held fixed has the value that it was held at."""
    fixed: Any = estimator.fixed
    names = fixed if isinstance(fixed, tuple) else (fixed,)
    for name in names:
        if isinstance(name, str) and name in _HELD:
            value = getattr(estimator, f"{_HELD[name]}_")
            setattr(estimator, f"{_HELD[name]}_init", value.copy())


def _describe(estimator: Any, n_features: int, feature_names: tuple[str, ...]) -> None:
    estimator.n_features_in_ = n_features
    if feature_names:
        estimator.feature_names_in_ = np.array(feature_names, dtype=object)


def _recall(estimator: GaussianMixture, training: Mapping[str, Any]) -> None:
    """Set what is said of the fit; a model from elsewhere has no report."""
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
    """Whether float32 holds all of it."""
    names = ("weights", "means", "covariances", "precisions_cholesky")
    arrays = [getattr(parameters, name) for name in names]
    with np.errstate(over="ignore", under="ignore"):
        return all(np.array_equal(a, a.astype(np.float32)) for a in arrays)


def _recorded(value: Any) -> Any:
    """A setting as a model file records it; a dict of all parts of a prior says as much."""
    if isinstance(value, Prior):
        return value.parts()
    if isinstance(value, Mapping):
        return {name: None if v is None else np.asarray(v).tolist() for name, v in value.items()}
    return sorted(value) if isinstance(value, set | frozenset) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list | set | frozenset):
        return all(isinstance(entry, str) for entry in value)
    return value is None or isinstance(value, bool | int | float | str | np.generic)


# ---- scikit-learn


def to_sklearn(model: MixtureModel | GaussianMixture) -> SklearnMixture:
    """Fitted :class:`sklearn.mixture.GaussianMixture`, in units of the data.

    Labels, probabilities and densities agree, up to scikit-learn's rounding: it multiplies out
    ``(x - mean)^2``, and so loses digits on data far from the origin. Settings that it does not
    have are left out, and so is what components share other than one matrix: "VEV" is "full",
    and its criteria count the parameters of that.

    Parameters
    ----------
    model : MixtureModel or GaussianMixture
        The latter fitted.

    Raises
    ------
    BadInputError
        If it has noise or t distributions.
    """
    estimator = model if isinstance(model, GaussianMixture) else model.to_estimator()
    parameters = estimator._parameters()
    others = {"uniform noise": parameters.noise, "t distributions": parameters.dof}
    more = [name for name, value in others.items() if value is not None]
    if more:
        raise BadInputError(
            "model",
            f"one with {' and '.join(more)}, which scikit-learn does not have",
            "one of Gaussians alone",
            "Export it to ONNX, or keep the model file.",
        )
    found = SklearnMixture()
    shared = found.get_params(deep=False)
    ours = estimator.get_params(deep=False)
    settings = {name: ours[name] for name in shared if name in ours}
    for name in ("reg_covar", "n_init", "init_params"):
        if settings[name] == "auto":
            settings[name] = shared[name]
    start = settings["init_params"]
    settings["init_params"] = _NEAREST_START.get(start, start)
    structure = parameters.structure
    found.set_params(**{**settings, "covariance_type": structure.form})
    public = structure.public_shape(*parameters.means.shape)
    factors = parameters.precisions_cholesky
    found.weights_ = parameters.weights.copy()
    found.means_ = parameters.means.copy()
    found.covariances_ = parameters.covariances.reshape(public).copy()
    found.precisions_ = structure.precisions_of(factors).reshape(public).copy()
    found.precisions_cholesky_ = factors.reshape(public).copy()
    for name in ("converged_", "n_iter_", "lower_bound_", "lower_bounds_"):
        setattr(found, name, getattr(estimator, name))
    _describe(found, parameters.n_features, names_of(estimator))
    return found


def from_sklearn(model: SklearnMixture) -> GaussianMixture:
    """Fitted estimator of this package, from scikit-learn's.

    It has the same settings, scikit-learn's stopping rule included. There is no ``fit_report_``.

    Parameters
    ----------
    model : sklearn.mixture.GaussianMixture
        Fitted.

    Raises
    ------
    BadInputError
        If it is something else.
    """
    if not isinstance(model, SklearnMixture):
        got, wanted = f"a {type(model).__name__}", "a sklearn.mixture.GaussianMixture"
        raise BadInputError("model", got, wanted)
    check_is_fitted(model)
    means = np.asarray(model.means_, dtype=np.float64)
    structure = covariance_structure(model.covariance_type)
    shape = structure.shape(*means.shape)
    parameters = Parameters(
        np.asarray(model.weights_),
        means,
        np.asarray(model.covariances_).reshape(shape),
        structure,
        np.asarray(model.precisions_cholesky_).reshape(shape),
    )
    estimator = GaussianMixture(stopping="log_likelihood")
    known = estimator.get_params(deep=False)
    theirs = model.get_params(deep=False)
    estimator.set_params(**{name: theirs[name] for name in theirs if name in known})
    estimator._set_parameters(parameters, np.asarray(model.means_).dtype)
    _describe(estimator, parameters.n_features, names_of(model))
    estimator.converged_, estimator.n_iter_ = bool(model.converged_), int(model.n_iter_)
    estimator.lower_bound_ = float(model.lower_bound_)
    estimator.lower_bounds_ = [float(bound) for bound in getattr(model, "lower_bounds_", ())]
    return estimator
