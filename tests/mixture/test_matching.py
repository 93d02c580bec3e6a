"""Components of one mixture found again in another."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.matching import expected_log_prob, matching
from strategies import NAMES, random_parameters


def mixture(seed, name="full", k=4, d=3):
    return random_parameters(np.random.default_rng(seed), covariance_structure(name), k, d)


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(4)))
def test_a_shuffled_mixture_is_put_back(name, seed, order):
    reference = mixture(seed, name)
    found = matching(reference, reference.permuted(np.array(order)))
    np.testing.assert_array_equal(np.array(order)[found], range(4))


@pytest.mark.parametrize("name", NAMES)
def test_expected_log_prob_is_the_mean_over_samples(name):
    reference, other = mixture(0, name), mixture(1, name)
    found = expected_log_prob(reference, other)
    covariances = other.dense_covariances()
    for j, (mean, cov) in enumerate(
        zip(reference.means, reference.dense_covariances(), strict=True)
    ):
        X = np.random.default_rng(j).multivariate_normal(mean, cov, size=40_000)
        for k in range(4):
            values = multivariate_normal(other.means[k], covariances[k]).logpdf(X)
            error = 5 * values.std() / np.sqrt(len(X))
            assert found[j, k] == pytest.approx(
                values.mean() + np.log(other.weights[k]), abs=error
            )


@given(seed=st.integers(0, 2**32 - 1))
def test_neither_units_nor_offsets_matter(seed):
    a, b = mixture(seed), mixture(seed + 1)
    scale = np.array([1e-3, 1.0, 1e5])

    def changed(p):
        covariances = p.covariances * scale[:, None] * scale
        return p.replaced(means=1e6 * scale + p.means * scale, covariances=covariances)

    np.testing.assert_array_equal(matching(a, b), matching(changed(a), changed(b)))


def test_groups_with_one_mean_are_told_by_their_spread_and_weight():
    structure = covariance_structure("diag")
    means = np.zeros((3, 2))
    spread = np.array([[1.0, 1.0], [9.0, 9.0], [1.0, 1.0]])
    reference = Parameters(np.array([0.1, 0.3, 0.6]), means, spread, structure)
    other = Parameters(np.array([0.62, 0.27, 0.11]), means, 1.1 * spread[[0, 1, 2]], structure)
    np.testing.assert_array_equal(matching(reference, other), [2, 1, 0])


@pytest.mark.parametrize("extra", [{"dof": np.full(4, 3.0)}, {"noise": np.array([[-9.0], [9.0]])}])
def test_noise_and_tails_change_nothing(extra):
    if "noise" in extra:
        extra = {"noise": np.repeat(extra["noise"], 3, axis=1)}
    a, b = mixture(0), mixture(0).permuted(np.array([2, 0, 3, 1]))
    order = matching(a.replaced(**extra), b.replaced(**extra))
    np.testing.assert_array_equal(order, matching(a, b))


@given(seed=st.integers(0, 2**32 - 1))
def test_no_other_order_makes_labelled_rows_likelier(seed):
    a, b = mixture(seed), mixture(seed + 1)
    worth = expected_log_prob(a, b)
    best = max(permutations(range(4)), key=lambda o: a.weights @ worth[range(4), o])
    np.testing.assert_array_equal(matching(a, b), best)
