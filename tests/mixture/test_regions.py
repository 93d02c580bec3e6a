"""Regions of the line in which a component is the most probable."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm, t

from bactrian import BadInputError, Mixture
from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.chunk import Chunk
from bactrian.mixture.evaluation import evaluated
from strategies import random_parameters, seeds


@st.composite
def lines(draw):
    """Mixtures in one dimension: any family, with and without noise, any unit."""
    rng = np.random.default_rng(draw(seeds))
    n_components = draw(st.integers(1, 6))
    structure = STRUCTURES[draw(st.sampled_from(["full", "tied"]))]
    scale, offset = draw(st.sampled_from([(1.0, 0.0), (1e-3, 1e4), (1e100, 1.0)]))
    made = random_parameters(rng, structure, n_components, 1, scale, offset)
    dof = draw(st.sampled_from([None, 1, n_components]))
    changes = {"dof": None if dof is None else 10 ** rng.uniform(0, 2, dof)}
    if draw(st.booleans()):
        low, high = made.means.min() - 4 * scale, made.means.max() + 4 * scale
        changes |= {"weights": 0.9 * made.weights, "noise": np.array([[low], [high]])}
    return rng, scale, replace(made, **changes)


@settings(max_examples=30)
@given(lines())
def test_regions_are_where_the_labels_are_theirs(case):
    rng, scale, parameters = case
    regions = Mixture.from_parameters(parameters).regions()
    assert regions[0].low == -np.inf
    assert regions[-1].high == np.inf
    assert all(a.high == b.low and a.component != b.component for a, b in pairwise(regions))
    centre = parameters.means[rng.integers(parameters.n_components, size=200), 0]
    X = centre + scale * 10 ** rng.uniform(-2, 3, 200) * rng.choice([-1, 1], 200)
    ends = np.array([region.high for region in regions[:-1]])
    near = np.abs(X[:, None] - ends).min(axis=1, initial=np.inf) < 1e-6 * (scale + np.abs(X))
    labels = np.array([region.component for region in regions])[np.searchsorted(ends, X)]
    found = evaluated(Chunk(X[:, None], None, complete=True), parameters, ("labels",), None)
    np.testing.assert_array_equal(labels[~near], found.labels[~near])


def test_ends_are_where_scipy_finds_equal_densities():
    mixture = Mixture([0.3, 0.7], [[0.0], [4.0]], [[[9.0]], [[0.25]]])
    roots = [
        brentq(lambda x: 0.3 * norm.pdf(x, 0, 3) - 0.7 * norm.pdf(x, 4, 0.5), low, high)
        for low, high in ((0, 4), (4, 9))
    ]
    assert [region.component for region in mixture.regions()] == [0, 1, 0]
    np.testing.assert_allclose([one.high for one in mixture.regions()[:2]], roots, rtol=1e-11)


def test_tails_of_unlike_degrees_of_freedom_cross_far_out():
    mixture = Mixture([0.5, 0.5], [[0.0], [0.0]], [[[1.0]], [[1.0]]], dof=[1.0, 30.0])
    middle, heavy = mixture.regions()[1], mixture.regions()[0]
    assert (heavy.component, middle.component) == (0, 1)
    root = brentq(lambda x: t.logpdf(x, 1) - t.logpdf(x, 30), 0.5, 20)
    np.testing.assert_allclose([middle.low, middle.high], [-root, root], rtol=1e-9)


def test_equal_variances_part_where_the_closed_form_says():
    weights, means, variance = [0.2, 0.8], [1.0, 5.0], 2.0
    cut = 3.0 + variance * np.log(weights[0] / weights[1]) / (means[1] - means[0])
    left, right = Mixture(weights, np.c_[means], [[variance]], "tied").regions()
    np.testing.assert_allclose([left.high, right.low], cut, rtol=1e-14)


def test_equal_components_and_empty_ones_leave_the_line_to_the_first():
    mixture = Mixture([0.5, 0.5, 0.0], [[1.0], [1.0], [9.0]], [[[1.0]]] * 3)
    (region,) = mixture.regions()
    assert region.component == 0


def test_three_that_meet_in_a_point_leave_no_sliver():
    # The middle one is just high enough to touch where the outer two cross.
    height = norm.pdf(2.0, 0, 1) / norm.pdf(0.0, 0, 1)
    weights = np.array([1.0, height, 1.0]) / (2 + height)
    mixture = Mixture(weights, [[-2.0], [0.0], [2.0]], [1.0] * 3, "spherical")
    assert [region.component for region in mixture.regions()] == [0, 2]


def test_only_a_line_is_cut():
    with pytest.raises(BadInputError, match="2 features"):
        Mixture([1.0], [[0.0, 0.0]], [[[1.0, 0.0], [0.0, 1.0]]]).regions()
