"""Data sets on which the defaults are chosen and speed is measured: real and simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn import datasets

from simulated import simulated

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
    patient_starts : int
        Starts that scikit-learn is given where it is to be patient: ten, fewer where they take
        from many minutes to hours.
    """

    name: str
    n_components: int
    covariance_type: str
    load: Callable[[], np.ndarray]
    patient_starts: int = 10


def faithful() -> np.ndarray:
    return np.loadtxt(FAITHFUL, delimiter=",", skiprows=1)


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


def pixels(name: str) -> np.ndarray:
    """Colours of a photograph, the rounding of its 256 levels undone by a uniform dither."""
    image = datasets.load_sample_image(name)
    rng = np.random.default_rng(0)
    return image.reshape(-1, 3) + rng.uniform(size=(image.shape[0] * image.shape[1], 3))


def hubs(n_samples: int) -> np.ndarray:
    """Places visited: around lines and rings, so that a mixture only approximates."""
    rng = np.random.default_rng(23)
    angle = rng.uniform(0, 2 * np.pi, n_samples)
    kind = rng.integers(3, size=n_samples)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 + kind)[:, None]
    return ring + rng.standard_normal((n_samples, 2)) * 0.1


# name, rows, features, components, structure, separation, seed, patient starts of scikit-learn.
# The separations are such that the true mixture misassigns under 2 % of the rows (little overlap),
# 7 to 12 % (moderate), 25 to 50 % (heavy).
LARGE = (
    ("little overlap", 10_000, 50, 5, "full", 0.5, 19, 10),
    ("little overlap", 100_000, 20, 10, "full", 1.0, 18, 10),
    ("little overlap", 100_000, 10, 30, "diag", 2.0, 17, 3),
    ("little overlap", 100_000, 50, 5, "full", 0.5, 19, 5),
    ("little overlap", 1_000_000, 2, 3, "full", 3.0, 11, 5),
    ("moderate overlap", 100_000, 8, 8, "full", 1.0, 16, 10),
    ("moderate overlap", 100_000, 4, 10, "full", 2.0, 14, 5),
    ("moderate overlap", 200_000, 20, 10, "full", 0.5, 18, 1),
    ("moderate overlap", 1_000_000, 8, 8, "tied", 1.0, 16, 2),
    ("moderate overlap", 1_000_000, 8, 8, "full", 1.0, 16, 1),
    ("heavy overlap", 20_000, 5, 20, "full", 1.5, 15, 10),
    ("heavy overlap", 100_000, 2, 3, "full", 1.0, 11, 10),
    ("heavy overlap", 1_000_000, 2, 8, "full", 3.0, 13, 1),
)


def large_cases() -> list[Case]:
    """Data sets on which scikit-learn takes its time."""
    found = [
        Case(
            f"{word} {n}x{d}",
            k,
            structure,
            lambda n=n, d=d, k=k, s=separation, seed=seed: simulated(n, d, k, s, seed),
            starts,
        )
        for word, n, d, k, structure, separation, seed, starts in LARGE
    ]
    found.append(Case("rings 100000x2", 12, "full", lambda: hubs(100_000), 3))
    found.append(Case("pixels of china", 8, "full", lambda: pixels("china.jpg"), 2))
    found.append(Case("pixels of flower", 5, "full", lambda: pixels("flower.jpg"), 3))
    return sorted(found, key=lambda case: case.patient_starts, reverse=True)


def _principal(X: np.ndarray, size: int) -> np.ndarray:
    """Scores on the first principal components."""
    centred = X - X.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:size].T
