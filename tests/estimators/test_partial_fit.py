"""Learning from rows as they come."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from bactrian import BadInputError, GaussianMixture, Mixture, MixtureModel, ModelFileError
from bactrian.estimators.partial import milestone, of_mixture
from bactrian.fitting.stream import Schedule

WEIGHTS, MEANS = np.array([0.5, 0.3, 0.2]), np.array([[0.0, 0], [4, 0], [0, 4]])
N_PARAMETERS = 17


def draw(n: int, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return MEANS[rng.choice(3, size=n, p=WEIGHTS)] + rng.normal(size=(n, 2)) + shift


def learned(X, batch: int | list[int], **settings) -> GaussianMixture:
    model = GaussianMixture(3, random_state=0, **settings)
    cuts = np.arange(batch, len(X), batch) if isinstance(batch, int) else np.cumsum(batch)
    for piece in np.split(X, cuts):
        model.partial_fit(piece)
    return model


def log_density(X: np.ndarray) -> np.ndarray:
    parts = [w * multivariate_normal(m).pdf(X) for w, m in zip(WEIGHTS, MEANS, strict=True)]
    return np.log(np.sum(parts, axis=0))


def test_one_pass_is_enough() -> None:
    """The loss against the truth is that of a fit to all rows, p / (2 N), but for half of it."""
    X = draw(60_000, 1)
    fresh = draw(100_000, 2)
    loss = (log_density(fresh) - learned(X, 1000).score_samples(fresh)).mean()
    assert loss < 1.5 * N_PARAMETERS / (2 * len(X))


@pytest.mark.slow
@pytest.mark.parametrize("batch", [100, 1000, 7777])
@pytest.mark.parametrize("n", [100_000, 1_000_000])
def test_one_pass_of_many_rows_is_enough(n: int, batch: int) -> None:
    fresh = draw(1_000_000, 99)
    truth = log_density(fresh)
    losses = [
        (truth - learned(draw(n, seed), batch).score_samples(fresh)).mean() for seed in range(4)
    ]
    assert np.mean(losses) < 1.5 * N_PARAMETERS / (2 * n)


@pytest.mark.parametrize("batch", [1, 7, 500, [3, 0, 2999, 1, 1000]])
def test_where_the_rows_are_cut_does_not_matter(batch) -> None:
    X = draw(4200 if batch == 1 else 9000)
    if batch == 1:  # the first rows in one piece, for speed
        found = learned(X[:4000], 4000)
        for row in X[4000:]:
            found.partial_fit(row[None])
    else:
        found = learned(X, batch)
    whole = learned(X, len(X))
    np.testing.assert_array_equal(found.means_, whole.means_)
    np.testing.assert_array_equal(found.covariances_, whole.covariances_)
    assert found.n_samples_seen_ == whole.n_samples_seen_ == len(X)


@pytest.mark.parametrize("n", [40, 500, 3399, 3401, 4000])
def test_few_rows_are_known_at_once(n: int) -> None:
    """While rows are kept, the mixture is near that of a fit to them."""
    X = draw(n)
    found = learned(X, 7)
    fit = GaussianMixture(3, random_state=0).fit(X)
    assert found.score(X) == pytest.approx(fit.score(X), abs=0.25 if n < 100 else 0.02)


def test_rows_are_kept_until_there_are_enough() -> None:
    X = draw(200)
    model = GaussianMixture(3, random_state=0)
    for row in X[:3]:
        model.partial_fit(row[None])
        assert not hasattr(model, "means_")
    for row in X[3:60]:
        model.partial_fit(row[None])
    assert model.weights_.sum() == pytest.approx(1, abs=1e-12)
    assert model.n_samples_seen_ == 60


@pytest.mark.parametrize("half_life", [None, 300.0])
@pytest.mark.parametrize("n", [2000, 6000])
def test_weight_two_is_the_row_twice(half_life, n: int) -> None:
    X = draw(n)
    counts = np.random.default_rng(5).integers(0, 4, size=n)
    weighted = GaussianMixture(3, random_state=0, half_life=half_life)
    for part in np.array_split(np.arange(n), 9):
        weighted.partial_fit(X[part], sample_weight=counts[part])
    repeated = GaussianMixture(3, random_state=0, half_life=half_life)
    repeated.partial_fit(np.repeat(X, counts, axis=0))
    rows = draw(1000, 3)
    difference = weighted.score_samples(rows) - repeated.score_samples(rows)
    assert abs(difference.mean()) < 1e-6


@pytest.mark.parametrize("half_life", [3, 50.5, 1000.0])
@pytest.mark.parametrize("n", [60, 3000])
def test_one_component_forgets_as_pandas_does(half_life: float, n: int) -> None:
    X = draw(n) * [1, 1e-3] + [1e4, 0]
    model = GaussianMixture(1, half_life=half_life)
    for piece in np.array_split(X, 11):
        model.partial_fit(piece)
    window = pd.DataFrame(X).ewm(halflife=half_life, adjust=True)
    mean = window.mean().iloc[-1].to_numpy()
    covariance = window.cov(bias=True).loc[n - 1].to_numpy()
    np.testing.assert_allclose(model.means_[0], mean, rtol=1e-12)
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    # pandas sums raw products, which loses the digits of the offset
    np.testing.assert_allclose(model.covariances_[0] / scale, covariance / scale, atol=1e-9)


def test_the_effective_number_of_rows() -> None:
    model = learned(draw(20_000), 1000, half_life=100)
    decay = 0.5 ** (1 / 100)
    assert model.effective_samples_ == pytest.approx((1 + decay) / (1 - decay), rel=1e-3)
    assert learned(draw(20_000), 1000).effective_samples_ == pytest.approx(20_000, abs=500)


def test_it_follows_means_that_move_and_recovers_from_a_jump() -> None:
    """Means move by .05 deviations every 500 rows; then jump by 3."""
    model = GaussianMixture(3, random_state=0, half_life=500)
    behind = []
    for step in range(60):
        X = draw(500, 100 + step, 0.05 * step)
        if step > 10:
            behind.append((log_density(X - 0.05 * step) - model.score_samples(X)).mean())
        model.partial_fit(X)
    assert np.mean(behind) < 0.03
    X = draw(2000, 3, 3 + 0.05 * 59)
    after = []
    for step in range(6):
        model.partial_fit(draw(500, 200 + step, 3 + 0.05 * 59))
        after.append((log_density(X - 3 - 0.05 * 59) - model.score_samples(X)).mean())
    # After h half-lives the share 2^-h of the weight is still that of the rows before.
    assert after == sorted(after, reverse=True)
    assert after[2] < 0.3
    assert after[5] < 0.15


@pytest.mark.parametrize(
    "settings",
    [
        {"covariance_type": "tied"}, {"covariance_type": "diag"}, {"covariance_type": "spherical"},
        {"covariance_type": "VEV"}, {"covariance_type": "EVE"}, {"noise": True},
        {"family": "t"}, {"prior": "default"}, {"equal_weights": True}, {"reg_covar": 1e-3},
        {"backend": "numpy"},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_fit_can_be_a_stream_can_be(settings) -> None:
    X = draw(8000)
    found = learned(X, 900, **settings)
    fit = GaussianMixture(3, random_state=0, **settings).fit(X)
    rows = draw(5000, 4)
    assert found.score(rows) == pytest.approx(fit.score(rows), abs=0.01)


def test_missing_values_and_labels() -> None:
    X = draw(8000)
    X[::3, 0] = np.nan
    found = learned(X, 900)
    fit = GaussianMixture(3, random_state=0).fit(X)
    assert found.score(draw(5000, 4)) == pytest.approx(fit.score(draw(5000, 4)), abs=0.01)
    X, y = draw(8000), np.full(8000, -1)
    y[::2] = (X[::2, 0] > 2) + 2 * (X[::2, 1] > 2)
    y[y > 2] = -1
    model = GaussianMixture(3, random_state=0)
    for part in np.array_split(np.arange(8000), 7):
        model.partial_fit(X[part], y[part])
    np.testing.assert_allclose(model.means_, MEANS, atol=0.3)  # in the order of the labels


@pytest.mark.parametrize(
    "settings",
    [{}, {"covariance_type": "tied"}, {"covariance_type": "spherical"}, {"family": "t"},
     {"noise": True}, {"covariance_type": "VEV"}],
    ids=str,
)  # fmt: skip
def test_a_fit_is_gone_on_from(settings) -> None:
    X = draw(6000)
    fit = GaussianMixture(3, random_state=0, **settings).fit(X[:5000])
    before = fit.score(draw(5000, 4))
    fit.partial_fit(X[5000:5001])
    assert fit.score(draw(5000, 4)) == pytest.approx(before, abs=1e-3)
    fit.partial_fit(X[5001:])
    assert fit.n_samples_seen_ == 6000
    assert not hasattr(fit, "fit_report_")
    fit.fit(X)
    assert not hasattr(fit, "n_samples_seen_")


def test_several_passes_end_near_the_fit() -> None:
    X = draw(3000)
    fit = GaussianMixture(3, random_state=0).fit(X)
    model = GaussianMixture(3, random_state=0)
    for _ in range(30):
        model.partial_fit(X)
    assert fit.score(X) - model.score(X) < 5e-5


def test_a_pickle_goes_on_with_the_same_bits() -> None:
    X = draw(9000)
    model = learned(X[:5000], 700)
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(
        model.partial_fit(X[5000:]).means_, other.partial_fit(X[5000:]).means_
    )


def test_threads_make_no_difference() -> None:
    X = draw(20_000)
    one, two = (learned(X, 5000, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.covariances_, two.covariances_)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 3, 50, 4000]), min_size=1, max_size=6), st.booleans())
def test_it_is_always_a_density(sizes: list[int], forget: bool) -> None:
    model = GaussianMixture(2, random_state=0, half_life=20 if forget else None)
    rng = np.random.default_rng(len(sizes))
    model.partial_fit(rng.normal(size=(5, 2)))
    for number, size in enumerate(sizes):
        model.partial_fit(rng.normal(size=(size, 2)) * rng.choice([1e-3, 1, 10]) + number)
        assert model.weights_.sum() == pytest.approx(1, abs=1e-9)
        assert (np.linalg.eigvalsh(model.covariances_) > 0).all()


@given(st.integers(1, 100), st.integers(1, 40_000))
def test_milestones_do_not_depend_on_the_way(n: int, more: int) -> None:
    """A fit at some number of rows is made on exactly as many, wherever rows come to an end."""
    for rows in (n, n + more):
        last = milestone(rows, 4, 3400)
        assert last <= rows
        assert last == 0 or milestone(last, 4, 3400) == last
        assert last >= min(rows, 3400) / 1.6 or rows < 8, (rows, last)


def test_a_mixture_is_the_m_step_of_its_statistics() -> None:
    X = draw(500)
    for structure in ("full", "tied", "diag", "spherical", "VEE"):
        fit = GaussianMixture(3, covariance_type=structure, random_state=0).fit(X)
        parameters = fit.mixture_.parameters
        stats = of_mixture(parameters, 500.0)
        assert stats.weight == 500
        np.testing.assert_allclose(stats.means, parameters.means, atol=1e-12)
        again = parameters.structure.maximise(
            stats.second_about(parameters.means), stats.resp_sum, parameters.covariances, 2
        )
        np.testing.assert_allclose(again, parameters.covariances, rtol=1e-6)


def test_the_schedule_counts_a_heavy_row_as_many() -> None:
    schedule = Schedule(10, half_life=7.0)
    whole = schedule.weights(np.ones(6))
    halves = schedule.weights(np.array([2.0, 3.0, 1.0]))
    np.testing.assert_allclose(halves, [whole[:2].sum(), whole[2:5].sum(), whole[5]])
    assert whole[-1] == 1


# ---- what cannot be used leaves all as it was


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        ((draw(5)[:, :1],), "features"),
        ((np.full((3, 2), np.inf),), "X"),
        ((draw(5), None, [-1, 1, 1, 1, 1]), "sample_weight"),
        ((draw(5), None, [1, 1]), "sample_weight"),
        ((np.array([["a", "b"]]),), "X"),
    ],
)
def test_bad_batches_change_nothing(arguments, subject: str) -> None:
    model = learned(draw(4000), 1000)
    before = pickle.dumps(model.__dict__["means_"]), model.n_samples_seen_
    with pytest.raises(ValueError, match=subject):
        model.partial_fit(*arguments)
    assert (pickle.dumps(model.means_), model.n_samples_seen_) == before


@pytest.mark.parametrize("half_life", [0, -1, np.nan, np.inf, "long", True])
def test_a_half_life_is_a_number_of_rows(half_life) -> None:
    with pytest.raises(BadInputError, match="half_life"):
        GaussianMixture(2, half_life=half_life).partial_fit(draw(10))


def test_what_has_no_rows_behind_it_cannot_be_gone_on_from() -> None:
    mixture = Mixture(WEIGHTS, MEANS, np.array([np.eye(2)] * 3))
    with pytest.raises(BadInputError, match="how many rows"):
        GaussianMixture.from_mixture(mixture).partial_fit(draw(10))
    with pytest.raises(BadInputError, match="spikes"):
        GaussianMixture(2, spikes="auto").partial_fit(draw(10))


# ---- a model file


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"half_life": 300.0}, {"covariance_type": "tied"}, {"covariance_type": "diag"},
        {"covariance_type": "spherical"}, {"covariance_type": "VEV"}, {"covariance_type": "EEI"},
        {"noise": True}, {"family": "t"}, {"prior": "default"}, {"eigenvalue_ratio": 4.0},
        {"reg_covar": 1e-3}, {"equal_weights": True},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("n", [60, 500, 5001])
def test_a_model_file_goes_on_with_the_same_bits(tmp_path, settings, n: int) -> None:
    X = draw(9000)
    model = learned(X[:n], 700, **settings)
    model.save(tmp_path / "model.json")
    other = GaussianMixture.load(tmp_path / "model.json")
    known = ("n_samples_seen_", "effective_samples_", "lower_bound_", "converged_", "n_iter_")
    assert {a: getattr(model, a, None) for a in known} == {
        a: getattr(other, a, None) for a in known
    }
    for rows in (X[n : n + 3], X[n + 3 :]):
        model.partial_fit(rows)
        other.partial_fit(rows)
        np.testing.assert_array_equal(model.weights_, other.weights_)
        np.testing.assert_array_equal(model.means_, other.means_)
        np.testing.assert_array_equal(model.covariances_, other.covariances_)
    assert model.effective_samples_ == other.effective_samples_
    assert model.to_model().to_json() == other.to_model().to_json()


@pytest.mark.parametrize("n", [100, 5001])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_file_keeps_holes_weights_labels_and_float32(tmp_path, n: int, dtype) -> None:
    X, y = draw(8000).astype(dtype), np.full(8000, -1)
    y[::2] = (X[::2, 0] > 2) + 2 * (X[::2, 1] > 2)
    y[y > 2] = -1
    X[::5, 0] = np.nan
    w = np.random.default_rng(2).uniform(0.5, 2, size=8000)
    model = GaussianMixture(3, random_state=0).partial_fit(X[:n], y[:n], w[:n])
    model.save(tmp_path / "model.json")
    other = GaussianMixture.load(tmp_path / "model.json")
    for found in (model, other):
        found.partial_fit(X[n:], y[n:], w[n:])
    assert model.means_.dtype == other.means_.dtype == dtype
    np.testing.assert_array_equal(model.means_, other.means_)
    np.testing.assert_array_equal(model.covariances_, other.covariances_)


def _without(path: str):
    def change(stream) -> None:
        *way, last = path.split(".")
        for name in way:
            stream = stream[name]
        stream[last] = stream[last][1:]

    return change


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (_without("steps.recent.second"), "second"),
        (_without("steps.average.resp_sum"), "resp_sum"),
        (_without("current.means"), "means"),
        (_without("rows.X"), "rows.X"),
        (_without("maximise.floor"), "floor"),
        (lambda s: s.update(steps=3), "steps"),
        (lambda s: s.update(current=None), "steps"),
        (lambda s: s["maximise"].update(fixed=["all"]), "fixed"),
        (lambda s: s["rows"].update(sample_weight=[-1.0] * len(s["rows"]["sample_weight"])),
         "sample_weight"),
        (lambda s: s["current"].update(dof=[3.0]), "dof"),
        (lambda s: s["current"].update(covariances=[0.0] * 12, precisions_cholesky=[]),
         "precisions_cholesky"),
        (lambda s: s["steps"].update(weight=0), "weight"),
        (lambda s: s.pop("rows"), "rows"),
        (lambda s: s["rows"].update(X=["a"]), "rows.X"),
    ],
)  # fmt: skip
def test_a_state_that_does_not_go_with_its_mixture_is_refused(change, subject: str) -> None:
    model = learned(draw(5001), 700).to_model()
    training = json.loads(json.dumps(dict(model.training)))
    change(training["stream"])
    changed = MixtureModel(model.parameters, training=training)
    with pytest.raises(ModelFileError, match=subject):
        GaussianMixture.from_mixture(changed)
