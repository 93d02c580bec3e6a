"""What is made of draws: losses between partitions, the nearest partition, R-hat, sizes."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.bayes.draws.diagnostics import (
    bulk_size,
    effective_size,
    mean_error,
    r_hat,
    share_error,
    tail_size,
)
from bactrian.bayes.draws.losses import Loss
from bactrian.bayes.draws.partitions import co_assignment, point_partition
from bactrian.bayes.draws.relabelling import matches
from bactrian.bayes.sampling.chain import by_first_row
from bactrian.bayes.sampling.evidence import log_permanent
from bayes_oracles import partitions


def some_partitions(n_draws, n, seed):
    """Noisy copies of two groups, in the order of first rows."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_draws):
        labels = np.arange(n) * 2 // n
        labels = np.where(rng.random(n) < 0.2, rng.integers(0, 4, n), labels)
        drawn.append(by_first_row(np.unique(labels, return_inverse=True)[1], len(set(labels)))[1])
    return np.array(drawn)


def binder(a, b):
    """Share of the ordered pairs on which two partitions differ, pair by pair."""
    pairs = combinations(range(len(a)), 2)
    return 2 * sum((a[i] == a[j]) != (b[i] == b[j]) for i, j in pairs) / len(a) ** 2


def vi(a, b):
    """Variation of information in bits, ``H(a | b) + H(b | a)``, from joint shares."""
    joint = np.array([[np.mean((a == i) & (b == j)) for j in set(b)] for i in set(a)])
    held = joint[joint > 0]
    one, other = joint.sum(axis=1), joint.sum(axis=0)
    entropies = [-(shares * np.log2(shares)).sum() for shares in (one, other, held)]
    return float(2 * entropies[2] - entropies[0] - entropies[1])


@pytest.mark.parametrize(("name", "by_hand"), [("binder", binder), ("vi", vi)])
def test_the_point_partition_is_the_best_of_all(name, by_hand):
    for seed in range(3):
        draws = some_partitions(30, 7, seed)
        under = Loss(name, draws, np.ones(len(draws)))
        every = list(partitions(7))
        few = every[:15]
        expected = np.array([np.mean([by_hand(one, draw) for draw in draws]) for one in few])
        assert np.allclose([under.expected(one) for one in few], expected)
        assert np.allclose(under.expected_of_draws(), [under.expected(draw) for draw in draws])
        found = point_partition(draws, name)
        assert found.expected_loss == pytest.approx(under.expected(found.labels))
        assert found.expected_loss <= min(map(under.expected, every)) + 1e-12


def test_a_ball_holds_its_level_and_no_smaller_one_does():
    draws = some_partitions(200, 12, 1)
    found = point_partition(draws, "vi")
    ball = found.credible_ball(0.9)
    distances = np.array([vi(found.labels, draw) for draw in draws])
    assert np.mean(distances <= ball.radius + 1e-9) >= 0.9
    assert np.mean(distances < ball.radius - 1e-9) < 0.9
    inside = draws[distances <= ball.radius + 1e-9]
    widths = inside.max(axis=1) + 1
    assert ball.coarsest.max() + 1 == widths.min()
    assert ball.finest.max() + 1 == widths.max()
    assert vi(found.labels, ball.farthest) == pytest.approx(ball.radius)


def test_a_search_is_no_worse_than_draws_and_the_tree():
    from scipy.cluster.hierarchy import average, fcluster
    from scipy.spatial.distance import squareform

    draws = some_partitions(300, 60, 2)
    apart = 1 - co_assignment(draws)
    np.fill_diagonal(apart, 0)
    tree = average(squareform(apart, checks=False))
    for name in ("vi", "binder"):
        under = Loss(name, draws, np.ones(len(draws)))
        cuts = [under.expected(fcluster(tree, k, "maxclust") - 1) for k in range(1, 8)]
        best = min(*cuts, under.expected_of_draws().min())
        assert point_partition(draws, name).expected_loss <= best + 1e-12


def test_co_assignment_counts_pairs():
    draws = some_partitions(20, 6, 3)
    by_hand = np.mean(draws[:, :, None] == draws[:, None, :], axis=0)
    assert np.allclose(co_assignment(draws), by_hand)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_numbers_by_first_rows_leave_the_partition(labels):
    own = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    order, found = by_first_row(own, own.max() + 1)
    assert list(dict.fromkeys(found)) == list(range(own.max() + 1))
    assert (order[found] == own).all()


def test_matches_hold_most_rows():
    pivot = np.array([0, 0, 0, 1, 1, 2])
    assert matches(np.array([1, 1, 0, 0, 0, 0]), pivot).tolist() == [1, 0, -1]
    assert matches(np.array([2, 2, 2, 0, 0, 1]), pivot).tolist() == [2, 0, 1]


@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 10**6))
def test_a_permanent_is_the_sum_over_all_matches(m, more, seed):
    logs = np.random.default_rng(seed).normal(0, 30, size=(m + more, m))
    ways = [logs[list(rows), range(m)].sum() for rows in permutations(range(m + more), m)]
    assert log_permanent(logs) == pytest.approx(np.logaddexp.reduce(ways), rel=1e-12)


def chains(rho, n, seed, apart=0.0):
    rng = np.random.default_rng(seed)
    x = np.zeros((4, n))
    x[:, 0] = rng.normal(size=4)
    for i in range(1, n):
        x[:, i] = rho * x[:, i - 1] + rng.normal(size=4)
    x[1] += apart
    return x


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (
            (0.5, 200, 1),
            (1.003389553, 284.711059250, 485.785126615, 284.538237532),
        ),
        (
            (0.9, 201, 2),
            (1.098624151, 28.380771648, 149.622548598, 27.364596748),
        ),
        (
            (-0.5, 300, 3),
            (1.001024819, 3695.017495257, 1140.201635829, 3695.017495257),
        ),
        (
            (0.0, 50, 4, 2.0),
            (1.333702896, 11.179151459, 54.859355671, 10.251653802),
        ),
    ],
)
def test_diagnostics_equal_those_of_arviz(settings, wanted):
    """ArviZ 0.23.4: rhat, and ess with the methods bulk, tail and mean."""
    x = chains(*settings)
    found = [float(f(x)) for f in (r_hat, bulk_size, tail_size, effective_size)]
    assert np.allclose(found, wanted, rtol=1e-8)
    assert np.allclose(r_hat(np.stack([x, x], axis=-1)), wanted[0])


def test_a_size_is_that_of_an_autoregression():
    x = chains(0.8, 20_000, 0)
    assert effective_size(x) == pytest.approx(80_000 * 0.2 / 1.8, rel=0.1)
    assert mean_error(x) == pytest.approx(np.sqrt(1 / 0.36 / 8889), rel=0.1)


def test_draws_that_do_not_move():
    same = np.ones((2, 10))
    assert r_hat(same) == 1
    assert effective_size(same) == 20
    assert r_hat(same * [[1], [2]]) == np.inf
    assert np.isnan(r_hat(np.ones((2, 3))))
    assert 0 < share_error(same > 0) < 0.05
