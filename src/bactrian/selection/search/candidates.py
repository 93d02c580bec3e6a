"""What a search over models found: one row for each candidate, and the best one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from math import inf
from typing import TYPE_CHECKING, Any

from bactrian.core.values.parameters import Parameters
from bactrian.errors import BactrianError, BadInputError
from bactrian.faces import PYTHON, Face
from bactrian.mixture import Mixture
from bactrian.objections import AtTheEdge, Objection, sentences
from bactrian.phrases import Part, Statement
from bactrian.selection.search.origin import Origin
from bactrian.storage.document import document_of
from bactrian.storage.ending import record_of
from bactrian.storage.files import spell, write_whole
from bactrian.storage.training import json_values
from bactrian.vocabulary import MEASURES, SIGNS

if TYPE_CHECKING:
    from bactrian.estimators.gaussian_mixture import GaussianMixture


@dataclass(frozen=True)
class Candidate:
    """One model of a search. Its numbers are None if the model could not be fitted.

    Parameters
    ----------
    n_components : int
    covariance_type : str
    log_likelihood : float or None
        Sum over samples, in nats.
    n_parameters : int or None
    bic, aic, aicc, icl, caic, hq : float or None
        Lower is better; defined in :mod:`bactrian.mixture.criteria`.
    cv : float or None
        Minus twice the log-likelihood of the rows that were held out, summed over the folds: the
        scale of AIC, lower is better. Each row counts by its weight. None if there was no
        cross-validation, or it failed.
    relative_entropy : float or None
        1 if the component of each row is certain, 0 if nothing is known of it; None for a single
        component.
    n_iter : int or None
    converged : bool
        Whether nothing speaks against a maximum. One that is not converged ranks all the same,
        by a likelihood that is too low.
    collapsed : bool
        A component is dead or near collapse, so that the likelihood says nothing of the data.
    objections : tuple of Objection
        What speaks against the fit; `warnings` has it in words.
    seconds : float
        Of the fit and its criteria, cross-validation included.
    failure : str or None
        Why it could not be fitted, in the words of Python.
    error : BactrianError, optional
        The same as a value, which each face puts into its own words. None if the failure is
        another error, or comes from a file.
    same_as : str or None
        Covariance type of the row, with as many components, that is the same model: it was fitted
        once, there.
    borrowed : bool
        It was found from where another candidate ended, not from its own starts.
    end : Parameters, optional
        Where the fit ended, in the units of the search.
    """

    n_components: int
    covariance_type: str
    log_likelihood: float | None = None
    n_parameters: int | None = None
    bic: float | None = None
    aic: float | None = None
    aicc: float | None = None
    icl: float | None = None
    caic: float | None = None
    hq: float | None = None
    cv: float | None = None
    relative_entropy: float | None = None
    n_iter: int | None = None
    converged: bool = False
    collapsed: bool = False
    objections: tuple[Objection, ...] = ()
    seconds: float = 0.0
    failure: str | None = None
    same_as: str | None = None
    borrowed: bool = False
    end: Parameters | None = field(default=None, repr=False, compare=False, kw_only=True)
    error: BactrianError | None = field(default=None, repr=False, compare=False, kw_only=True)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against the fit, in words."""
        return sentences(self.objections)

    @property
    def pair(self) -> tuple[int, str]:
        """Number of components, and covariance type."""
        return self.n_components, self.covariance_type

    @property
    def why(self) -> Part:
        """What was wrong if it could not be fitted, without remedies."""
        return (self.failure or "") if self.error is None else Statement(self.error)

    def failure_in(self, face: Face) -> str | None:
        """Why it could not be fitted, in the words of a face."""
        return self.failure if self.error is None else face.message(self.error)

    def record(self) -> dict[str, Any]:
        """The fields by name, with what speaks against the fit in words."""
        told = {"objections": "warnings"}
        names = (told.get(entry.name, entry.name) for entry in fields(self))
        return {name: getattr(self, name) for name in names if name not in ("error", "end")}

    def rank_by(self, criterion: str) -> tuple[bool, bool, float]:
        """Sort key: sound fits by the criterion, then collapsed ones, then failures."""
        value = getattr(self, criterion)
        value = inf if value is None or value != value else value
        return self.failure is not None, self.collapsed, value

    def named(self, covariance_type: str) -> Candidate:
        """The same model under another name; it needs no second fit."""
        same = replace(self, covariance_type=covariance_type, same_as=self.covariance_type)
        return replace(same, seconds=0.0)

    def shifted(self, offset: float) -> Candidate:
        """The same with a log-likelihood lowered by `offset`, as in another unit."""
        changes: dict[str, Any] = dict.fromkeys(MEASURES, 2 * offset)
        changes["log_likelihood"] = -offset
        known = {name: getattr(self, name) for name in changes}
        return replace(
            self,
            **{name: known[name] + changes[name] for name in known if known[name] is not None},
        )


@dataclass(frozen=True, eq=False)
class CandidateTable:
    """All fits of a search.

    Parameters
    ----------
    candidates : tuple of Candidate
        By number of components, then structure, as they were asked for.
    criterion : str
    origin : Origin, optional
        Of what rows and settings; without one the search cannot be resumed.
    settled : bool
        No candidate gains by what the others found.
    """

    candidates: tuple[Candidate, ...]
    criterion: str
    origin: Origin | None = field(default=None, kw_only=True)
    settled: bool = field(default=False, kw_only=True)

    @property
    def best(self) -> Candidate:
        """The candidate of lowest criterion; a collapsed one only if there is no other."""
        return best_of(self.candidates, self.criterion)

    @property
    def objections(self) -> tuple[Objection, ...]:
        """What speaks against the choice; `warnings` has it in words."""
        return at_the_edge(self.candidates, self.best)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against the choice, in words."""
        return sentences(self.objections)

    def ranked(self) -> tuple[Candidate, ...]:
        """Candidates, the best first; collapsed ones follow all others, and failures are last."""
        return tuple(sorted(self.candidates, key=lambda row: row.rank_by(self.criterion)))

    def table(self, sign: str = "lower") -> list[dict[str, Any]]:
        """Fields of each candidate with its ``rank`` (1 is the best), in the order of the search.

        A list of records, as ``pandas.DataFrame`` and ``polars.DataFrame`` take it. ``rank`` is
        None for a failure.

        Parameters
        ----------
        sign : {"lower", "mclust"}, default="lower"
            Of the criteria: lower is better, or mclust's, which is the opposite.

        Raises
        ------
        BadInputError
            If there is no such sign.
        """
        if sign not in SIGNS:
            raise BadInputError(
                "sign", repr(sign), f"one of {', '.join(SIGNS)}", code="bad_choice"
            )
        ranks = {id(row): rank for rank, row in enumerate(self.ranked(), start=1)}
        records = [
            {"rank": None if row.failure else ranks[id(row)], **row.record()}
            for row in self.candidates
        ]
        for record in records if SIGNS[sign] < 0 else ():
            record |= {name: -record[name] for name in MEASURES if record[name] is not None}
        return records

    def frame(self, sign: str = "lower") -> Any:
        """Return the table as a pandas data frame; pandas must be installed.

        Parameters
        ----------
        sign : {"lower", "mclust"}, default="lower"
        """
        # A frame of whatever package; narwhals is the one place that knows of pandas.
        import narwhals as nw

        records = self.table(sign)
        columns = {name: [record[name] for record in records] for name in records[0]}
        return nw.from_dict(columns, backend="pandas").to_native()

    def document(
        self, offset: float = 0.0, sign: str = "lower", face: Face = PYTHON
    ) -> dict[str, Any]:
        """The table as a document, from which the search can be resumed.

        Parameters
        ----------
        offset : float, default=0
            Log-likelihood in the units of the fits minus that in those of the document.
        sign : {"lower", "mclust"}, default="lower"
            Of the criteria.
        face : Face, default=PYTHON
            Puts the failures into words.
        """
        best, rows = self.best, tuple(row.shifted(offset) for row in self.candidates)
        records = CandidateTable(rows, self.criterion).table(sign)
        for row, record in zip(rows, records, strict=True):
            record["objections"] = [record_of(one) for one in row.objections]
            record["failure"] = row.failure_in(face)
            if row.end is not None:
                record["end"] = document_of(Mixture.from_parameters(row.end), {})
        return {
            "criterion": self.criterion,
            "sign": sign,
            "best": {"n_components": best.n_components, "covariance_type": best.covariance_type},
            "offset": offset,
            "origin": None if self.origin is None else asdict(self.origin),
            "settled": self.settled,
            "choice": {
                "objections": [record_of(one) for one in self.objections],
                "warnings": self.warnings,
            },
            "candidates": records,
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table to a file (JSON), from which the search can be resumed.

        Raises
        ------
        ModelFileError
            If it cannot be written.
        """
        write_whole(path, spell(json_values(self.document())).encode())


@dataclass(frozen=True, eq=False)
class Selection(CandidateTable):
    """What a search found.

    Parameters
    ----------
    candidates : tuple of Candidate
        By number of components, then structure, as they were asked for.
    criterion : str
    best_estimator : GaussianMixture
        Fitted.
    origin : Origin, optional
    settled : bool
    """

    best_estimator: GaussianMixture


def at_the_edge(candidates: Iterable[Candidate], best: Candidate) -> tuple[AtTheEdge, ...]:
    """The objection to a best of the most components that were tried, or the fewest.

    Nothing is beyond 1, nor said where one number of components was tried.
    """
    tried = {one.n_components for one in candidates}
    fewest, most = min(tried), max(tried)
    inner = fewest < best.n_components < most or best.n_components == 1
    return () if inner or fewest == most else (AtTheEdge(best.n_components, fewest, most),)


def best_of(candidates: Iterable[Candidate], criterion: str) -> Candidate:
    """The first candidate of lowest rank."""
    return min(candidates, key=lambda row: row.rank_by(criterion))
