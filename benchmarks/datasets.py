"""Data sets on which the defaults are chosen and speed is measured: real and simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn import datasets

FAITHFUL = Path(__file__).parents[1] / "src" / "bactrian" / "data" / "samples" / "old_faithful.csv"


@dataclass(frozen=True)
class Case:
    """A data set and the mixture to fit to it.

    Parameters
    ----------
    name : str
    n_components : int
    covariance_type : str
    load : callable
        Gives the rows, (n_samples, n_features).
    """

    name: str
    n_components: int
    covariance_type: str
    load: Callable[[], np.ndarray]


def faithful() -> np.ndarray:
    return np.loadtxt(FAITHFUL, delimiter=",", skiprows=1)


def simulated(
    n_samples: int, n_features: int, n_components: int, separation: float, seed: int
) -> np.ndarray:
    """Mixture with random weights, shapes and orientations.

    `separation` is the standard deviation of the means in units of that of the components:
    about 1 is heavy overlap, 2 moderate, 5 little.
    """
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n_components, 5.0))
    labels = rng.choice(n_components, size=n_samples, p=weights)
    means = rng.standard_normal((n_components, n_features)) * separation
    X = np.empty((n_samples, n_features))
    for k in range(n_components):
        own = labels == k
        rotation, _ = np.linalg.qr(rng.standard_normal((n_features, n_features)))
        deviations = np.exp(rng.uniform(-0.7, 0.7, n_features))
        z = rng.standard_normal((int(own.sum()), n_features)) * deviations
        X[own] = means[k] + z @ rotation
    return X


def incomes() -> np.ndarray:
    """Income and a distance that grows with it: skewed, so that a mixture only approximates."""
    rng = np.random.default_rng(7)
    income = rng.lognormal(1.2, 0.5, 5000)
    distance = rng.gamma(2.0, 3.0, 5000) + 0.5 * income
    return np.column_stack([income, distance])


def sensors() -> np.ndarray:
    """Temperature and pressure at three operating points."""
    rng = np.random.default_rng(3)
    points = np.array([[75.5, 150.2], [78.0, 148.0], [72.0, 155.0]])
    labels = rng.choice(3, size=2000, p=[0.40, 0.35, 0.25])
    return points[labels] + rng.standard_normal((2000, 2)) @ np.array([[0.8, 0.3], [0.0, 0.6]])


def two_normals() -> np.ndarray:
    """600 from N(-1, 0.8) and 200 from N(2, 1)."""
    rng = np.random.default_rng(5)
    return np.concatenate([rng.normal(-1, 0.8, 600), rng.normal(2, 1, 200)])[:, None]


def cases() -> list[Case]:
    """All cases, small ones first."""
    structures = ("full", "tied", "diag", "spherical")
    found = [Case("faithful", 3, covariance_type, faithful) for covariance_type in structures]
    found.append(Case("faithful", 2, "full", faithful))
    found.append(Case("iris", 3, "full", lambda: datasets.load_iris().data))
    found.append(Case("iris", 3, "tied", lambda: datasets.load_iris().data))
    found.append(Case("iris sepal", 3, "full", lambda: datasets.load_iris().data[:, :2]))
    found.append(Case("wine", 3, "diag", lambda: datasets.load_wine().data))
    found.append(Case("wine", 3, "tied", lambda: datasets.load_wine().data))
    found.append(Case("wine first 5", 3, "full", lambda: datasets.load_wine().data[:, :5]))
    found.append(Case("breast cancer", 2, "diag", lambda: datasets.load_breast_cancer().data))
    found.append(
        Case("breast cancer 6", 3, "full", lambda: datasets.load_breast_cancer().data[:, :6])
    )
    found.append(Case("diabetes", 4, "diag", lambda: datasets.load_diabetes().data))
    found.append(
        Case("digits 10", 10, "tied", lambda: _principal(datasets.load_digits().data, 10))
    )
    found.append(
        Case("digits 10", 10, "full", lambda: _principal(datasets.load_digits().data, 10))
    )
    found.append(Case("two normals", 2, "full", two_normals))
    found.append(Case("sensors", 3, "full", sensors))
    found.append(Case("incomes", 4, "full", incomes))
    for separation, word in ((1.0, "heavy"), (2.0, "moderate"), (5.0, "little")):
        for n, d, k in ((1000, 2, 4), (3000, 5, 6), (5000, 10, 8)):
            found.append(
                Case(
                    f"{word} overlap {n}x{d}",
                    k,
                    "full",
                    lambda n=n, d=d, k=k, separation=separation: simulated(n, d, k, separation, k),
                )
            )
    found.append(
        Case("moderate overlap 20000x4", 10, "full", lambda: simulated(20000, 4, 10, 2, 1))
    )
    found.append(Case("little overlap 20000x8", 12, "diag", lambda: simulated(20000, 8, 12, 5, 2)))
    found.append(
        Case(
            "blobs 50000x2",
            5,
            "full",
            lambda: datasets.make_blobs(50000, centers=5, random_state=0)[0],
        )
    )
    return found


def _principal(X: np.ndarray, size: int) -> np.ndarray:
    """Scores on the first principal components."""
    centred = X - X.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:size].T
