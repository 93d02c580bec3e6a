"""What is known of a fit, in JSON's types: checked, and told of data in other units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np

from bactrian.errors import BadInputError
from bactrian.mixture import Scaling
from bactrian.storage.checks import Checks

Training = dict[str, Any]

COUNTS = ("n_samples", "n_parameters", "n_iter", "optima_samples")
REALS = ("weight", "seconds", "tol")
REALS_OR_NULL = ("log_likelihood", "log_posterior", "bic", "aic", "gain_to_come", "score", "rate")
TEXTS = ("warnings", "failures")


def mean_log_volume(training: Mapping[str, Any], scaling: Scaling) -> float:
    """Mean log-density of z minus that of x, over rows of which not all need be observed."""
    missing, weight = training.get("missing"), training.get("weight")
    if not missing or not weight:
        return scaling.log_volume
    return float(np.log(scaling.scale) @ missing["observed"] / weight)


def in_other_units(training: Mapping[str, Any], log_volume: float) -> Training:
    """The same fit, its likelihoods for data whose log-densities are lower by `log_volume`."""

    def lowered(value: float | None, times: float) -> float | None:
        return None if value is None else value - times * log_volume

    changed = dict(training)
    weight = training.get("weight")
    if weight is None:
        return changed
    posterior = ("log_posterior", weight)  # the prior's density changes by a constant as well
    criteria = (("bic", -2 * weight), ("aic", -2 * weight))
    for name, times in (("log_likelihood", weight), posterior, *criteria):
        if name in changed:
            changed[name] = lowered(changed[name], times)
    if "trace" in changed:
        changed["trace"] = [lowered(value, 1.0) for value in changed["trace"]]
    if "optima" in changed:  # they may be those of a sample of the rows
        rows = training.get("n_samples", 0)
        share = training.get("optima_samples", rows) / rows if rows else 1.0
        changed["optima"] = [
            {**optimum, "log_likelihood": lowered(optimum["log_likelihood"], weight * share)}
            for optimum in changed["optima"]
        ]
    return changed


def check_training(value: Any, checks: Checks) -> Training:
    """Training out of a file. Each field may be absent, and there may be others.

    Raises
    ------
    ModelFileError
    """
    if not isinstance(value, dict):
        checks.fields("training", value, ())
    training: Training = value
    for name, entry in training.items():
        field = f"training.{name}"
        if name in CHECKS:
            CHECKS[name](checks, field, entry)
        else:
            _finite(checks, field, entry)
    return training


def _count(checks: Checks, field: str, value: Any) -> None:
    checks.count(field, value)


def _real(checks: Checks, field: str, value: Any) -> None:
    checks.real(field, value)


def _real_or_null(checks: Checks, field: str, value: Any) -> None:
    if value is not None:
        checks.real(field, value)


def _texts(checks: Checks, field: str, value: Any) -> None:
    for i, entry in enumerate(checks.entries(field, value)):
        checks.text(f"{field}[{i}]", entry)


def _trace(checks: Checks, field: str, value: Any) -> None:
    for i, entry in enumerate(checks.entries(field, value)):
        _real_or_null(checks, f"{field}[{i}]", entry)


def _records(**parts: Callable[[Checks, str, Any], Any]) -> Callable[[Checks, str, Any], None]:
    def check(checks: Checks, field: str, value: Any) -> None:
        for i, entry in enumerate(checks.entries(field, value)):
            place = f"{field}[{i}]"
            for name, part in checks.fields(place, entry, tuple(parts)).items():
                parts[name](checks, f"{place}.{name}", part)

    return check


def _settings(checks: Checks, field: str, value: Any) -> None:
    if not isinstance(value, dict):
        checks.fields(field, value, ())
    _finite(checks, field, value)


def _finite(checks: Checks, field: str, value: Any) -> None:
    """Any JSON value whose numbers are float64."""
    if isinstance(value, dict):
        for name, entry in value.items():
            _finite(checks, f"{field}.{name}", entry)
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            _finite(checks, f"{field}[{i}]", entry)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        checks.real(field, value)


def _missing(checks: Checks, field: str, value: Any) -> None:
    if value is None:
        return
    fields = checks.fields(field, value, ("rows", "empty", "values", "observed"))
    for name in ("rows", "empty"):
        checks.count(f"{field}.{name}", fields[name])
    for name, check in (("values", checks.count), ("observed", checks.real)):
        for i, entry in enumerate(checks.entries(f"{field}.{name}", fields[name])):
            check(f"{field}.{name}[{i}]", entry)


CHECKS: dict[str, Callable[[Checks, str, Any], Any]] = {
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(REALS, _real),
    **dict.fromkeys(REALS_OR_NULL, _real_or_null),
    **dict.fromkeys(TEXTS, _texts),
    "converged": Checks.flag,
    "reason": Checks.text,
    "collapses": _records(component=_count, rows=_real_or_null, smallest_deviation=_real_or_null),
    "optima": _records(
        log_likelihood=_real_or_null,
        times=_count,
        shortfall=_real_or_null,
        distance=_real_or_null,
        collapsed=Checks.flag,
    ),
    "missing": _missing,
    "trace": _trace,
    "settings": _settings,
}


def json_values(value: Any, name: str = "training") -> Any:
    """The same in JSON's types; numbers that are not finite become null.

    Raises
    ------
    BadInputError
        If something has no place in JSON.
    """
    match value:
        case None | bool() | str():
            return value
        case np.generic():
            return json_values(value.item(), name)
        case int():
            return int(value)
        case float():
            return float(value) if isfinite(value) else None
        case Mapping():
            return {str(key): json_values(entry, f"{name}.{key}") for key, entry in value.items()}
        case list() | tuple():
            return [json_values(entry, f"{name}[{i}]") for i, entry in enumerate(value)]
        case np.ndarray():
            return json_values(value.tolist(), name)
    raise BadInputError(name, repr(value)[:80], "text, a number, a list or an object (JSON)")
