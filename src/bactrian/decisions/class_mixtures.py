"""A mixture for each class: estimation and densities."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
from scipy.special import log_softmax, logsumexp
from sklearn.exceptions import ConvergenceWarning

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.decisions.reference import Reference
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.mixture import Mixture
from bactrian.selection.search.search import select_mixture

MOST_ROUNDS = 200  # of EM over the classes of unlabelled rows
ENOUGH = 1e-8  # nats a row that a round must gain


@final
@dataclass(frozen=True, eq=False)
class ClassMixtures:
    """A mixture and a share for each class.

    Parameters
    ----------
    mixtures : tuple of Mixture
    shares : (n_classes,)
    structures : tuple of str
        Of the covariances in each class.
    n_parameters : int
        Free ones, those of the shares included if they are estimated.
    log_likelihood : float
        Of rows and labels, in nats: of unlabelled rows that of the rows alone.
    n_iter : int
        Iterations of EM.
    collapsed : tuple of int
        Classes with a component at the bounds of its covariance.
    """

    mixtures: tuple[Mixture, ...]
    shares: FloatArray
    structures: tuple[str, ...]
    n_parameters: int
    log_likelihood: float
    n_iter: int
    collapsed: tuple[int, ...] = ()

    def joint(self, X: FloatArray) -> FloatArray:
        """Log of share times density of each class, (n_samples, n_classes), in nats."""
        densities = np.column_stack([mixture.log_density(X) for mixture in self.mixtures])
        with np.errstate(divide="ignore"):
            return np.asarray(densities + np.log(self.shares))

    def probabilities(self, X: FloatArray) -> FloatArray:
        """Probability of each class, (n_samples, n_classes)."""
        return np.exp(log_softmax(self.joint(X), axis=1))

    def log_density(self, X: FloatArray) -> FloatArray:
        """Log-density of rows whatever their class, (n_samples,), in nats."""
        return np.asarray(logsumexp(self.joint(X), axis=1))

    def sample(self, n_samples: int, random_state: Any) -> tuple[FloatArray, IntArray]:
        """Draw rows, and the class of each; they come in the order of the classes."""
        generator = np.random.RandomState(random_state)
        counts = generator.multinomial(n_samples, self.shares)
        drawn = [
            mixture.sample(int(count), generator)[0]
            for mixture, count in zip(self.mixtures, counts, strict=True)
            if count
        ]
        return np.concatenate(drawn), np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def reference(self) -> Reference:
        """Rows of the classes, with which others are compared."""
        return Reference(self)


@final
@dataclass(frozen=True, eq=False)
class Task:
    """Rows, their classes, and how to fit.

    Parameters
    ----------
    X : (n_samples, n_features)
    codes : (n_samples,) of int
        Class of each row, -1 where it is unknown.
    weights : (n_samples,)
        Above 0.
    given : (n_classes,) or None
        Shares that are not to be estimated.
    names : sequence
        Of the classes, for messages.
    counts : tuple of sequences of int
        Numbers of components to choose from, for each class.
    structures : tuple of str
        To choose from.
    settings : dict
        Other parameters of :class:`~bactrian.GaussianMixture`.
    """

    X: FloatArray
    codes: IntArray
    weights: FloatArray
    given: FloatArray | None
    names: Sequence[Any]
    counts: tuple[tuple[int, ...], ...]
    structures: tuple[str, ...]
    settings: dict[str, Any]

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return len(self.counts)

    def fitted(self) -> ClassMixtures:
        """Fit the mixtures; choose by BIC where there is a choice.

        With one component for each class what covariances share is shared by the classes
        (EDDA, Bensmail and Celeux 1996); with more, each class has its own (Fraley and Raftery
        2002).
        """
        single = all(own == (1,) for own in self.counts)
        return self._eigenvalue_decomposed() if single else self._separate()

    def _eigenvalue_decomposed(self) -> ClassMixtures:
        settings: dict[str, Any] = {**self.settings, "labels": "use"}
        if self.given is not None:
            settings |= {"weights_init": self.given, "fixed": "weights"}
        model = _chosen(
            self.X, (self.n_classes,), self.structures, settings, self.weights, self.codes
        )
        parameters, report = model.mixture_.parameters, model.fit_report_
        return ClassMixtures(
            tuple(_component(parameters, k) for k in range(self.n_classes)),
            parameters.weights,
            (model.covariance_type,) * self.n_classes,
            report.n_parameters,
            report.log_likelihood,
            max(1, report.n_iter),
            tuple(one.component for one in report.certificate.collapses),
        )

    def _separate(self) -> ClassMixtures:
        models = [self._of_class(k) for k in range(self.n_classes)]
        masses = np.array([self.weights[self.codes == k].sum() for k in range(self.n_classes)])
        shares = masses / masses.sum() if self.given is None else self.given
        found = self._of_models(models, shares)
        return found if (self.codes >= 0).all() else self._with_unlabelled(models, found)

    def _of_class(self, k: int) -> GaussianMixture:
        own = self.codes == k
        try:
            return _chosen(
                self.X[own], self.counts[k], self.structures, self.settings, self.weights[own]
            )
        except (BadInputError, DegenerateCovarianceError) as error:
            rows = f"{own.sum()} rows of the class {self.names[k]!r}"
            raise BadInputError(
                "y",
                f"{rows}, which cannot be fitted: {error}",
                "classes with rows enough for a mixture of their own",
                "With n_components=1 and a covariance_type such as 'EEE', which the classes "
                "share, small classes can be fitted.",
                code="too_few_rows",
            ) from error

    def _with_unlabelled(
        self, models: Sequence[GaussianMixture], found: ClassMixtures
    ) -> ClassMixtures:
        """EM over the classes of the unlabelled rows: each class takes its part of each row.

        A mixture that is fitted to weighted rows from where it was does not become worse, so that
        the likelihood of rows and labels does not fall.
        """
        for _ in range(MOST_ROUNDS):
            resp = found.probabilities(self.X)
            known = self.codes >= 0
            resp[known] = np.eye(self.n_classes)[self.codes[known]]
            parts = resp * self.weights[:, None]
            models = [_refitted(m, self.X, part) for m, part in zip(models, parts.T, strict=True)]
            masses = parts.sum(axis=0)
            shares = masses / masses.sum() if self.given is None else self.given
            before, found = found, self._of_models(models, shares)
            gain = found.log_likelihood - before.log_likelihood
            if gain <= ENOUGH * self.weights.sum():
                return found if gain >= 0 else before
        return found

    def _of_models(self, models: Sequence[GaussianMixture], shares: FloatArray) -> ClassMixtures:
        free = sum(model.fit_report_.n_parameters for model in models)
        collapsed = (k for k, m in enumerate(models) if m.fit_report_.certificate.collapses)
        found = ClassMixtures(
            tuple(model.mixture_ for model in models),
            shares,
            tuple(str(model.covariance_type) for model in models),
            free + (len(models) - 1 if self.given is None else 0),
            0.0,
            max(1, sum(model.fit_report_.n_iter for model in models)),
            tuple(collapsed),
        )
        joint = found.joint(self.X)
        known = np.flatnonzero(self.codes >= 0)
        rows = np.asarray(logsumexp(joint, axis=1))
        rows[known] = joint[known, self.codes[known]]
        return replace(found, log_likelihood=float(self.weights @ rows))


def _chosen(
    X: FloatArray,
    counts: Sequence[int],
    structures: Sequence[str],
    settings: dict[str, Any],
    weights: FloatArray,
    codes: IntArray | None = None,
) -> GaussianMixture:
    """The mixture of lowest BIC; without a choice, the only one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        counts = [count for count in counts if count <= len(X)] or [1]
        if len(counts) * len(structures) > 1:
            found = select_mixture(
                X, counts, structures, y=codes, sample_weight=weights, **{**settings, "n_jobs": 1}
            )
            return found.best_estimator
        model = GaussianMixture(counts[0], covariance_type=structures[0], **settings)
        return model.fit(X, codes, sample_weight=weights)


def _refitted(model: GaussianMixture, X: FloatArray, weights: FloatArray) -> GaussianMixture:
    """The mixture fitted to all rows with weights, from where it is."""
    again = copy(model).set_params(warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return again.fit(X, sample_weight=weights)


def _component(parameters: Parameters, k: int) -> Mixture:
    """One component by itself."""
    return Mixture.from_parameters(parameters.only(k).replaced(weights=np.ones(1)))
