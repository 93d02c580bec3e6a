"""The protocol of back ends: who holds rows, and what they can be asked."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.drawing import Drawn
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.data.source import DataSource


class Held(Protocol):
    """Rows where they are processed. Terms go in, statistics come back.

    One that saves calls may also have ``advance(maximise, state, pace)``, which takes several
    steps at once (:data:`~bactrian.core.em.stride.Advance`), and ``image(maximise, chart,
    vector)``, which takes one in coordinates (:data:`~bactrian.core.em.stride.Image`): the numbers
    are those of one step after another, up to rounding.
    """

    def accumulate(self, terms: Terms, origin: FloatArray | None = None) -> SufficientStats:
        """Sufficient statistics of all rows, added in their order.

        Parameters
        ----------
        terms : Terms
        origin : (n_components, n_features), optional
            About which the moments are taken; by default the current means.
        """

    def evaluate(self, terms: Terms, *wanted: str) -> RowResults:
        """What the mixture says of each row, given its observed features.

        If nothing is observed, the density is 1 and the responsibilities are the weights.

        Parameters
        ----------
        terms : Terms
        *wanted : {"log_density", "resp", "labels"}
        """


@runtime_checkable
class Draws(Held, Protocol):
    """Rows of which components can be drawn: what a posterior is sampled with."""

    def draw(self, terms: Terms, key: int, origin: FloatArray | None = None) -> Drawn:
        """A component for each row, drawn by its responsibilities, and the statistics of each.

        Row i takes number i in the sequence of the key
        (:func:`~bactrian.core.estep.drawing.uniforms`), wherever it is worked on.

        Parameters
        ----------
        terms : Terms
        key : int
            From 0 to 2^64 - 1.
        origin : (n_components, n_features), optional
            About which the moments are taken; by default the means of the terms.

        Raises
        ------
        BadInputError
            If rows are not complete.
        """


@runtime_checkable
class Backend(Protocol):
    """A way to hold rows."""

    def hold(self, source: DataSource) -> Held:
        """Hold the rows of a source where the back end works, once for all passes."""
