"""What every covariance structure can do."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import Form


class CovarianceStructure(ABC):
    """What the covariances of the components have in common.

    It says how second moments become the covariances of largest likelihood; how these are stored,
    and what is computed with them, is its form's. It holds no data.

    Attributes
    ----------
    name : str
    letters : str
        What the components share, by the letters of Banfield & Raftery (1993): with
        ``cov_k = lambda_k D_k A_k D_k'`` and ``|A_k| = 1``, whether the volume lambda, the shape A
        and the orientation D are equal (E), variable (V) or the identity (I).
    form : Form
        How covariances are stored, and which E-step they take.
    """

    name: str
    letters: str
    form: Form

    @abstractmethod
    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        """Covariances that maximise the expected log-likelihood.

        Parameters
        ----------
        scatter : second moments about the new means
        resp_sum : (n_components,)
        previous : covariances
            A component with ``resp_sum`` 0 keeps its own.
        n_features : int
        """

    def projected(
        self, covariances: FloatArray, weights: FloatArray, n_features: int
    ) -> FloatArray:
        """The covariances of this structure that are nearest, in likelihood, to the given ones.

        They maximise the expected log-density of rows drawn from the components by `weights`.
        """
        return covariances

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Covariances of this structure that are all at least ``diag(floor)``, and their factors.

        See :meth:`.Limits.floored`.
        """
        return self.form.limits.floored(covariances, floor)

    def floor(self, lowest: FloatArray, rounding: FloatArray) -> FloatArray:
        """Smallest variances (n_features,) that bound the likelihood, above rounding."""
        return np.maximum(lowest, rounding)

    def n_parameters(self, n_components: int, n_features: int) -> int:
        """Free parameters in the covariances (Celeux & Govaert 1995, table 1)."""
        volume, shape, orientation = ({"I": 0, "E": 1, "V": n_components}[x] for x in self.letters)
        planes = n_features * (n_features - 1) // 2
        return volume + shape * (n_features - 1) + orientation * planes

    def rows_needed(self, n_features: int) -> int:
        """How many rows a component must hold so that its covariance is not singular.

        What is shared is estimated from all rows. A volume of its own takes a distance; variances
        of its own along axes that are free take rows that span all features.
        """
        volume, shape, orientation = tuple(self.letters)
        if shape == "V":
            return 2 if orientation == "I" else n_features + 1
        return 2 if volume == "V" else 0

    @property
    def has_common_volume(self) -> bool:
        """Whether all components have one volume, so that one covariance tells it."""
        return self.letters[0] == "E"

    @property
    def has_common_unit(self) -> bool:
        """Whether changing the unit of one feature would leave the structure."""
        _, shape, orientation = tuple(self.letters)
        return shape == "I" or (orientation != "I" and shape != orientation)

    def units(self, variances: FloatArray) -> FloatArray:
        """Lengths (D,) by which the structure measures the features.

        Each one's own deviation, or one length where the structure has a common unit.
        """
        if self.has_common_unit:
            return np.full(len(variances), np.sqrt(variances.mean()))
        return np.sqrt(variances)
