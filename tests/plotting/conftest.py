"""Figures are drawn without a display, and none is left open."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from bactrian import GaussianMixture

mpl.use("Agg")


@pytest.fixture(autouse=True)
def clean():
    """No figure of pyplot before and after, and the settings as they were."""
    from matplotlib import pyplot

    before = dict(mpl.rcParams)
    yield
    pyplot.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="session")
def blobs() -> np.ndarray:
    """Three groups in three features, the third without groups."""
    rng = np.random.default_rng(0)
    groups = [rng.normal(centre, 1.0, (60, 3)) for centre in ([0, 0, 0], [6, 1, 0], [2, 7, 0])]
    return np.concatenate(groups)


@pytest.fixture(scope="session")
def fitted(blobs) -> GaussianMixture:
    return GaussianMixture(3, random_state=0).fit(blobs)
