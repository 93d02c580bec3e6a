"""Draws from the exact posterior, against the posterior itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bactrian import BayesianGaussianMixture, FitInterrupted, sample_posterior
from bactrian.backends import backend_for
from bactrian.bayes import Dirichlet, NormalInverseWishart
from bactrian.bayes.sampling.clusters import Clusters, empty_stats, gaussian_terms, log_joint
from bactrian.bayes.sampling.state import Target
from bactrian.bayes.sampling.weights import FinitePrior, ProcessPrior
from bactrian.core.estep.density import weighted_log_prob
from bactrian.core.estep.drawing import uniforms
from bactrian.core.values.statistics import SufficientStats
from bactrian.errors import BadInputError
from bactrian.estimators.asking import asked
from bayes_oracles import log_marginal, partitions

pytestmark = pytest.mark.filterwarnings("ignore:The chains disagree")  # short ones do
STRUCTURES = ("full", "tied", "diag", "spherical", "EEI", "EII")


def rows_of(n, seed=0, n_features=2):
    rng = np.random.default_rng(seed)
    near, far = rng.normal(size=(n - n // 2, n_features)), rng.normal(2, 0.5, (n // 2, n_features))
    return np.vstack([near, far])


def prior_of(X, covariance_type="full", n_components=3):
    asking = BayesianGaussianMixture(n_components, covariance_type=covariance_type)
    return asked(asking, X, None, None, reset=True).estimation.maximise.prior


def partitions_of(n_components, concentration):
    if n_components is None:
        return ProcessPrior(concentration)
    return FinitePrior(concentration, n_components)


def exact(X, prior, law):
    """Every partition, its probability, and the log evidence, by enumeration."""
    every = np.array(list(partitions(len(X))))
    logs = np.array(
        [law.log_prior(np.bincount(z).astype(float)) + log_marginal(X, z, prior) for z in every]
    )
    log_evidence = np.logaddexp.reduce(logs)
    return every, np.exp(logs - log_evidence), log_evidence


def compare(X, covariance_type, n_components, concentration, n_draws, seed=0):
    """Draws against enumeration, in Monte Carlo errors that the draws report; the largest."""
    draws = sample_posterior(
        X,
        n_components,
        covariance_type,
        weight_concentration_prior=concentration,
        n_draws=n_draws,
        n_chains=2,
        n_warmup=50,
        random_state=seed,
    )
    prior = prior_of(X, covariance_type)
    law = partitions_of(n_components, concentration)
    every, probability, evidence = exact(X, prior, law)
    together = np.einsum("p,pij->ij", probability, every[:, :, None] == every[:, None, :])
    above = np.triu_indices(len(X), 1)
    error = (draws.co_assignment() - together)[above] / draws.co_assignment_error()[above]
    counts = draws.component_counts()
    sizes = every.max(axis=1) + 1
    known = np.array([probability[sizes == k].sum() for k in counts.n_components])
    return max(
        np.abs(error).max(),
        np.abs((counts.probability - known) / counts.error).max(),
        abs((draws.log_evidence - evidence) / max(draws.log_evidence_error, 1e-9)),
    )


def test_draws_are_those_of_the_posterior_by_enumeration():
    assert compare(rows_of(6), "full", 3, 0.5, n_draws=300) < 4


@pytest.mark.slow
@pytest.mark.parametrize("covariance_type", STRUCTURES)
@pytest.mark.parametrize(("n_components", "concentration"), [(2, 0.7), (4, 0.25), (None, 1.0)])
def test_draws_of_all_structures_by_enumeration(covariance_type, n_components, concentration):
    for seed, n in enumerate((5, 7, 8)):
        X = rows_of(n, seed)
        assert compare(X, covariance_type, n_components, concentration, 2000, seed) < 4


@pytest.mark.slow
def test_draws_of_ten_rows_by_enumeration():
    assert compare(rows_of(10, 3, n_features=1), "full", None, 1.0, 4000) < 4


@pytest.mark.parametrize("law", [FinitePrior(0.4, 3), ProcessPrior(0.7)])
def test_a_prior_of_partitions_sums_to_one(law):
    sizes = [np.bincount(z).astype(float) for z in partitions(6)]
    assert np.logaddexp.reduce([law.log_prior(own) for own in sizes]) == pytest.approx(
        0, abs=1e-12
    )


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_the_density_of_rows_given_their_clusters(covariance_type):
    X = rows_of(9, 1, n_features=3) * [1.0, 1e3, 1e-3] + [0, 1e6, 0]
    prior, labels = prior_of(X, covariance_type), np.array([0, 1, 2, 0, 0, 1, 2, 2, 0])
    form = prior.structure.form.unshared
    resp = np.eye(3)[labels]
    known = SufficientStats.of(form, X, resp, np.repeat(X[:1], 3, axis=0))
    clusters = Clusters(prior, known)
    assert clusters.log_marginal() == pytest.approx(log_marginal(X, labels, prior), abs=1e-7)
    terms = clusters.expected()
    weighted = weighted_log_prob(X, terms)
    by_rows = [weighted[labels == j].sum(axis=0) for j in range(3)]
    assert np.allclose(log_joint(terms, known), np.transpose(by_rows), rtol=1e-9)


@pytest.mark.parametrize("covariance_type", STRUCTURES)
@pytest.mark.parametrize("n_features", [1, 2])
def test_draws_of_parameters_have_their_expectations(covariance_type, n_features):
    X = rows_of(20, 2, n_features)
    prior, rng = prior_of(X, covariance_type), np.random.default_rng(0)
    form = prior.structure.form.unshared
    clusters = Clusters(prior, SufficientStats.of(form, X, np.ones((20, 1)), X[:1]))
    drawn = [clusters.draw(rng) for _ in range(1000)]
    means = np.concatenate([own[0] for own in drawn])
    precisions = np.concatenate([form.algebra.precisions_of(own[1]) for own in drawn])
    error = means.std(axis=0) / np.sqrt(len(means))
    assert (np.abs(means.mean(axis=0) - clusters.means[0]) < 4 * error).all()
    expected = form.algebra.precisions_of(clusters.expected().factors)[0]
    error = precisions.std(axis=0) / np.sqrt(len(precisions))
    assert (np.abs(precisions.mean(axis=0) - expected) < 4 * error).all()


def test_one_component_is_the_conjugate_posterior():
    X = rows_of(30)
    draws = sample_posterior(X, 1, n_draws=400, n_chains=2, n_warmup=1, random_state=0)
    prior = prior_of(X, n_components=1)
    before = NormalInverseWishart(prior.mean, prior.mean_precision, prior.dof, prior.scale)
    after = before.updated(X)
    assert draws.log_evidence == pytest.approx(before.log_evidence(X), abs=1e-9)
    assert draws.component_counts().probability.tolist() == [1.0]
    tails = after.dof - 1
    scale = np.sqrt(np.diagonal(after.scatter) / (after.mean_precision * tails))
    for d in range(2):
        means = draws.means[..., 0, d].ravel()
        assert stats.kstest(means, stats.t(tails, after.location[d], scale[d]).cdf).pvalue > 1e-3
        variances = draws.covariances[..., 0, d, d].ravel()
        law = stats.invgamma(tails / 2, scale=after.scatter[d, d] / 2)
        assert stats.kstest(variances, law.cdf).pvalue > 1e-3
    between = draws.covariances[..., 0, 0, 1].ravel()
    error = between.std() / np.sqrt(len(between))
    assert abs(between.mean() - after.mean.covariance[0, 1]) < 4 * error


def test_weights_have_their_distribution():
    rng, sizes = np.random.default_rng(0), np.array([4.0, 1.0])
    finite = np.exp([FinitePrior(0.5, 3).log_weights(sizes, rng) for _ in range(4000)])
    law = Dirichlet([4.5, 1.5, 0.5])
    assert np.allclose(finite.mean(axis=0), law.mean, atol=4 * finite.std() / 60)
    process = np.exp([ProcessPrior(2.0).log_weights(sizes, rng) for _ in range(4000)])
    assert process.sum(axis=1) == pytest.approx(np.ones(4000), abs=1e-6)
    # A first stick is Beta(1, c) of what the clusters leave, c / (n + c) in expectation.
    assert process[:, :3].mean(axis=0) == pytest.approx([4 / 7, 1 / 7, 2 / 21], abs=0.015)


def test_random_numbers_of_rows_are_those_of_the_published_sequence():
    """SplitMix64 from the seed 1234567, as published with the generator."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert uniforms(1234567, 0, 3).tolist() == [(z >> 11) / 2**53 for z in published]
    assert uniforms(1234567, 2, 1)[0] == uniforms(1234567, 0, 3)[2]


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_back_ends_draw_the_same(covariance_type):
    X = rows_of(9_000, 1, n_features=3)
    prior = prior_of(X, covariance_type)
    empty = empty_stats(prior.structure.form.unshared, prior, 5)
    means, factors = Clusters(prior, empty).draw(np.random.default_rng(1))
    weights = np.log(np.arange(1, 6) / 15)
    terms = gaussian_terms(empty.form, means, 1.5 * factors, weights)
    law = FinitePrior(1.0, 5)
    found = [
        Target(X, backend_for(name, n_jobs), prior, law).held.draw(terms, 2**63 + 5)
        for name, n_jobs in (("numpy", 1), ("auto", 1), ("auto", 2))
    ]
    one, other, threads = found
    assert (one.labels == other.labels).all()
    assert (threads.labels == other.labels).all()
    assert (threads.stats.second == other.stats.second).all()
    assert threads.stats.log_likelihood == other.stats.log_likelihood
    for name in ("resp_sum", "first", "second", "log_likelihood"):
        mine, reference = getattr(other.stats, name), getattr(one.stats, name)
        assert np.allclose(mine, reference, rtol=1e-9, atol=1e-9 * np.abs(reference).max())
    assert one.stats.resp_sum.tolist() == np.bincount(one.labels, minlength=5).tolist()


@pytest.mark.slow
def test_calibration_by_simulation():
    """Ranks of the truth among draws are uniform, if truth and data come from the prior [1]_.

    .. [1] Talts, S. and others (2018). Validating Bayesian inference algorithms with
       simulation-based calibration. arXiv 1804.06788.
    """
    rng, ranks = np.random.default_rng(0), []
    family = NormalInverseWishart(np.zeros(2), 0.5, 5.0, 5 * np.eye(2))
    for i in range(200):
        shares = Dirichlet([2.0, 2.0]).sample(1, rng)[0]
        means, covariances = family.sample(2, rng)
        z = rng.choice(2, 12, p=shares)
        roots = np.linalg.cholesky(covariances)
        X = means[z] + np.einsum("nij,nj->ni", roots[z], rng.normal(size=(12, 2)))
        draws = sample_posterior(
            X,
            2,
            weight_concentration_prior=2.0,
            mean_precision_prior=0.5,
            mean_prior=np.zeros(2),
            degrees_of_freedom_prior=5.0,
            covariance_prior=5 * np.eye(2),
            n_draws=25,
            n_chains=2,
            n_warmup=20,
            thin=4,
            random_state=i,
        )
        own = draws.labels[..., 0, None]  # the component of the first row: its number is no matter
        said = {
            "weight": np.take_along_axis(draws.weights, own, 2)[..., 0],
            "mean": np.take_along_axis(draws.means[..., 0], own, 2)[..., 0],
            "variance": np.take_along_axis(draws.covariances[..., 1, 1], own, 2)[..., 0],
            "log_likelihood": draws.log_likelihood,
        }
        parameters = zip(means, covariances, strict=True)
        log_density = np.log(shares) + np.transpose(
            [stats.multivariate_normal(m, c).logpdf(X) for m, c in parameters]
        )
        truth = {
            "weight": shares[z[0]],
            "mean": means[z[0], 0],
            "variance": covariances[z[0], 1, 1],
            "log_likelihood": np.logaddexp.reduce(log_density, axis=1).sum(),
        }
        ranks.append([np.sum(said[name] < truth[name]) for name in said])
    for column in np.transpose(ranks):
        counts = np.bincount(column * 10 // 51, minlength=10)
        assert stats.chisquare(counts).pvalue > 1e-3


# ---- the function


QUICK = {"n_draws": 20, "n_chains": 2, "n_warmup": 5, "random_state": 3}


def test_the_same_seed_gives_the_same_draws():
    X = rows_of(300)
    one, other = (sample_posterior(X, 3, n_jobs=n, **QUICK) for n in (1, 2))
    for name in ("labels", "weights", "means", "log_likelihood", "log_known"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert not np.array_equal(
        one.labels, sample_posterior(X, 3, **QUICK | {"random_state": 4}).labels
    )


def test_units_and_origin_do_not_matter():
    X = rows_of(60)
    one = sample_posterior(X, None, **QUICK)
    other = sample_posterior(X * [1e4, 1e-4] + [1e7, 3.0], None, **QUICK)
    assert np.array_equal(one.labels, other.labels)
    assert np.allclose(one.weights, other.weights)


def test_clusters_are_found_named_and_summarised():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(0, 1, (40, 2)), rng.normal(8, 1, (60, 2))])
    draws = sample_posterior(X, None, weight_concentration_prior=0.2, **QUICK | {"n_draws": 100})
    found = draws.partition()
    assert (found.labels == np.repeat([1, 0], [40, 60])).all()
    named = draws.relabelled()
    assert named.kept > 0.9
    said = named.summary(0.9)
    assert np.allclose(said["means"].mean, [X[40:].mean(axis=0), X[:40].mean(axis=0)], atol=0.3)
    assert np.allclose(said["weights"].mean, [0.6, 0.4], atol=0.03)
    assert (said["variances"].low < said["variances"].high).all()
    assert said["means"].r_hat.shape == (2, 2)
    assert draws.warnings == ()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"n_draws": 0}, "n_draws"),
        ({"n_chains": 1}, "n_chains"),
        ({"thin": 0}, "thin"),
        ({"n_warmup": -1}, "n_warmup"),
        ({"n_components": 0}, "n_components"),
        ({"n_components": 31}, "n_components"),
        ({"covariance_type": "VEV"}, "covariance_type"),
        ({"degrees_of_freedom_prior": 1.0}, "degrees_of_freedom_prior"),
        ({"weight_concentration_prior": 0.0}, "weight_concentration_prior"),
        ({"mean_precision_prior": 0.0}, "mean_precision_prior"),
        ({"mean_prior": [0.0]}, "mean_prior"),
        ({"covariance_prior": np.eye(3)}, "covariance_prior"),
        ({"covariance_prior": np.zeros((2, 2))}, "covariance_prior"),
        ({"callback": 3}, "callback"),
        ({"callback": lambda info: True}, "callback"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(settings, name):
    with pytest.raises(BadInputError) as caught:
        sample_posterior(rows_of(30), **{"n_components": 2, **QUICK, **settings})
    assert caught.value.name == name


def test_missing_values_and_other_losses_are_refused():
    X = rows_of(10)
    draws = sample_posterior(X, 2, **QUICK)
    with pytest.raises(BadInputError, match="one of vi, binder"):
        draws.partition("omari")
    X[3, 1] = np.nan
    with pytest.raises(BadInputError, match="missing"):
        sample_posterior(X, 2, **QUICK)


def test_an_interrupt_keeps_the_draws():
    def stop(info):
        if info.step == 12:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        sample_posterior(rows_of(30), 2, callback=stop, **QUICK)
    whole = sample_posterior(rows_of(30), 2, **QUICK)
    assert caught.value.result.labels.shape == (2, 7, 30)
    assert (caught.value.result.labels == whole.labels[:, :7]).all()
    early = sample_posterior(rows_of(30), 2, callback=lambda info: info.step == 9, **QUICK)
    assert (early.labels == whole.labels[:, :4]).all()


def test_chains_that_disagree_are_told_of():
    draws = sample_posterior(rows_of(30), 2, **QUICK)
    apart = draws.log_joint + np.array([[0.0], [1e3]])
    (said,) = replace(draws, log_joint=apart).warnings
    assert "R-hat of log_joint is" in said


def test_arviz_takes_the_draws():
    pytest.importorskip("arviz")
    draws = sample_posterior(rows_of(30), 2, **QUICK)
    data = draws.to_arviz()
    assert data.posterior["n_components"].shape == (2, 20)
    assert data.posterior["means"].shape[3] == 2
    assert np.array_equal(data.sample_stats["lp"], draws.log_joint)
