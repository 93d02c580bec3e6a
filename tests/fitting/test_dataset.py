"""Rows that are checked and summarised once, for all mixtures that are fitted to them."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import BadInputError, GaussianMixture, bootstrap_lrt, select_mixture
from bactrian.backends import backend_for
from bactrian.core.covariance import STRUCTURES
from bactrian.data.source import ArraySource
from bactrian.estimators.asking import asked, data_set
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.machine import Machine
from bactrian.fitting.model import Model

SETTINGS = [
    {},
    {"covariance_type": "VEV"},
    {"covariance_type": "spherical", "init_params": "hierarchical"},
    {"covariance_type": "EVE", "random_state": 5},
    {"noise": True},
    {"family": "t", "random_state": 3},
    {"noise": True, "random_state": 9},
    {"prior": "default"},
    {"reg_covar": 1e-3},
    {"eigenvalue_ratio": 20.0},
    {"equal_weights": True},
]


def rows(missing=False):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((160, 3)) + 3 * rng.integers(0, 2, (160, 1))
    if missing:
        X[rng.uniform(size=X.shape) < 0.1] = np.nan
    weights = rng.uniform(0.5, 2.0, 160)
    weights[::9] = 0.0
    return X, weights


def assert_same_fit(a, b):
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()
    assert a.fit_report_.trace == b.fit_report_.trace
    assert a.fit_report_.warnings == b.fit_report_.warnings


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_after_another_they_are_what_each_is_alone(missing, weighted):
    X, weights = rows(missing)
    weights = weights if weighted else None
    _, data = data_set(GaussianMixture(), X, weights)
    for settings in SETTINGS:
        settings = {"random_state": 0, "max_iter": 200, "n_init": 2, **settings}
        together = GaussianMixture(2, **settings).fit_data(data)
        alone = GaussianMixture(2, **settings).fit(X, sample_weight=weights)
        assert_same_fit(together, alone)
        assert together.n_features_in_ == 3


def test_groups_that_are_remembered_change_nothing(faithful):
    """Components die here, and are revived by what is drawn after the groups."""
    _, data = data_set(GaussianMixture(), faithful[:60], None)
    settings = {"covariance_type": "VEV", "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        first, second = (GaussianMixture(7, **settings).fit_data(data) for _ in range(2))
    assert_same_fit(first, second)
    assert first.fit_report_.optima == second.fit_report_.optima


def test_rows_are_looked_at_once(monkeypatch):
    from bactrian.fitting import dataset

    calls, summarise = [], dataset.summarise
    monkeypatch.setattr(
        dataset, "summarise", lambda *a, **k: calls.append(a) or summarise(*a, **k)
    )
    held, native = [], backend_for("auto")

    class Counting:
        def hold(self, source):
            held.append(source)
            return native.hold(source)

    X, _ = rows()
    found = select_mixture(
        X, range(1, 4), ["VVV", "EVE", "EII"], random_state=0, backend=Counting()
    )
    assert len(found.candidates) == 9
    assert len(calls) == 1
    models = sum(row.same_as is None for row in found.candidates)
    assert sum(len(source.X) == len(X) for source in held) == 1 + models  # and each criterion


def test_what_was_found_out_is_not_sent_along():
    X, weights = rows()
    _, data = data_set(GaussianMixture(), X, weights)
    before = len(pickle.dumps(data))
    fitted = GaussianMixture(2, random_state=0).fit_data(data)
    assert len(pickle.dumps(data)) < before + 500  # and not a second time the rows
    again = GaussianMixture(2, random_state=0).fit_data(pickle.loads(pickle.dumps(data)))
    assert_same_fit(again, fitted)


def test_names_come_along():
    pd = pytest.importorskip("pandas")
    X, _ = rows()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    _, data = data_set(GaussianMixture(), frame, None)
    gm = GaussianMixture(2, random_state=0).fit_data(data)
    assert list(gm.feature_names_in_) == ["a", "b", "c"]
    frame["b"] = 1.0
    with pytest.raises(BadInputError, match="constant column 'b'"):
        GaussianMixture(2, reg_covar=0).fit_data(data_set(GaussianMixture(), frame, None)[1])


def test_an_estimation_needs_no_estimator():
    X, _ = rows()
    data = DataSet.of(ArraySource(X), Machine(backend_for("numpy")), feature_names="abc")
    estimation = Estimation(data, Model(2, STRUCTURES["full"]))
    estimation.check()
    fit = estimation.run(np.random.RandomState(0))
    gm = GaussianMixture(2, random_state=0, backend="numpy").fit(X)
    assert fit.best.state.log_likelihood == gm.log_likelihood_
    end = estimation.end(fit)
    again = estimation.run(np.random.RandomState(1), start=end)
    assert again.best.state.iteration <= 3
    assert again.best.state.log_likelihood == pytest.approx(gm.log_likelihood_, abs=1e-6)


def test_a_missing_value_is_told_by_the_pass_that_summarises():
    X, _ = rows(missing=True)
    with pytest.raises(BadInputError, match="NaN in row"):
        GaussianMixture(2, missing="error").fit(X)
    X[3, 1] = np.inf
    with pytest.raises(BadInputError, match="infinity in row 3, column 1"):
        GaussianMixture(2).fit(X)
    with pytest.raises(BadInputError, match="tol must be"):  # what costs no pass comes first
        asked(GaussianMixture(2, tol=-1), X, None, None, reset=True)


def test_the_likelihood_ratio_of_incomplete_rows():
    X, _ = rows(missing=True)
    found = bootstrap_lrt(X, 1, "diag", n_resamples=3, random_state=0)
    assert found.statistic > 10
    assert found.alternative.fit_report_.missing is not None


@pytest.mark.parametrize("fitting", ["fit", "fit_predict", "fit_data"])
def test_a_fit_that_did_not_converge_is_told_where_it_was_asked_for(fitting):
    X, _ = rows()
    gm = GaussianMixture(3, max_iter=1, random_state=0)
    argument = data_set(GaussianMixture(), X, None)[1] if fitting == "fit_data" else X
    with pytest.warns(ConvergenceWarning) as told:
        getattr(gm, fitting)(argument)
    assert told[0].filename == __file__


def test_names_of_an_earlier_fit_are_forgotten():
    pd = pytest.importorskip("pandas")
    X, _ = rows()
    gm = GaussianMixture(2, random_state=0).fit(pd.DataFrame(X, columns=["a", "b", "c"]))
    gm.fit_data(data_set(GaussianMixture(), X, None)[1])
    assert not hasattr(gm, "feature_names_in_")


def test_incomplete_rows_are_refused_where_they_are_an_error():
    X, _ = rows(missing=True)
    _, data = data_set(GaussianMixture(), X, None)
    with pytest.raises(BadInputError, match="X must be complete, but got missing values in"):
        GaussianMixture(2, missing="error").fit_data(data)


def test_rows_of_no_weight_are_checked_and_counted():
    X, weights = rows()
    X[9, 1] = np.inf
    assert weights[9] == 0
    with pytest.raises(BadInputError, match="infinity in row 9, column 1"):
        GaussianMixture(2).fit(X, sample_weight=weights)
    X[9, 1], X[11, 2] = 0.0, np.inf
    with pytest.raises(BadInputError, match="infinity in row 11, column 2"):
        select_mixture(X, [1, 2], sample_weight=weights)
    X[11, 2], X[9, 1] = 0.0, np.nan
    with pytest.raises(BadInputError, match="NaN in row 9"):
        GaussianMixture(2, missing="error").fit(X, sample_weight=weights)


def test_a_summary_does_not_depend_on_the_threads_of_blas():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((70_000, 1)), rng.uniform(0.5, 2, 70_000)
    found = []
    for threads in (1, 2):
        with threadpoolctl.threadpool_limits(threads, user_api="blas"):
            found.append(data_set(GaussianMixture(), X, weights)[1].summary)
    for name in ("mean", "variance"):
        assert getattr(found[0], name).tobytes() == getattr(found[1], name).tobytes()
