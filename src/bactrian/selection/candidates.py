"""What a search over models found: one row for each candidate, and the best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bactrian.estimators.gaussian_mixture import GaussianMixture


@dataclass(frozen=True)
class Candidate:
    """One model of a search. Its numbers are None if it could not be fitted.

    Parameters
    ----------
    n_components : int
    covariance_type : str
    log_likelihood : float or None
        Sum over samples, in nats.
    n_parameters : int or None
    bic, aic : float or None
        Lower is better.
    n_iter : int or None
    converged : bool
        Whether nothing speaks against a maximum. One that is not converged ranks all the same,
        by a likelihood that is too low.
    collapsed : bool
        A component is dead or near collapse, so that the likelihood says nothing of the data.
    warnings : tuple of str
        Of the fit.
    seconds : float
    failure : str or None
        Why it could not be fitted.
    """

    n_components: int
    covariance_type: str
    log_likelihood: float | None = None
    n_parameters: int | None = None
    bic: float | None = None
    aic: float | None = None
    n_iter: int | None = None
    converged: bool = False
    collapsed: bool = False
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    failure: str | None = None

    def rank_by(self, criterion: str) -> tuple[bool, bool, float]:
        """Sorting key: sound ones by the criterion, then collapsed ones, then failures."""
        value = getattr(self, criterion)
        value = inf if value is None or value != value else value
        return self.failure is not None, self.collapsed, value


@dataclass(frozen=True, eq=False)
class Selection:
    """What a search found.

    Parameters
    ----------
    candidates : tuple of Candidate
        In the order in which they were fitted.
    criterion : str
    best_estimator : GaussianMixture
        Fitted.
    """

    candidates: tuple[Candidate, ...]
    criterion: str
    best_estimator: GaussianMixture

    @property
    def best(self) -> Candidate:
        """The candidate of lowest criterion, collapsed ones only if there is no other."""
        return best_of(self.candidates, self.criterion)

    def ranked(self) -> tuple[Candidate, ...]:
        """Candidates, the best first; collapsed ones after all others, failures last."""
        return tuple(sorted(self.candidates, key=lambda row: row.rank_by(self.criterion)))

    def table(self) -> list[dict[str, Any]]:
        """Fields of each candidate and its ``rank``, 1 for the best, in the order of fitting.

        A list of records, as ``pandas.DataFrame`` and ``polars.DataFrame`` take it. ``rank`` is
        None for a failure.
        """
        ranks = {id(row): rank for rank, row in enumerate(self.ranked(), start=1)}
        return [
            {"rank": None if row.failure else ranks[id(row)], **asdict(row)}
            for row in self.candidates
        ]


def best_of(candidates: Iterable[Candidate], criterion: str) -> Candidate:
    """The first of lowest rank."""
    return min(candidates, key=lambda row: row.rank_by(criterion))
