"""Fixtures and settings shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # read when SciPy is imported

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "bactrian", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("bactrian")

SAMPLES = Path(__file__).parents[1] / "src" / "bactrian" / "data" / "samples"


@pytest.fixture(scope="session")
def faithful() -> np.ndarray:
    """Old Faithful: 272 eruptions, duration and waiting time in minutes."""
    return np.loadtxt(SAMPLES / "old_faithful.csv", delimiter=",", skiprows=1)


@pytest.fixture(params=["float64", "float32"])
def global_dtype(request: pytest.FixtureRequest) -> np.dtype:
    """Name of scikit-learn's fixture, for its own tests."""
    return np.dtype(request.param)


@pytest.fixture
def global_random_seed() -> int:
    """Name of scikit-learn's fixture, for its own tests."""
    return 42
