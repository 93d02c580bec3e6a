"""How the likelihood rose in each iteration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import MaxNLocator

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError
from bactrian.plotting.display import Display, finite, open_frame
from bactrian.plotting.palette import BLUE, GREY, ORANGE
from bactrian.plotting.view import mixture_of
from bactrian.storage import MixtureModel
from bactrian.tables.files import read_table

Run = tuple[FloatArray, FloatArray]

SCALES = ("likelihood", "gain")
COLUMNS = ("start", "iteration", "lower_bound")


class ConvergenceDisplay(Display):
    """Mean log-likelihood by iteration, or the gain that was still to come.

    Parameters
    ----------
    iterations : (n_points,)
    values : (n_points,)
        Mean log-likelihood of a row, in nats; with a prior, log-posterior a unit of weight.
    others : sequence of (iterations, values), default=()
        Of other starts.
    gain_to_come : float, default=0
        Estimated gain after the last iteration.
    quantity : str, default="log-likelihood"
        What it is a mean of.
    converged : bool or None, default=None
        None if nobody knows.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    line_ : matplotlib Line2D
    other_lines_ : list of matplotlib Line2D
    end_ : matplotlib Line2D
        Mark at the last point.
    legend_ : matplotlib Legend or None
    """

    size = (6.0, 3.8)
    line_: Any
    other_lines_: list[Any]
    end_: Any
    legend_: Any

    def __init__(
        self,
        iterations: npt.ArrayLike,
        values: npt.ArrayLike,
        *,
        others: Sequence[Run] = (),
        gain_to_come: float = 0.0,
        quantity: str = "log-likelihood",
        converged: bool | None = None,
    ) -> None:
        self.iterations = np.asarray(iterations)
        self.values = finite(values)
        self.others = others
        self.gain_to_come = gain_to_come
        self.quantity = quantity
        self.converged = converged

    @classmethod
    def of(cls, model: Any) -> Self:
        """Make a display of a fitted estimator or a model, without drawing it.

        Raises
        ------
        BadInputError
            If it does not know how it was fitted.
        """
        mixture = mixture_of(model)
        training = mixture.training if isinstance(mixture, MixtureModel) else {}
        trace = training.get("trace")
        if not trace:
            remedy = "Fit it with bactrian; models from elsewhere have no trace."
            raise BadInputError(
                "model", "a model without a trace of its fit", "a model with a trace", remedy
            )
        posterior = training.get("log_posterior") is not None
        return cls(
            np.arange(len(trace)),
            trace,
            gain_to_come=training.get("gain_to_come") or 0.0,
            quantity="log-posterior" if posterior else "log-likelihood",
            converged=training.get("converged"),
        )

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | FigureBase | None = None, **options: Any
    ) -> Self:
        """Draw how the fit of an estimator went.

        Parameters
        ----------
        estimator : GaussianMixture or GaussianMixtureSelector
            Fitted.
        ax : matplotlib Axes, Figure or SubFigure, default=None
        **options
            Those of :meth:`plot`.
        """
        return cls.of(estimator).plot(ax, **options)

    @classmethod
    def from_model(
        cls, model: Any, *, ax: Axes | FigureBase | None = None, **options: Any
    ) -> Self:
        """Draw how the fit of a :class:`~bactrian.MixtureModel` went."""
        return cls.of(model).plot(ax, **options)

    @classmethod
    def of_table(cls, path: str | os.PathLike[str]) -> Self:
        """Make a display of all starts from a ``bactrian fit --trace`` table, without drawing it.

        The start that ended highest is drawn in colour. Starts that were made on a sample of the
        rows are not comparable to the last digit.

        Raises
        ------
        DataError
            If the table cannot be read, or is another.
        """
        table = read_table(os.fspath(path), columns=COLUMNS)
        runs = _runs(*np.asarray(table.values, dtype=np.float64).T)
        best = max(range(len(runs)), key=lambda i: runs[i][1][-1])
        return cls(*runs[best], others=[run for i, run in enumerate(runs) if i != best])

    @classmethod
    def from_table(
        cls,
        path: str | os.PathLike[str],
        *,
        ax: Axes | FigureBase | None = None,
        **options: Any,
    ) -> Self:
        """Draw all starts from a table that ``bactrian fit --trace`` wrote."""
        return cls.of_table(path).plot(ax, **options)

    def plot(
        self,
        ax: Axes | FigureBase | None = None,
        *,
        scale: str = "likelihood",
        legend: bool = True,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        scale : {"likelihood", "gain"}, default="likelihood"
            "gain": how far each value is below the last and the gain estimated to come after it,
            on a logarithmic axis, where the linear convergence of EM is a straight line.
        legend : bool, default=True

        Raises
        ------
        BadInputError
        """
        if scale not in SCALES:
            raise BadInputError(
                "scale", repr(scale), f"one of {', '.join(SCALES)}", code="bad_choice"
            )
        self._begin(ax)
        ax = self.ax_
        runs = [(self.iterations, self.values), *self.others]
        if scale == "gain":
            top = np.nanmax([np.nanmax(values) for _, values in runs]) + self.gain_to_come
            runs = [(times, _positive(top - values)) for times, values in runs]
            ax.set_yscale("log")
        self.other_lines_ = [
            ax.plot(*run, color=GREY, lw=0.9, alpha=0.7, zorder=2)[0] for run in runs[1:]
        ]
        (times, values), marks = runs[0], "o" if len(self.values) <= 40 else None
        (self.line_,) = ax.plot(times, values, color=BLUE, lw=1.8, marker=marks, ms=3, zorder=3)
        drawn = np.flatnonzero(np.isfinite(values))[-1:]
        good = self.converged is not False
        (self.end_,) = ax.plot(
            times[drawn], values[drawn], ls="none", marker="o" if good else "X", ms=7,
            mfc=BLUE if good else ORANGE, mec="white", zorder=4, label=self._ending(),
        )  # fmt: skip
        open_frame(ax)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("iteration")
        gain = "gain to come" if scale == "gain" else f"mean {self.quantity}"
        ax.set_ylabel(f"{gain}, nats a row")
        self.legend_ = self._legend(scale) if legend else None
        return self

    def _ending(self) -> str:
        words = {None: "end", True: "converged", False: "not converged"}[self.converged]
        return f"{words} after {int(self.iterations[-1])} iterations: {self.values[-1]:.6g}"

    def _legend(self, scale: str) -> Any:
        handles = [self.end_]
        if self.other_lines_:
            self.other_lines_[0].set_label(f"{len(self.other_lines_)} other runs")
            handles.append(self.other_lines_[0])
        legend = self.ax_.legend(handles=handles, fontsize="small", frameon=False)
        legend.set_loc("lower right" if scale == "likelihood" else "upper right")
        return legend


def _positive(values: FloatArray) -> FloatArray:
    """Values above 0; other values are not drawn."""
    return np.where(values > 0, values, np.nan)


def _runs(starts: FloatArray, iterations: FloatArray, values: FloatArray) -> list[Run]:
    """The runs in a table: consecutive rows of one start with rising iterations."""
    found: list[Run] = []
    for start in np.unique(starts):
        own = starts == start
        times, heights = iterations[own], values[own]
        cuts = np.flatnonzero(np.diff(times) <= 0) + 1
        found += zip(np.split(times, cuts), np.split(heights, cuts), strict=True)
    return found
