"""Search over the number of components and the covariance structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.covariance import same_model
from bactrian.errors import BadInputError, FitInterrupted
from bactrian.estimators.asking import data_set
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.labels import is_used
from bactrian.estimators.settings import machine_of
from bactrian.estimators.validation import (
    check_choice,
    check_seed,
)
from bactrian.phrases import Parameter, Phrase, counted
from bactrian.selection.parallel import results_of, shares
from bactrian.selection.search.candidates import (
    Candidate,
    CandidateTable,
    Selection,
    best_of,
)
from bactrian.selection.search.folds import digest_of, folds_of
from bactrian.selection.search.origin import Origin
from bactrian.selection.search.record import Path, load_search
from bactrian.selection.search.request import counts_of, structures_of
from bactrian.selection.search.trial import Pair, Revisit, Shared, Trial
from bactrian.selection.settings import check_callback, check_names
from bactrian.vocabulary import MEASURES

Observe = Callable[[Candidate], bool | None]

FOLDS = 5  # if the criterion is "cv" and nothing is said


def select_mixture(
    X: Any,
    n_components: int | Iterable[int] = range(1, 10),
    covariance_type: str | Iterable[str] = "all",
    criterion: str = "bic",
    sample_weight: npt.ArrayLike | None = None,
    observe: Observe | None = None,
    *,
    y: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    exchange: bool = False,
    resume: CandidateTable | Path | None = None,
    random_state: int | np.random.RandomState | None = None,
    **settings: Any,
) -> Selection:
    """Fit a mixture for each number of components and each structure, and choose one.

    All candidates are fitted to the same rows and weights, so that their likelihoods compare.
    The lowest criterion wins. A candidate with a dead or nearly collapsed component comes after
    all others, whatever its criterion: its likelihood can be raised at will. One that
    could not be fitted (more components than rows, a component without volume) is a row that
    says why. One that did not converge ranks by the likelihood that it reached, and is marked;
    no ConvergenceWarning is issued, the texts stand in the rows. Structures that are the same
    model, as all those that differ between components are if there is one, are fitted once.

    A fit alone may end below the highest likelihood. With `exchange`, where all candidates have
    ended, each starts again from what its neighbours found: the other structures with as many
    components, and its own with one more, of which two are merged, or one fewer, of which one is
    split (the moves are those of Ueda and others 2000, Neural Comput. 12, 2109-2128). That is
    repeated as long as one gains by it. Not if starts or labels are given, or the rows are so
    many that the starts see only some of them.

    Parameters
    ----------
    X : array-like or data frame of shape (n_samples, n_features)
    n_components : int or iterable of int, default=range(1, 10)
    covariance_type : str or iterable of str, default="all"
        Some of the structures that :class:`~bactrian.GaussianMixture` knows, or "all".
    criterion : {"bic", "aic", "aicc", "icl", "caic", "hq", "cv"}, default="bic"
        Lower is better for all; all but "cv" are computed in any case.
    sample_weight : array-like of shape (n_samples,), default=None
    observe : callable, default=None
        Told each :class:`~bactrian.selection.search.candidates.Candidate` as soon as it is
        fitted, and again whenever it gained by what others found; the search ends if it returns
        True.
    y : array-like of shape (n_samples,) or (n_samples, K), default=None
        What is known of the component of each row, as :class:`~bactrian.GaussianMixture` takes
        it; the parameter ``labels`` says whether it is used. The likelihoods are then those of
        rows and labels. Fewer components than labels make a candidate that cannot be fitted.
    cv : int, splitter or iterable, default=None
        Folds of a cross-validation, in which each candidate is fitted that many times more: their
        number, or as scikit-learn takes them. None: 5 if the criterion is "cv", otherwise there
        is none. The folds are the same for all.
    n_jobs : int, default=None
        Processors to use, -1 for all: that many candidates are fitted at a time, in processes of
        their own. None: one after the other in this process, each with all threads. The result
        is the same.
    exchange : bool, default=False
        Whether candidates start again from what others found, for higher likelihoods in some
        twice the time. False: each is what a fit of its own finds.
    resume : Selection, CandidateTable or path, default=None
        What an earlier search of the same rows with the same settings and seed found, or the file
        that it wrote: its candidates are not fitted again.
    random_state : int, RandomState or None, default=None
        An integer is the seed of every candidate, and of the folds; otherwise one is drawn.
    **settings
        Other parameters of :class:`~bactrian.GaussianMixture`.

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
    check_choice("criterion", criterion, MEASURES)
    counts = counts_of(n_components)
    check_names(settings)
    earlier = _earlier(resume)
    rows, data = data_set(GaussianMixture(**settings), X, sample_weight)
    X, weights = rows.X, rows.sample_weight
    template = GaussianMixture(**{**settings, "n_components": max(counts)})
    told = np.ma.asanyarray(y) if is_used(template, y, len(X)) else None
    pairs = tuple(product(counts, structures_of(covariance_type, data.n_features)))
    seed = _seed(random_state, earlier)
    cv = FOLDS if cv is None and criterion == "cv" else cv
    folds = None if cv is None else folds_of(cv, weights, len(X), seed)
    everything = GaussianMixture(**settings).get_params() | {
        "random_state": seed,
        "cv": folds and digest_of(folds),
        "exchange": True if exchange else None,
    }
    origin = Origin.of(X, weights, told, everything, seed)
    search = _Search(pairs, data.n_features, criterion, origin)
    if earlier is not None:
        search.take(earlier)
    n_processes, n_threads = shares(n_jobs, len(search.open))
    check_callback(settings, n_processes)
    threads = {} if n_threads is None else {"n_jobs": n_threads}
    if n_threads is not None:
        data = replace(data, machine=machine_of(GaussianMixture(**{**settings, **threads})))
    every = {**settings, **threads, "random_state": seed}
    shared = Shared(data, rows, every, folds, told, bool(exchange))
    try:
        search.run(shared, n_processes, observe)
        return search.result(shared)
    except KeyboardInterrupt:
        raise FitInterrupted(search.result(shared) if search.any_fitted else None) from None


@dataclass
class _Search:
    """The pairs to fit, what is known of them, and the estimator of the best pair."""

    pairs: Sequence[Pair]
    n_features: int
    criterion: str
    origin: Origin
    done: dict[Pair, Candidate] = field(default_factory=dict)
    estimator: GaussianMixture | None = None
    fresh: set[Pair] = field(default_factory=set)  # whose neighbours have not seen what they found

    def __post_init__(self) -> None:
        first: dict[tuple[int, str], Pair] = {}
        self.model = {
            (count, name): first.setdefault(
                (count, same_model(name, count, self.n_features)), (count, name)
            )
            for count, name in self.pairs
        }

    @property
    def open(self) -> list[Pair]:
        """Pairs that are not fitted yet."""
        return [pair for pair in dict.fromkeys(self.model.values()) if pair not in self.done]

    def take(self, earlier: CandidateTable) -> None:
        """Take over the rows of an earlier search, where they were fitted.

        Raises
        ------
        BadInputError
            If it was one of other rows or settings.
        """
        if earlier.origin is None:
            remedy = "Start a new search."
            raise BadInputError(
                "resume", "a search of unknown rows", "a result of select_mixture", remedy
            )
        self.origin.check_same(earlier.origin)
        known = {row.pair: row for row in earlier.candidates if row.same_as is None}
        self.done = {pair: known[pair] for pair in self.open if pair in known}
        self.fresh = set() if earlier.settled else set(self.done)
        if isinstance(earlier, Selection):
            self.estimator = earlier.best_estimator

    def run(self, shared: Shared, n_processes: int, observe: Observe | None) -> None:
        """Fit the open pairs, then let them gain by each other, until the observer ends it."""
        for pair, trial in results_of(shared, self.open, n_processes):
            self._keep(trial)
            self.fresh.add(pair)
            if self._told(pair, observe):
                return
        while shared.exchange and self.fresh:
            gained: set[Pair] = set()
            for task, better in results_of(shared.revisited, self._revisits(), n_processes):
                if better is None:
                    continue
                self._keep(better)
                gained.add(task.candidate.pair)
                if self._told(task.candidate.pair, observe):
                    return
            self.fresh = gained

    def _revisits(self) -> list[Revisit]:
        """The candidates of which a neighbour is fresh, with where these ended."""
        ends = {pair: self.done[pair].end for pair in self.model.values() if pair in self.fresh}
        found: list[Revisit] = []
        for pair in dict.fromkeys(self.model.values()):
            if pair not in self.done or pair[0] == 1:
                continue
            others = (ends.get(near) for near in self._neighbours(pair))
            known = tuple(end for end in others if end is not None)
            if known:
                found.append(Revisit(self.done[pair], known))
        return found

    def _neighbours(self, pair: Pair) -> Iterator[Pair]:
        """The models with one component more or fewer, and the others with as many."""
        count, name = pair
        near = [(count + 1, name), (count - 1, name)]
        near += [other for other in self.model if other[0] == count]
        models = (self.model[other] for other in near if other in self.model)
        yield from (other for other in dict.fromkeys(models) if other != pair)

    def _told(self, pair: Pair, observe: Observe | None) -> bool:
        """Whether the observer, told of a candidate and its other names, ends the search."""
        if observe is None:
            return False
        return True in [observe(row) for row in self._rows_of(pair)]

    def _keep(self, trial: Trial) -> None:
        candidate, estimator = trial
        self.done[candidate.pair] = candidate
        if estimator is not None and self._best_pair() == candidate.pair:
            self.estimator = estimator

    def _best_pair(self) -> Pair | None:
        """The best fitted pair in the order of the pairs; when it was fitted does not matter."""
        known = (self.done[pair] for pair in self.model if pair in self.done)
        fitted = [row for row in known if row.failure is None]
        return best_of(fitted, self.criterion).pair if fitted else None

    def _rows_of(self, model: Pair) -> list[Candidate]:
        """The row of a model, and the rows of its other names."""
        row = self.done[model]
        names = [name for (count, name), same in self.model.items() if same == model]
        return [row if name == model[1] else row.named(name) for name in names]

    def _rows(self) -> tuple[Candidate, ...]:
        """All known rows, in the order of the pairs."""
        known = {row.pair: row for model in self.done for row in self._rows_of(model)}
        return tuple(known[pair] for pair in self.model if pair in known)

    @property
    def any_fitted(self) -> bool:
        """Whether any pair is fitted."""
        return self._best_pair() is not None

    def result(self, shared: Shared) -> Selection:
        """The selection so far; refit the best if an earlier search kept only its numbers.

        Raises
        ------
        BadInputError
            If no candidate is fitted.
        """
        rows, best = self._rows(), self._best_pair()
        if best is None:
            raise BadInputError(
                Phrase(Parameter("n_components"), " and ", Parameter("covariance_type")),
                Phrase(f"{counted(len(rows), 'candidate')} without a fit (", rows[0].why, ")"),
                "values for which some candidate can be fitted",
            )
        estimator = self.estimator
        if estimator is None or (estimator.n_components, estimator.covariance_type) != best:
            estimator = shared.fitted_again(self.done[best])
        estimator.n_jobs = None  # how many processes there were is no part of the result
        settled = shared.exchange and not self.fresh and not self.open
        return Selection(rows, self.criterion, estimator, origin=self.origin, settled=settled)


def _earlier(resume: Any) -> CandidateTable | None:
    if resume is None or isinstance(resume, CandidateTable):
        return resume
    return load_search(resume)


def _seed(random_state: Any, earlier: CandidateTable | None) -> int:
    """The given integer, the earlier search's, or a new one."""
    source = check_seed(random_state)
    if isinstance(random_state, Integral):
        return int(random_state)
    if random_state is None and earlier is not None and earlier.origin is not None:
        return earlier.origin.seed
    return int(source.randint(np.iinfo(np.int32).max))
