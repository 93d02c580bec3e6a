"""A mixture as text, and as HTML with a small picture, for whoever looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.line import Line

MOST_COLUMNS, MOST_ROWS = 8, 20
WIDTH, HEIGHT, MARGIN = 240.0, 120.0, 8.0
REACH = 3.5  # deviations from the means that the picture shows
Rows = list[list[str]]

TWO_DEVIATIONS = 2.0  # radius of the ellipses


def title(parameters: Parameters) -> str:
    """What kind of mixture it is, in one line."""
    k, d = parameters.means.shape
    kind = "Gaussian" if parameters.dof is None else "t distribution"
    noise = ", with noise" if parameters.noise is not None else ""
    plural = "s" if k > 1 else ""
    features = f"{d} feature{'s' if d > 1 else ''}"
    return f"Mixture of {k} {kind}{plural} in {features} ({parameters.structure.name}{noise})"


def rows_of(parameters: Parameters, names: Sequence[str], components: Sequence[str]) -> Rows:
    """Heads and rows of a table: component, weight, means; long ones are cut."""
    k, d = parameters.means.shape
    shown = [names[j] if names else f"x{j + 1}" for j in range(min(d, MOST_COLUMNS))]
    head = ["component", "weight", *shown, *(["..."] if d > MOST_COLUMNS else [])]
    more = ["..."] if d > MOST_COLUMNS else []
    rows = [
        [
            components[i] if components else str(i + 1),
            f"{parameters.weights[i]:.4g}",
            *(f"{value:.4g}" for value in parameters.means[i, :MOST_COLUMNS]),
            *more,
        ]
        for i in range(min(k, MOST_ROWS))
    ]
    if k > MOST_ROWS:
        rows.append(["..."] * len(head))
    if parameters.noise is not None:
        blank = [""] * (len(head) - 2)
        rows.append(["noise", f"{parameters.term_weights[-1]:.4g}", *blank])
    return [head, *rows]


def as_text(parameters: Parameters, names: Sequence[str], components: Sequence[str]) -> str:
    """The title, and the table of weights and means."""
    rows = rows_of(parameters, names, components)
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([title(parameters), *lines])


def as_html(parameters: Parameters, names: Sequence[str], components: Sequence[str]) -> str:
    """The same as a table, with a picture of the first one or two features."""
    head, *rows = rows_of(parameters, names, components)
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<div><p>{escape(title(parameters))}</p>{_picture(parameters)}"
        f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _picture(parameters: Parameters) -> str:
    shapes = _curve(parameters) if parameters.n_features == 1 else _ellipses(parameters)
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} '
        f'fill="none" stroke="currentColor"><title>{escape(title(parameters))}</title>'
        f"{shapes}</svg>"
    )


def _curve(parameters: Parameters) -> str:
    """The density of one feature."""
    low, high = (end[0] for end in _window(parameters))
    x = np.linspace(low, high, 121)
    y = Line.of(parameters).pdf(x)
    points = _placed(np.stack([x, y], axis=1), np.array([low, 0.0]), np.array([high, y.max()]))
    return f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'


def _ellipses(parameters: Parameters) -> str:
    """Ellipses of two deviations of each component, in the first two features."""
    two = parameters.marginal(np.array([0, 1]))
    low, high = _window(two)
    angles = np.linspace(0, 2 * np.pi, 49)
    circle = TWO_DEVIATIONS * np.stack([np.cos(angles), np.sin(angles)])
    found = []
    for k, mean in enumerate(two.means):
        lower = np.linalg.cholesky(two.dense_covariances()[k])
        points = _placed(mean + (lower @ circle).T, low, high)
        opacity = 0.25 + 0.75 * float(two.weights[k] / two.weights.max())
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        found.append(f'<polygon points="{path}" stroke-opacity="{opacity:.2f}"/>')
    return "".join(found)


def _window(parameters: Parameters) -> tuple[FloatArray, FloatArray]:
    variances = np.diagonal(parameters.dense_covariances(), axis1=1, axis2=2)
    reach = REACH * np.sqrt(variances)
    return (parameters.means - reach).min(axis=0), (parameters.means + reach).max(axis=0)


def _placed(points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Points of the picture, whose second axis points downwards."""
    shares = (points - low) / (high - low)
    inner = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    return MARGIN + inner * np.stack([shares[:, 0], 1 - shares[:, 1]], axis=1)
