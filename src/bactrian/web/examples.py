"""Data with a story: the examples in the gallery of the page."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bactrian.web.schema import Example, ExampleData

if TYPE_CHECKING:
    import numpy as np

Rows = list[list[float | None]]


@dataclass(frozen=True)
class Entry:
    """An example of the gallery.

    Parameters
    ----------
    id, title, story : str
    columns : tuple of str
    n_rows : int
    make : callable
        Gives the rows.
    settings : dict
        Those that differ from the defaults.
    chosen : tuple of str
        Columns to fit; all if none are named.
    quick : bool
        Whether the rows can be given without NumPy.
    """

    id: str
    title: str
    story: str
    columns: tuple[str, ...]
    n_rows: int
    make: Callable[[], Rows]
    settings: dict[str, Any] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    quick: bool = False

    @property
    def told(self) -> Example:
        """What the list of examples says about it."""
        return Example(
            id=self.id,
            title=self.title,
            story=self.story,
            columns=list(self.columns),
            chosen=list(self.chosen or self.columns),
            n_rows=self.n_rows,
            settings=self.settings,
        )

    @property
    def data(self) -> ExampleData:
        """The example with its rows."""
        return ExampleData(**self.told.model_dump(), rows=self.make())


def _sample() -> Rows:
    return [[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2], [1.2, 0.9], [5.1, 5.0]]


def _customers() -> Rows:
    return [[150, 2], [30, 10], [160, 3], [25, 12], [140, 1], [35, 8]]


def _sensors() -> Rows:
    """Three operating points with shares 0.40, 0.35, 0.25, and readings that fit no point."""
    import numpy as np

    rng = np.random.default_rng(20)
    points = [(75.5, 150.2), (78.0, 148.0), (72.0, 155.0)]
    spreads = [
        [[0.36, -0.20], [-0.20, 0.49]],
        [[0.30, 0.12], [0.12, 0.36]],
        [[0.49, -0.35], [-0.35, 0.81]],
    ]
    parts = [
        rng.multivariate_normal(point, spread, size=count)
        for point, spread, count in zip(points, spreads, (156, 137, 97), strict=True)
    ]
    strange = rng.uniform((68.5, 143.5), (81.5, 159.5), size=(10, 2))
    return _shuffled(rng, np.concatenate([*parts, strange]), 2)


def _heights() -> Rows:
    import numpy as np

    rng = np.random.default_rng(7)
    heights = np.concatenate([rng.normal(164.0, 6.2, 180), rng.normal(178.0, 6.8, 140)])
    return _shuffled(rng, heights[:, None], 1)


def _iris() -> Rows:
    from sklearn.datasets import load_iris

    rows: Rows = load_iris().data.tolist()
    return rows


def _two_normals() -> Rows:
    """N(2, 1) 200 times and N(-1, 0.8) 600 times; the second number is the deviation."""
    import numpy as np

    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(2.0, 1.0, 200), rng.normal(-1.0, 0.8, 600)])
    return _shuffled(rng, values[:, None], 3)


def _faithful() -> Rows:
    text = files("bactrian.data").joinpath("samples/old_faithful.csv").read_text("utf-8")
    return [[float(cell) for cell in row] for row in list(csv.reader(text.splitlines()))[1:]]


def _elongated() -> Rows:
    """Two long groups side by side, and a small dense group inside a wide one."""
    import numpy as np

    rng = np.random.default_rng(11)
    long = [[6.0, 4.4], [4.4, 3.6]]
    parts = [
        rng.multivariate_normal((0.0, 0.0), long, size=200),
        rng.multivariate_normal((1.2, -2.2), long, size=200),
        rng.multivariate_normal((7.5, -3.0), [[1.6, 0.0], [0.0, 1.6]], size=150),
        rng.multivariate_normal((7.5, -3.0), [[0.03, 0.0], [0.0, 0.03]], size=100),
    ]
    return _shuffled(rng, np.concatenate(parts), 2)


def _shuffled(rng: np.random.Generator, X: np.ndarray[Any, Any], digits: int) -> Rows:
    """Rows in random order, as they would arrive, and rounded as people would write them."""
    rows: Rows = rng.permutation(X).round(digits).tolist()
    return rows


ENTRIES = (
    Entry(
        "sample",
        "Six points",
        "I typed in six points that look like two clusters, to see whether EM finds what I see.",
        ("X1", "X2"),
        6,
        _sample,
        {"n_components": 2, "init_params": "sample_variance"},
        quick=True,
    ),
    Entry(
        "customers",
        "Customer segments",
        "I run a shop, and want to know whether those who order often and those who order much "
        "are two kinds of customers.",
        ("average order value", "purchase frequency"),
        6,
        _customers,
        {"n_components": 2, "covariance_type": "tied", "standardize": True},
        quick=True,
    ),
    Entry(
        "sensors",
        "Sensor readings with anomalies",
        "My machine runs at three operating points, and I want to be told of readings of "
        "temperature and pressure that belong to none of them.",
        ("temperature", "pressure"),
        400,
        _sensors,
        {"n_components": 3},
    ),
    Entry(
        "heights",
        "Heights of two groups",
        "I measured 320 grown-ups and forgot to note who is a man and who is a woman: can the "
        "heights alone tell the two groups apart?",
        ("height",),
        320,
        _heights,
        {"n_components": 2, "init_params": "sample_variance"},
    ),
    Entry(
        "iris",
        "Iris flowers",
        "I measured 150 irises of three species, and ask how far the sepals alone give the "
        "species away.",
        ("sepal length", "sepal width", "petal length", "petal width"),
        150,
        _iris,
        {"n_components": 3},
        chosen=("sepal length", "sepal width"),
    ),
    Entry(
        "two-normals",
        "Two normals in one dimension",
        "I drew 200 numbers from one normal distribution and 600 from another, and want both "
        "back from the mixed lot.",
        ("x",),
        800,
        _two_normals,
        {"n_components": 2, "init_params": "sample_variance"},
    ),
    Entry(
        "faithful",
        "Old Faithful",
        "I wait for the geyser, and wonder why short and long eruptions seem to follow "
        "different clocks.",
        ("eruptions", "waiting"),
        272,
        _faithful,
        {"n_components": 2, "init_params": "sample_variance"},
    ),
    Entry(
        "elongated",
        "Where K-means fails",
        "My groups are long and side by side, or small and inside one another, and K-means cuts "
        "them in the wrong places.",
        ("x", "y"),
        650,
        _elongated,
        {"n_components": 4, "n_init": 10},
    ),
)
BY_ID = {entry.id: entry for entry in ENTRIES}
