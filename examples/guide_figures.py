"""The figures of docs/guide/missing-values.md and docs/guide/outliers.md.

Needs matplotlib: ``pip install "bactrian[plot]"``. Written to docs/guide, or to the folder that is
named: ``python examples/guide_figures.py FOLDER``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from bactrian import GaussianMixture

ROOT = Path(__file__).parents[1]
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "guide"
FAITHFUL = ROOT / "src" / "bactrian" / "data" / "samples" / "old_faithful.csv"

GREY, BLUE, ORANGE, GREEN, RED = "#8a8a8a", "#0072b2", "#e69f00", "#009e73", "#d55e00"
RADIUS = 2.4477  # holds 95 % of a Gaussian in two dimensions


def ellipses(axes: Axes, gm: GaussianMixture, colour: str, label: str, style: str = "-") -> None:
    """Regions that hold 95 % of each component, if it is Gaussian, and its mean."""
    for k, (mean, covariance) in enumerate(zip(gm.means_, gm.covariances_, strict=True)):
        values, vectors = np.linalg.eigh(covariance)
        angle = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
        long, short = 2 * RADIUS * np.sqrt(values[::-1])
        axes.add_patch(
            Ellipse(mean, long, short, angle=angle, fill=False, ec=colour, lw=1.8, ls=style,
                    label=label if k == 0 else None, zorder=4)
        )  # fmt: skip
        axes.plot(*mean, marker="P", ms=8, mfc=colour, mec="white", zorder=5)


def rows(axes: Axes, X: np.ndarray, colour: str, label: str, size: float = 9) -> None:
    axes.scatter(*X.T, s=size, c=colour, lw=0, label=label, zorder=2)


def panels(*titles: str) -> tuple[plt.Figure, list[Axes]]:
    figure, all_axes = plt.subplots(1, len(titles), figsize=(4.1 * len(titles), 4.3), sharey=True)
    for axes, title in zip(all_axes, titles, strict=True):
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("eruption, minutes")
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_ylabel("waiting for the next, minutes")
    return figure, list(all_axes)


def finish(figure: plt.Figure, name: str) -> None:
    for axes in figure.axes:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), fontsize=9, frameon=False,
                    ncols=2, columnspacing=1.2, handlelength=1.6)  # fmt: skip
    figure.tight_layout()
    figure.savefig(FOLDER / f"{name}.png", dpi=100, metadata={"Software": None})
    plt.close(figure)


def missing_values(full: np.ndarray) -> None:
    """Complete rows only, all rows, and what is filled in."""
    rng = np.random.default_rng(0)
    X = full.copy()
    X[(full[:, 0] > 3.5) & (rng.uniform(size=len(X)) < 0.7), 1] = np.nan
    gone = np.isnan(X[:, 1])
    figure, (left, middle, right) = panels(
        "complete rows only", "all rows (missing='em')", "the missing values filled in"
    )
    truth = GaussianMixture(2, random_state=0).fit(full)
    alone = GaussianMixture(2, random_state=0).fit(X[~gone])
    gm = GaussianMixture(2, random_state=0).fit(X)
    for axes, fit, colour, said in ((left, alone, RED, "complete rows"), (middle, gm, BLUE, "EM")):
        rows(axes, X[~gone], GREY, "complete rows")
        axes.plot(X[gone, 0], np.full(gone.sum(), 36.5), "|", c=ORANGE, ms=9,
                  label="rows without waiting")  # fmt: skip
        ellipses(axes, truth, "black", "fit before any was lost", ":")
        ellipses(axes, fit, colour, f"fit: {said}")
        overall = fit.weights_ @ fit.means_
        axes.axhline(overall[1], c=colour, lw=1, ls="--", zorder=1)
        side = (0.98, "right", "top") if fit is alone else (0.02, "left", "bottom")
        axes.annotate(f"mean wait {overall[1]:.1f}", (side[0], overall[1]), color=colour,
                      xycoords=("axes fraction", "data"), ha=side[1], va=side[2])  # fmt: skip
    rows(right, X[~gone], GREY, "complete rows")
    rows(right, gm.impute(X, 1)[0][gone], ORANGE, "impute(X, 1): a draw", 14)
    right.plot(*gm.impute(X)[gone].T, ".", c=BLUE, ms=5, zorder=3, label="impute(X): expected")
    left.set_ylim(33, 99)
    for axes in figure.axes:
        axes.set_xlim(1.1, 5.6)
    finish(figure, "missing-values")


def outliers(full: np.ndarray) -> None:
    """Gaussians alone, with noise, and t distributions among uniform clutter."""
    rng = np.random.default_rng(1)
    clutter = rng.uniform([0, 0], [10, 150], (14, 2))
    X = np.concatenate([full, clutter])
    truth = GaussianMixture(2, random_state=0).fit(full)
    figure, all_axes = panels("Gaussians", "Gaussians and noise", "t distributions")
    choices = ((RED, {}), (BLUE, {"noise": True}), (GREEN, {"family": "t"}))
    for axes, (colour, settings) in zip(all_axes, choices, strict=True):
        gm = GaussianMixture(2, random_state=0, **settings).fit(X)
        label = ", ".join(f"{name}={value!r}" for name, value in settings.items()) or "plain"
        rows(axes, full, GREY, "eruptions", 7)
        if gm.noise:
            far = gm.predict(X) == -1
            axes.plot(*X[far].T, "x", c=BLUE, ms=6, mew=1.6, label="labelled noise")
        else:
            rows(axes, clutter, ORANGE, "clutter, 14 rows", 22)
        ellipses(axes, gm, colour, f"fit: {label}")
        ellipses(axes, truth, "black", "fit without the clutter", ":")
        axes.set_xlim(-0.3, 10.3)
        axes.set_ylim(-5, 155)
    finish(figure, "outliers")


if __name__ == "__main__":
    eruptions = np.loadtxt(FAITHFUL, delimiter=",", skiprows=1)
    missing_values(eruptions)
    outliers(eruptions)
