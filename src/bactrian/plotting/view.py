"""What a figure shows of a mixture: some features, some rows, and the components of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.utils.validation import check_is_fitted

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import check_integer, check_sample_weight
from bactrian.mixture import Mixture
from bactrian.mixture.rows import check_columns
from bactrian.phrases import counted
from bactrian.plotting.geometry import deviations, separation
from bactrian.report.names import names_of
from bactrian.selection.search.selector import GaussianMixtureSelector

MOST_ROWS = 20_000
MOST_FEATURES = 6  # that are shown if nobody names any
MARGIN = 0.03


@dataclass(frozen=True, eq=False)
class MixtureView:
    """Rows and mixture in some of the features, in units of the data.

    Parameters
    ----------
    parameters : Parameters
        Of the features that are shown: the marginal mixture.
    X : (n_rows, n_features)
        NaN where missing.
    resp : (n_rows, n_terms)
        Probability of each component, and last of noise where there is noise, given all that is
        observed of the row, what is not shown included.
    feature_names : tuple of str
    component_names : tuple of str
    sample_weight : (n_rows,) or None
    notes : tuple of str
        What is left out.
    """

    parameters: Parameters
    X: FloatArray
    resp: FloatArray
    feature_names: tuple[str, ...]
    component_names: tuple[str, ...]
    sample_weight: FloatArray | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        model: Any,
        X: Any = None,
        *,
        features: Sequence[int | str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        component_names: Sequence[str] | None = None,
        max_rows: int | None = MOST_ROWS,
        most_features: int = MOST_FEATURES,
    ) -> Self:
        """View of a fitted estimator or a model.

        Parameters
        ----------
        model : GaussianMixture, GaussianMixtureSelector, Mixture or scikit-learn's mixture
        X : array-like or data frame of shape (n_samples, n_features), optional
            None for the mixture alone.
        features : sequence of int or str, optional
            Positions from 0, or names. By default all; of more than `most_features`, those in
            which the components differ most.
        sample_weight : (n_samples,), optional
            Rows of weight 0 are left out.
        component_names : sequence of str, optional
            By default those of the model, else numbers from 0.
        max_rows : int or None, default=20_000
            Of more rows, this many are drawn at random, always the same. None for all.
        most_features : int, default=6

        Raises
        ------
        BadInputError
        """
        model = mixture_of(model)
        n_features = model.parameters.n_features
        names = tuple(names_of(model))
        shown, notes = _features(model, names, features, most_features)
        nothing = np.empty((0, n_features))
        rows = check_columns(nothing if X is None else X, model.feature_names, n_features).X
        weights = check_sample_weight(sample_weight, len(rows)) if len(rows) else None
        kept, said = _sample(len(rows), weights, max_rows)
        values: FloatArray = np.asarray(rows[kept], dtype=np.float64)
        parameters = model.in_original_units()
        whole = np.array_equal(shown, np.arange(n_features))
        return cls(
            parameters if whole else parameters.marginal(shown),
            values[:, shown],
            model.responsibilities(values),
            tuple(names[j] for j in shown),
            _component_names(model, component_names),
            None if weights is None else weights[kept],
            (*notes, *said),
        )

    def __post_init__(self) -> None:
        shapes = self.X.shape[1:], self.resp.shape
        wanted = (self.parameters.n_features,), (len(self.X), self.parameters.n_terms)
        if shapes != wanted:
            raise BadInputError(
                "X and resp", f"{shapes}", f"of the shapes {wanted}", code="bad_shape"
            )

    @property
    def n_features(self) -> int:
        """Number of features shown."""
        return self.X.shape[1]

    @property
    def labels(self) -> IntArray:
        """Most probable term of each row, (n_rows,); noise is the last term."""
        return np.asarray(self.resp.argmax(axis=1))

    @property
    def uncertainty(self) -> FloatArray:
        """1 minus the largest probability, (n_rows,)."""
        return np.maximum(0.0, 1 - self.resp.max(axis=1, initial=0.0))

    @property
    def present(self) -> IntArray:
        """Components that take part."""
        return np.flatnonzero(self.parameters.weights > 0)

    @property
    def note(self) -> str:
        """One line on what is left out; empty if nothing is."""
        incomplete = int(np.isnan(self.X).any(axis=1).sum())
        said = list(self.notes)
        if incomplete and self.n_features > 2:
            said.append(f"{counted(incomplete, 'row')} incomplete, shown where possible")
        elif incomplete:
            said.append(f"{counted(incomplete, 'row')} with a missing value not shown")
        return "; ".join(said)

    def of_features(self, *columns: int) -> Self:
        """View of some of the features, with the rows that are complete in them."""
        chosen = np.array(columns)
        rows = ~np.isnan(self.X[:, chosen]).any(axis=1)
        weights = None if self.sample_weight is None else self.sample_weight[rows]
        same = self.n_features == len(columns) and columns == tuple(range(len(columns)))
        return replace(
            self,
            parameters=self.parameters if same else self.parameters.marginal(chosen),
            X=self.X[np.ix_(rows, chosen)],
            resp=self.resp[rows],
            feature_names=tuple(self.feature_names[j] for j in columns),
            sample_weight=weights,
            notes=(),
        )

    def window(self, n_sigma: float) -> FloatArray:
        """Lowest and highest value of each feature at which there is something to show.

        The rows, and `n_sigma` deviations about each mean. (2, n_features)
        """
        own, reach = self.parameters, n_sigma if len(self.X) else max(n_sigma, 3.5)
        means, spread = own.means[self.present], reach * deviations(own)[self.present]
        seen = self.X[~np.isnan(self.X).any(axis=1)]
        points = np.concatenate([seen, means - spread, means + spread])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = np.maximum(MARGIN * (high - low), np.spacing(np.abs(high)))
        return np.stack([low - margin, high + margin])


def mixture_of(fitted: Any) -> Mixture:
    """The mixture of any fitted object, with what is known of its fit.

    Raises
    ------
    BadInputError
        If it is no mixture.
    NotFittedError
    """
    if isinstance(fitted, Mixture):
        return fitted
    if isinstance(fitted, GaussianMixtureSelector):
        check_is_fitted(fitted)
        fitted = fitted.best_estimator_
    if isinstance(fitted, SklearnMixture):
        fitted = GaussianMixture.from_sklearn(fitted)
    if not isinstance(fitted, GaussianMixture):
        wanted = "a fitted GaussianMixture, a GaussianMixtureSelector or a Mixture"
        raise BadInputError("estimator", f"a {type(fitted).__name__}", wanted)
    return fitted.to_model()


def _features(
    model: Mixture,
    names: tuple[str, ...],
    features: Sequence[int | str] | None,
    most: int,
) -> tuple[IntArray, tuple[str, ...]]:
    """Positions of the features to show, and a note on the others."""
    n_features = len(names)
    if features is None:
        if n_features <= most:
            return np.arange(n_features), ()
        order = np.argsort(-separation(model.parameters), kind="stable")
        said = f"{most} of {n_features} features, in which the components differ most"
        return np.sort(order[:most]), (said,)
    asked = [features] if isinstance(features, str | int) else list(features)
    chosen = [_position(feature, names) for feature in asked]
    if not chosen or len(set(chosen)) < len(chosen):
        raise BadInputError(
            "features", repr(features), "one or more different features", code="bad_choice"
        )
    return np.array(chosen), ()


def _position(feature: int | str, names: tuple[str, ...]) -> int:
    if isinstance(feature, str) and feature in names:
        return names.index(feature)
    whole = isinstance(feature, int | np.integer) and not isinstance(feature, bool)
    if whole and 0 <= int(feature) < len(names):
        return int(feature)
    known = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    remedy = f"Or positions from 0 to {len(names) - 1}."
    raise BadInputError("features", repr(feature), f"among {known}", remedy, code="bad_choice")


def _component_names(model: Mixture, given: Sequence[str] | None) -> tuple[str, ...]:
    n_components = model.parameters.n_components
    told = model.component_names if given is None else given
    if given is None and not told:
        return tuple(str(k) for k in range(n_components))
    if len(told) != n_components:
        wanted = f"{n_components} names"
        raise BadInputError("component_names", counted(len(told), "name"), wanted)
    return tuple(str(k if name is None else name) for k, name in enumerate(told))


def _sample(
    n_rows: int, weights: FloatArray | None, most: int | None
) -> tuple[Any, tuple[str, ...]]:
    """Rows to show, in their order, and a note on the others."""
    if most is not None:
        most = check_integer("max_rows", most, 1, "None, or ")
    rows = np.arange(n_rows) if weights is None else np.flatnonzero(weights > 0)
    if most is None or len(rows) <= most:
        return rows, ()
    chosen = np.random.RandomState(0).choice(rows, most, replace=False)
    return np.sort(chosen), (f"{most:,} of {len(rows):,} rows, drawn at random",)
