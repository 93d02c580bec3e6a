"""A component on many equal rows is a finding; one that shrank onto a few is a collapse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture, select_mixture
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.spike import Spike
from bactrian.data.spikes import spikes_of
from bactrian.mixture import Scaling
from bactrian.storage.ending import objections_of


def zeros_and_hump(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.r_[np.zeros(400), rng.normal(3, 1, 600)][:, None]


def spikes_in(X: np.ndarray, weights: np.ndarray | None = None) -> tuple[Spike, ...]:
    return spikes_of(Chunk(X, weights))


def column(*parts: tuple[float, int], continuous: int = 0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = [np.full(count, value) for value, count in parts]
    return np.concatenate([*values, rng.normal(size=continuous)])[:, None]


class TestSpikes:
    def test_zeros_among_continuous_values(self):
        (spike,) = spikes_in(zeros_and_hump())
        assert (spike.column, spike.value, spike.share) == (0, 0.0, 0.4)

    def test_of_several_columns(self):
        X = np.c_[zeros_and_hump(), zeros_and_hump(1)[::-1] + 7]
        assert [(spike.column, spike.value) for spike in spikes_in(X)] == [(0, 0.0), (1, 7.0)]

    @given(st.integers(2, 12), st.integers(30, 400), st.integers(0, 99))
    def test_rounding_makes_none(self, grains, n_rows, seed):
        """Deviations of some grains: neighbours are as frequent."""
        rows = np.random.default_rng(seed).normal(scale=grains, size=(n_rows, 1)).round()
        assert spikes_in(rows) == ()

    def test_iris_has_none(self):
        assert spikes_in(load_iris().data) == ()

    @pytest.mark.parametrize("counts", [(300, 700), (50, 50, 50), (400, 300, 200, 100)])
    def test_a_code_has_none(self, counts):
        assert spikes_in(column(*((float(v), n) for v, n in enumerate(counts)))) == ()

    def test_a_constant_has_none(self):
        assert spikes_in(np.ones((50, 1))) == ()

    def test_few_rows_are_none(self):
        assert spikes_in(column((0.3, 9), continuous=50)) == ()
        assert spikes_in(column((0.3, 10), continuous=2000)) == ()

    def test_weights_count_rows(self):
        values, counts = np.unique(zeros_and_hump(), return_counts=True)
        assert spikes_in(values[:, None], counts.astype(float)) == spikes_in(zeros_and_hump())

    def test_missing_values_are_none(self):
        rows = np.r_[np.full((50, 1), np.nan), column((2.0, 20), continuous=80)]
        (spike,) = spikes_in(rows)
        assert (spike.value, spike.share) == (2.0, 0.2)


@pytest.fixture(scope="module")
def three():
    rng = np.random.default_rng(0)
    parts = np.full(60, 4.5), rng.normal(1.2, 0.3, 1200), rng.normal(3, 0.35, 700)
    return GaussianMixture(3, random_state=0).fit(np.concatenate(parts)[:, None])


class TestComponents:
    def test_the_spike_is_found_with_its_weight(self, three):
        order = three.means_[:, 0].argsort()
        assert np.allclose(three.means_[order, 0], [1.2, 3, 4.5], atol=0.03)
        assert np.allclose(three.weights_[order], [0.6122, 0.3571, 0.0306], atol=2e-3)

    def test_it_is_no_collapse(self, three):
        report = three.fit_report_
        assert three.converged_
        (found,) = report.objections
        assert (found.kind, found.columns, found.values) == ("spike", ("0",), (4.5,))
        assert "is the value 4.5 of column 0: 60 of 1960 rows" in report.warnings[0]
        (one,) = report.certificate.on_spikes
        assert one.component == int(three.means_[:, 0].argmax())
        assert one.rows == pytest.approx(60, abs=1e-3)
        assert [(spike.column, spike.value) for spike in one.spikes] == [(0, 4.5)]

    def test_a_model_keeps_the_finding(self, three):
        again = GaussianMixture.from_mixture(three.to_model()).fit_report_
        assert again.objections == three.fit_report_.objections

    def test_a_search_does_not_split_the_hump(self):
        found = select_mixture(zeros_and_hump(), range(1, 5), ["full"], random_state=0)
        assert found.best.n_components == 2
        assert not any(candidate.collapsed for candidate in found.candidates)

    def test_a_face(self):
        """Zeros in one column only: a volume along the other."""
        rng = np.random.default_rng(3)
        X = np.r_[
            np.c_[np.zeros(200), rng.normal(5, 1, 200)], rng.normal((4, 0), (1, 2), (300, 2))
        ]
        mixture = GaussianMixture(2, random_state=0).fit(X)
        (one,) = mixture.fit_report_.certificate.on_spikes
        assert [(spike.column, spike.value) for spike in one.spikes] == [(0, 0.0)]
        assert mixture.weights_[one.component] == pytest.approx(0.4, abs=1e-6)
        assert mixture.covariances_[one.component, 1, 1] == pytest.approx(X[:200, 1].var())

    def test_a_point_of_two_columns(self):
        rng = np.random.default_rng(4)
        X = np.r_[np.tile([0.0, -1.0], (80, 1)), rng.normal((3, 3), 1, (200, 2))]
        mixture = GaussianMixture(2, random_state=0).fit(X)
        (one,) = mixture.fit_report_.certificate.on_spikes
        assert [spike.column for spike in one.spikes] == [0, 1]

    @pytest.mark.parametrize("equal", [2, 3])
    def test_a_component_on_few_equal_rows_has_collapsed(self, equal):
        rng = np.random.default_rng(5)
        X = np.r_[np.full(equal, 9.0), rng.normal(size=100)][:, None]
        start = np.array([[9.0], [0.0]])
        with pytest.warns(ConvergenceWarning, match="collapse"):
            mixture = GaussianMixture(2, means_init=start, random_state=0).fit(X)
        report = mixture.fit_report_.certificate
        assert [one.component for one in report.collapses] == [0]
        assert report.on_spikes == ()

    @settings(max_examples=15)
    @given(st.floats(-1e3, 1e3), st.sampled_from([1e-3, 1.0, 1e6]), st.integers(0, 9))
    def test_place_and_unit_do_not_matter(self, place, unit, seed):
        X = place + unit * zeros_and_hump(seed)
        certificate = GaussianMixture(2, random_state=0).fit(X).fit_report_.certificate
        assert certificate.collapses == ()
        assert [one.spikes[0].value for one in certificate.on_spikes] == [place]

    def test_with_weights(self):
        X = zeros_and_hump()
        values, counts = np.unique(X[:, 0], return_counts=True)
        both = GaussianMixture(2, random_state=0)
        weighted = both.fit(values[:, None], sample_weight=counts).fit_report_.certificate
        assert weighted.collapses == ()
        assert weighted.on_spikes[0].rows == pytest.approx(400)

    def test_a_model_of_scaled_data_names_values_of_the_data(self):
        X = 30 + 7 * zeros_and_hump()
        scaling = Scaling.of(X)
        model = GaussianMixture(2, random_state=0).fit(scaling.scaled(X)).to_model(scaling)
        (found,) = objections_of(model.training)
        assert found.values == pytest.approx((30.0,), rel=1e-12)
        assert "is the value 30 of column 0: 400 of 1000 rows" in model.training["warnings"][0]
