"""Check what the user knows about the components of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray, is_masked, refuse_hidden
from bactrian.core.observation.labelled import UNKNOWN, certain
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_choice
from bactrian.fitting.model import Model
from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Act, Raise, Say
from bactrian.vocabulary import LABELS


def known_of(estimator: Any, y: Any, n_samples: int, model: Model) -> FloatArray | None:
    """Turn labels into plausibilities for the components and the noise of a model.

    Parameters
    ----------
    estimator : GaussianMixture
    y, n_samples
        As in :func:`check_labels`.
    model : Model
    """
    n_terms = model.n_components + model.family.noise
    return check_labels(y, estimator.labels, n_samples, model.n_components, n_terms)


def is_used(estimator: Any, y: Any, n_samples: int) -> bool:
    """Whether labels count; they may be labels of any component.

    Raises
    ------
    BadInputError
        If they count, and cannot be used.
    """
    n_components = estimator.n_components
    return check_labels(y, estimator.labels, n_samples, n_components, n_components) is not None


def check_labels(
    y: Any, use: Any, n_samples: int, n_components: int, n_terms: int
) -> FloatArray | None:
    """What is known of each row's component, (n_samples, n_terms); None if nothing is.

    Parameters
    ----------
    y : None, (n_samples,) of int or (n_samples, n_components)
        Components from 0, -1 where unknown; or how plausible each is, at least 0. A component
        that a masked array hides is unknown.
    use : {"auto", "use", "ignore"}
        "auto": labels without a -1 are ignored, as in scikit-learn's mixtures.
    n_samples, n_components : int
    n_terms : int
        One more with noise, which no row is known to be.

    Raises
    ------
    BadInputError
    """
    chosen = check_choice("labels", use, LABELS.choices)
    if y is None or chosen == "ignore":
        return None
    values = _unmasked(y)
    if chosen == "auto" and (values.ndim != 2 and not _has_unknown(values)):
        return None
    wanted = f"components from 0 to {n_components - 1}, -1 where unknown"
    if values.ndim == 2:
        known = _plausibilities(values, n_samples, n_components)
        sure = certain(known) & (n_components > 1)
    else:
        if values.dtype.kind not in "iuf" or values.shape != (n_samples,):
            got = f"{values.dtype} of shape {values.shape}"
            raise BadInputError(
                "y", got, f"{wanted}, one for each of {n_samples} rows", code="bad_shape"
            )
        bad = (values < UNKNOWN) | (values >= n_components) | (values != np.floor(values))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            remedies = Raise("n_components"), Say("labels", "ignore")
            raise BadInputError("y", f"{values[row]} in row {row}", wanted, *remedies)
        if chosen == "auto":
            _refuse_classes(values)
        known = np.ones((n_samples, n_components))
        sure = values != UNKNOWN
        known[sure] = np.eye(n_components)[values[sure].astype(int)]
    noise = np.where(sure, 0.0, 1.0)
    return np.column_stack([known] + [noise] * (n_terms - n_components))


def _unmasked(y: Any) -> npt.NDArray[Any]:
    """Labels as an array, with -1 where a masked array hides them."""
    if not is_masked(y):
        return np.asarray(y)
    if y.ndim == 2:
        refuse_hidden("y", y, "Use equal numbers in a row if its component is unknown.")
    values = np.asarray(y.data)
    if values.dtype.kind not in "iuf":
        return values
    return np.where(np.ma.getmaskarray(y), np.int64(UNKNOWN), values)


def _has_unknown(values: npt.NDArray[Any]) -> bool:
    return bool(values.dtype.kind in "if" and (values == UNKNOWN).any())


def _refuse_classes(values: npt.NDArray[Any]) -> None:
    """Refuse -1 among numbers without a 0: it may be the name of a class.

    Raises
    ------
    BadInputError
    """
    known = values[values != UNKNOWN]
    if len(known) == 0 or (known == 0).any():
        return
    raise BadInputError(
        "y",
        f"-1 and numbers from {known.min():g} on, and no 0",
        "components from 0 on, -1 where unknown",
        Act(Phrase("set ", ParameterValue("labels", "ignore"), " if these are classes")),
        Act(Phrase("set ", ParameterValue("labels", "use"), " if no row is known to be of 0")),
    )


def _plausibilities(values: npt.NDArray[Any], n_samples: int, n_components: int) -> FloatArray:
    """Divide each row by its largest entry."""
    wanted = f"of shape ({n_samples}, {n_components}), at least 0 and not all 0 in a row"
    if values.shape != (n_samples, n_components) or values.dtype.kind not in "biuf":
        raise BadInputError(
            "y", f"{values.dtype} of shape {values.shape}", wanted, code="bad_shape"
        )
    known = values.astype(np.float64)
    bad = ~np.isfinite(known).all(axis=1) | (known < 0).any(axis=1) | ~(known > 0).any(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise BadInputError("y", f"{values[row]} in row {row}", wanted)
    return np.asarray(known / known.max(axis=1, keepdims=True))
