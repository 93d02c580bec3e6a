"""Standard errors and intervals of all parameters of a fit, from refits to resamples."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.backends import backend_for
from bactrian.core.arrays import FloatArray
from bactrian.errors import SIMPLER, BadInputError, FitInterrupted
from bactrian.estimators.asking import asked
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import (
    check_callback,
    check_choice,
    check_integer,
    check_seed,
)
from bactrian.fitting.machine import Machine
from bactrian.machine.blas import one_blas_thread
from bactrian.mixture import Scaling
from bactrian.mixture.rows import check_columns
from bactrian.phrases import ParameterValue, Phrase, counted
from bactrian.remedies import Lower
from bactrian.selection.bootstrap.estimates import Estimates
from bactrian.selection.bootstrap.refits import Refit, Refitting
from bactrian.selection.bootstrap.uncertainty import Bootstrap, check_level
from bactrian.selection.parallel import results_of, shares
from bactrian.storage import MixtureModel
from bactrian.vocabulary import BOOTSTRAP_METHODS

Observe = Callable[[Refit], bool | None]

MOVED = 0.1  # nats, of all rows, by which a fit may be short: 0.4 standard errors
ROUNDS = 8  # in how many portions each process does its share


def bootstrap(
    model: GaussianMixture | MixtureModel,
    X: Any,
    y: Any = None,
    sample_weight: npt.ArrayLike | None = None,
    *,
    method: str = "weighted",
    n_resamples: int = 999,
    confidence_level: float = 0.95,
    counts: bool = False,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    observe: Observe | None = None,
) -> Bootstrap:
    """Estimate standard errors and intervals of all parameters of a fitted mixture.

    The mixture is fitted again to the same rows with random weights, many times, with the settings
    of the fit, and each time from the fit itself, so that each refit finds the maximum that
    matches that of the fit. What has nothing to do with chance in the data (other maxima, the
    number of components) is not part of it.

    Parameters
    ----------
    model : GaussianMixture or MixtureModel
        Fitted.
    X : array-like or data frame of shape (n_samples, n_features)
        The rows that it was fitted to.
    y, sample_weight : array-like, default=None
        What else it was fitted with.
    method : {"weighted", "nonparametric"}, default="weighted"
        "weighted": rows count by weights from a Dirichlet distribution [1]_, so that no row is
        ever absent and small groups do not die [2]_. "nonparametric": rows are drawn with
        replacement, as whole numbers of times that each counts [3]_.
    n_resamples : int, default=999
        The first of them do not depend on how many there are.
    confidence_level : float, default=0.95
        Of intervals, unless another is asked for later.
    counts : bool, default=False
        What sample weights mean for the bootstrap. False: each row is one observation, which
        counts more or less; standard errors do not depend on the unit of the weights. True: a
        weight is how many equal observations the row stands for, each of them is drawn
        separately, as if the row were repeated that often.
    random_state : int, RandomState or None, default=None
    n_jobs : int, default=None
        Processors to use, -1 for all. None: this process alone, with the threads of the fit. The
        result is the same to the last bit.
    observe : callable, default=None
        Told each :class:`~bactrian.selection.bootstrap.refits.Refit` as soon as it is done; if it
        returns True, the bootstrap ends with the refits so far.

    Returns
    -------
    Bootstrap

    Raises
    ------
    BadInputError
        If a parameter or the data cannot be used, a component of the fit has collapsed, or fewer
        than two resamples can be fitted.
    FitInterrupted
        On Ctrl-C; its result is the :class:`Bootstrap` so far, or None.

    Warns
    -----
    UserWarning
        If the fit is not at a maximum for these data, or resamples could not be fitted.

    References
    ----------
    .. [1] Newton, M. A. and Raftery, A. E. (1994). Approximate Bayesian inference with the
       weighted likelihood bootstrap. J. R. Stat. Soc. B 56, 3-48.
    .. [2] O'Hagan, A., Murphy, T. B., Scrucca, L. and Gormley, I. C. (2019). Investigation of
       parameter uncertainty in clustering using a Gaussian mixture model via jackknife, bootstrap
       and weighted likelihood bootstrap. Comput. Stat. 34, 1779-1813.
    .. [3] Efron, B. (1979). Bootstrap methods: another look at the jackknife. Ann. Stat. 7, 1-26.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixture, bootstrap
    >>> X = np.random.default_rng(0).normal(3.0, 2.0, size=(400, 1))
    >>> gm = GaussianMixture(1).fit(X)
    >>> found = bootstrap(gm, X, random_state=0)
    >>> found.standard_errors.means.round(2)  # the standard deviation over the root of 400
    array([[0.1]])
    """
    began = perf_counter()
    n_resamples = check_integer("n_resamples", n_resamples, 2)
    level = check_level(confidence_level)
    check_choice("method", method, BOOTSTRAP_METHODS)
    check_callback(observe)
    seed = int(check_seed(random_state).randint(np.iinfo(np.int32).max))
    n_processes, n_threads = shares(n_jobs, n_resamples)
    estimator, rows, scaling = _in_units_of_the_fit(model, X)
    with one_blas_thread():
        refitting = _refitting(estimator, rows, y, sample_weight, method, seed, scaling, counts)
    if n_threads is not None:
        refitting = _with_threads(refitting, estimator, n_threads)
    shown = refitting.shown(refitting.start)
    refits: list[Refit] = []
    concerns: tuple[str, ...] = ()

    def result() -> Bootstrap | None:
        return Bootstrap.of(
            Estimates.of(shown),
            refits,
            method=method,
            confidence_level=level,
            n_resamples=n_resamples,
            feature_names=_feature_names(model, shown.n_features),
            structure=shown.structure,
            seconds=perf_counter() - began,
            concerns=concerns,
        )

    try:
        concerns = _concerns(refitting)
        # BLAS is on one thread in each refit; to say so once for all is quicker.
        with one_blas_thread(), closing(_refits(refitting, n_resamples, n_processes)) as coming:
            for refit in coming:
                refits.append(refit)
                if observe is not None and observe(refit) is True:
                    break
    except KeyboardInterrupt:
        raise FitInterrupted(result()) from None
    found = result()
    if found is None:
        reasons = [refit.failure for refit in refits if refit.failure is not None]
        raise BadInputError(
            "X",
            f"rows for which {len(reasons)} of {len(refits)} refits fail ({reasons[0]})"
            if reasons
            else f"{counted(len(refits), 'refit')} before the observer stopped",
            "rows for which at least 2 resamples can be fitted",
        )
    for warning in found.warnings:
        warnings.warn(warning, stacklevel=2)
    return found


def _in_units_of_the_fit(model: Any, X: Any) -> tuple[GaussianMixture, Any, Scaling | None]:
    """The estimator and the rows in the units of the fit."""
    if isinstance(model, GaussianMixture):
        return model, X, None
    if not isinstance(model, MixtureModel):
        got, wanted = f"a {type(model).__name__}", "a fitted GaussianMixture, or a MixtureModel"
        raise BadInputError("model", got, wanted)
    n_features, scaling = model.parameters.n_features, model.scaling
    rows = check_columns(X, model.feature_names, n_features).X
    parameters = model.parameters
    if scaling is not None:
        parameters = parameters.replaced(spikes=scaling.scaled_spikes(parameters.spikes))
    model = replace(model, parameters=parameters, scaling=None, feature_names=())
    estimator = GaussianMixture.from_mixture(model)
    if scaling is not None:
        rows = scaling.scaled(np.asarray(rows, dtype=np.float64))
    return estimator, rows, scaling


def _refitting(
    estimator: GaussianMixture,
    X: Any,
    y: Any,
    sample_weight: Any,
    method: str,
    seed: int,
    scaling: Scaling | None,
    counts: bool,
) -> Refitting:
    start = estimator.mixture_.parameters
    _check_components(estimator, start.n_components)
    rows, estimation = asked(estimator, X, y, sample_weight, reset=False)
    weights = getattr(estimation.data.source, "sample_weight", None)
    times = np.ones(estimation.data.n_samples)
    if counts and weights is not None:
        times = _whole(weights)
    _check_labels(estimator, rows.plausibility is not None)
    told = rows.plausibility is not None or bool(estimation.model.fixed)
    return Refitting(estimation, start, method, times, weights, seed, not told, scaling)


def _check_labels(estimator: GaussianMixture, told: bool) -> None:
    """Refuse to refit without the labels of the fit: it would be another fit."""
    report = getattr(estimator, "fit_report_", None)
    if report is not None and report.labelled and not told:
        why = f"In the fit the component of {counted(report.labelled, 'row')} was known."
        raise BadInputError("y", "nothing that is used", "the labels of the fit", why)


def _check_components(estimator: GaussianMixture, n_components: int) -> None:
    if estimator.n_components != n_components:
        raise BadInputError(
            "model",
            Phrase(
                ParameterValue("n_components", estimator.n_components),
                f" and {n_components} fitted components",
            ),
            "as it was when it was fitted",
            "Fit it again.",
        )


def _whole(weights: FloatArray) -> FloatArray:
    """Check that weights are counts, and return them."""
    broken = np.flatnonzero(weights != np.floor(weights))
    if len(broken):
        got = f"{weights[broken[0]]:g} among them"
        wanted = Phrase("whole numbers with ", ParameterValue("counts", value=True))
        free = Phrase("With ", ParameterValue("counts", value=False), " they may be any weights.")
        raise BadInputError("sample_weight", got, wanted, free)
    return weights


def _with_threads(refitting: Refitting, estimator: GaussianMixture, n_threads: int) -> Refitting:
    """The same, with that number of threads for the E-step."""
    estimation = refitting.estimation
    machine = Machine(backend_for(estimator.backend, n_threads), n_threads)
    data = replace(estimation.data, machine=machine)
    return replace(refitting, estimation=replace(estimation, data=data))


def _concerns(refitting: Refitting) -> tuple[str, ...]:
    """What speaks against the fit: it is not a maximum for these rows.

    Raises
    ------
    BadInputError
        If a component has collapsed.
    """
    again = refitting.repeated()
    if again.failure is not None:
        raise BadInputError(
            "model",
            f"one of which {again.failure}",
            "a fit whose components hold together",
            Lower("n_components"),
            SIMPLER,
        )
    gain = again.gain * refitting.times.sum()
    if gain < MOVED:
        return ()
    return (
        f"the fit is not a maximum for these rows: a refit gains {gain:.3g} nats. Either it "
        "was fitted to other rows, weights or labels, or it has not converged",
    )


def _refits(
    refitting: Refitting, n_resamples: int, n_processes: int
) -> Generator[Refit, None, None]:
    """Yield all refits as they finish."""
    size = 1 if n_processes == 1 else -(-n_resamples // (ROUNDS * n_processes))
    portions = [
        range(first, min(first + size, n_resamples)) for first in range(0, n_resamples, size)
    ]
    for _, refits in results_of(refitting.portion, portions, n_processes):
        yield from refits


def _feature_names(model: GaussianMixture | MixtureModel, n_features: int) -> Sequence[Any]:
    mixture = model if isinstance(model, MixtureModel) else model.mixture_
    return mixture.feature_names or tuple(range(n_features))
