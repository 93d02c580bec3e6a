"""One panel of a mixture: its density for one feature, or rows and ellipses for two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke
from scipy.stats import gaussian_kde

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import log_density, weighted_log_prob
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_integer
from bactrian.plotting.display import percent, plain
from bactrian.plotting.geometry import axis_grid, deviations, ellipse, region_levels
from bactrian.plotting.palette import GREY, INK, NOISE_STYLE, PALE, SOFT_INK, mixed, term_styles
from bactrian.plotting.view import MixtureView
from bactrian.vocabulary import ASSIGNMENTS

REGIONS = (0.25, 0.5, 0.75, 0.95)
CONTOURED = 2.6  # deviations that contours take
MOST_BINS = 150
MOST_LABELS = 12  # along one axis; more would lie on each other
ROOM = 3  # letters at a mean in a panel of many
VECTORS = 3_000  # markers that are drawn as such in a vector format; more are pixels


@dataclass(frozen=True)
class Choices:
    """What to draw; a choice that makes no sense is refused with a message.

    Parameters
    ----------
    assignment : {"hard", "soft"}
    sigmas : tuple of float
    regions : tuple of float
        Shares of the density that contours hold.
    kde : bool
    bins : int or None
    small : bool
        Whether the panel is one of many.
    """

    assignment: str = "hard"
    sigmas: tuple[float, ...] = (1.0, 2.0)
    regions: tuple[float, ...] = ()
    kde: bool = True
    bins: int | None = None
    small: bool = False

    @classmethod
    def of(
        cls, assignment: Any, sigmas: Any, contours: Any, kde: Any, bins: Any, small: bool
    ) -> Choices:
        """The choices as users give them."""
        if assignment not in ASSIGNMENTS:
            wanted = f"one of {', '.join(ASSIGNMENTS)}"
            raise BadInputError("assignment", repr(assignment), wanted, code="bad_choice")
        if bins is not None:
            bins = check_integer("bins", bins, 1, "None, or ")
        regions: tuple[float, ...] = REGIONS if contours is True else ()
        if not isinstance(contours, bool):
            regions = _numbers("contours", contours, "True, False or shares between 0 and 1", 1.0)
        reach = _numbers("sigmas", sigmas, "numbers above 0", np.inf)
        return cls(assignment, reach, regions, bool(kde), bins, small)


def _numbers(name: str, values: Any, wanted: str, below: float) -> tuple[float, ...]:
    """Sorted numbers between 0 and a limit."""
    try:
        numbers = np.sort(np.unique(np.asarray(values, dtype=np.float64).ravel()))
    except (TypeError, ValueError):
        raise BadInputError(name, repr(values), wanted) from None
    if not ((numbers > 0) & (numbers < below)).all():
        raise BadInputError(name, repr(values), wanted, code="out_of_range")
    return tuple(numbers.tolist())


@dataclass
class Artists:
    """What has been drawn, one panel after another."""

    scatters: list[Any] = field(default_factory=list)
    ellipses: list[Any] = field(default_factory=list)
    contours: list[Any] = field(default_factory=list)
    histograms: list[Any] = field(default_factory=list)
    density_lines: list[Any] = field(default_factory=list)
    component_lines: list[Any] = field(default_factory=list)
    kde_lines: list[Any] = field(default_factory=list)
    mean_labels: list[Any] = field(default_factory=list)


# ---- one feature


def draw_density(ax: Axes, view: MixtureView, choices: Choices, artists: Artists) -> None:
    """Draw histogram, mixture, components (weight times density) and a kernel estimate."""
    x, parameters = view.X[:, 0], view.parameters
    window = view.window(3.0)[:, 0]
    spread = deviations(parameters)[view.present, 0]
    grid = axis_grid(window, parameters.means[view.present, 0], spread, 400, 2000)
    if len(x):
        counts, edges = np.histogram(x, choices.bins or _bins(x), weights=view.sample_weight)
        heights = counts / counts.sum() / np.diff(edges)
        bars = ax.stairs(heights, edges, fill=True, facecolor=PALE, zorder=1)
        artists.histograms.append(bars)
    off_spikes = parameters.terms().off_spikes()
    terms = np.exp(weighted_log_prob(grid[:, None], off_spikes))
    styles = term_styles(parameters.n_components, parameters.n_terms)
    thin = 0.75 if choices.small else 1.0
    for k in (*view.present, *range(parameters.n_components, parameters.n_terms)):
        (line,) = ax.plot(grid, terms[:, k], styles[k].line, color=styles[k].colour,
                          lw=1.5 * thin, zorder=4)  # fmt: skip
        artists.component_lines.append(line)
    density = np.exp(log_density(grid[:, None], off_spikes))
    (line,) = ax.plot(grid, density, color=INK, lw=2.8 * thin, zorder=3)
    artists.density_lines.append(line)
    if choices.kde and not choices.small and len(x) > 1 and np.ptp(x) > 0:
        even = np.linspace(window[0], window[1], 400)
        estimate = gaussian_kde(x, weights=view.sample_weight)(even)
        (line,) = ax.plot(even, estimate, color=SOFT_INK, lw=1.2, ls=(0, (4, 2)), zorder=2)
        artists.kde_lines.append(line)
    if not choices.small and len(view.present) <= MOST_LABELS:
        for k in view.present:
            mean = parameters.means[k]
            height = np.exp(weighted_log_prob(mean[None], off_spikes)[0, k])
            artists.mean_labels.append(
                _label(ax, mean[0], height, view.component_names[k], styles[k].colour)
            )
    ax.set_xlim(*window)
    ax.set_ylim(bottom=0)


def _bins(x: FloatArray) -> int:
    """Number of bins: as Freedman & Diaconis (1981), at least as Sturges, with a maximum."""
    least = int(np.ceil(np.log2(len(x)) + 1))
    quarter, three = np.percentile(x, [25, 75])
    width = 2 * (three - quarter) / np.cbrt(len(x))
    if not width > 0:
        return least
    return int(np.clip(np.ceil(np.ptp(x) / width), least, MOST_BINS))


# ---- two features


def draw_plane(ax: Axes, view: MixtureView, choices: Choices, artists: Artists) -> None:
    """Draw rows, and the mean and ellipses of each component; contours of the density."""
    reach = [*choices.sigmas, CONTOURED if choices.regions else 2.0]
    window = view.window(max(reach))
    artists.scatters += draw_rows(ax, view, choices)
    if choices.regions:
        artists.contours.append(_contours(ax, view, window, choices.regions))
    draw_means(ax, view, choices, artists)
    ax.set_xlim(*window[:, 0])
    ax.set_ylim(*window[:, 1])


def draw_means(ax: Axes, view: MixtureView, choices: Choices, artists: Artists) -> None:
    """Draw the ellipses of each component, and its name at its mean."""
    parameters = view.parameters
    styles = term_styles(parameters.n_components, parameters.n_terms)
    covariances = parameters.dense_covariances()
    for k in view.present:
        for i, n_sigma in enumerate(choices.sigmas):
            points = ellipse(parameters.means[k], covariances[k], n_sigma)
            width = (1.8 if i == 0 else 1.1) * (0.75 if choices.small else 1.0)
            (line,) = ax.plot(*points.T, styles[k].line, color=styles[k].colour, lw=width,
                              path_effects=_halo(width), zorder=4)  # fmt: skip
            artists.ellipses.append(line)
    for k in view.present:
        x, y = parameters.means[k]
        label = _label(ax, x, y, view.component_names[k], styles[k].colour, choices.small)
        artists.mean_labels.append(label)


def draw_rows(ax: Axes, view: MixtureView, choices: Choices) -> list[Any]:
    """Draw rows, coloured by their component or by the probabilities of all components."""
    n_rows, parameters = len(view.X), view.parameters
    styles = term_styles(parameters.n_components, parameters.n_terms)
    area = float(np.clip(12_000 / max(n_rows, 1), 4, 26)) * (0.45 if choices.small else 1.0)
    look: dict[str, Any] = {
        "alpha": float(np.clip(12 / np.sqrt(max(n_rows, 1)), 0.3, 0.65)),
        "rasterized": n_rows > VECTORS,
        "zorder": 2,
    }
    if choices.assignment == "soft":
        colours = mixed(view.resp, styles)
        return [
            ax.scatter(view.X[:, 0], view.X[:, 1], s=area, c=colours, lw=0, marker="o", **look)
        ]
    scatters = []
    for k, one in enumerate(styles):
        x, y = view.X[view.labels == k].T
        if len(x):
            edge = 1.0 if one is NOISE_STYLE else 0
            drawn = ax.scatter(x, y, s=area, c=one.colour, marker=one.marker, lw=edge, **look)
            scatters.append(drawn)
    return scatters


def _halo(width: float) -> list[AbstractPathEffect]:
    """White around a line, to show it among markers of its own colour."""
    return [Stroke(linewidth=width + 1.8, foreground="white", alpha=0.8), Normal()]


def _contours(ax: Axes, view: MixtureView, window: FloatArray, regions: Sequence[float]) -> Any:
    parameters = view.parameters
    spread = deviations(parameters)[view.present]
    means = parameters.means[view.present]
    x, y = (axis_grid(window[:, j], means[:, j], spread[:, j], 140, 360) for j in (0, 1))
    points = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    heights = log_density(points, parameters.terms().off_spikes()).reshape(len(y), len(x))
    levels = region_levels(parameters, regions)
    heights = np.maximum(heights, levels[0] - 1e6)  # -inf would leave a gap
    shades = np.linspace(1.4, 0.7, len(levels))[::-1]
    return ax.contour(x, y, heights, levels, colors=SOFT_INK, linewidths=shades,
                      linestyles="solid", zorder=3)  # fmt: skip


def _label(ax: Axes, x: float, y: float, name: str, colour: str, small: bool = False) -> Any:
    """Name a component at its mean; draw a cross if there is no room for the name."""
    name = "+" if small and len(name) > ROOM else name
    box = {"boxstyle": "round,pad=0.22", "fc": (1, 1, 1, 0.85), "ec": colour, "lw": 1.3}
    return ax.text(
        x, y, plain(name), ha="center", va="center", size=6 if small else 8, weight="bold",
        bbox=box, clip_on=True, zorder=6,
    )  # fmt: skip


# ---- legend


def legend_handles(view: MixtureView, choices: Choices) -> list[Any]:
    """Components with their weights, and everything else that is drawn."""
    parameters, plane = view.parameters, view.n_features > 1
    styles = term_styles(parameters.n_components, parameters.n_terms)
    handles: list[Any] = []
    for k in view.present:
        one, weight = styles[k], percent(parameters.weights[k])
        marker = one.marker if plane and choices.assignment == "hard" and len(view.X) else "none"
        handles.append(
            Line2D([], [], color=one.colour, ls=one.line, lw=1.8, marker=marker, ms=5,
                   label=f"{plain(view.component_names[k])}  ({weight})")
        )  # fmt: skip
    if parameters.noise is not None:
        line = "none" if plane else NOISE_STYLE.line
        marker = NOISE_STYLE.marker if plane else "none"
        handles.append(
            Line2D([], [], color=GREY, ls=line, lw=1.8, marker=marker, ms=5,
                   label=f"noise  ({percent(parameters.term_weights[-1])})")
        )  # fmt: skip
    if plane and choices.sigmas:
        which = ", ".join(f"{n_sigma:g}" for n_sigma in choices.sigmas)
        handles.append(Line2D([], [], ls="none", marker="o", ms=8, mfc="none", mec=SOFT_INK,
                              label=f"ellipses: {which} σ"))  # fmt: skip
    if plane and choices.regions:
        shares = ", ".join(f"{100 * share:g}" for share in choices.regions)
        handles.append(Line2D([], [], color=SOFT_INK, lw=1.1, label=f"contours: {shares} %"))
    if view.n_features != 2:
        handles.append(Line2D([], [], color=INK, lw=2.8, label="mixture"))
        if choices.kde and not choices.small and len(view.X):
            handles.append(
                Line2D([], [], color=SOFT_INK, lw=1.2, ls=(0, (4, 2)), label="kernel estimate")
            )
        if len(view.X):
            handles.append(Patch(facecolor=PALE, label="rows"))
    return handles
