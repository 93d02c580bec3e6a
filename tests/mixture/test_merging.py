"""From components to clusters: R's numbers, and what merging is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian import BadInputError, GaussianMixture, Mixture
from bactrian.mixture.merging import elbow, entropy_of, merged_responsibilities

FAITHFUL = np.loadtxt("src/bactrian/data/samples/old_faithful.csv", delimiter=",", skiprows=1)
# Mclust(faithful, 3, modelNames = "EEE") and (faithful, 4, modelNames = "VVV") of mclust 6.0.0
EEE = Mixture(
    [0.165678399056, 0.356369626513, 0.477951974431],
    [[3.79306552923, 77.52105133235], [2.03759631461, 54.49115760082],
     [4.46324471984, 80.83343877632]],
    [[0.0782544809913, 0.4801978534672], [0.4801978534672, 33.767146396097]],
    "tied",
)  # fmt: skip
VVV = Mixture(
    [0.0940805684537, 0.1310281494082, 0.5494054143431, 0.2254858677950],
    [[4.11526073415, 87.09757652512], [1.83822945912, 52.09476020327],
     [4.3210987968, 78.7655821113], [2.15411344708, 55.89153829104]],
    [[[0.185930314245, 1.34915303922], [1.349153039219, 17.47815478350]],
     [[0.00428796871606, -0.082751904536], [-0.08275190453596, 23.570907864407]],
     [[0.159109231581, 1.09751028031], [1.097510280314, 28.81819309572]],
     [[0.0723522277861, 0.319953440879], [0.3199534408793, 34.488942193791]]],
)  # fmt: skip


@pytest.mark.parametrize(
    ("criterion", "values"),
    [  # mergenormals(..., cutoff = 0)$valuemerged of fpc 2.2-10, with predict(m)$z for m$z
        ("bhattacharyya", [0.48673699501890, 0.00294107092193]),
        ("demp", [0.246841191980441, 0.000565236728615]),
    ],
)
def test_fpc_merges_the_same(criterion, values):
    found = EEE.merging(FAITHFUL, criterion)
    np.testing.assert_allclose([merge.value for merge in found.merges], values, rtol=1e-6)
    assert found.advised == 2
    assert found.groups() == ((0, 2), (1,))


def test_clust_combi_merges_the_same():
    """clustCombi() of mclust, and the entropies of its steps for predict(m)$z."""
    found = VVV.merging(FAITHFUL)
    assert found.groups(3) == ((0, 2), (1,), (3,))
    assert found.groups(2) == ((0, 2), (1, 3))
    expected = [54.5172992659, 26.9563521774, 0.584295132058]
    np.testing.assert_allclose(found.entropies[:3], expected, rtol=1e-5)
    assert found.entropies[3] == pytest.approx(0, abs=1e-9)
    assert found.advised == 2


def test_two_clusters_of_two_components_each():
    rng = np.random.default_rng(0)
    bent = [np.column_stack([x, 3 * np.abs(x)]) for x in rng.uniform(-1.5, 1.5, (2, 400))]
    X = np.r_[bent[0], bent[1] + [9, 2]] + rng.normal(0, 0.25, (800, 2))
    fit = GaussianMixture(4, random_state=0).fit(X)
    for criterion in ("entropy", "demp", "bhattacharyya"):
        merging = fit.mixture_.merging(X, criterion)
        groups = merging.groups(2)
        labels = fit.mixture_.group_labels(X, groups)
        truth = np.repeat([0, 1], 400)
        assert max((labels == truth).mean(), (labels != truth).mean()) > 0.995, criterion


@given(
    st.integers(0, 10**6), st.integers(2, 6), st.sampled_from(["entropy", "demp", "bhattacharyya"])
)
@settings(max_examples=25, deadline=None)
def test_merging_is_a_tree_and_entropy_falls(seed, k, criterion):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(k, 2, 2))
    mixture = Mixture(
        rng.dirichlet(np.full(k, 2.0)),
        3 * rng.normal(size=(k, 2)),
        a @ a.transpose(0, 2, 1) + np.eye(2) * 0.1,
    )
    X = mixture.sample(200, seed)[0]
    found = mixture.merging(X, criterion)
    assert len(found.merges) == k - 1
    for count in range(1, k + 1):
        groups = found.groups(count)
        assert sorted(j for group in groups for j in group) == list(range(k))
        assert len(groups) == count
        resp = mixture.group_responsibilities(X, groups)
        np.testing.assert_allclose(resp.sum(axis=1), 1, atol=1e-12)
        assert entropy_of(resp, np.ones(200)) == pytest.approx(
            found.entropies[k - count], abs=1e-9
        )
    assert (np.diff(found.entropies) <= 1e-9).all()
    twice = mixture.merging(np.r_[X, X], criterion)
    heavy = mixture.merging(X, criterion, np.full(200, 2.0))
    np.testing.assert_allclose(heavy.entropies, twice.entropies, atol=1e-8)
    assert heavy.groups(1) == twice.groups(1)


def test_noise_stays_by_itself():
    own = VVV.parameters
    noisy = Mixture(0.9 * own.weights, own.means, own.covariances, noise=[[0, 30], [7, 110]])
    rows = np.r_[FAITHFUL, [[6.9, 31.0]]]
    groups = noisy.merging(rows).groups(2)
    assert noisy.group_responsibilities(rows, groups).shape == (273, 3)
    assert noisy.group_labels(rows, groups)[-1] == -1


def test_the_elbow_is_where_a_line_of_two_pieces_breaks():
    assert elbow(np.array([0.0, 0.5, 20.0, 40.0, 60.0])) == 2
    assert elbow(np.array([0.0, 0.1, 0.2, 30.0])) == 3
    assert elbow(np.array([0.0, 5.0])) == 2
    assert elbow(np.array([0.0])) == 1


def test_few_rows_say_nothing_of_a_covariance():
    for rows in (FAITHFUL[:1], np.where([[True, False]], np.nan, FAITHFUL[:20])):
        found = VVV.merging(rows, "bhattacharyya")
        assert np.isfinite([merge.value for merge in found.merges]).all()
    assert VVV.merging(FAITHFUL, "bhattacharyya", np.zeros(272)).groups(1) == ((0, 1, 2, 3),)


def test_bad_input_is_named():
    with pytest.raises(BadInputError, match="criterion"):
        EEE.merging(FAITHFUL, "ward")
    with pytest.raises(BadInputError, match="sample_weight"):
        EEE.merging(FAITHFUL, sample_weight=np.ones(3))
    with pytest.raises(BadInputError, match="sample_weight"):
        EEE.merging(FAITHFUL, sample_weight=np.full(272, np.inf))
    with pytest.raises(BadInputError, match="groups"):
        EEE.group_labels(FAITHFUL, ((0, 1),))
    with pytest.raises(ValueError, match="n_groups"):
        EEE.merging(FAITHFUL).groups(9)
    assert merged_responsibilities(np.eye(3), ((0, 2), (1,))).tolist() == [[1, 0], [0, 1], [1, 0]]
