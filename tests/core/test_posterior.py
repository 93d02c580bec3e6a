"""The variational posterior: its bound, its divergence and the order of its components."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from bactrian import BayesianGaussianMixture
from bactrian.core.covariance import covariance_structure
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.moves import births, deletions, in_order, merges
from bactrian.core.mstep.variational import VariationalBayes
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import CONJUGATE, ConjugatePrior, Posterior
from bactrian.core.values.shares import Dirichlet, Gamma, Sticks
from bactrian.core.values.statistics import SufficientStats
from bayes_oracles import log_evidence, log_marginal


def learned(concentration: float) -> Sticks:
    """Sticks whose concentration has this mean."""
    return Sticks(concentration, Gamma(1.5, 1.5 / concentration))


KINDS = (Dirichlet, Sticks, learned)
ONE = Dirichlet(1.0)


def a_prior(letters: str, n_features: int, shares=ONE, seed: int = 0) -> ConjugatePrior:
    rng = np.random.RandomState(seed)
    structure = covariance_structure(letters)
    scale = np.exp(rng.randn(n_features))
    if structure.form.correlated:
        mixing = rng.randn(n_features, n_features)
        scale = mixing @ mixing.T + np.diag(scale)
    elif structure.form.multiplicity(2) > 1:
        scale = np.full(n_features, scale[0])
    return ConjugatePrior(shares, rng.randn(n_features), 0.7, n_features + 0.5, scale, structure)


def m_step(prior: ConjugatePrior, X: np.ndarray, resp: np.ndarray):
    """The M-step of these responsibilities, and the posterior that it gives."""
    nothing, structure = np.zeros(X.shape[1]), prior.structure
    step = VariationalBayes(prior, resp.shape[1], Bounds(nothing, 0.0, nothing, nothing), len(X))
    origin = np.tile(X.mean(axis=0), (resp.shape[1], 1))
    found = SufficientStats.of(structure.form, X, resp, origin)
    shape = structure.form.shape(*origin.shape)
    unit = np.eye(X.shape[1]) if structure.form.correlated else 1.0
    start = np.broadcast_to(unit, shape)
    weights = np.full(resp.shape[1], 1 / resp.shape[1])
    return step, step(found, Parameters(weights, origin, start, structure))


def bound(step: VariationalBayes, posterior: Posterior, X: np.ndarray) -> float:
    return expectation(X, None, posterior.terms()).log_likelihood + step.log_prior(posterior)


@pytest.mark.parametrize("letters", CONJUGATE)
@pytest.mark.parametrize("n_features", [1, 3])
def test_the_bound_of_one_component_is_the_evidence(letters, n_features):
    X = 3 * np.random.RandomState(1).randn(12, n_features) + 2
    prior = a_prior(letters, n_features)
    step, posterior = m_step(prior, X, np.ones((12, 1)))
    exact = log_marginal(X, np.zeros(12, int), prior)
    assert bound(step, posterior, X) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("letters", ["VVV", "EEE", "VVI", "EII"])
def test_the_bound_is_below_the_evidence(kind, letters):
    X = np.random.RandomState(2).randn(5, 2) + 4 * np.array([0, 0, 0, 1, 1])[:, None]
    prior = a_prior(letters, 2, kind(0.5))
    exact, c, own = log_evidence(X, prior, 3), prior.shares.concentration, prior.shares.hyperprior
    fitted = BayesianGaussianMixture(
        3,
        covariance_type=letters,
        weight_concentration_prior_type=prior.shares.kind,
        weight_concentration_prior=c if own is None else None,
        weight_concentration_hyperprior=own,
        mean_prior=prior.mean,
        mean_precision_prior=prior.mean_precision,
        degrees_of_freedom_prior=prior.dof,
        covariance_prior=prior.public_scale,
        resp_init=[0, 0, 0, 1, 2],
    ).fit(X)
    gap = exact - fitted.lower_bound_
    # Labels may be exchanged in K! ways in a finite mixture; a posterior has one of them.
    assert 0 < gap < (2 + np.log(6) if kind is Dirichlet else 2)


@pytest.mark.parametrize("letters", CONJUGATE)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_steps_never_lower_the_bound(letters, kind, seed):
    rng = np.random.RandomState(seed)
    X = rng.randn(20, 2) * rng.choice([0.1, 1, 10], size=2) + rng.choice([0, 3], size=(20, 1))
    prior = a_prior(letters, 2, kind(float(np.exp(rng.randn()))), seed)
    step, posterior = m_step(prior, X, rng.dirichlet(np.ones(4), size=20))
    last = bound(step, posterior, X)
    for _ in range(4):
        posterior = step(expectation(X, None, posterior.terms()), posterior)
        now = bound(step, posterior, X)
        assert now >= last - 1e-10 * abs(last)
        last = now


@pytest.mark.parametrize("letters", CONJUGATE)
@pytest.mark.parametrize("kind", KINDS)
def test_the_divergence_is_0_at_the_prior_alone(letters, kind):
    prior = a_prior(letters, 2, kind(0.4))
    covariances = prior.structure.form.algebra.covariances_of(prior.factor)
    shape = prior.structure.form.shape(3, 2)
    found = Parameters(
        np.full(3, 1 / 3), np.tile(prior.mean, (3, 1)), np.broadcast_to(covariances, shape),
        prior.structure,
    )  # fmt: skip
    posterior = Posterior.of(found, np.zeros(3), 0.0, prior)
    assert posterior.divergence() == pytest.approx(0, abs=1e-12)
    rng = np.random.RandomState(0)
    _, moved = m_step(prior, rng.randn(9, 2), rng.dirichlet(np.ones(3), size=9))
    assert moved.divergence() > 1


def test_the_divergence_of_shares_is_that_of_beta_distributions():
    counts = np.array([3.2, 0.4])

    def divergence(a, b, a0, b0):
        q, p = stats.beta(a, b), stats.beta(a0, b0)
        return quad(lambda x: q.pdf(x) * (q.logpdf(x) - p.logpdf(x)), 0, 1)[0]

    finite = divergence(0.6 + 3.2, 0.6 + 0.4, 0.6, 0.6)
    assert Dirichlet(0.6).divergence(counts) == pytest.approx(finite, rel=1e-6)
    sticks = divergence(4.2, 1.5 + 0.4, 1, 1.5) + divergence(1.4, 1.5, 1, 1.5)
    assert Sticks(1.5).divergence(counts) == pytest.approx(sticks, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_draws_of_shares_have_the_means(kind):
    shares, counts = kind(0.8), np.array([5.0, 2.5, 0.0])
    drawn = shares.draw(counts, 40_000, np.random.RandomState(0))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    if kind is Dirichlet:  # a process is divided by its sum before the mean is taken
        np.testing.assert_allclose(drawn.mean(axis=0), shares.weights(counts), atol=0.005)
    logarithms = np.log(np.maximum(drawn, 1e-300))
    if kind is Dirichlet:
        np.testing.assert_allclose(
            logarithms.mean(axis=0), shares.log_weights(counts), rtol=0.03, atol=0.01
        )


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_components_by_size_are_the_best_order_of_a_process(seed):
    rng = np.random.RandomState(seed)
    shares, counts = Sticks(float(np.exp(rng.randn()))), rng.exponential(5, size=4)

    def part(order):
        own = counts[list(order)]
        return own @ shares.log_weights(own) - shares.divergence(own)

    best = max(map(part, permutations(range(4))))
    assert part(np.argsort(-counts)) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize(("shape", "rate"), [(1.5, 0.4), (0.01, 0.01), (200.0, 90.0)])
def test_a_learned_concentration_is_integrated_out(shape, rate):
    counts, shares = np.array([14.0, 5.5, 0.3, 0.0]), Sticks(shape / rate, Gamma(shape, rate))
    prior = stats.gamma(shape, scale=1 / rate)

    low = max(prior.ppf(1e-16), 1e-14)
    grid = np.exp(np.linspace(np.log(low), np.log(prior.isf(1e-16)), 500))
    masses = prior.pdf(grid) * grid * np.log(grid[1] / grid[0])
    masses[0] = masses[0] / 2 + prior.cdf(low)
    each = [Sticks(c) for c in grid]
    factors = [own.log_weights(counts) @ counts - own.divergence(counts) for own in each]
    masses *= np.exp(np.array(factors))

    def average(of):
        return masses @ np.array([of(own) for own in each])

    total = average(lambda own: 1.0)
    factor = shares.log_weights(counts) @ counts - shares.divergence(counts)
    assert factor == pytest.approx(np.log(total), rel=1e-6)
    mean = average(lambda own: own.log_weights(counts))
    np.testing.assert_allclose(shares.log_weights(counts), mean / total, rtol=1e-6)
    c, logs = shares.concentrations(counts)
    assert np.exp(logs - logs.max()) @ c / np.exp(logs - logs.max()).sum() == pytest.approx(
        average(lambda own: own.concentration) / total, rel=1e-6
    )


@pytest.mark.parametrize("letters", CONJUGATE)
def test_moves_keep_the_rows_and_their_moments(letters):
    rng = np.random.RandomState(3)
    X = rng.randn(40, 2) + np.repeat([[0, 0], [6, 1]], 20, axis=0)
    resp = np.zeros((40, 3))
    resp[:20, 0] = resp[20:, 1] = 1
    _, posterior = m_step(a_prior(letters, 2, Sticks(1.0)), X, resp)
    mean = posterior.counts @ posterior.means
    for proposal in (*births(posterior), *merges(posterior)):
        assert proposal.counts.sum() == pytest.approx(40)
        np.testing.assert_allclose(proposal.counts @ proposal.means, mean)
    (merged,) = merges(posterior)
    assert sorted(merged.counts.tolist()) == [0, 0, 40]
    assert [sorted(one.counts.tolist()) for one in deletions(posterior)] == [[0, 0, 20]] * 2
    assert (np.diff(in_order(merged).counts) <= 0).all()
    assert len(list(births(posterior))) == 4
