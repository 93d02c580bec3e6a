"""Fixtures and settings shared by all tests."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # read when SciPy is imported

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.errors import UnsatisfiedAssumption

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


# ------------------------------------------------------------ property tests, counted


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Count the examples of a property test, and fail it where most of them were refused."""
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    if handle is None:
        return (yield)
    body, examples = handle.inner_test, Counter(ran=0, refused=0)

    @functools.wraps(body)
    def counted(*args: object, **kwargs: object) -> object:
        try:
            result = body(*args, **kwargs)
        except UnsatisfiedAssumption:
            examples["refused"] += 1
            raise
        examples["ran"] += 1
        return result

    handle.inner_test = counted
    try:
        result = yield
    finally:
        handle.inner_test = body
        item.user_properties.append(("examples", dict(examples)))
    if examples["refused"] > examples["ran"]:
        pytest.fail(f"most examples were refused: {dict(examples)}", pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many examples ran their course."""
    reports = [one for several in terminalreporter.stats.values() for one in several]
    counts = [
        value
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "examples"
    ]
    if counts:
        ran, refused = (sum(count[name] for count in counts) for name in ("ran", "refused"))
        terminalreporter.write_line(
            f"{len(counts)} property tests: {ran:,} examples ran their course, "
            f"{refused:,} ({refused / max(1, ran + refused):.1%}) refused"
        )
