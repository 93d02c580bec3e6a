"""The estimator as a citizen: names, dtypes, copies, threads, forks, interruptions."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bactrian import BadInputError, FitInterrupted, GaussianMixture, MixtureModel
from bactrian.backends.numpy.backend import NumpyBackend

FRAMES = {
    "pandas": lambda X: pd.DataFrame(X, columns=["eruptions", "waiting"]),
    "polars": lambda X: pl.DataFrame(X, schema=["eruptions", "waiting"]),
    "lazy": lambda X: pl.DataFrame(X, schema=["eruptions", "waiting"]).lazy(),
    "arrow": lambda X: pa.table({"eruptions": X[:, 0], "waiting": X[:, 1]}),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind, faithful):
    frame = FRAMES[kind](faithful)
    gm = GaussianMixture(2, random_state=0).fit(frame)
    assert gm.feature_names_in_.tolist() == ["eruptions", "waiting"]
    plain = GaussianMixture(2, random_state=0).fit(faithful)
    assert not hasattr(plain, "feature_names_in_")
    np.testing.assert_array_equal(gm.means_, plain.means_)
    np.testing.assert_array_equal(gm.predict(frame), plain.predict(faithful))


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_float32_in_float32_out_float64_between(covariance_type, faithful):
    single = faithful.astype(np.float32)
    gm = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(single)
    double = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(
        single.astype(np.float64)
    )
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        value = getattr(gm, name)
        assert value.dtype == np.float32
        np.testing.assert_array_equal(value, getattr(double, name).astype(np.float32))
    assert gm.log_likelihood_ == double.log_likelihood_
    assert gm.predict_proba(single).dtype == gm.score_samples(single).dtype == np.float32


def test_float32_keeps_its_digits_far_out():
    """Unit variance at 1e4 standard deviations: the covariance is that of the rounded data."""
    X = (np.random.default_rng(0).normal(size=(5000, 2)) + 1e4).astype(np.float32)
    gm = GaussianMixture(1).fit(X)
    expected = np.cov(X.astype(np.float64).T, bias=True)
    np.testing.assert_allclose(gm.covariances_[0], expected, rtol=1e-6, atol=1e-7)


def test_pickles_copies_and_clones(faithful):
    gm = GaussianMixture(2, random_state=0, callback=print_nothing).fit(faithful)
    for other in (pickle.loads(pickle.dumps(gm)), copy.deepcopy(gm)):
        assert vars(other).keys() == vars(gm).keys()
        np.testing.assert_array_equal(other.predict_proba(faithful), gm.predict_proba(faithful))
        assert other.fit_report_.trace == gm.fit_report_.trace
        assert other.fit_report_.certificate == gm.fit_report_.certificate
    unfitted = clone(gm)
    assert unfitted.get_params() == gm.get_params()
    assert not hasattr(unfitted, "weights_")


def print_nothing(info):
    """A callback that pickle finds by name."""


def test_the_same_seed_gives_the_same_bits(faithful):
    a, b = (GaussianMixture(4, random_state=3).fit(faithful) for _ in range(2))
    np.testing.assert_array_equal(a.means_, b.means_)
    assert a.fit_report_.trace == b.fit_report_.trace


def test_threads(faithful):
    expected = GaussianMixture(3, random_state=0).fit(faithful).means_
    found = [None] * 8

    def work(i):
        found[i] = GaussianMixture(3, random_state=0).fit(faithful).means_

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(found))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for means in found:
        np.testing.assert_array_equal(means, expected)


def _fit_in_child(X, queue):
    queue.put(GaussianMixture(3, random_state=0).fit(X).means_)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_children(faithful):
    expected = GaussianMixture(3, random_state=0).fit(faithful).means_
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    children = [context.Process(target=_fit_in_child, args=(faithful, queue)) for _ in range(2)]
    for child in children:
        child.start()
    found = [queue.get(timeout=60) for _ in children]
    for child in children:
        child.join(timeout=60)
        assert child.exitcode == 0
    for means in found:
        np.testing.assert_array_equal(means, expected)


def test_the_same_bits_on_any_number_of_threads():
    code = (
        "import numpy as np, hashlib; from bactrian import GaussianMixture;"
        "digest = hashlib.sha256();\n"
        "for n, d in ((20000, 12), (8193, 40)):\n"
        "    X = np.random.default_rng(0).normal(size=(n, d)); X[: n // 3] += 1.5\n"
        "    gm = GaussianMixture(3, random_state=0, n_init=2, max_iter=3, tol=0).fit(X)\n"
        "    for a in (gm.means_, gm.covariances_, gm.predict_proba(X), gm.score_samples(X)):\n"
        "        digest.update(a.tobytes())\n"
        "print(digest.hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env={"OPENBLAS_NUM_THREADS": n, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("fitted", [False, True])
def test_an_interrupted_fit_changes_nothing_and_loses_nothing(faithful, fitted):
    def interrupt(info):
        if info.iteration == 3:
            raise KeyboardInterrupt

    gm = GaussianMixture(2, random_state=0)
    if fitted:
        gm.fit(pd.DataFrame(faithful, columns=["a", "b"]))
    gm.set_params(n_components=3, callback=interrupt)
    before = vars(gm).copy()
    with pytest.raises(KeyboardInterrupt) as caught:
        gm.fit(faithful)
    assert vars(gm) == before
    assert isinstance(caught.value, FitInterrupted)
    best = caught.value.result.best
    kept = GaussianMixture.from_mixture(MixtureModel(best.state.parameters))
    assert kept.score(faithful) * len(faithful) == pytest.approx(best.state.log_likelihood)
    assert best.state.iteration == 3
    assert best.state.parameters.n_components == 3
    assert not best.converged


def test_a_failed_fit_changes_nothing(faithful):
    gm = GaussianMixture(2, random_state=0).fit(faithful)
    before, deep = vars(gm).copy(), copy.deepcopy(vars(gm))
    with pytest.raises(ValueError, match="no value in column 0"):
        gm.fit(np.full((5, 3), np.nan))
    assert vars(gm) == before
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        np.testing.assert_array_equal(getattr(gm, name), deep[name])
    assert gm.n_features_in_ == 2


def test_a_callback_sees_every_iteration_and_can_stop(faithful):
    seen = []

    def watch(info):
        seen.append(info)
        return info.iteration == 4

    gm = GaussianMixture(3, random_state=0, callback=watch)
    with pytest.warns(ConvergenceWarning, match="callback"):
        gm.fit(faithful)
    assert [info.iteration for info in seen] == [1, 2, 3, 4]
    assert gm.n_iter_ == 4
    assert gm.log_likelihood_ == seen[-1].log_likelihood
    np.testing.assert_array_equal(gm.means_, seen[-1].parameters.means)


def test_a_callback_that_stops_is_not_asked_again():
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(40_000, 2)) + rng.integers(0, 4, size=(40_000, 1)) * 3

    for X in (groups[:500], groups):
        asked = []

        def watch(info, asked=asked):
            asked.append(info)
            return info.start == 1 and info.iteration == 2

        gm = GaussianMixture(4, random_state=0, n_init="auto", callback=watch)
        if len(X) > 20_000:
            with pytest.warns(ConvergenceWarning, match="callback"):
                gm.fit(X)
        else:  # the first start had converged
            gm.fit(X)
        assert asked[-1].start == 1
        assert asked[-1].iteration == 2


def test_a_callback_stops_before_a_dead_component_is_restarted(faithful):
    asked = []

    def watch(info):
        asked.append(info.iteration)
        return len(asked) == 3

    means = [[2, 55], [4.3, 80], [1e6, 1e6]]
    gm = GaussianMixture(3, means_init=means, weights_init=[0.3, 0.3, 0.4], callback=watch)
    with pytest.warns(ConvergenceWarning):
        gm.fit(faithful)
    assert asked == [1, 2, 3]


class Broken:
    """Rows that cannot be gone over."""

    def accumulate(self, terms, origin=None):
        raise KeyboardInterrupt


def test_an_interrupt_after_the_sample_keeps_what_it_found():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30_000, 2)) + rng.integers(0, 2, size=(30_000, 1)) * 3

    class Slow(NumpyBackend):
        def hold(self, source):
            if sum(len(chunk.X) for chunk in source.chunks()) == 30_000:
                return Broken()
            return super().hold(source)

    with pytest.raises(FitInterrupted) as caught:
        GaussianMixture(2, random_state=0, backend=Slow()).fit(X)
    assert len(caught.value.result.runs) >= 3
    assert caught.value.result.best.state.parameters.n_components == 2


def test_an_early_interrupt_says_that_there_is_nothing(faithful):
    class Interrupted(NumpyBackend):
        def hold(self, source):
            return Broken()

    with pytest.raises(FitInterrupted, match="nothing was found yet"):
        GaussianMixture(2, backend=Interrupted()).fit(faithful)


def test_warm_start_of_another_model_is_refused(faithful):
    gm = GaussianMixture(2, random_state=0, warm_start=True).fit(faithful)
    for change in ({"n_components": 3}, {"covariance_type": "diag"}):
        other = copy.deepcopy(gm).set_params(**change)
        with pytest.raises(BadInputError, match="warm_start must be False for"):
            other.fit(faithful)
    with pytest.raises(BadInputError, match="warm_start"):
        gm.fit(faithful[:, :1])
    moved = np.array([[2.0, 50.0], [4.0, 85.0]])
    gm.set_params(means_init=moved, fixed="means").fit(faithful)
    np.testing.assert_array_equal(gm.means_, moved)


def test_a_row_of_weight_zero_counts_for_nothing_in_a_score(faithful):
    gm = GaussianMixture(2, random_state=0).fit(faithful)
    X = np.r_[faithful, [[1e200, 0.0]]]
    weights = np.r_[np.ones(len(faithful)), 0.0]
    assert gm.score(X, sample_weight=weights) == pytest.approx(gm.score(faithful))
    assert gm.bic(X, sample_weight=weights) == pytest.approx(gm.bic(faithful))


def test_the_report_uses_the_sum_of_the_weights(faithful):
    gm = GaussianMixture(2, random_state=0).fit(faithful, sample_weight=np.full(272, 3.0))
    assert gm.fit_report_.bic == pytest.approx(gm.bic(np.repeat(faithful, 3, axis=0)), rel=1e-9)
    assert "BIC, AIC" in str(gm.fit_report_)
    assert len(str(gm.fit_report_).splitlines()) >= 7


def test_verbose_prints(faithful, capsys):
    GaussianMixture(2, random_state=0, n_init=2, verbose=2, verbose_interval=1).fit(faithful)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Start 1"
    assert "Start 2" in lines
    assert any("Iteration 1: log-likelihood -11" in line for line in lines)
    assert lines[-1].startswith("Converged after ")
    assert "log-likelihood -1130.26396" in lines[-1]


def test_warm_start_goes_on(faithful):
    once = GaussianMixture(3, random_state=0, n_init=1, stopping="log_likelihood").fit(faithful)
    steps = GaussianMixture(
        3, random_state=0, n_init=1, stopping="log_likelihood", warm_start=True, max_iter=10
    )
    with pytest.warns(ConvergenceWarning):
        steps.fit(faithful)
    for _ in range(100):
        if steps.converged_:
            break
        steps.set_params(max_iter=500).fit(faithful)
    np.testing.assert_allclose(steps.means_, once.means_, rtol=1e-3)


def test_in_scikit_learns_company(faithful):
    scores = cross_val_score(GaussianMixture(2, random_state=0), faithful, cv=3)
    assert np.isfinite(scores).all()
    search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2]}, cv=3)
    search.fit(faithful)
    assert search.best_params_["n_components"] == 2
    pipeline = make_pipeline(StandardScaler(), GaussianMixture(2, random_state=0))
    assert set(pipeline.fit_predict(faithful)) == {0, 1}


def test_a_mixture_put_together_by_hand():
    """As scikit-learn's users do: set the attributes, then sample and predict."""
    gm = GaussianMixture(2, covariance_type="diag", random_state=0)
    gm.weights_ = np.array([0.25, 0.75])
    gm.means_ = np.array([[0.0, 0.0], [10.0, 10.0]])
    gm.covariances_ = np.ones((2, 2))
    gm.precisions_cholesky_ = np.ones((2, 2))
    X, y = gm.sample(1000)
    assert (gm.predict(X) == y).all()
    assert y.mean() == pytest.approx(0.75, abs=0.05)


def test_samples_in_order_or_not(faithful):
    gm = GaussianMixture(2, random_state=0).fit(faithful)
    X, y = gm.sample(500)
    assert (np.diff(y) >= 0).all()
    X, y = gm.sample(500, sort=False)
    assert (np.diff(y) < 0).any()
    assert (gm.predict(X) == y).mean() > 0.98


@pytest.mark.parametrize("start", ["labels", "responsibilities"])
def test_a_start_from_labels_or_responsibilities(start, faithful):
    labels = (faithful[:, 0] > 3).astype(int)
    resp = labels if start == "labels" else np.eye(2)[labels]
    gm = GaussianMixture(2, resp_init=resp, max_iter=0).fit(faithful)
    for k in range(2):
        own = faithful[labels == k]
        np.testing.assert_allclose(gm.means_[k], own.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(gm.covariances_[k], np.cov(own.T, bias=True), rtol=1e-10)
        assert gm.weights_[k] == pytest.approx((labels == k).mean())
    assert gm.n_iter_ == 0


def test_a_start_from_the_sample_variance(faithful):
    gm = GaussianMixture(3, init_params="sample_variance", random_state=0, max_iter=0, n_init=1)
    gm.fit(faithful)
    np.testing.assert_allclose(gm.weights_, 1 / 3)
    for k in range(3):
        assert (np.abs(faithful - gm.means_[k]) < 1e-9).all(axis=1).any()
        np.testing.assert_allclose(gm.covariances_[k], np.cov(faithful.T, bias=True), rtol=1e-9)


def test_a_sample_is_not_sampled_again():
    """Where the parameters are so many that the sample is itself large."""
    X = np.random.default_rng(0).normal(size=(30_000, 8))
    gm = GaussianMixture(18, random_state=0, max_iter=3)
    with pytest.warns(ConvergenceWarning):
        gm.fit(X)
    assert gm.fit_report_.n_samples == 30_000
    assert 20_000 < gm.fit_report_.optima_samples < 30_000
