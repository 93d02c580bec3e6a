"""Search over the number of components and the covariance structure."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from inspect import signature
from itertools import product
from numbers import Integral
from time import perf_counter
from typing import Any

import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning

from bactrian.core.covariance import STRUCTURES, covariance_structure
from bactrian.core.criteria import CRITERIA
from bactrian.core.errors import BadInputError, DegenerateCovarianceError, FitInterrupted
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import check_choice
from bactrian.selection.candidates import Candidate, Selection

Observe = Callable[[Candidate], bool | None]
Pair = tuple[int, str]


def select_mixture(
    X: Any,
    n_components: int | Iterable[int] = range(1, 10),
    covariance_type: str | Iterable[str] = "all",
    criterion: str = "bic",
    sample_weight: npt.ArrayLike | None = None,
    observe: Observe | None = None,
    **settings: Any,
) -> Selection:
    """Fit a mixture for each number of components and each structure, and choose one.

    All candidates are fitted to the same rows and weights, so that their likelihoods compare.
    The lowest criterion wins. A candidate with a dead or nearly collapsed component comes after
    all that have none, whatever its criterion: its likelihood can be raised at will. One that
    could not be fitted (more components than rows, a component without volume) is a row that
    says why. One that did not converge ranks by the likelihood that it reached, and is marked;
    no ConvergenceWarning is issued, the texts stand in the rows.

    Parameters
    ----------
    X : array-like or data frame of shape (n_samples, n_features)
    n_components : int or iterable of int, default=range(1, 10)
    covariance_type : str or iterable of str, default="all"
        Some of {"full", "tied", "diag", "spherical"}, or "all".
    criterion : {"bic", "aic"}, default="bic"
    sample_weight : array-like of shape (n_samples,), default=None
    observe : callable, default=None
        Told each :class:`~bactrian.selection.candidates.Candidate` as soon as it is fitted; the
        search ends if it returns True.
    **settings
        Other parameters of :class:`~bactrian.GaussianMixture`. An integer `random_state` is
        the seed of every candidate.

    Returns
    -------
    Selection

    Raises
    ------
    BadInputError
        If a parameter or the data cannot be used, or no candidate can be fitted.
    FitInterrupted
        On Ctrl-C; its result is the :class:`Selection` so far, or None if nothing is fitted yet.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import select_mixture
    >>> rng = np.random.default_rng(0)
    >>> X = np.r_[rng.normal(size=(100, 2)), rng.normal(8, 2, size=(100, 2))]
    >>> found = select_mixture(X, range(1, 4), random_state=0)
    >>> found.best.n_components, found.best.covariance_type
    (2, 'spherical')
    """
    search = _Search(check_choice("criterion", criterion, CRITERIA))
    pairs = tuple(product(_counts(n_components), _structures(covariance_type)))
    _check_names(settings)
    try:
        for candidate in search.fit_each(pairs, settings, X, sample_weight):
            if observe is not None and observe(candidate) is True:
                break
    except KeyboardInterrupt:
        raise FitInterrupted(search.result()) from None
    result = search.result()
    if result is None:
        first = search.rows[0]
        raise BadInputError(
            "n_components and covariance_type",
            f"{len(search.rows)} that cannot ({first.failure})",
            "such that a candidate can be fitted",
        )
    return result


@dataclass
class _Search:
    """The rows so far, and the estimator of the best of them."""

    criterion: str
    rows: list[Candidate] = field(default_factory=list)
    best: Candidate | None = None
    best_estimator: GaussianMixture | None = None

    def fit_each(
        self, pairs: Iterable[Pair], settings: dict[str, Any], X: Any, sample_weight: Any
    ) -> Iterator[Candidate]:
        """Fit one candidate after the other."""
        for n_components, name in pairs:
            estimator = GaussianMixture(n_components, covariance_type=name, **settings)
            candidate = _fitted(estimator, X, sample_weight)
            better = self.best is None or self._rank(candidate) < self._rank(self.best)
            if candidate.failure is None and better:
                self.best, self.best_estimator = candidate, estimator
            self.rows.append(candidate)
            yield candidate

    def _rank(self, candidate: Candidate) -> tuple[bool, bool, float]:
        return candidate.rank_by(self.criterion)

    def result(self) -> Selection | None:
        """The selection so far; None if no candidate is fitted."""
        if self.best_estimator is None:
            return None
        return Selection(tuple(self.rows), self.criterion, self.best_estimator)


def _fitted(estimator: GaussianMixture, X: Any, sample_weight: Any) -> Candidate:
    """Fit, and say how it went."""
    pair = estimator.n_components, estimator.covariance_type
    began = perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(X, sample_weight=sample_weight)
    except DegenerateCovarianceError as error:
        return Candidate(*pair, seconds=perf_counter() - began, failure=str(error))
    except BadInputError as error:
        if error.name != "n_components":  # the only fault that other candidates need not share
            raise
        return Candidate(*pair, seconds=perf_counter() - began, failure=str(error))
    report = estimator.fit_report_
    arguments = report.log_likelihood, report.n_parameters, report.weight
    values: dict[str, Any] = {name: rule(*arguments) for name, rule in CRITERIA.items()}
    return Candidate(
        *pair,
        log_likelihood=report.log_likelihood,
        n_parameters=report.n_parameters,
        n_iter=report.n_iter,
        converged=report.converged,
        collapsed=bool(report.certificate.collapses),
        warnings=report.warnings,
        seconds=perf_counter() - began,
        **values,
    )


def _counts(n_components: Any) -> list[int]:
    """Numbers of components, each once, in the order given."""
    one = isinstance(n_components, Integral) or not isinstance(n_components, Iterable)
    counts = [n_components] if one else list(n_components)
    for count in counts:
        if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
            got = f"{count!r}" if one else f"{count!r} among them"
            raise BadInputError("n_components", got, "whole numbers of at least 1")
    if not counts:
        raise BadInputError("n_components", "none", "at least one whole number")
    return list(dict.fromkeys(int(count) for count in counts))


def _structures(covariance_type: Any) -> list[str]:
    """Names of structures, each once, in the order given."""
    if isinstance(covariance_type, str):
        covariance_type = list(STRUCTURES) if covariance_type == "all" else [covariance_type]
    if not isinstance(covariance_type, Iterable):
        wanted = f"all, or some of {', '.join(STRUCTURES)}"
        raise BadInputError("covariance_type", repr(covariance_type), wanted)
    names = [covariance_structure(name).name for name in covariance_type]
    if not names:
        raise BadInputError("covariance_type", "none", f"some of {', '.join(STRUCTURES)}")
    return list(dict.fromkeys(names))


def _check_names(settings: dict[str, Any]) -> None:
    known = signature(GaussianMixture).parameters
    for name in settings:
        if name not in known:
            wanted = f"one of {', '.join(known)}"
            raise BadInputError("the setting", repr(name), wanted)
