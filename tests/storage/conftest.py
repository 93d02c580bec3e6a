from __future__ import annotations

import json

import numpy as np
import pytest
from mixtures import SHARING, fitted, two_groups

from bactrian import GaussianMixture


@pytest.fixture(name="X", scope="session")
def rows() -> np.ndarray:
    return two_groups()


@pytest.fixture(scope="session", params=SHARING)
def estimator(request, X) -> GaussianMixture:
    return fitted(X, request.param)


@pytest.fixture
def document(X) -> dict:
    """A sound document, to be spoilt: without its checksum, as after an edit on purpose."""
    document = json.loads(fitted(X).to_model().to_json())
    del document["checksum"]
    return document
