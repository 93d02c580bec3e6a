"""Check what the verbs of a distribution are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError
from bactrian.remedies import Act

KINDS = ("raw", "central", "standardized")
MOST_ORDER = 100


def check_one_feature(verb: str, n_features: int) -> None:
    """Refuse a verb of the line for more features.

    Raises
    ------
    BadInputError
    """
    if n_features != 1:
        raise BadInputError(
            "mixture",
            f"{n_features} features",
            f"one of one feature, for {verb}",
            Act("take one column: mixture.marginal([0])"),
            code="bad_shape",
        )


def check_numbers(name: str, values: npt.ArrayLike) -> FloatArray:
    """float64 numbers of any shape.

    Raises
    ------
    BadInputError
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        got = f"a {type(values).__name__} of other values"
        raise BadInputError(name, got, "numbers", code="not_a_number") from None


def check_probabilities(name: str, values: npt.ArrayLike) -> FloatArray:
    """Probabilities of any shape.

    Raises
    ------
    BadInputError
    """
    array = check_numbers(name, values)
    bad = ~((array >= 0) & (array <= 1))
    if bad.any():
        got = repr(float(array[bad].flat[0]))
        raise BadInputError(name, got, "a probability from 0 to 1", code="out_of_range")
    return array


def check_ends(
    name: str, values: npt.ArrayLike | None, free: float, n_features: int
) -> FloatArray:
    """A corner of a box, (n_features,); `free` everywhere if it is None.

    Raises
    ------
    BadInputError
    """
    if values is None:
        return np.full(n_features, free)
    array = np.atleast_1d(check_numbers(name, values))
    if array.shape != (n_features,):
        got = f"the shape {array.shape}"
        raise BadInputError(name, got, f"of shape ({n_features},)", code="bad_shape")
    if np.isnan(array).any():
        raise BadInputError(
            name, "nan", "numbers", "-inf or inf stands for no limit.", code="not_a_number"
        )
    return array


def check_kind(kind: Any) -> None:
    """Refuse a kind of moment that does not exist.

    Raises
    ------
    BadInputError
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadInputError("kind", repr(kind), f"one of {', '.join(KINDS)}", code="bad_choice")


def check_orders(order: Any, n_features: int) -> list[tuple[int, ...]]:
    """Orders of the moments of each feature, or of the one mixed moment.

    Raises
    ------
    BadInputError
    """
    one = isinstance(order, int | np.integer)
    given: Sequence[Any] = [order] if one else list(order) if np.iterable(order) else [None]
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in given)
    if not whole or min(given, default=-1) < 0 or sum(given) > MOST_ORDER:
        wanted = f"a whole number from 0 to {MOST_ORDER}, or one for each feature"
        raise BadInputError("order", repr(order), wanted, code="out_of_range")
    if one:
        return [tuple(int(order) * (i == j) for i in range(n_features)) for j in range(n_features)]
    if len(given) != n_features:
        raise BadInputError(
            "order", f"{len(given)} numbers", f"{n_features}, one for each feature",
            code="bad_shape",
        )  # fmt: skip
    return [tuple(int(n) for n in given)]
