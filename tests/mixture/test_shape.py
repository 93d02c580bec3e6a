"""Derivatives, modes and regions: against differences, brute force and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from scipy.optimize import brentq, minimize

from bactrian import BadInputError, Mixture
from bactrian.core.covariance import STRUCTURES
from bactrian.mixture import Scaling
from strategies import random_parameters, seeds, structures

CROSS = Mixture([0.5, 0.5], [[0.0, 0.0], [1.0, 1.0]], [np.diag([1, 0.05]), np.diag([0.05, 1])])
NOISY = {
    "noise": [[-5.0], [15.0]],
    "dof": 3,
}


def on_a_line(**more) -> Mixture:
    return Mixture([0.3] * 3, [[0.0], [3.0], [10.0]], [1.0, 0.01, 1.0], "spherical", **more)


def triangle(deviation) -> Mixture:
    angles = np.arange(3) * 2 * np.pi / 3
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Mixture([1 / 3] * 3, corners, [deviation**2] * 3, "spherical")


# ---- derivatives


@given(seeds, structures)
@settings(max_examples=20)
def test_derivatives_are_differences(seed, structure):
    rng = np.random.default_rng(seed)
    p = random_parameters(rng, structure, 3, 2)
    box = np.array([[-20.0, -20.0], [20.0, 20.0]])
    for changes in (
        {},
        {"dof": np.array([3.0, 5.0, 30.0])},
        {"noise": box, "weights": p.weights / 2},
    ):
        mixture = Mixture.from_parameters(p.replaced(**changes))
        x, step = rng.uniform(-4, 4, 2), 1e-5
        ends = [x + sign * step * unit for unit in np.eye(2) for sign in (1, -1)]
        for values, gradient, hessian in (
            (mixture.logpdf, mixture.logpdf_gradient, mixture.logpdf_hessian),
            (mixture.pdf, mixture.pdf_gradient, mixture.pdf_hessian),
        ):
            f, g = values(ends), gradient(ends)
            np.testing.assert_allclose(
                gradient([x])[0], (f[::2] - f[1::2]) / (2 * step), rtol=1e-5, atol=1e-8
            )
            np.testing.assert_allclose(
                hessian([x])[0], (g[::2] - g[1::2]) / (2 * step), rtol=1e-5, atol=1e-8
            )


# ---- modes


def brute_force(mixture, n_starts):
    """Modes by SciPy's minimiser from many rows."""
    X, _ = mixture.sample(n_starts, 0)
    found = []
    for x in X:
        end = minimize(
            lambda x: -mixture.logpdf(x[None])[0],
            x,
            jac=lambda x: -mixture.logpdf_gradient(x[None])[0],
            tol=1e-10,
        ).x
        curvature = np.linalg.eigvalsh(mixture.logpdf_hessian(end[None])[0])[-1]
        if curvature < -1e-6 and all(np.linalg.norm(end - other) > 1e-3 for other in found):
            found.append(end)
    return np.array(found)


@pytest.mark.parametrize(("seed", "dof"), [(0, None), (1, 4.0)])
def test_every_mode_that_brute_force_finds_is_found(seed, dof):
    p = random_parameters(np.random.default_rng(seed), STRUCTURES["full"], 4, 2)
    mixture = Mixture.from_parameters(p.replaced(dof=None if dof is None else np.array([dof])))
    modes = np.array([mode.location for mode in mixture.modes()])
    for place in brute_force(mixture, 40):
        assert np.linalg.norm(modes - place, axis=1).min() < 1e-3


def test_modes_between_components_are_found():
    top, *others = CROSS.modes()  # R's ks finds the two lower ones
    assert top.components == ()
    np.testing.assert_allclose(top.location, 1 - top.location[::-1], atol=1e-9)
    assert [mode.components for mode in others] == [(0,), (1,)]
    np.testing.assert_array_equal(CROSS.mode(), top.location)
    assert [mode.components for mode in triangle(0.73).modes()] == [(0,), (1,), (2,), ()]
    (one,) = triangle(0.8).modes()
    assert one.components == (0, 1, 2)
    np.testing.assert_allclose(one.location, 0, atol=1e-9)
    assert len(triangle(0.70).modes()) == 3  # the centre is a hollow below the root of 1/2


def test_the_highest_mode_is_right_where_scipys_is_not():
    near = Mixture([0.6, 0.4], [[-5.0], [5.0]], [0.25, 1.0], "spherical")
    assert near.mode()[0] == pytest.approx(-5, abs=1e-6)
    far = Mixture([0.5, 0.5], [[0.0], [1000.0]], [1.0, 1e-4], "spherical")
    assert far.mode()[0] == pytest.approx(1000)


@pytest.mark.parametrize(("gap", "n_modes"), [(1.99, 1), (2.01, 2)])
def test_two_equal_gaussians_have_two_modes_beyond_two_deviations(gap, n_modes):
    mixture = Mixture([0.5, 0.5], [[0.0], [gap]], [1.0, 1.0], "spherical")
    assert len(mixture.modes()) == n_modes


def test_a_mode_has_the_covariance_of_its_curvature_in_any_unit():
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    (mode,) = Mixture([1.0], [[1e6, 2.0]], [covariance]).modes()
    np.testing.assert_allclose(mode.covariance, covariance, rtol=1e-9)
    scaled = Mixture.from_parameters(CROSS.parameters, Scaling([5.0, -3.0], [1e-6, 1e6]))
    for mode, same in zip(CROSS.modes(), scaled.modes(), strict=True):
        np.testing.assert_allclose(
            same.location, [5 + 1e-6 * mode.location[0], -3 + 1e6 * mode.location[1]], rtol=1e-6
        )
        assert same.log_density == pytest.approx(mode.log_density)
        assert scaled.logpdf(same.location[None])[0] == pytest.approx(same.log_density, abs=1e-6)


def test_noise_has_no_mode_and_weightless_components_neither():
    locations = [mode.location[0] for mode in on_a_line(**NOISY | {"dof": None}).modes()]
    np.testing.assert_allclose(sorted(locations), [0, 3, 10], atol=0.02)
    empty = Mixture([0.0, 1.0], [[0.0], [9.0]], [1.0, 1.0], "spherical")
    assert [mode.components for mode in empty.modes()] == [(1,)]
    with pytest.raises(BadInputError, match="noise alone"):
        Mixture([0.0], [[0.0]], [1.0], "spherical", noise=[[0.0], [1.0]]).mode()


# ---- regions


@pytest.mark.parametrize("n_features", [1, 2, 4])
def test_levels_of_a_gaussian_are_those_of_chi_squared(n_features):
    mixture = Mixture([1.0], [np.ones(n_features)], [np.eye(n_features)])
    for probability in (0.05, 0.5, 0.95):
        found = mixture.density_level(probability)
        expected = -(n_features * np.log(2 * np.pi) + stats.chi2.ppf(probability, n_features)) / 2
        assert abs(found.value - expected) < max(found.error, 1e-9)


@pytest.mark.parametrize("more", [{}, {"dof": 3}, NOISY])
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.95, 0.999])
def test_intervals_hold_what_they_promise_and_end_at_one_density(more, probability):
    weights = [0.3] * 3 if "noise" in more else [0.3, 0.3, 0.4]
    mixture = Mixture(weights, [[0.0], [3.0], [10.0]], [1.0, 0.01, 1.0], "spherical", **more)
    intervals = mixture.density_intervals(probability)
    held = sum(mixture.probability([low], [high]).value for low, high in intervals)
    assert held == pytest.approx(probability, abs=1e-9)
    level = mixture.density_level(probability).value
    ends = [x for x in intervals.ravel() if not np.isin(np.round(x, 9), [-5.0, 15.0])]
    np.testing.assert_allclose(mixture.logpdf(ends), level, rtol=1e-6)
    assert mixture.in_density_region(intervals.mean(axis=1), probability).all()


def test_two_separate_gaussians_have_two_intervals_of_known_ends():
    mixture = Mixture([0.5, 0.5], [[0.0], [100.0]], [1.0, 1.0], "spherical")
    z = stats.norm.ppf(0.975)
    expected = [[-z, z], [100 - z, 100 + z]]
    np.testing.assert_allclose(mixture.density_intervals(0.95), expected, atol=1e-9)
    uneven = Mixture([0.9, 0.1], [[0.0], [100.0]], [1.0, 1.0], "spherical")

    def held(t):  # half widths of both at the level exp(t)
        widths = [np.sqrt(max(0.0, 2 * (np.log(w) - t))) for w in (0.9, 0.1)]
        return sum(
            w * (2 * stats.norm.cdf(r) - 1) for w, r in zip((0.9, 0.1), widths, strict=True)
        )

    level = brentq(lambda t: held(t) - 0.85, -20, np.log(0.9)) - 0.5 * np.log(2 * np.pi)
    assert uneven.density_level(0.85).value == pytest.approx(level, abs=1e-9)


def test_regions_of_the_plane_cover_what_they_promise():
    rows, _ = CROSS.sample(200_000, 7)
    for probability in (0.5, 0.9, 0.99):
        inside = CROSS.in_density_region(rows, probability).mean()
        assert inside == pytest.approx(probability, abs=0.004)
    assert CROSS.density_level(0.9) == CROSS.density_level(0.9)


@pytest.mark.parametrize(
    ("ask", "name", "words"),
    [
        (lambda m: m.density_level(1), "probability", "above 0 and below 1"),
        (lambda m: m.density_level("all"), "probability", "above 0 and below 1"),
        (lambda m: m.density_intervals(0.5), "mixture", "one of one feature"),
        (lambda m: m.logpdf_gradient([[1.0, np.nan]]), "X", "complete"),
        (lambda m: m.in_density_region([[1.0, np.nan]], 0.5), "X", "complete"),
    ],
)
def test_faults_are_named(ask, name, words):
    with pytest.raises(BadInputError, match=words) as caught:
        ask(CROSS)
    assert name in caught.value.name
