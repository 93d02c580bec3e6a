"""What a mixture shows of itself: text, and HTML that is well formed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bactrian import Mixture

PLANE = Mixture(
    [0.25, 0.65],
    [[0.0, 1.0], [2.0, 3.5]],
    [np.eye(2)] * 2,
    noise=[[-9, -9], [9, 9]],
    feature_names=["a<b", "c"],
    component_names=["low", None],
)


def test_text_is_a_table_of_weights_and_means():
    title, head, *rows = str(PLANE).splitlines()
    assert title == "Mixture of 2 Gaussians in 2 features (full, with noise)"
    assert head.split() == ["component", "weight", "a<b", "c"]
    assert [row.split() for row in rows] == [
        ["low", "0.25", "0", "1"],
        ["2", "0.65", "2", "3.5"],
        ["noise", "0.1"],
    ]
    many = Mixture(np.full(40, 1 / 40), np.zeros((40, 12)), np.ones((40, 12)), "diag", dof=4)
    assert "40 t distributions in 12 features (diag)" in str(many)
    assert len(str(many).splitlines()) == 23


@pytest.mark.parametrize(
    ("mixture", "shape", "count"),
    [
        (PLANE, "polygon", 2),
        (Mixture([1.0], [[5.0]], [1e-12], "spherical"), "polyline", 1),
        (Mixture([0.0, 1.0], np.zeros((2, 3)), [1.0, 1e20], "spherical"), "polygon", 2),
    ],
)
def test_html_has_the_table_and_a_picture_within_its_frame(mixture, shape, count):
    root = ET.fromstring(mixture._repr_html_())
    cells = [cell.text for cell in root.iter("th")]
    assert cells[:2] == ["component", "weight"]
    shapes = list(root.iter("{http://www.w3.org/2000/svg}" + shape))
    assert len(shapes) == count
    for one in shapes:
        points = np.array([pair.split(",") for pair in one.get("points").split()], float)
        assert np.isfinite(points).all()
        assert (points >= 0).all()
        assert (points <= [240, 120]).all()
