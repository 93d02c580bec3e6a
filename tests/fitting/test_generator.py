"""One generator for each thread, and one that is made late: both draw what a new one would."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bactrian.machine.generator import Later, seeded


@pytest.mark.parametrize("seed", [0, 2**32 - 1, [3, 5]])
def test_it_draws_what_a_new_generator_draws(seed):
    seeded(7).random_sample(3)
    wanted = np.random.RandomState(seed).standard_normal(4)
    np.testing.assert_array_equal(seeded(seed).standard_normal(4), wanted)


def test_each_thread_has_its_own():
    here = seeded(1)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(seeded, 2).result() is not here
    assert here.random_sample() == np.random.RandomState(1).random_sample()


def test_a_late_one_goes_on_until_it_is_begun_anew():
    later, new = Later(), np.random.RandomState(0)
    assert [later.generator.random_sample() for _ in range(2)] == list(new.random_sample(2))
    later.begin(4)
    assert later.generator.random_sample() == np.random.RandomState(4).random_sample()
