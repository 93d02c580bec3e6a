"""Convert between this package's estimator and scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.utils.validation import check_is_fitted

from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.estimators.conversion import Estimator, name_features
from bactrian.estimators.fitted import feature_names_of

# Starts that scikit-learn does not have, and the nearest that it has.
_NEAREST_START = {
    "sample_variance": "random_from_data",
    "hierarchical": "kmeans",
    "ward": "kmeans",
}


def to_sklearn(estimator: Any) -> SklearnMixture:
    """Fitted :class:`sklearn.mixture.GaussianMixture`, in units of the data.

    Labels, probabilities and densities agree, up to scikit-learn's rounding: it multiplies out
    ``(x - mean)^2``, and so loses digits on data far from the origin. Settings that it does not
    have are left out, and so is what components share other than one matrix: "VEV" is "full",
    and its criteria count the parameters of that.

    Parameters
    ----------
    estimator : GaussianMixture
        Fitted.

    Raises
    ------
    BadInputError
        If it has noise, t distributions or point masses.
    """
    mixture = estimator.mixture_
    parameters = mixture.parameters
    others = {"uniform noise": parameters.noise, "t distributions": parameters.dof}
    others["point masses"] = parameters.spikes
    more = [name for name, value in others.items() if value is not None]
    if more:
        raise BadInputError(
            "model",
            f"a mixture with {' and '.join(more)}, which scikit-learn does not have",
            "a mixture of Gaussians only",
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
    form = parameters.form
    found.set_params(**{**settings, "covariance_type": form.name})
    public = form.public_shape(*parameters.means.shape)
    factors = parameters.precisions_cholesky
    found.weights_ = parameters.weights.copy()
    found.means_ = parameters.means.copy()
    found.covariances_ = parameters.covariances.reshape(public).copy()
    found.precisions_ = form.algebra.precisions_of(factors).reshape(public).copy()
    found.precisions_cholesky_ = factors.reshape(public).copy()
    for name in ("converged_", "n_iter_", "lower_bound_", "lower_bounds_"):
        setattr(found, name, getattr(estimator, name))
    name_features(found, parameters.n_features, mixture.feature_names)
    return found


def from_sklearn(estimator: Estimator, model: SklearnMixture) -> Estimator:
    """The estimator as if it had been fitted, from the mixture and settings of scikit-learn's.

    It has the same settings, scikit-learn's stopping rule included. There is no ``fit_report_``.

    Parameters
    ----------
    estimator : FittedMixture
        With its defaults; it is changed.
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
    shape = structure.form.shape(*means.shape)
    parameters = Parameters(
        np.asarray(model.weights_),
        means,
        np.asarray(model.covariances_).reshape(shape),
        structure,
        np.asarray(model.precisions_cholesky_).reshape(shape),
    )
    known = estimator.get_params(deep=False)
    theirs = model.get_params(deep=False)
    shared = {name: theirs[name] for name in theirs if name in known}
    estimator.set_params(**shared, stopping="log_likelihood")
    estimator._set_parameters(parameters, np.asarray(model.means_).dtype)
    name_features(estimator, parameters.n_features, feature_names_of(model))
    found: Any = estimator
    found.converged_, found.n_iter_ = bool(model.converged_), int(model.n_iter_)
    found.lower_bound_ = float(model.lower_bound_)
    found.lower_bounds_ = [float(bound) for bound in getattr(model, "lower_bounds_", ())]
    return estimator
