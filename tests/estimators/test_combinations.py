"""Everything with everything: each pair of what a fit can have beside plain rows."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import BadInputError, GaussianMixture
from bactrian.fitting import samples

N = 600
CENTRES = np.array([[0.0, 0, 0], [6, 1, 0], [0, 6, 3]])

# What each asks of the data (a name of a method of Case) or of the estimator.
FEATURES: dict[str, dict] = {
    "missing": {},
    "noise": {"noise": True},
    "given volume": {"noise": 2000.0, "noise_init": 0.1},
    "t": {"family": "t"},
    "t each": {"family": "t", "dof": "each"},
    "t given": {"family": "t", "dof": [4.0, 6.0, 8.0]},
    "labels": {},
    "plausibilities": {},
    "sample_weight": {},
    "fixed weights": {"fixed": "weights", "weights_init": [0.5, 0.3, 0.2]},
    "fixed means": {"fixed": "means", "means_init": CENTRES},
    "fixed covariances": {
        "fixed": "covariances",
        "precisions_init": np.stack([np.eye(3)] * 3),
        "covariance_type": "full",
    },
    "noise rows": {"noise": True, "noise_init": np.arange(N) % 50 == 0},
    "start from labels": {"resp_init": None},
    "warm_start": {"warm_start": True},
    "several starts": {"n_init": 3},
    "float32": {},
    "by samples": {},
    "tied": {"covariance_type": "tied"},
    "diag": {"covariance_type": "diag"},
    "spherical": {"covariance_type": "spherical"},
    "VEV": {"covariance_type": "VEV"},
    "EVE": {"covariance_type": "EVE"},
    "EEI": {"covariance_type": "EEI"},
    "equal_weights": {"equal_weights": True},
    "prior": {"prior": "default"},
    "eigenvalue_ratio": {"eigenvalue_ratio": 50.0},
    "hierarchical": {"init_params": "hierarchical"},
    "anderson": {"acceleration": "anderson"},
    "plain": {"acceleration": "none"},
    "log_likelihood": {"stopping": "log_likelihood"},
    "aitken": {"stopping": "aitken"},
    "parameters": {"stopping": "parameters", "tol": 1e-5},
    "ridge": {"reg_covar": 1e-6},
    "reference": {"backend": "numpy"},
}
# What has no meaning together, and which of the two the error says to leave.
REFUSED = {
    ("fixed weights", "equal_weights"): "Leave out one of weights_init",
    ("fixed covariances", "eigenvalue_ratio"): "fixed covariances. Leave out eigenvalue_ratio",
    ("VEV", "eigenvalue_ratio"): "Take a prior instead",
    ("EVE", "eigenvalue_ratio"): "Take a prior instead",
}
# Plain EM is slow where degrees of freedom are many: it says that it has not arrived.
SLOW = [("t each", "plain"), ("t each", "log_likelihood")]
ROBUST = {name for name, settings in FEATURES.items() if {"noise", "family"} & set(settings)}
PAIRS = [
    (a, b)
    for a, b in combinations(FEATURES, 2)
    if not set(FEATURES[a]) & set(FEATURES[b])  # two values of one setting
    and (a, b) not in REFUSED
]


class Case:
    """Rows, what is known of them, and an estimator, for some of the features."""

    def __init__(self, names):
        rng = np.random.default_rng(0)
        self.truth = rng.choice(3, N, p=[0.5, 0.3, 0.2])
        self.X = CENTRES[self.truth] + rng.standard_normal((N, 3))
        if set(names) & ROBUST:
            self.X[::50] = rng.uniform(-20, 20, (12, 3))
        self.settings = {"random_state": 0, "n_init": 1, "max_iter": 500}
        self.y = self.sample_weight = None
        for name in names:
            self.settings |= FEATURES[name]
        if "missing" in names:
            self.X[rng.uniform(size=self.X.shape) < 0.1] = np.nan
            self.X[7] = np.nan
        if "labels" in names:
            self.y = np.where(np.arange(N) % 9 == 1, self.truth, -1)
        if "plausibilities" in names:
            self.y = np.where(np.eye(3)[self.truth], 1.0, 0.5)
        if "sample_weight" in names:
            self.sample_weight = rng.integers(0, 4, N) / 2
        if "float32" in names:
            self.X = self.X.astype(np.float32)
        if "start from labels" in names:
            self.settings["resp_init"] = self.truth
        if "by samples" in names:
            self.settings["n_init"] = "auto"

    def fit(self):
        gm = GaussianMixture(3, **self.settings)
        for _ in range(1 + gm.warm_start):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                gm.fit(self.X, self.y, sample_weight=self.sample_weight)
        assert all(issubclass(warning.category, ConvergenceWarning) for warning in caught)
        assert gm.converged_ == (not caught)
        return gm


@pytest.fixture
def small_samples(monkeypatch):
    """Many rows are more than 300."""
    monkeypatch.setattr(samples, "MANY_ROWS", 300)
    monkeypatch.setattr(samples, "LEAST_SAMPLE", 200)
    monkeypatch.setattr(samples, "LARGEST_SAMPLE", 250)


@pytest.mark.parametrize("names", PAIRS, ids=" and ".join)
@pytest.mark.filterwarnings("default")
def test_pairs(names, tmp_path, small_samples):
    case = Case(names)
    gm = case.fit()
    assert gm.converged_ == (names not in SLOW), gm.fit_report_
    check(gm, case, tmp_path)


@pytest.mark.parametrize("names", REFUSED, ids=" and ".join)
def test_what_has_no_meaning_together_is_refused(names):
    case = Case(names)
    with pytest.raises(BadInputError, match=REFUSED[names]):
        GaussianMixture(3, **case.settings).fit(case.X)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_all_at_once(covariance_type, tmp_path, small_samples):
    names = ["missing", "noise", "t each", "labels", "sample_weight", "float32", "by samples",
             "fixed weights", "warm_start", "anderson"]  # fmt: skip
    case = Case(names)
    case.settings["covariance_type"] = covariance_type
    gm = case.fit()
    assert gm.converged_, gm.fit_report_
    check(gm, case, tmp_path)


def check(gm, case, folder):
    """The likelihood rose to where it is said to be, and the fit can be used, kept and loaded."""
    X, single = case.X, case.X.dtype == np.float32
    report, noise = gm.fit_report_, hasattr(gm, "noise_weight_")
    slack = 1e-6 if gm.reg_covar != "auto" else 1e-7 if single else 1e-12
    assert np.diff(report.trace).min(initial=0) > -slack * max(1, np.abs(report.trace).max())
    assert gm.weights_.sum() + (gm.noise_weight_ if noise else 0) == pytest.approx(1, abs=1e-6)
    if case.y is None:
        weights = np.ones(N) if case.sample_weight is None else case.sample_weight
        total = weights @ gm.score_samples(X).astype(np.float64)
        assert total == pytest.approx(gm.log_likelihood_, rel=1e-5 if single else 1e-9)
    labels, proba = gm.predict(X), gm.predict_proba(X)
    assert proba.shape == (N, 3 + noise)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    assert set(labels) <= {-1, 0, 1, 2}
    agreement = np.mean([(labels[case.truth == k] == m).mean()
                         for k, m in enumerate(_matched(gm))])  # fmt: skip
    assert agreement > 0.8
    filled = gm.impute(X, 2)
    assert np.isfinite(filled).all()
    seen = ~np.isnan(X)
    np.testing.assert_array_equal(filled[:, seen], np.tile(X[seen], (2, 1)))
    rows, drawn = gm.sample(50)
    assert np.isfinite(rows).all()
    assert set(drawn) <= {-1, 0, 1, 2}
    gm.save(folder / "m.json")
    again = GaussianMixture.load(folder / "m.json").set_params(backend=gm.backend)
    assert again.score_samples(X).tobytes() == gm.score_samples(X).tobytes()
    assert again.predict(X).tobytes() == labels.tobytes()
    assert again.bic(X) == gm.bic(X)


def _matched(gm):
    """The component whose mean is nearest to each centre."""
    distances = np.linalg.norm(gm.means_[None] - CENTRES[:, None], axis=2)
    return distances.argmin(axis=1)
