"""A mixture and its rows: densities for one feature, ellipses for two, a matrix for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from bactrian.plotting.display import (
    ROWS_OF_LEGEND,
    Display,
    legend_beside,
    open_frame,
    panels,
    plain,
    say,
)
from bactrian.plotting.panels import (
    Artists,
    Choices,
    draw_density,
    draw_plane,
    legend_handles,
)
from bactrian.plotting.view import MOST_ROWS, MixtureView

PANEL = 1.75  # inches of one panel of many
COLUMN = 1.4  # inches of one more column of a legend


class MixtureDisplay(Display):
    """A mixture with the rows that it was fitted to, or with others.

    Of one feature it shows a histogram, the density of the mixture, its components (weight times
    density) and a kernel density estimate; of two the rows, and of each component the mean and
    ellipses; of more a matrix of these, the marginals on its diagonal.

    Components are told apart by colour (Okabe & Ito's, safe for colour blindness) and marker, and
    named at their means. Rows with a missing value among two features are not in their panel.

    Parameters
    ----------
    view : MixtureView
        Mixture, rows and responsibilities in the features that are shown.

    Attributes
    ----------
    ax_ : matplotlib Axes
        That of the only panel, or the one that holds all panels, with its frame hidden.
    axes_ : list of list of matplotlib Axes
        Panels by row and column, the lower triangle; of one panel ``[[ax_]]``.
    figure_ : matplotlib Figure
    scatters_ : list
        Rows: of each component that has any, or of all (``assignment="soft"``).
    ellipses_, contours_, mean_labels_ : list
    histograms_, density_lines_, component_lines_, kde_lines_ : list
        Of panels of one feature.
    legend_ : matplotlib Legend or None
    note_ : matplotlib Text or None
        What is left out: rows, features.

    Examples
    --------
    >>> from bactrian import GaussianMixture
    >>> from bactrian.plotting import MixtureDisplay
    >>> from sklearn.datasets import load_iris
    >>> X = load_iris(as_frame=True).data
    >>> gm = GaussianMixture(3, random_state=0).fit(X)
    >>> names = ["petal length (cm)", "petal width (cm)"]
    >>> display = MixtureDisplay.from_estimator(gm, X, features=names)
    >>> len(display.ellipses_)
    6
    """

    axes_: list[list[Axes]]
    scatters_: list[Any]
    ellipses_: list[Any]
    contours_: list[Any]
    histograms_: list[Any]
    density_lines_: list[Any]
    component_lines_: list[Any]
    kde_lines_: list[Any]
    mean_labels_: list[Any]
    legend_: Any
    note_: Any

    def __init__(self, view: MixtureView) -> None:
        self.view = view

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
        """Draw a fitted estimator with rows.

        Parameters
        ----------
        estimator : GaussianMixture, GaussianMixtureSelector or scikit-learn's mixture
            Fitted.
        X : array-like or data frame of shape (n_samples, n_features)
            NaN, or null, where missing.
        features : sequence of int or str, default=None
            Positions from 0, or names. By default all; of more than six, those in which the
            components differ most.
        sample_weight : array-like of shape (n_samples,), default=None
            Rows of weight 0 are left out, histograms and kernel estimates weighted.
        component_names : sequence of str, default=None
            By default numbers from 0, as ``predict`` has them.
        max_rows : int or None, default=20_000
            Of more rows, this many are drawn at random, always the same. None for all.
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        **options
            Those of :meth:`plot`.

        Returns
        -------
        MixtureDisplay

        Raises
        ------
        BadInputError
        """
        view = MixtureView.of(
            estimator, X, features=features, sample_weight=sample_weight,
            component_names=component_names, max_rows=max_rows,
        )  # fmt: skip
        return cls(view).plot(ax, **options)

    @classmethod
    def from_model(
        cls,
        model: Any,
        X: Any = None,
        *,
        features: Sequence[int | str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        component_names: Sequence[str] | None = None,
        max_rows: int | None = MOST_ROWS,
        ax: Axes | FigureBase | None = None,
        **options: Any,
    ) -> Self:
        """Draw a :class:`~bactrian.MixtureModel`, with or without rows, in units of the data.

        Parameters as in :meth:`from_estimator`.
        """
        return cls.from_estimator(
            model, X, features=features, sample_weight=sample_weight,
            component_names=component_names, max_rows=max_rows, ax=ax, **options,
        )  # fmt: skip

    def plot(
        self,
        ax: Axes | FigureBase | None = None,
        *,
        assignment: str = "hard",
        sigmas: float | Sequence[float] = (1, 2),
        contours: bool | Sequence[float] = False,
        kde: bool = True,
        bins: int | None = None,
        legend: bool = True,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, Figure or SubFigure, default=None
            Where to draw: an axes, or an empty figure. By default a new figure of pyplot.
        assignment : {"hard", "soft"}, default="hard"
            Rows have the colour and the marker of their most probable component, or colours mixed
            by their responsibilities.
        sigmas : float or sequence of float, default=(1, 2)
            Mahalanobis distances of the ellipses from the means; () for none. In two features 1,
            2 and 3 hold 39, 86 and 99 % of a Gaussian component. Of t distributions the distance
            is by the scale matrix.
        contours : bool or sequence of float, default=False
            Lines of equal density that hold these shares of the mixture. True: a quarter, half,
            three quarters, 95 %.
        kde : bool, default=True
            Whether to draw a kernel density estimate (Scott's bandwidth) of one feature.
        bins : int, default=None
            Of histograms. None: by Freedman & Diaconis.
        legend : bool, default=True

        Returns
        -------
        self

        Raises
        ------
        BadInputError
        """
        view, many = self.view, self.view.n_features > 2
        choices = Choices.of(assignment, sigmas, contours, kde, bins, many)
        own, artists = self._begin(ax), Artists()
        if many:
            self.axes_ = _matrix(self.ax_, view, choices, artists)
        else:
            self.axes_ = [[self.ax_]]
            _panel(self.ax_, view, choices, artists)
        for entry in fields(Artists):
            setattr(self, f"{entry.name}_", getattr(artists, entry.name))
        self.note_, self.legend_ = say(self.ax_, view.note), None
        if legend:
            self.legend_ = _legend(self.ax_, view, choices, own or many)
        return self

    def _size(self) -> tuple[float, float]:
        n_features = self.view.n_features
        if n_features < 3:
            width, height = self.size
            return width + COLUMN * (len(self.view.present) // ROWS_OF_LEGEND), height
        return PANEL * n_features + 0.8, PANEL * n_features + 0.4


def _panel(ax: Axes, view: MixtureView, choices: Choices, artists: Artists) -> None:
    """The only panel."""
    open_frame(ax)
    ax.set_xlabel(plain(view.feature_names[0]))
    if view.n_features == 1:
        draw_density(ax, view.of_features(0), choices, artists)
        ax.set_ylabel("density")
    else:
        draw_plane(ax, view.of_features(0, 1), choices, artists)
        ax.set_ylabel(plain(view.feature_names[1]))


def _matrix(ax: Axes, view: MixtureView, choices: Choices, artists: Artists) -> list[list[Axes]]:
    """The lower triangle of all pairs, with the marginals on the diagonal."""
    n, places = view.n_features, panels(ax, view.n_features, view.n_features)
    axes: list[list[Axes]] = []
    for i in range(n):
        axes.append([])
        for j in range(i + 1):
            below = axes[j][j] if j < i else None
            beside = axes[i][0] if 0 < j < i else None
            one = ax.figure.add_subplot(places[i, j], sharex=below, sharey=beside)
            axes[i].append(one)
            open_frame(one)
            one.tick_params(labelsize="x-small")
            if j < i:
                draw_plane(one, view.of_features(j, i), choices, artists)
            else:
                draw_density(one, view.of_features(i), choices, artists)
                one.tick_params(left=False, labelleft=False)
            one.tick_params(labelbottom=i == n - 1)
            if j > 0:
                one.tick_params(labelleft=False)
            if i == n - 1:
                one.set_xlabel(plain(view.feature_names[j]), fontsize="small")
            if j == 0:
                one.set_ylabel(plain(view.feature_names[i]), fontsize="small")
    return axes


def _legend(ax: Axes, view: MixtureView, choices: Choices, own: bool) -> Any:
    handles, title = legend_handles(view, choices), "component (weight)"
    if view.n_features < 3:
        return legend_beside(ax, handles, own, title)
    columns = -(-len(handles) // (4 * (view.n_features - 1)))
    return ax.legend(
        handles=handles, title=title, loc="upper right", fontsize="small", ncols=columns,
        title_fontsize="small", alignment="left", frameon=False,
    )  # fmt: skip
