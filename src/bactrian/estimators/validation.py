"""Check what the user gives to an estimator; each error says where and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, validate_data

from bactrian.core.arrays import FloatArray, RealArray, refuse_hidden
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.mstep.ratio import RATIO_STRUCTURES
from bactrian.data.finite import check_finite
from bactrian.data.frames import collected, to_array
from bactrian.data.named import NamedArray
from bactrian.errors import BadInputError
from bactrian.init.given import Given
from bactrian.phrases import Parameter, ParameterValue, Part, Phrase
from bactrian.remedies import Act, LeaveOut
from bactrian.tables.scan import is_elsewhere
from bactrian.vocabulary import FIXED, MISSING

LARGEST_WEIGHT = 1e12


def check_rows(estimator: Any, X: Any, *, reset: bool) -> RealArray:
    """Rows as a float64 or float32 array; check names and the number of features.

    Whether they are finite is still to be looked at (:func:`check_values`).

    Parameters
    ----------
    estimator : BaseEstimator
        Learns the names and the number of features if `reset`, must know them otherwise.
    X : array-like or data frame of (n_samples, n_features)
    reset : bool

    Raises
    ------
    ValueError, TypeError
    """
    if is_elsewhere(X):
        raise BadInputError(
            "X",
            f"rows that are elsewhere: {X!r}",
            "in memory for this method",
            Act("load them"),
            Act("use fit, score_samples, predict or predict_proba, which read rows in pieces"),
            code="bad_choice",
        )
    X = collected(X)
    values, _ = to_array(X)
    array = _numeric(values, estimator)
    if isinstance(X, NamedArray):
        _check_names(estimator, X.names, reset=reset)
    else:
        known = X if hasattr(X, "shape") else array
        validate_data(estimator, known, reset=reset, skip_check_array=True)
    check_choice("missing", estimator.missing, MISSING.choices)
    return array


def check_values(estimator: Any, rows: RealArray) -> bool:
    """Whether no value is missing; refuse infinite values, and missing ones if not allowed.

    Raises
    ------
    BadInputError
    """
    names = getattr(estimator, "feature_names_in_", None)
    missing = estimator.missing == "em"
    return check_finite(rows, None if names is None else list(names), missing=missing)


def _check_names(estimator: Any, names: tuple[str, ...], *, reset: bool) -> None:
    """Learn or compare column names: scikit-learn does not know this kind of array."""
    if reset:
        estimator.n_features_in_ = len(names)
        estimator.feature_names_in_ = np.array(names, dtype=object)
    elif tuple(estimator.feature_names_in_) != names:
        wanted = f"of the columns {', '.join(map(repr, estimator.feature_names_in_))}"
        raise BadInputError("X", f"{', '.join(map(repr, names))}", wanted, code="wrong_columns")


def _numeric(values: Any, estimator: Any) -> RealArray:
    """Make a float64 or float32 array with two dimensions."""
    shape, kind = (
        getattr(values, "shape", None),
        getattr(getattr(values, "dtype", None), "kind", ""),
    )
    if kind == "c":
        raise ValueError("Complex data not supported: X must be real. Pass X.real, or both parts.")
    if shape is not None and len(shape) != 2:
        raise BadInputError(
            "X",
            f"{len(shape)} dimensions, of shape {tuple(shape)}",
            "of shape (n_samples, n_features)",
            "Reshape your data: X.reshape(-1, 1) for one feature, X.reshape(1, -1) for one row.",
            code="bad_shape",
        )
    if type(values) is np.ndarray and values.dtype in (np.float64, np.float32) and values.size:
        return values  # scikit-learn takes a fifth of a prediction to find nothing wrong
    try:
        array = check_array(
            values,
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,
            estimator=estimator,
            input_name="X",
        )
    except ValueError as error:
        if "could not convert" not in str(error):
            raise
        text = str(error).replace("could not convert string to float: ", "text such as ")
        remedy = "Leave out the columns that are not numbers, or encode them."
        raise BadInputError("X", text, "numbers", remedy, code="not_a_number") from None
    return np.asarray(array)


def check_sample_weight(sample_weight: Any, n_samples: int) -> FloatArray | None:
    """Check weights (n_samples,): at least 0 and not all 0; None stands for 1 each.

    Raises
    ------
    BadInputError
    """
    if sample_weight is None:
        return None
    name = "sample_weight"
    refuse_hidden(name, sample_weight, "Give a row that counts for nothing the weight 0.")
    try:
        values = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(
            name, f"{type(sample_weight).__name__} of text", "numbers", code="not_a_number"
        ) from None
    if values.ndim == 0:
        values = np.full(n_samples, float(values))
    if values.shape != (n_samples,):
        raise BadInputError(
            name, f"the shape {values.shape}", f"of shape ({n_samples},)", code="bad_shape"
        )
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise BadInputError(
            name, f"{values[row]} in row {row}", "finite and at least 0", code="bad_weights"
        )
    if not values.any():
        raise BadInputError(name, "zeros only", "above 0 for some rows", code="bad_weights")
    if values.max() > LARGEST_WEIGHT:
        raise BadInputError(
            name, f"{values.max():.3g}", f"at most {LARGEST_WEIGHT:g}", code="bad_weights"
        )
    return values


def check_integer(name: str, value: Any, least: int, otherwise: str = "") -> int:
    """Check a whole number of at least `least`; `otherwise` says what else is allowed.

    Raises
    ------
    BadInputError
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise BadInputError(
            name,
            repr(value),
            f"{otherwise}a whole number of at least {least}",
            code="out_of_range",
        )
    return int(value)


def check_jobs(n_jobs: Any) -> int | None:
    """Check a number of threads: -1 for all processors, None for the default.

    Raises
    ------
    BadInputError
    """
    if n_jobs is None:
        return None
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise BadInputError(
            "n_jobs", repr(n_jobs), "None, or a whole number other than 0", code="out_of_range"
        )
    return int(n_jobs)


def check_real(name: str, value: Any, otherwise: str = "") -> float:
    """Check a finite number of at least 0; `otherwise` says what else is allowed.

    Raises
    ------
    BadInputError
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 <= float(value) < np.inf:
        raise BadInputError(
            name, repr(value), f"{otherwise}a finite number of at least 0", code="out_of_range"
        )
    return float(value)


def check_eigenvalue_ratio(
    value: Any, structure: CovarianceStructure, fixed: frozenset[str]
) -> float | None:
    """Check a ratio of at least 1 that fits the other settings; None for no bound.

    Raises
    ------
    BadInputError
    """
    if value is None:
        return None
    name = "eigenvalue_ratio"
    ratio = check_real(name, value)
    if ratio < 1:
        raise BadInputError(
            name, repr(value), "None, or a finite number of at least 1", code="out_of_range"
        )
    if structure.name not in RATIO_STRUCTURES:
        wanted: Part = Phrase(
            f"one of {', '.join(RATIO_STRUCTURES)} with ", ParameterValue(name, ratio)
        )
        other = Act("take a prior instead")
        raise BadInputError(
            "covariance_type", repr(structure.name), wanted, other, code="do_not_go_together"
        )
    if "covariances" in fixed:
        got = f"{ratio:g} with fixed covariances"
        raise BadInputError(name, got, "None there", LeaveOut(name), code="do_not_go_together")
    return ratio


def check_flag(name: str, value: Any) -> bool:
    """Check for True or False.

    Raises
    ------
    BadInputError
    """
    if not isinstance(value, bool | np.bool_):
        raise BadInputError(name, repr(value), "True or False", code="bad_choice")
    return bool(value)


def check_callback(callback: Any) -> None:
    """Check for None or something that can be called.

    Raises
    ------
    BadInputError
    """
    if callback is not None and not callable(callback):
        raise BadInputError("callback", repr(callback), "None or a function of one argument")


def check_seed(random_state: Any) -> np.random.RandomState:
    """Make a generator from a seed.

    Raises
    ------
    BadInputError
    """
    try:
        return check_random_state(random_state)
    except ValueError:
        wanted = "None, a whole number from 0 to 2**32 - 1, or a RandomState"
        raise BadInputError(
            "random_state", repr(random_state), wanted, code="out_of_range"
        ) from None


def check_choice(name: str, value: Any, choices: Iterable[str]) -> str:
    """Check for one of the choices.

    Raises
    ------
    BadInputError
    """
    choices = tuple(choices)
    if not isinstance(value, str) or value not in choices:
        wanted = f"one of {', '.join(choices)}"
        raise BadInputError(name, repr(value), wanted, code="bad_choice")
    return value


def check_fixed(fixed: Any, given: Given) -> frozenset[str]:
    """Check names of parameters held fixed; each needs a starting value.

    Parameters
    ----------
    fixed : None, str or iterable of str
    given : Given

    Raises
    ------
    BadInputError
    """
    starts = {
        "weights": ("weights_init", given.weights),
        "means": ("means_init", given.means),
        "covariances": ("precisions_init", given.precisions),
    }
    chosen = fixed_names(fixed)
    for name in sorted(chosen):
        source, value = starts[name]
        if value is None:
            got = f"{name!r} without a value"
            remedy = Act(Phrase("set ", Parameter(source)))
            raise BadInputError("fixed", got, "given a value to hold", remedy)
    return chosen


def fixed_names(fixed: Any) -> frozenset[str]:
    """Names of parameters: no name, one, or several.

    Raises
    ------
    BadInputError
    """
    if fixed is None:
        return frozenset()
    names = (fixed,) if isinstance(fixed, str) else fixed
    if not isinstance(names, Iterable):
        raise BadInputError(
            "fixed", repr(fixed), f"some of {', '.join(FIXED.choices)}", code="bad_choice"
        )
    return frozenset(check_choice("fixed", name, FIXED.choices) for name in names)


def check_equal_weights(estimator: Any) -> bool:
    """Whether all weights are equal; then starting weights are refused.

    Raises
    ------
    BadInputError
    """
    equal_weights = check_flag("equal_weights", estimator.equal_weights)
    if equal_weights and estimator.weights_init is not None:
        name, code = "weights_init", "do_not_go_together"
        got, remedy = Phrase("True with ", Parameter(name)), LeaveOut(name, "equal_weights")
        raise BadInputError("equal_weights", got, "False there", remedy, code=code)
    return equal_weights


def held_weights(*, equal: bool) -> frozenset[str]:
    """Names of the parameters that equal weights hold; empty otherwise."""
    return frozenset({"weights"} if equal else ())
