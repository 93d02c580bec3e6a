"""Check what an estimator says of noise and tails."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.mstep.dof import LEAST, MOST
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_choice, fixed_names
from bactrian.fitting.family import FamilyChoice
from bactrian.vocabulary import DOF, FAMILY

START_DOF = 4.0


def family_of(estimator: Any, n_components: int, noise_rows: BoolArray | None) -> FamilyChoice:
    """The family that an estimator asks for.

    Parameters
    ----------
    estimator : GaussianMixture
    n_components : int
    noise_rows : (n_kept,) of bool or None
        What :func:`noise_rows_of` says.

    Raises
    ------
    BadInputError
    """
    noise, tails = estimator.noise, FamilyChoice()
    if check_choice("family", estimator.family, FAMILY.choices) == "t":
        tails = FamilyChoice(_dof(estimator.dof, n_components), not isinstance(estimator.dof, str))
    if not has_noise(noise):
        return tails
    volume = None if noise is True else _positive("noise", noise, "True, False or ")
    if noise_rows is not None:
        return replace(tails, noise=True, volume=volume, noise_share=float(noise_rows.mean()))
    initial = estimator.noise_init
    share = _positive("noise_init", initial, "which rows are noise at first, or ")
    if not share < 1:
        raise BadInputError(
            "noise_init", repr(initial), "a share between 0 and 1", code="out_of_range"
        )
    return replace(tails, noise=True, volume=volume, noise_share=share)


def noise_rows_of(estimator: Any, n_samples: int, kept: Any) -> BoolArray | None:
    """Which of the kept rows are noise at first; None if this is not given.

    Parameters
    ----------
    estimator : GaussianMixture
    n_samples : int
    kept : slice or (n_samples,) of bool
        Rows of weight above 0.

    Raises
    ------
    BadInputError
    """
    initial, noise = estimator.noise_init, estimator.noise
    if not has_noise(noise) or np.ndim(initial) == 0:
        return None
    rows = np.asarray(initial)
    if rows.dtype != np.bool_ or rows.shape != (n_samples,):
        got = f"{rows.dtype} of shape {rows.shape}"
        raise BadInputError(
            "noise_init",
            got,
            f"a share, or a boolean for each of {n_samples} rows",
            code="bad_shape",
        )
    rows = rows[kept]
    if rows.all() or not rows.any():
        raise BadInputError("noise_init", "the same for all rows", "True for some rows")
    return rows


def held_by_family(estimator: Any) -> frozenset[str]:
    """Parameters that are given and not estimated.

    Degrees of freedom, if they are numbers, and the weight of the noise beside fixed weights.
    """
    held = {
        "dof": estimator.family == "t" and not isinstance(estimator.dof, str),
        "noise": "weights" in fixed_names(estimator.fixed) and has_noise(estimator.noise),
    }
    return frozenset(name for name, given in held.items() if given)


def has_noise(noise: Any) -> bool:
    """Whether there is noise, with or without a given volume."""
    return noise is not False and noise is not None


def _dof(wanted: Any, n_components: int) -> FloatArray:
    """Degrees of freedom to start from, or to hold fixed."""
    if isinstance(wanted, str):
        each = check_choice("dof", wanted, DOF.choices) == "each"
        return np.full(n_components if each else 1, START_DOF)
    try:
        values = np.atleast_1d(np.asarray(wanted, dtype=np.float64))
    except (TypeError, ValueError):
        values = np.empty(0)
    if (
        values.shape not in ((1,), (n_components,))
        or not ((values >= LEAST) & (values <= MOST)).all()
    ):
        either = f"'shared', 'each', or one or {n_components} numbers from {LEAST:g} to {MOST:g}"
        raise BadInputError("dof", repr(wanted)[:80], either, code="out_of_range")
    return values


def _positive(name: str, value: Any, otherwise: str) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) < np.inf:
        raise BadInputError(
            name, repr(value)[:80], f"{otherwise}a number above 0", code="out_of_range"
        )
    return float(value)
