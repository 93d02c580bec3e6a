"""How uncertain the assignment of each row is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError
from bactrian.plotting.display import Display, legend_beside, open_frame, plain, say
from bactrian.plotting.palette import BLUE, PALE
from bactrian.plotting.panels import VECTORS, Artists, Choices, draw_means
from bactrian.plotting.view import MOST_ROWS, MixtureView

KINDS = ("auto", "scatter", "sorted")
STEPS = 4  # sizes that the legend shows


class UncertaintyDisplay(Display):
    """Uncertainty of each row: 1 minus the largest responsibility.

    As a scatter of two features, in which unsure rows are large and dark; against the values of
    one feature; or sorted, as a curve.

    Parameters
    ----------
    view : MixtureView
        Of one or two features.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    scatter_ : matplotlib PathCollection or None
    line_ : matplotlib Line2D or None
        The curve.
    ellipses_, mean_labels_ : list
        Components, at 1 deviation, in a scatter.
    legend_ : matplotlib Legend or None
    note_ : matplotlib Text or None
    """

    scatter_: Any
    line_: Any
    ellipses_: list[Any]
    mean_labels_: list[Any]
    legend_: Any
    note_: Any

    def __init__(self, view: MixtureView) -> None:
        self.view = view

    @classmethod
    def of(cls, model: Any, X: Any, **options: Any) -> Self:
        """Make a display of a fitted estimator or a model, without drawing it.

        Options are those of :meth:`MixtureView.of`.
        """
        view = MixtureView.of(model, X, most_features=2, **options)
        if view.n_features > 2:
            got = f"{view.n_features} of them"
            raise BadInputError("features", got, "one or two")
        if not len(view.X):
            raise BadInputError("X", "no rows", "at least one row")
        return cls(view)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        features: Sequence[int | str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        component_names: Sequence[str] | None = None,
        max_rows: int | None = MOST_ROWS,
        ax: Axes | FigureBase | None = None,
        **options: Any,
    ) -> Self:
        """Draw how uncertain a fitted estimator is about each row.

        Parameters
        ----------
        estimator : GaussianMixture, GaussianMixtureSelector or scikit-learn's mixture
            Fitted.
        X : array-like or data frame of shape (n_samples, n_features)
            NaN, or null, where missing.
        features : sequence of int or str, default=None
            One or two to show. By default both, or of more those in which the components differ
            most. The uncertainty is that given all features.
        sample_weight : array-like of shape (n_samples,), default=None
            Rows of weight 0 are left out.
        component_names : sequence of str, default=None
        max_rows : int or None, default=20_000
            Of more rows, this many are drawn at random, always the same. None for all.
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        **options
            Those of :meth:`plot`.

        Raises
        ------
        BadInputError
        """
        display = cls.of(
            estimator, X, features=features, sample_weight=sample_weight,
            component_names=component_names, max_rows=max_rows,
        )  # fmt: skip
        return display.plot(ax, **options)

    @classmethod
    def from_model(cls, model: Any, X: Any, **options: Any) -> Self:
        """Draw how uncertain a :class:`~bactrian.MixtureModel` is about each row.

        Parameters as in :meth:`from_estimator`.
        """
        return cls.from_estimator(model, X, **options)

    def plot(
        self,
        ax: Axes | FigureBase | None = None,
        *,
        kind: str = "auto",
        legend: bool = True,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        kind : {"auto", "scatter", "sorted"}, default="auto"
            "sorted": the uncertainties of all rows in order, as a curve. "auto": a scatter.
        legend : bool, default=True

        Raises
        ------
        BadInputError
        """
        if kind not in KINDS:
            raise BadInputError(
                "kind", repr(kind), f"one of {', '.join(KINDS)}", code="bad_choice"
            )
        own = self._begin(ax)
        open_frame(self.ax_)
        self.scatter_ = self.line_ = self.legend_ = self.note_ = None
        artists = Artists()
        if kind == "sorted":
            self._draw_sorted()
        elif self.view.n_features == 1:
            self._draw_line()
        else:
            self._draw_plane(artists)
            if legend:
                self.legend_ = self._legend(own)
        self.ellipses_, self.mean_labels_ = artists.ellipses, artists.mean_labels
        return self

    @property
    def most(self) -> float:
        """The largest possible uncertainty: all terms are equally probable."""
        return 1 - 1 / self.view.parameters.n_terms

    def _draw_sorted(self) -> None:
        ranked = np.sort(self.view.uncertainty)
        share = 100 * (np.arange(len(ranked)) + 0.5) / len(ranked)
        self.ax_.fill_between(share, ranked, color=PALE, lw=0)
        (self.line_,) = self.ax_.plot(share, ranked, color=BLUE, lw=1.8)
        self.ax_.set_xlim(0, 100)
        self.ax_.set_ylim(0, max(self.most, 1e-3))
        self.ax_.set_xlabel("rows in order of uncertainty, %")
        self.ax_.set_ylabel("uncertainty")
        self.note_ = say(self.ax_, "; ".join(self.view.notes))

    def _draw_line(self) -> None:
        view = self.view.of_features(0)
        self._scatter(np.column_stack([view.X[:, 0], view.uncertainty]), view.uncertainty)
        self.ax_.set_xlabel(plain(view.feature_names[0]))
        self.ax_.set_ylabel("uncertainty")
        self.ax_.set_ylim(-0.02 * max(self.most, 1e-3), max(self.most, 1e-3))
        self.note_ = say(self.ax_, self.view.note)

    def _draw_plane(self, artists: Artists) -> None:
        view = self.view.of_features(0, 1)
        self._scatter(view.X, view.uncertainty)
        draw_means(self.ax_, view, Choices(sigmas=(1.0,)), artists)
        self.ax_.set_xlabel(plain(view.feature_names[0]))
        self.ax_.set_ylabel(plain(view.feature_names[1]))
        self.note_ = say(self.ax_, self.view.note)

    def _look(self, uncertainty: FloatArray) -> tuple[FloatArray, Any]:
        """Areas and greys of markers: larger and darker means less certain."""
        share = uncertainty / max(self.most, 1e-12)
        areas = 6 + 70 * share
        return areas, mpl.colormaps["Greys"](0.25 + 0.75 * np.sqrt(share))

    def _scatter(self, points: FloatArray, uncertainty: FloatArray) -> None:
        order = np.argsort(uncertainty, kind="stable")  # the unsure ones on top
        areas, greys = self._look(uncertainty[order])
        x, y = points[order].T
        self.scatter_ = self.ax_.scatter(
            x, y, s=areas, c=greys, lw=0.3, edgecolors="white", zorder=2,
            rasterized=len(x) > VECTORS,
        )  # fmt: skip

    def _legend(self, own: bool) -> Any:
        steps = np.linspace(0, self.most, STEPS)
        areas, greys = self._look(steps)
        handles = [
            Line2D([], [], ls="none", marker="o", ms=np.sqrt(area), mfc=grey, mec="white",
                   label=f"{step:.2f}")
            for step, area, grey in zip(steps, areas, greys, strict=True)
        ]  # fmt: skip
        return legend_beside(self.ax_, handles, own, "uncertainty")
