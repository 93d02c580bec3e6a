"""Gaussian mixture models: estimation, selection, inference.

The public names are resolved on first use (PEP 562), so that ``import bactrian``
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bactrian.config import show_config as show_config
    from bactrian.core.mstep.prior import Prior as Prior
    from bactrian.decisions.classifier import (
        GaussianMixtureClassifier as GaussianMixtureClassifier,
    )
    from bactrian.decisions.outliers import (
        GaussianMixtureOutlierDetector as GaussianMixtureOutlierDetector,
    )
    from bactrian.errors import (
        BadInputError as BadInputError,
    )
    from bactrian.errors import (
        DegenerateCovarianceError as DegenerateCovarianceError,
    )
    from bactrian.errors import (
        FitInterrupted as FitInterrupted,
    )
    from bactrian.estimators.bayesian_mixture import (
        BayesianGaussianMixture as BayesianGaussianMixture,
    )
    from bactrian.estimators.exports import export as export
    from bactrian.estimators.gaussian_mixture import GaussianMixture as GaussianMixture
    from bactrian.estimators.posterior_sampling import sample_posterior as sample_posterior
    from bactrian.estimators.regressor import (
        GaussianMixtureRegressor as GaussianMixtureRegressor,
    )
    from bactrian.mixture import Mixture as Mixture
    from bactrian.selection.bootstrap.bootstrap import bootstrap as bootstrap
    from bactrian.selection.search.search import select_mixture as select_mixture
    from bactrian.selection.search.selector import (
        GaussianMixtureSelector as GaussianMixtureSelector,
    )
    from bactrian.selection.tests.likelihood_ratio import bootstrap_lrt as bootstrap_lrt
    from bactrian.selection.tests.likelihood_ratio import (
        sequential_bootstrap_lrt as sequential_bootstrap_lrt,
    )
    from bactrian.storage import MixtureModel as MixtureModel
    from bactrian.storage import ModelFileError as ModelFileError
    from bactrian.storage import load_model as load_model
    from bactrian.tables.scan import scan as scan

__version__ = "0.1.0"

_HOMES = {
    "BadInputError": "bactrian.errors",
    "BayesianGaussianMixture": "bactrian.estimators.bayesian_mixture",
    "DegenerateCovarianceError": "bactrian.errors",
    "FitInterrupted": "bactrian.errors",
    "GaussianMixture": "bactrian.estimators.gaussian_mixture",
    "GaussianMixtureClassifier": "bactrian.decisions.classifier",
    "GaussianMixtureOutlierDetector": "bactrian.decisions.outliers",
    "GaussianMixtureRegressor": "bactrian.estimators.regressor",
    "GaussianMixtureSelector": "bactrian.selection.search.selector",
    "Mixture": "bactrian.mixture",
    "MixtureModel": "bactrian.storage",
    "ModelFileError": "bactrian.storage",
    "Prior": "bactrian.core.mstep.prior",
    "bootstrap_lrt": "bactrian.selection.tests.likelihood_ratio",
    "bootstrap": "bactrian.selection.bootstrap.bootstrap",
    "export": "bactrian.estimators.exports",
    "load_model": "bactrian.storage",
    "sample_posterior": "bactrian.estimators.posterior_sampling",
    "scan": "bactrian.tables.scan",
    "select_mixture": "bactrian.selection.search.search",
    "sequential_bootstrap_lrt": "bactrian.selection.tests.likelihood_ratio",
    "show_config": "bactrian.config",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bactrian' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
