"""The estimator of a posterior: scikit-learn's numbers where they are right, and what it lacks."""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np
import pytest
import sklearn.mixture
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from bactrian import BadInputError, BayesianGaussianMixture, GaussianMixture
from bactrian.bayes import NormalInverseWishart
from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture as Ours

KINDS = ("dirichlet_process", "dirichlet_distribution")
STRUCTURES = ("full", "tied", "diag", "spherical", "EII", "EEI")
ATTRIBUTES = ("weights_", "means_", "covariances_", "mean_precision_", "degrees_of_freedom_")


def groups(seed: int = 0, n: int = 60, apart: float = 6.0) -> np.ndarray:
    rng = np.random.RandomState(seed)
    near = rng.randn(n, 2) @ [[1.0, 0.6], [0.0, 0.5]]
    return np.r_[near, rng.randn(n // 2, 2) + np.array([apart, 0.6 * apart])]


def fitted(X, n_components: int = 4, **settings) -> BayesianGaussianMixture:
    settings = {"random_state": 0, "n_init": 1, **settings}
    weight = settings.pop("sample_weight", None)
    y = settings.pop("y", None)
    return BayesianGaussianMixture(n_components, **settings).fit(X, y, sample_weight=weight)


# ---- scikit-learn's steps


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, 25])
def test_steps_of_full_covariances_are_those_of_scikit_learn(faithful, kind, steps):
    resp = np.random.RandomState(1).dirichlet(np.ones(4), len(faithful))
    theirs = sklearn.mixture.BayesianGaussianMixture(
        n_components=4, weight_concentration_prior_type=kind, reg_covar=0
    )
    theirs._check_parameters(faithful)
    theirs._initialize(faithful, resp)
    for _ in range(steps):
        theirs._m_step(faithful, theirs._e_step(faithful)[1])
    theirs._set_parameters(theirs._get_parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = fitted(
            faithful,
            weight_concentration_prior_type=kind,
            resp_init=resp,
            max_iter=steps,
            tol=0,
            acceleration="none",
        )
    assert ours.n_iter_ == steps
    for name in ATTRIBUTES:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)
    np.testing.assert_allclose(
        ours.weight_concentration_, theirs.weight_concentration_, rtol=1e-9, atol=1e-9
    )


# ---- the bound


@pytest.mark.parametrize(
    ("covariance_type", "kind"),
    [
        ("full", KINDS[0]),
        ("diag", KINDS[1]),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in product(STRUCTURES, KINDS)),
    ],
)
def test_one_component_and_many_end_at_the_same_bound(covariance_type, kind):
    iris = load_iris().data
    one = {"resp_init": np.zeros(len(iris), int)}
    ends = [
        fitted(
            iris,
            12,
            covariance_type=covariance_type,
            weight_concentration_prior_type=kind,
            **start,
        )
        for start in (one, {"init_params": "kmeans"})
    ]
    assert ends[0].lower_bound_ == pytest.approx(ends[1].lower_bound_, abs=1e-6)
    for end in ends:
        assert end.converged_
        bounds = np.array(end.lower_bounds_)
        assert (np.diff(bounds) >= -1e-10 * np.abs(bounds[1:])).all()
        assert (np.diff(end.weights_) <= 1e-9).all()  # by size
        assert end.fit_report_.evidence_bound == pytest.approx(end.lower_bound_, rel=1e-12)


def test_the_bound_of_scikit_learn_rises_with_empty_components_and_ours_does_not(faithful):
    # scikit-learn's: -811.5, -683.6, -681.7, -676.1, -658.8 for K = 1, 2, 5, 10, 20.
    settings = {"weight_concentration_prior_type": "dirichlet_distribution"}
    settings["weight_concentration_prior"] = 1e-3
    bounds = [fitted(faithful, k, **settings).lower_bound_ for k in (1, 2, 5, 10)]
    assert bounds[1] > bounds[0] + 100
    assert bounds[1] >= bounds[2] >= bounds[3] > bounds[1] - 2


# ---- the predictive density


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_the_predictive_density_is_one(covariance_type):
    x = np.random.RandomState(0).randn(10, 1)
    own = fitted(x, 2, covariance_type=covariance_type)
    theirs = sklearn.mixture.BayesianGaussianMixture(n_components=2, random_state=0).fit(x)
    angles = (np.arange(100_000) + 0.5) * np.pi / 100_000 - np.pi / 2
    line, lengths = np.tan(angles)[:, None], np.pi / 100_000 / np.cos(angles) ** 2
    total, wrong = (np.exp(one.score_samples(line)) @ lengths for one in (own, theirs))
    assert total == pytest.approx(1, abs=1e-6)
    assert wrong < 0.95


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_the_predictive_density_of_one_component_is_a_ratio_of_evidences(covariance_type):
    X, new = groups(n=14), np.array([[1.5, -0.7]])
    free = covariance_type in ("spherical", "EII")
    scale = {"full": np.eye(2), "tied": np.eye(2), "diag": [1.0, 2], "EEI": [1.0, 2]}
    settings = {
        "covariance_type": covariance_type,
        "weight_concentration_prior_type": "dirichlet_distribution",
        "mean_prior": [0.5, 0.5],
        "covariance_prior": 1.5 if free else scale[covariance_type],
    }
    before, after = (fitted(rows, 1, **settings) for rows in (X, np.r_[X, new]))
    ratio = after.lower_bound_ - before.lower_bound_
    assert before.score_samples(new)[0] == pytest.approx(ratio, abs=1e-9)
    rows, labels = before.sample(4000)
    np.testing.assert_allclose(rows.mean(axis=0), before.means_[0], atol=0.2)
    assert not labels.any()


def test_products_of_t_distributions_leave_out_what_is_missing():
    own = fitted(groups(), 3, covariance_type="diag", noise=True)
    with pytest.raises(AttributeError, match="no mixture of t distributions"):
        own.predictive_.log_density([[0.0, 0.0]])
    grid = np.linspace(-400, 400, 200_001)
    rows = np.c_[np.full(len(grid), 1.0), grid]
    box = (grid > own.noise_box_[0, 1]) & (grid < own.noise_box_[1, 1])
    noise = np.where(box, 0.0, own.noise_weight_ / np.prod(np.diff(own.noise_box_, axis=0)))
    joint = np.exp(own.score_samples(rows)) - noise
    marginal = np.exp(own.score_samples([[1.0, np.nan]])[0])
    assert joint.sum() * (grid[1] - grid[0]) == pytest.approx(marginal, rel=1e-4)
    drawn, labels = own.sample(500)
    assert set(labels.tolist()) <= {-1, 0, 1, 2}
    assert drawn.shape == (500, 2)


def test_the_summary_of_one_component_is_that_of_its_family(faithful):
    scale = np.array([[2.0, 5.0], [5.0, 90.0]])
    settings = {"mean_prior": [3.0, 70.0], "covariance_prior": scale}
    own = fitted(faithful, 1, weight_concentration_prior_type=KINDS[1], **settings)
    known = NormalInverseWishart([3.0, 70.0], 1.0, 2.0, scale).updated(faithful)
    said, exact = own.posterior_summary(0.9), known.interval(0.9)
    np.testing.assert_allclose([said.means.low[0], said.means.high[0]], exact.mean)
    np.testing.assert_allclose([said.variances.low[0], said.variances.high[0]], exact.covariance)
    np.testing.assert_allclose(said.means.mean, own.means_)
    np.testing.assert_allclose(said.variances.mean[0], np.diagonal(known.mean.covariance))
    drawn = known.sample(20_000, 0)
    np.testing.assert_allclose(said.means.deviation[0], drawn.mean.std(axis=0), rtol=0.03)


@pytest.mark.parametrize("covariance_type", STRUCTURES)
@pytest.mark.parametrize("kind", KINDS)
def test_summaries_hold_what_they_are_of(covariance_type, kind):
    own = fitted(
        groups(),
        3,
        covariance_type=covariance_type,
        weight_concentration_prior_type=kind,
        noise=covariance_type == "full",
    )
    said = own.posterior_summary(0.8)
    for marginals in (said.weights, said.means, said.variances):
        assert (marginals.low < marginals.high).all()
        assert (marginals.deviation > 0).all()
    weights = own.posterior_summary().weights
    np.testing.assert_allclose(weights.mean, own.weights_, atol=0.01)
    with pytest.raises(BadInputError, match=r"^level must be"):
        own.posterior_summary(95)


# ---- what combines


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_a_weight_of_two_is_the_row_twice(covariance_type):
    X = groups()
    weights = np.random.RandomState(0).randint(1, 3, len(X))
    start = np.arange(len(X)) // 60
    kept = {"covariance_type": covariance_type, "moves": False}
    weighted = fitted(X, 2, sample_weight=weights, resp_init=start, **kept)
    repeated = fitted(np.repeat(X, weights, axis=0), 2, resp_init=start.repeat(weights), **kept)
    assert weighted.lower_bound_ == pytest.approx(repeated.lower_bound_, rel=1e-10)
    for name in ATTRIBUTES:
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", [1e-4, 1e4])
def test_the_units_do_not_matter(unit, kind):
    X, units = groups(), np.array([unit, 1.0])
    plain, scaled = (
        fitted(rows, weight_concentration_prior_type=kind) for rows in (X, X * units + 7 * units)
    )
    np.testing.assert_allclose(scaled.weights_, plain.weights_, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(scaled.means_ / units - 7, plain.means_, rtol=1e-6, atol=1e-6)
    shift = len(X) * np.log(unit)
    assert scaled.lower_bound_ == pytest.approx(plain.lower_bound_ - shift, abs=1e-6)


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_back_ends_agree_on_missing_values_noise_and_labels(covariance_type):
    X, rng = groups(), np.random.RandomState(0)
    X[rng.uniform(size=X.shape) < 0.1] = np.nan
    X = np.r_[X, rng.uniform(-30, 30, size=(12, 2))]
    y = np.full(len(X), -1)
    y[[0, 1, 2, 3]], y[[70, 72, 73]] = 1, 0  # not by size
    settings = {"covariance_type": covariance_type, "noise": True, "y": y, "moves": False}
    native, plain = (fitted(X, 2, backend=name, **settings) for name in ("auto", "numpy"))
    assert native.lower_bound_ == pytest.approx(plain.lower_bound_, rel=1e-9)
    np.testing.assert_allclose(native.predict_proba(X), plain.predict_proba(X), atol=1e-5)
    bounds = np.array(native.lower_bounds_)
    assert (np.diff(bounds) >= -1e-10 * np.abs(bounds[1:])).all()
    kept = native.fit_predict(X, y)
    assert (kept[y >= 0] == y[y >= 0]).all()
    labels = native.predict(X)
    assert (labels[:60] == 1).sum() > (labels[60:90] == 1).sum()
    assert (labels[60:90] == 0).sum() > (labels[:60] == 0).sum()
    assert 0.02 < native.noise_weight_ < 0.3
    assert native.weights_.sum() + native.noise_weight_ == pytest.approx(1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_from_zero(dtype):
    X = groups(n=200)
    far = (X + 4096).astype(dtype)
    near = fitted((far - 4096).astype(np.float64), 3)
    own = fitted(far, 3)
    assert own.means_.dtype == dtype
    assert own.lower_bound_ == pytest.approx(near.lower_bound_, rel=1e-6)


def test_many_rows_are_fitted_on_samples_first():
    X = np.r_[groups(n=12_000), groups(1, n=4_000) + np.array([-8, 8])]
    own = fitted(X, 6, n_init="auto")
    assert own.converged_
    assert own.fit_report_.optima_samples < len(X)
    assert (own.posterior_.counts > 0.5).sum() == 4
    again = fitted(X, 4, moves=False, init_params="k-means++")
    assert own.lower_bound_ == pytest.approx(again.lower_bound_, abs=1)


def test_a_cluster_is_kept_where_scikit_learn_loses_it():
    # Its digammas of diagonal precisions are those of a full Wishart distribution.
    rng = np.random.RandomState(1)
    X, truth = np.r_[rng.randn(300, 30), rng.randn(30, 30) + 0.8], np.repeat([0, 1], [300, 30])
    prior = {"covariance_type": "diag", "covariance_prior": np.full(30, 30.0)}
    own = fitted(X, 2, resp_init=truth, **prior)
    assert adjusted_rand_score(truth, own.predict(X)) > 0.85
    theirs = sklearn.mixture.BayesianGaussianMixture(n_components=2, **prior)
    theirs._check_parameters(X)
    theirs._initialize(X, np.eye(2)[truth])
    for _ in range(200):
        theirs._m_step(X, theirs._e_step(X)[1])
    assert adjusted_rand_score(truth, theirs._e_step(X)[1].argmax(axis=1)) < 0.1


# ---- kept, stored, stopped


@pytest.mark.parametrize("hyperprior", [None, (2.0, 3.0)])
def test_a_stored_posterior_is_the_same(faithful, tmp_path, hyperprior):
    own = fitted(faithful, 5, noise=True, weight_concentration_hyperprior=hyperprior)
    own.save(tmp_path / "model.json")
    again = BayesianGaussianMixture.load(tmp_path / "model.json")
    np.testing.assert_array_equal(again.predict_proba(faithful), own.predict_proba(faithful))
    np.testing.assert_array_equal(again.score_samples(faithful), own.score_samples(faithful))
    assert again.lower_bound_ == own.lower_bound_
    assert again.get_params() == own.get_params()
    assert again.posterior_.divergence() == pytest.approx(own.posterior_.divergence())
    with pytest.raises(BadInputError, match="without a posterior"):
        Ours.from_mixture(GaussianMixture(2, random_state=0).fit(faithful).to_model())


def test_a_fit_goes_on_from_the_last(faithful):
    own = fitted(faithful, 5, warm_start=True)
    bound = own.lower_bound_
    assert own.fit(faithful).n_iter_ <= 3
    assert own.lower_bound_ == pytest.approx(bound, abs=1e-7)


def test_a_callback_stops_and_ctrl_c_leaves_the_estimator_as_it_was(faithful):
    seen = []
    with pytest.warns(ConvergenceWarning):
        own = fitted(faithful, 3, callback=lambda info: seen.append(info.gain) or len(seen) > 4)
    assert len(seen) == 5

    def interrupt(info):
        raise KeyboardInterrupt

    own.callback = interrupt
    before = own.lower_bound_
    with pytest.raises(KeyboardInterrupt):
        own.fit(faithful)
    assert own.lower_bound_ == before


def test_criteria_count_components_that_hold_rows(faithful):
    own = fitted(faithful, 10)
    assert (own.posterior_.counts > 0.5).sum() == 2
    assert own.fit_report_.n_parameters == 11
    assert own.bic(faithful) == pytest.approx(own.fit_report_.bic)


# ---- bad input


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"covariance_type": "VEV"}, "covariance_type"),
        ({"weight_concentration_prior": 0}, "weight_concentration_prior"),
        ({"weight_concentration_prior_type": "pitman"}, "weight_concentration_prior_type"),
        ({"mean_precision_prior": -1.0}, "mean_precision_prior"),
        ({"mean_precision_prior": "1"}, "mean_precision_prior"),
        ({"mean_prior": [1.0]}, "mean_prior"),
        ({"mean_prior": [1.0, np.nan]}, "mean_prior"),
        ({"degrees_of_freedom_prior": 1.0}, "degrees_of_freedom_prior"),
        ({"covariance_prior": [1.0, 2.0]}, "covariance_prior"),
        ({"covariance_prior": [[1.0, 2], [2, 1]]}, "covariance_prior"),
        ({"covariance_prior": [[1.0, 2], [0, 9]]}, "covariance_prior"),
        ({"covariance_prior": -1.0, "covariance_type": "spherical"}, "covariance_prior"),
        ({"covariance_prior": "wide"}, "covariance_prior"),
        ({"moves": "no"}, "moves"),
        ({"weight_concentration_hyperprior": 1.0}, "weight_concentration_hyperprior"),
        ({"weight_concentration_hyperprior": (0.0, 1.0)}, "weight_concentration_hyperprior"),
        ({"weight_concentration_hyperprior": "wide"}, "weight_concentration_hyperprior"),
        (
            {
                "weight_concentration_hyperprior": (1.0, 1.0),
                "weight_concentration_prior_type": "dirichlet_distribution",
            },
            "weight_concentration_hyperprior",
        ),
        (
            {"weight_concentration_hyperprior": (1.0, 1.0), "weight_concentration_prior": 1.0},
            "weight_concentration_hyperprior",
        ),
        ({"n_components": 1000}, "n_components"),
    ],
)
def test_bad_input(faithful, settings, name):
    n_components = settings.pop("n_components", 3)
    with pytest.raises(BadInputError, match=f"^{name} must be") as told:
        fitted(faithful, n_components, **settings)
    assert told.value.name == name


def test_degrees_of_freedom_may_be_few_where_there_is_no_matrix(faithful):
    own = fitted(faithful, 2, covariance_type="diag", degrees_of_freedom_prior=0.5)
    assert own.degrees_of_freedom_prior_ == 0.5
    with pytest.raises(BadInputError, match="greater than 1"):
        fitted(faithful, 2, degrees_of_freedom_prior=0.5)
