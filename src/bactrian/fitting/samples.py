"""The schedule of samples: with many rows, starts are tried on some of them."""

from __future__ import annotations

from collections.abc import Iterator

from bactrian.fitting.dataset import DataSet
from bactrian.fitting.model import Model

MANY_ROWS = 20_000  # beyond which a sample of the rows is looked at first
LEAST_SAMPLE, LARGEST_SAMPLE = 10_000, 65_536
SAMPLE_PER_PARAMETER = 30
GROWTH = 8  # from one sample to the next
SAMPLED_STARTS = 10


def first_sample(data: DataSet, model: Model) -> int | None:
    """Number of rows in the sample on which the start is chosen; None if all are used.

    As many as it takes to tell the parameters. A sample is not sampled again.
    """
    n_components, n_features = model.n_components, data.n_features
    n_parameters = model.structure.n_parameters(n_components, n_features)
    wanted = SAMPLE_PER_PARAMETER * (n_parameters + n_components * (n_features + 1))
    size = min(max(wanted, LEAST_SAMPLE), LARGEST_SAMPLE)
    return size if data.sampled is None and data.n_samples > max(MANY_ROWS, size) else None


def larger_samples(first: int, data: DataSet) -> Iterator[int]:
    """Sizes of the samples between the first and all rows; the best start follows them."""
    rows, most = first, data.source.most_rows or data.n_samples
    while GROWTH**2 * rows < data.n_samples and GROWTH * rows <= most:
        rows *= GROWTH
        yield rows
