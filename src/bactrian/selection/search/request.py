"""Check what a search is asked for: numbers of components and structures."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from bactrian.core.covariance import STRUCTURES, covariance_structure
from bactrian.errors import BadInputError


def counts_of(n_components: Any) -> list[int]:
    """Numbers of components, each once, in the given order.

    Raises
    ------
    BadInputError
    """
    one = isinstance(n_components, Integral) or not isinstance(n_components, Iterable)
    counts = [n_components] if one else list(n_components)
    for count in counts:
        if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
            got = f"{count!r}" if one else f"{count!r} among them"
            raise BadInputError(
                "n_components", got, "whole numbers of at least 1", code="out_of_range"
            )
    if not counts:
        raise BadInputError("n_components", "none", "at least one whole number")
    return list(dict.fromkeys(int(count) for count in counts))


def structures_of(covariance_type: Any, n_features: int | None = None) -> list[str]:
    """Names of structures, each once, in the given order.

    Raises
    ------
    BadInputError
    """
    if isinstance(covariance_type, str):
        covariance_type = list(STRUCTURES) if covariance_type == "all" else [covariance_type]
    if not isinstance(covariance_type, Iterable):
        wanted = f"all, or some of {', '.join(STRUCTURES)}"
        raise BadInputError("covariance_type", repr(covariance_type), wanted, code="bad_choice")
    names = [covariance_structure(name, n_features).name for name in covariance_type]
    if not names:
        raise BadInputError(
            "covariance_type", "none", f"some of {', '.join(STRUCTURES)}", code="bad_choice"
        )
    return list(dict.fromkeys(names))
