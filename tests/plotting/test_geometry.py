"""Ellipses, levels and grids against distances, chi-square quantiles and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, multivariate_normal

from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.plotting import geometry
from bactrian.plotting.palette import HUES, MARKERS, NOISE_STYLE, mixed, style, term_styles

FULL = covariance_structure("full")


@given(
    seed=st.integers(0, 10_000),
    n_sigma=st.floats(0.1, 5),
    scale=st.sampled_from([1e-100, 1e-6, 1.0, 1e100]),
    offset=st.sampled_from([0.0, 1e6]),
)
def test_points_of_an_ellipse_have_its_distance(seed, n_sigma, scale, offset):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(2, 2)) + 2 * np.eye(2)
    covariance, mean = scale * (root @ root.T), offset * np.sqrt(scale) * rng.normal(size=2)
    points = geometry.ellipse(mean, covariance, n_sigma)
    away = (points - mean) / np.sqrt(scale)
    squared = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance / scale), away)
    np.testing.assert_allclose(np.sqrt(squared), n_sigma, rtol=1e-6)
    np.testing.assert_allclose(points[0], points[-1], atol=1e-9 * np.abs(points).max())


def test_area_of_an_ellipse():
    covariance = np.array([[2.0, 0.9], [0.9, 1.0]])
    x, y = geometry.ellipse(np.zeros(2), covariance, 2.0).T
    area = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    assert area == pytest.approx(np.pi * 4 * np.sqrt(np.linalg.det(covariance)), rel=1e-3)


@pytest.mark.parametrize("covariance_type", ["spherical", "diag", "tied", "VEV"])
def test_deviations_are_those_of_the_covariances(covariance_type):
    structure = covariance_structure(covariance_type)
    rng = np.random.default_rng(0)
    shape = structure.form.shape(2, 3)
    values = rng.uniform(1, 2, shape)
    if len(shape) == 3:
        values = np.stack([np.diag(row) for row in rng.uniform(1, 2, shape[:2])])
    parameters = Parameters(np.full(2, 0.5), np.zeros((2, 3)), values, structure)
    expected = [np.sqrt(np.diag(one)) for one in parameters.dense_covariances()]
    np.testing.assert_allclose(geometry.deviations(parameters), expected)


def test_regions_of_a_gaussian_are_ellipses_of_chi_square():
    mean, covariance = np.array([3.0, -1.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    parameters = Parameters(np.ones(1), mean[None], covariance[None], FULL)
    shares = (0.95, 0.25, 0.5)
    levels = geometry.region_levels(parameters, shares)
    peak = multivariate_normal(mean, covariance).logpdf(mean)
    expected = sorted(peak - chi2(2).ppf(share) / 2 for share in shares)
    np.testing.assert_allclose(levels, expected, atol=0.05)


@given(
    means=st.lists(st.floats(-100, 100), min_size=1, max_size=20),
    scale=st.floats(1e-6, 10),
)
def test_a_grid_increases_and_misses_no_component(means, scale):
    means = np.array(means)
    scales = np.full(len(means), scale)
    window = np.array([means.min() - 3 * scale, means.max() + 3 * scale])
    grid = geometry.axis_grid(window, means, scales, 50, 200)
    assert (np.diff(grid) > 0).all()
    assert grid[0] == window[0]
    assert grid[-1] == window[1]
    for mean in means:
        near = (np.abs(grid - mean) <= 1.001 * scale).sum()  # at one deviation, up to rounding
        assert near >= 3


def test_separation_is_one_less_the_share_within():
    rng = np.random.default_rng(0)
    X = np.concatenate(
        [rng.normal([0, 0, 1e6], 1, (4000, 3)), rng.normal([4, 1, 1e6], 1, (4000, 3))]
    )
    means = np.stack([X[:4000].mean(axis=0), X[4000:].mean(axis=0)])
    own = np.stack([np.cov(X[:4000].T, bias=True), np.cov(X[4000:].T, bias=True)])
    found = geometry.separation(Parameters(np.full(2, 0.5), means, own, FULL))
    within = np.diagonal(own.mean(axis=0))
    np.testing.assert_allclose(found, 1 - within / X.var(axis=0), rtol=1e-6, atol=1e-9)


# ---- colours


def lightness(colour: str) -> float:
    """CIE lightness L*, what is left in grey."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(y) - 16


def test_the_first_hues_differ_in_grey_and_all_are_seen_on_white():
    first = [lightness(hue) for hue in HUES[:3]]
    gaps = [abs(a - b) for i, a in enumerate(first) for b in first[:i]]
    assert min(gaps) > 10
    assert max(map(lightness, HUES)) < 76


def test_no_two_of_seventy_two_components_look_the_same():
    looks = {(style(k).colour, style(k).marker) for k in range(72)}
    assert len(looks) == 72
    lines = {(style(k).colour, style(k).line) for k in range(32)}
    assert len(lines) == 32
    assert NOISE_STYLE.marker not in MARKERS


def test_sure_rows_have_the_colour_of_their_component():
    styles = term_styles(3, 4)
    colours = mixed(np.eye(4), styles)
    spelled = ["#" + "".join(f"{round(255 * c):02x}" for c in row) for row in colours]
    assert spelled == [one.colour for one in styles]


@given(seed=st.integers(0, 1000))
def test_mixed_colours_lie_between(seed):
    resp = np.random.default_rng(seed).dirichlet(np.ones(3), size=5)
    pure, found = mixed(np.eye(3), term_styles(3, 3)), mixed(resp, term_styles(3, 3))
    assert (found <= pure.max(axis=0) + 1e-12).all()
    assert (found >= pure.min(axis=0) - 1e-12).all()
