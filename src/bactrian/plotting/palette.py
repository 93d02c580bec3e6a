"""What distinguishes components: a hue, and also a marker or a line style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import FloatArray

BLUE, ORANGE, GREEN, VERMILLION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PURPLE, INK, YELLOW = "#56b4e9", "#cc79a7", "#000000", "#cdbb00"

HUES = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, INK, YELLOW)
"""Okabe & Ito's (2008), those first that differ in grey as well; yellow darker, to be seen."""

MARKERS = ("o", "s", "^", "D", "v", "P", "*", "<", "p")  # one more than hues: no pair comes soon
LINES = ("-", "--", "-.", ":")

GREY, PALE, SOFT_INK = "#7f7f7f", "#d9d9d9", "#555555"


@dataclass(frozen=True)
class Style:
    """How to draw one of several things."""

    colour: str
    marker: str
    line: str


NOISE_STYLE = Style(GREY, "x", ":")


def style(k: int) -> Style:
    """Style number `k`: hues repeat after 8, hue and marker together after 72."""
    return Style(
        HUES[k % len(HUES)], MARKERS[k % len(MARKERS)], LINES[k // len(HUES) % len(LINES)]
    )


def term_styles(n_components: int, n_terms: int) -> list[Style]:
    """Styles of all terms of a mixture; with noise there is one more than components."""
    return [*map(style, range(n_components)), *[NOISE_STYLE] * (n_terms - n_components)]


def mixed(resp: FloatArray, styles: list[Style]) -> FloatArray:
    """Mix colours by responsibilities, as light mixes.

    Parameters
    ----------
    resp : (n_samples, n_terms)
        Rows sum to 1.
    styles : list of Style, n_terms

    Returns
    -------
    (n_samples, 3)
        Red, green and blue in sRGB, from 0 to 1.
    """
    digits = [[int(one.colour[i : i + 2], 16) for i in (1, 3, 5)] for one in styles]
    light = np.power(np.array(digits) / 255, 2.2)
    return np.asarray(np.power(np.clip(resp @ light, 0.0, 1.0), 1 / 2.2))
