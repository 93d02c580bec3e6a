"""Criteria of a search over numbers of components and structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D

from bactrian.errors import BadInputError
from bactrian.plotting.display import Display, legend_beside, open_frame, panels
from bactrian.plotting.palette import INK, style
from bactrian.selection.search.candidates import Candidate, CandidateTable, best_of
from bactrian.selection.search.selector import GaussianMixtureSelector
from bactrian.vocabulary import MEASURES, SIGNS

SPELLED = {"icl": "ICL", "aicc": "AICc", "cv": "cross-validation"}
SCALES = ("value", "difference")
LINEAR = 10.0  # difference of BIC up to which there is doubt (Kass & Raftery 1995)
WIDTH = 3.4  # inches of one panel of several


class CriterionDisplay(Display):
    """Criteria by number of components, a line for each covariance structure.

    The best is ringed. Models with a collapsed component, which are never the best, have hollow
    markers; those that could not be fitted are missing.

    Parameters
    ----------
    candidates : sequence of Candidate
    criteria : sequence of str, default=("bic",)
        One panel each: some of "bic", "aic", "aicc", "icl", "caic", "hq", "cv".
    sign : {"lower", "mclust"}, default="lower"
        Lower is better, or mclust's, the opposite.

    Attributes
    ----------
    ax_ : matplotlib Axes
        That of the only panel, or the one that holds all panels, with its frame hidden.
    axes_ : list of matplotlib Axes
        One for each criterion.
    figure_ : matplotlib Figure
    lines_ : list of dict
        For each criterion, the line of each structure.
    best_ : list of Candidate
        For each criterion.
    best_marks_ : list of matplotlib Line2D
    legend_ : matplotlib Legend or None
    """

    size = (6.4, 4.8)
    axes_: list[Axes]
    lines_: list[dict[str, Any]]
    best_: list[Candidate]
    best_marks_: list[Any]
    legend_: Any

    def __init__(
        self,
        candidates: Sequence[Candidate],
        criteria: Sequence[str] = ("bic",),
        sign: str = "lower",
    ) -> None:
        self.candidates = tuple(candidates)
        self.criteria = tuple(criteria)
        self.sign = sign

    @classmethod
    def of(
        cls,
        selection: Any,
        criterion: str | Sequence[str] | None = None,
        sign: str = "lower",
    ) -> Self:
        """Make a display of a search, without drawing it.

        Raises
        ------
        BadInputError
        """
        table = getattr(selection, "selection_", selection)
        if not isinstance(table, CandidateTable):
            wanted = "what select_mixture returned, or a fitted GaussianMixtureSelector"
            if isinstance(selection, GaussianMixtureSelector):
                raise BadInputError("selection", "a selector that is not fitted", wanted)
            raise BadInputError("selection", f"a {type(selection).__name__}", wanted)
        if sign not in SIGNS:
            raise BadInputError(
                "sign", repr(sign), f"one of {', '.join(SIGNS)}", code="bad_choice"
            )
        asked = table.criterion if criterion is None else criterion
        names = (asked,) if isinstance(asked, str) else tuple(asked)
        known = [
            name
            for name in MEASURES
            if any(getattr(row, name) is not None for row in table.candidates)
        ]
        for name in names or ("",):
            if name not in known:
                wanted = f"among those that the search has, {', '.join(known)}"
                raise BadInputError("criterion", repr(name), wanted, code="bad_choice")
        return cls(table.candidates, names, sign)

    @classmethod
    def from_selection(
        cls,
        selection: Any,
        *,
        criterion: str | Sequence[str] | None = None,
        sign: str = "lower",
        ax: Axes | FigureBase | None = None,
        **options: Any,
    ) -> Self:
        """Draw what a search found.

        Parameters
        ----------
        selection : Selection or CandidateTable
            What :func:`~bactrian.select_mixture` returned, or a file of it holds.
        criterion : str or sequence of str, default=None
            One, or several for a panel each. None: that by which the search chose.
        sign : {"lower", "mclust"}, default="lower"
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        **options
            Those of :meth:`plot`.

        Raises
        ------
        BadInputError
        """
        return cls.of(selection, criterion, sign).plot(ax, **options)

    @classmethod
    def from_estimator(cls, estimator: GaussianMixtureSelector, **options: Any) -> Self:
        """Draw what a fitted :class:`~bactrian.GaussianMixtureSelector` found.

        Parameters as in :meth:`from_selection`.
        """
        return cls.from_selection(estimator, **options)

    def plot(
        self,
        ax: Axes | FigureBase | None = None,
        *,
        scale: str = "value",
        legend: bool = True,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        scale : {"value", "difference"}, default="value"
            "difference": how much worse than the best, on an axis that is linear up to 10 and
            logarithmic from there, so that poor models do not hide how the good ones differ.
        legend : bool, default=True

        Raises
        ------
        BadInputError
        """
        if scale not in SCALES:
            raise BadInputError(
                "scale", repr(scale), f"one of {', '.join(SCALES)}", code="bad_choice"
            )
        own, n_panels = self._begin(ax), len(self.criteria)
        if n_panels == 1:
            self.axes_ = [self.ax_]
        else:
            places = panels(self.ax_, 1, n_panels)
            self.axes_ = [self.ax_.figure.add_subplot(places[0, i]) for i in range(n_panels)]
        self.lines_, self.best_, self.best_marks_ = [], [], []
        for one, criterion in zip(self.axes_, self.criteria, strict=True):
            self._panel(one, criterion, scale)
        self.legend_ = None
        if legend:
            self.legend_ = legend_beside(self.axes_[-1], self._handles(), own or n_panels > 1)
        return self

    def _size(self) -> tuple[float, float]:
        if len(self.criteria) == 1:
            return self.size
        return WIDTH * len(self.criteria) + 1.2, self.size[1]

    @property
    def structures(self) -> list[str]:
        """Covariance structures, in the order of the search."""
        return list(dict.fromkeys(row.covariance_type for row in self.candidates))

    def _panel(self, ax: Axes, criterion: str, scale: str) -> None:
        if scale == "difference":
            ax.set_yscale("symlog", linthresh=LINEAR)
        best = best_of(self.candidates, criterion)
        sign = SIGNS[self.sign]
        zero = getattr(best, criterion) if scale == "difference" else 0.0
        points: dict[str, list[tuple[int, float]]] = {name: [] for name in self.structures}
        for row in sorted(self.candidates, key=lambda row: row.n_components):
            value = getattr(row, criterion)
            height = np.nan if value is None or not np.isfinite(value) else value - zero
            height *= 1 if scale == "difference" else sign
            points[row.covariance_type].append((row.n_components, height))
            if row.collapsed:
                one = style(self.structures.index(row.covariance_type))
                ax.plot(row.n_components, height, marker=one.marker, ms=4.5, mfc="white",
                        mec=one.colour, zorder=4)  # fmt: skip
            if row is best:
                (mark,) = ax.plot(row.n_components, height, ls="none", marker="o", ms=12,
                                  mfc="none", mec=INK, mew=1.6, zorder=5)  # fmt: skip
        lines = {}
        for i, (name, values) in enumerate(points.items()):
            one = style(i)
            (lines[name],) = ax.plot(
                *np.array(values).T, ls=one.line, marker=one.marker, color=one.colour, lw=1.2,
                ms=4.5, label=name, zorder=3,
            )  # fmt: skip
        self.lines_.append(lines)
        self.best_.append(best)
        self.best_marks_.append(mark)
        self._frame(ax, criterion, scale)
        if scale == "difference":
            heights = [height for values in points.values() for _, height in values]
            ax.set_ylim(min(1.5 * np.nanmin(heights), -0.2 * LINEAR), None)
        ax.set_title(f"best: {best.n_components} {best.covariance_type}", fontsize="medium")

    def _frame(self, ax: Axes, criterion: str, scale: str) -> None:
        """Axes with ticks and names."""
        open_frame(ax)
        counts = sorted({row.n_components for row in self.candidates})
        ax.set_xticks(counts[:: -(-len(counts) // 15)])
        ax.set_xlabel("components")
        name = SPELLED.get(criterion, criterion.upper())
        if scale == "difference":
            ax.set_ylabel(f"{name}, difference to the best")
        else:
            better = "lower" if SIGNS[self.sign] > 0 else "higher"
            ax.set_ylabel(f"{name} ({better} is better)")

    def _handles(self) -> list[Any]:
        handles = list(self.lines_[0].values())
        handles.append(Line2D([], [], ls="none", marker="o", ms=9, mfc="none", mec=INK, mew=1.6,
                              label="the best"))  # fmt: skip
        if any(row.collapsed for row in self.candidates):
            handles.append(Line2D([], [], ls="none", marker="o", ms=4.5, mfc="white", mec=INK,
                                  label="collapsed"))  # fmt: skip
        return handles
