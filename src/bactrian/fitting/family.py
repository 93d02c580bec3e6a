"""What a mixture has besides Gaussians: uniform noise, and the tails of t distributions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.data.summary import Summary


@final
@dataclass(frozen=True, eq=False)
class FamilyChoice:
    """What completes the starting values.

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
    """

    dof: FloatArray | None = None
    dof_held: bool = False
    noise: bool = False
    volume: float | None = None
    noise_share: float = 0.0

    @property
    def robust(self) -> bool:
        """Whether outliers are expected."""
        return self.noise or self.dof is not None

    def complete(self, start: Parameters, summary: Summary, units: FloatArray) -> Parameters:
        """Complete the starting values with this family's values, where they have none."""
        changes: dict[str, FloatArray] = {}
        if self.dof is not None and start.dof is None:
            changes["dof"] = self.dof
        if self.noise and start.noise is None:
            changes["noise"] = self._box(summary, units)
            changes["weights"] = start.weights * (1 - self.noise_share)
        return start.replaced(**changes) if changes else start

    def again(self, fitted: Parameters, summary: Summary, units: FloatArray) -> Parameters:
        """The parameters of an earlier fit, of any family, as far as they can start this one."""
        weights, box, dof = fitted.weights, None, None
        if fitted.noise is not None and self.noise:
            box = self._box(summary, units)
        elif fitted.noise is not None:
            weights = weights / weights.sum()
        if fitted.dof is not None and self.dof is not None and not self.dof_held:
            same = len(fitted.dof) == len(self.dof)
            dof = fitted.dof if same else np.full_like(self.dof, fitted.dof.mean())
        return replace(fitted, weights=weights, noise=box, dof=dof)

    def _box(self, summary: Summary, units: FloatArray) -> FloatArray:
        """Corners of the box that holds the data, or of a box with the given volume at its centre.

        A column that is constant speaks neither for the noise nor against it: its side is one
        over the height of a normal density whose deviation is the unit.
        """
        sides = summary.maximum - summary.minimum
        sides = np.where(sides > 0, sides, np.sqrt(2 * np.pi) * units)
        if self.volume is not None:
            sides = sides * np.exp((np.log(self.volume) - np.log(sides).sum()) / len(sides))
        centre = summary.minimum / 2 + summary.maximum / 2
        return np.stack([centre - sides / 2, centre + sides / 2])
