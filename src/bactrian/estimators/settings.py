"""Turn an estimator's flat parameters into the parts of a fit: check and translate them once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bactrian.backends import backend_for
from bactrian.core.arrays import BoolArray
from bactrian.core.covariance import covariance_structure
from bactrian.core.em.stopping import LogLikelihoodRule
from bactrian.errors import BadInputError
from bactrian.estimators.family import family_of, held_by_family, noise_rows_of
from bactrian.estimators.labels import known_of
from bactrian.estimators.prior import check_prior
from bactrian.estimators.spikes import check_spikes
from bactrian.estimators.validation import (
    check_callback,
    check_choice,
    check_eigenvalue_ratio,
    check_equal_weights,
    check_fixed,
    check_flag,
    check_integer,
    check_jobs,
    check_real,
    check_seed,
    held_weights,
)
from bactrian.fitting.climb import Climb
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.machine import Machine
from bactrian.fitting.model import Model
from bactrian.fitting.starts import Starts
from bactrian.init.given import Given
from bactrian.remedies import Say
from bactrian.vocabulary import ACCELERATION, INIT_PARAMS, MISSING, STOPPING

AUTO = "'auto', or "


def machine_of(estimator: Any) -> Machine:
    """What an estimator runs on.

    Raises
    ------
    BadInputError
        If there is no such back end, or `n_jobs` is no number of threads.
    """
    n_jobs = check_jobs(estimator.n_jobs)
    return Machine(backend_for(estimator.backend, n_jobs), n_jobs)


class Parts(NamedTuple):
    """What an estimator fits, how, and from where."""

    model: Model
    climb: Climb
    starts: Starts

    def of(self, data: DataSet) -> Estimation:
        """The estimation that these parts make from data.

        Raises
        ------
        BadInputError
            If the data do not go with them.
        """
        estimation = Estimation(data, *self)
        estimation.check()
        return estimation


def parts_of(estimator: Any, shape: tuple[int, ...], mask: BoolArray | None = None) -> Parts:
    """What an estimator fits, how, and from where, for rows with that shape.

    Parameters
    ----------
    estimator : GaussianMixture
    shape : (n_samples, n_features)
    mask : (n_samples,) of bool, optional
        Rows of weight above 0; by default all.

    Raises
    ------
    BadInputError
        If a parameter cannot be used.
    """
    kept = slice(None) if mask is None else mask
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
        (shape[0], shape[1]),
        kept,
    )
    fixed = (
        check_fixed(estimator.fixed, given)
        | held_by_family(estimator)
        | held_weights(equal=equal_weights)
    )
    check_spikes(estimator.spikes, shape[1])
    noise_rows = noise_rows_of(estimator, shape[0], kept)
    reg_covar = None if _is_auto(reg_covar) else check_real("reg_covar", reg_covar, AUTO)
    model = Model(
        n_components=n_components,
        structure=structure,
        family=family_of(estimator, n_components, noise_rows),
        fixed=fixed,
        prior=check_prior(estimator.prior),
        reg_covar=reg_covar,
        eigenvalue_ratio=check_eigenvalue_ratio(estimator.eigenvalue_ratio, structure, fixed),
    )
    climb = Climb(
        stopping=check_choice("stopping", estimator.stopping, STOPPING.choices),
        tol=check_real("tol", estimator.tol),
        max_iter=check_integer("max_iter", estimator.max_iter, 0),
        accelerated=_accelerated(estimator.acceleration, estimator.stopping),
        moves=check_flag("moves", getattr(estimator, "moves", True)),
    )
    starts = Starts(
        init_params=check_choice("init_params", estimator.init_params, INIT_PARAMS.choices),
        n_init=None if _is_auto(n_init) else check_integer("n_init", n_init, 1, AUTO),
        given=given,
        noise_rows=noise_rows,
    )
    return Parts(model, climb, starts)


def estimation_of(estimator: Any, data: DataSet, y: Any = None) -> Estimation:
    """The estimation that an estimator makes from data, checked.

    Parameters
    ----------
    estimator : GaussianMixture
    data : DataSet
    y : array-like of shape (n_given,) or (n_given, K), default=None
        As the user gives it.

    Raises
    ------
    BadInputError
        If a parameter cannot be used, or not with these data.
    """
    missing = check_choice("missing", estimator.missing, MISSING.choices)
    if missing == "error" and data.summary.incomplete:
        got = f"missing values in {data.summary.incomplete} rows"
        raise BadInputError("X", got, "complete", Say("missing", "em"), code="missing_value")
    parts = parts_of(estimator, data.given, data.kept)
    return parts.of(data.told(known_of(estimator, y, data.given[0], parts.model)))


def check_settings(estimator: Any, shape: tuple[int, int]) -> None:
    """Refuse parameters that cannot fit any rows with that shape.

    Parameters
    ----------
    estimator : GaussianMixture
    shape : (n_samples, n_features)

    Raises
    ------
    BadInputError
    """
    check_choice("missing", estimator.missing, MISSING.choices)
    check_seed(estimator.random_state)
    machine_of(estimator)
    parts_of(estimator, shape)


def _accelerated(acceleration: Any, stopping: Any) -> bool:
    """Whether to extrapolate; "auto" keeps plain EM for scikit-learn's stopping rule."""
    chosen = check_choice("acceleration", acceleration, ACCELERATION.choices)
    if chosen == "auto":
        return bool(stopping != LogLikelihoodRule.name)
    return chosen != "none"


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"
