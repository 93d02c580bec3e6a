"""The figures of docs/guide.

Needs matplotlib: ``pip install "bactrian[plot]"``. Written to docs/guide, or to the folder that is
named: ``python examples/guide_figures.py FOLDER``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from bactrian import GaussianMixture, select_mixture
from bactrian.plotting import (
    ConvergenceDisplay,
    CriterionDisplay,
    MixtureDisplay,
    UncertaintyDisplay,
)
from bactrian.plotting.geometry import ellipse

ROOT = Path(__file__).parents[1]
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "guide"
FAITHFUL = ROOT / "src" / "bactrian" / "data" / "samples" / "old_faithful.csv"

GREY, BLUE, ORANGE, RED = "#8a8a8a", "#0072b2", "#e69f00", "#d55e00"
RADIUS = 2.4477  # holds 95 % of a Gaussian in two dimensions


def ellipses(axes: Axes, gm: GaussianMixture, colour: str, label: str, style: str = "-") -> None:
    """Regions that hold 95 % of each component, if it is Gaussian."""
    for k, (mean, covariance) in enumerate(zip(gm.means_, gm.covariances_, strict=True)):
        axes.plot(*ellipse(mean, covariance, RADIUS).T, style, color=colour, lw=1.8, zorder=4,
                  label=label if k == 0 else None)  # fmt: skip


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
    save(figure, name)
    plt.close(figure)


def save(figure: Figure, name: str) -> None:
    figure.savefig(FOLDER / f"{name}.png", dpi=90, metadata={"Software": None})


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
    titles = "Gaussians", "Gaussians and noise", "t distributions"
    figure, all_axes = panels(*titles)
    for axes, title, settings in zip(
        all_axes, titles, ({}, {"noise": True}, {"family": "t"}), strict=True
    ):
        gm = GaussianMixture(2, random_state=0, **settings).fit(X)
        display = MixtureDisplay.from_estimator(gm, X, ax=axes, sigmas=RADIUS)
        if gm.noise:
            display.scatters_[-1].set_label("labelled noise")
        ellipses(axes, truth, "black", "fit without the clutter", ":")
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("eruption, minutes")
        axes.set_ylabel("")
        axes.set_xlim(-0.3, 10.3)
        axes.set_ylim(-5, 155)
    all_axes[0].set_ylabel("waiting for the next, minutes")
    finish(figure, "outliers")


# ---- plots.md


def one_feature() -> None:
    """A mixture in one feature, beside a kernel density estimate."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(2, 1, 200), rng.normal(-1, 0.8, 600)])[:, None]
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    MixtureDisplay.from_estimator(GaussianMixture(2, random_state=0).fit(x), x, ax=figure)
    save(figure, "plots-line")


def two_features(iris: Any) -> None:
    """The same rows in hard and in soft colours."""
    petals = iris.iloc[:, 2:]
    gm = GaussianMixture(3, random_state=0).fit(petals)
    figure = Figure(figsize=(10, 3.9), layout="constrained")
    left, right = figure.subfigures(1, 2)
    MixtureDisplay.from_estimator(gm, petals, ax=left, sigmas=(1, 2, 3))
    MixtureDisplay.from_estimator(gm, petals, ax=right, assignment="soft", sigmas=(),
                                  contours=True)  # fmt: skip
    save(figure, "plots-plane")


def matrix(iris: Any) -> None:
    """All pairs of the four features of Iris."""
    gm = GaussianMixture(3, covariance_type="VEV", random_state=0).fit(iris)
    figure = Figure(figsize=(7.4, 7), layout="constrained")
    MixtureDisplay.from_estimator(gm, iris, ax=figure)
    save(figure, "plots-matrix")


def many_components() -> None:
    """Twelve components among clutter: hues repeat, markers and lines do not."""
    rng = np.random.default_rng(3)
    centres = [(x, y) for x in (0, 5, 10, 15) for y in (0, 5, 10)] + rng.normal(0, 0.7, (12, 2))
    groups = [rng.normal(centre, rng.uniform(0.4, 1.0, 2), (50, 2)) for centre in centres]
    X = np.concatenate([*groups, rng.uniform([-3, -3], [18, 13], (60, 2))])
    gm = GaussianMixture(12, noise=True, random_state=0).fit(X)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    MixtureDisplay.from_estimator(gm, X, ax=figure)
    save(figure, "plots-many")


def of_the_fit(full: np.ndarray) -> None:
    """How the likelihood rose, and the criteria of a search."""
    gm = GaussianMixture(3, random_state=0, acceleration="none").fit(full)
    figure = Figure(figsize=(9, 3.3), layout="constrained")
    left, right = figure.subfigures(1, 2)
    ConvergenceDisplay.from_estimator(gm, ax=left)
    ConvergenceDisplay.from_estimator(gm, ax=right, scale="gain")
    save(figure, "plots-convergence")
    found = select_mixture(full, range(1, 6), random_state=0)
    figure = Figure(figsize=(9.6, 4.3), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.27])
    CriterionDisplay.from_selection(found, ax=left, legend=False)
    CriterionDisplay.from_selection(found, ax=right, scale="difference")
    save(figure, "plots-criteria")


def unsure(iris: Any) -> None:
    """How unsure the assignments are."""
    gm = GaussianMixture(3, random_state=0).fit(iris.iloc[:, 2:])
    figure = Figure(figsize=(9.4, 3.6), layout="constrained")
    left, right = figure.subfigures(1, 2)
    UncertaintyDisplay.from_estimator(gm, iris.iloc[:, 2:], ax=left)
    UncertaintyDisplay.from_estimator(gm, iris.iloc[:, 2:], ax=right, kind="sorted")
    save(figure, "plots-uncertainty")


if __name__ == "__main__":
    eruptions = np.loadtxt(FAITHFUL, delimiter=",", skiprows=1)
    flowers = load_iris(as_frame=True).data
    missing_values(eruptions)
    outliers(eruptions)
    one_feature()
    two_features(flowers)
    matrix(flowers)
    many_components()
    of_the_fit(eruptions)
    unsure(flowers)
