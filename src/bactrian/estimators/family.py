"""What a mixture has beside Gaussians: uniform noise, and the tails of t distributions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.dof import LEAST, MOST
from bactrian.core.errors import BadInputError
from bactrian.core.parameters import Parameters
from bactrian.data.summary import Summary
from bactrian.estimators.validation import check_choice

FAMILIES = ("gaussian", "t")
START_DOF = 4.0


@dataclass(frozen=True, eq=False)
class Family:
    """What starting values are completed with.

    Parameters
    ----------
    dof : (n_components,) or (1,), or None
        Degrees of freedom to start from, each or shared; None for Gaussians.
    dof_held : bool
        Whether they are given, and not estimated.
    noise : bool
    volume : float or None
        Of the box of the noise; None for the box that holds the data.
    noise_share : float
        Weight that the noise starts with.
    noise_rows : (n_samples,) of bool or None
        Rows that starts leave out.
    """

    dof: FloatArray | None = None
    dof_held: bool = False
    noise: bool = False
    volume: float | None = None
    noise_share: float = 0.0
    noise_rows: BoolArray | None = None

    @property
    def robust(self) -> bool:
        """Whether outliers are expected."""
        return self.noise or self.dof is not None

    def complete(self, start: Parameters, summary: Summary, units: FloatArray) -> Parameters:
        """The starting values with this family's own, where they have none."""
        changes: dict[str, FloatArray] = {}
        if self.dof is not None and start.dof is None:
            changes["dof"] = self.dof
        if self.noise and start.noise is None:
            changes["noise"] = self._box(summary, units)
            changes["weights"] = start.weights * (1 - self.noise_share)
        return start.replaced(**changes) if changes else start

    def again(self, fitted: Parameters, summary: Summary, units: FloatArray) -> Parameters:
        """The parameters of an earlier fit, of whatever family, as starting values of this one."""
        weights, box, dof = fitted.weights, None, None
        if fitted.noise is not None and self.noise:
            box = self._box(summary, units)
        elif fitted.noise is not None:
            weights = weights / weights.sum()
        if fitted.dof is not None and self.dof is not None and not self.dof_held:
            same = len(fitted.dof) == len(self.dof)
            dof = fitted.dof if same else np.full_like(self.dof, fitted.dof.mean())
        return self.complete(replace(fitted, weights=weights, noise=box, dof=dof), summary, units)

    def _box(self, summary: Summary, units: FloatArray) -> FloatArray:
        """Corners of the box that holds the data, or of one of the given volume about its centre.

        A column that is constant speaks neither for the noise nor against it: its side is one
        over the height of a normal density whose deviation is the unit.
        """
        sides = summary.maximum - summary.minimum
        sides = np.where(sides > 0, sides, np.sqrt(2 * np.pi) * units)
        if self.volume is not None:
            sides = sides * np.exp((np.log(self.volume) - np.log(sides).sum()) / len(sides))
        centre = summary.minimum / 2 + summary.maximum / 2
        return np.stack([centre - sides / 2, centre + sides / 2])


def family_of(estimator: Any, n_components: int, n_samples: int, kept: Any) -> Family:
    """The family that an estimator asks for.

    Parameters
    ----------
    estimator : GaussianMixture
    n_components : int
    n_samples : int
    kept : slice or (n_samples,) of bool
        Rows of weight above 0.

    Raises
    ------
    BadInputError
    """
    noise, tails = estimator.noise, Family()
    if check_choice("family", estimator.family, FAMILIES) == "t":
        tails = Family(_dof(estimator.dof, n_components), not isinstance(estimator.dof, str))
    if noise is False or noise is None:
        return tails
    volume = None if noise is True else _positive("noise", noise, "True, False or ")
    initial = estimator.noise_init
    if np.ndim(initial) == 0:
        share = _positive("noise_init", initial, "which rows are noise at first, or ")
        if not share < 1:
            raise BadInputError("noise_init", repr(initial), "a share between 0 and 1")
        return replace(tails, noise=True, volume=volume, noise_share=share)
    rows = np.asarray(initial)
    if rows.dtype != np.bool_ or rows.shape != (n_samples,):
        got = f"{rows.dtype} of shape {rows.shape}"
        raise BadInputError(
            "noise_init", got, f"a share, or a boolean for each of {n_samples} rows"
        )
    rows = rows[kept]
    if rows.all() or not rows.any():
        raise BadInputError("noise_init", "the same for all rows", "True for some rows")
    share = float(rows.mean())
    return replace(tails, noise=True, volume=volume, noise_share=share, noise_rows=rows)


def held_by_family(estimator: Any) -> frozenset[str]:
    """What is given, and not estimated: the degrees of freedom, if they are numbers."""
    given = estimator.family == "t" and not isinstance(estimator.dof, str)
    return frozenset({"dof"} if given else ())


def _dof(wanted: Any, n_components: int) -> FloatArray:
    """Degrees of freedom to start from, or to hold."""
    if isinstance(wanted, str):
        each = check_choice("dof", wanted, ("shared", "each")) == "each"
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
        raise BadInputError("dof", repr(wanted)[:80], either)
    return values


def _positive(name: str, value: Any, otherwise: str) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) < np.inf:
        raise BadInputError(name, repr(value)[:80], f"{otherwise}a number above 0")
    return float(value)
