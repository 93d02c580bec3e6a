"""The parameters of an estimator, checked and translated once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bactrian.backends import Backend, backend_for
from bactrian.core.acceleration import ACCELERATIONS
from bactrian.core.covariance import CovarianceStructure, covariance_structure
from bactrian.core.stopping import RULES, LogLikelihoodRule
from bactrian.estimators.family import Family, family_of, held_by_family
from bactrian.estimators.priors import PriorChoice, check_prior
from bactrian.estimators.validation import (
    MISSING,
    check_callback,
    check_choice,
    check_eigenvalue_ratio,
    check_equal_weights,
    check_fixed,
    check_integer,
    check_jobs,
    check_real,
    check_seed,
    held_weights,
)
from bactrian.init.given import Given
from bactrian.init.starts import STARTS

AUTO = "'auto', or "
INITS = ("auto", *STARTS)


@dataclass(frozen=True, eq=False)
class Settings:
    """How to fit. ``n_init`` and ``reg_covar`` are None for "auto"; `accelerated` is decided."""

    n_components: int
    structure: CovarianceStructure
    stopping: str
    tol: float
    max_iter: int
    n_init: int | None
    init_params: str
    given: Given
    fixed: frozenset[str]
    reg_covar: float | None
    backend: Backend
    n_jobs: int | None = None
    accelerated: bool = False
    family: Family = field(default_factory=Family)
    prior: PriorChoice | None = None
    eigenvalue_ratio: float | None = None

    def held(self) -> Given:
        """The given values of what is held fixed."""
        given, fixed = self.given, self.fixed
        return Given(
            given.weights if "weights" in fixed else None,
            given.means if "means" in fixed else None,
            given.precisions if "covariances" in fixed else None,
            None,
        )


def settings_of(estimator: Any, shape: tuple[int, ...], kept: Any) -> Settings:
    """Settings of an estimator for rows of that shape.

    Parameters
    ----------
    estimator : GaussianMixture
    shape : (n_samples, n_features)
    kept : slice or (n_samples,) of bool
        Rows of weight above 0.

    Raises
    ------
    BadInputError
        If a parameter cannot be used.
    """
    n_components = check_integer("n_components", estimator.n_components, 1)
    structure = covariance_structure(estimator.covariance_type, shape[1])
    n_init, reg_covar, verbose = estimator.n_init, estimator.reg_covar, estimator.verbose
    check_integer("verbose", int(verbose) if isinstance(verbose, bool) else verbose, 0)
    check_integer("verbose_interval", estimator.verbose_interval, 1)
    check_callback(estimator.callback)
    weights_init = estimator.weights_init
    equal_weights = check_equal_weights(estimator)
    if equal_weights:
        weights_init = np.full(n_components, 1 / n_components)
    given = Given.checked(
        weights_init,
        estimator.means_init,
        estimator.precisions_init,
        estimator.resp_init,
        structure,
        n_components,
        shape,
        kept,
    )
    fixed = (
        check_fixed(estimator.fixed, given)
        | held_by_family(estimator)
        | held_weights(equal=equal_weights)
    )
    reg_covar = None if _is_auto(reg_covar) else check_real("reg_covar", reg_covar, "'auto', or ")
    ratio = check_eigenvalue_ratio(estimator.eigenvalue_ratio, structure, fixed, reg_covar)
    return Settings(
        n_components=n_components,
        structure=structure,
        stopping=check_choice("stopping", estimator.stopping, RULES),
        tol=check_real("tol", estimator.tol),
        max_iter=check_integer("max_iter", estimator.max_iter, 0),
        n_init=None if _is_auto(n_init) else check_integer("n_init", n_init, 1, AUTO),
        init_params=check_choice("init_params", estimator.init_params, INITS),
        given=given,
        fixed=fixed,
        reg_covar=reg_covar,
        backend=backend_for(estimator.backend, check_jobs(estimator.n_jobs)),
        n_jobs=estimator.n_jobs,
        accelerated=_accelerated(estimator.acceleration, estimator.stopping),
        family=family_of(estimator, n_components, shape[0], kept),
        prior=check_prior(estimator.prior),
        eigenvalue_ratio=ratio,
    )


def check_settings(estimator: Any, shape: tuple[int, int]) -> None:
    """Refuse parameters that no rows of that shape can be fitted with.

    Parameters
    ----------
    estimator : GaussianMixture
    shape : (n_samples, n_features)

    Raises
    ------
    BadInputError
    """
    check_choice("missing", estimator.missing, MISSING)
    check_seed(estimator.random_state)
    settings_of(estimator, shape, slice(None))


def _accelerated(acceleration: Any, stopping: Any) -> bool:
    """Whether to extrapolate; "auto" leaves scikit-learn's rule with scikit-learn's iterations."""
    chosen = check_choice("acceleration", acceleration, ACCELERATIONS)
    if chosen == "auto":
        return bool(stopping != LogLikelihoodRule.name)
    return chosen != "none"


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"
