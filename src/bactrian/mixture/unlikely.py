"""The least likely rows: those of lowest density, by their share or by a density."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.errors import BadInputError
from bactrian.remedies import LeaveOut

SHARE = 0.01  # if nothing is said


class Unlikely(NamedTuple):
    """Rows whose log-density is at most a threshold.

    Parameters
    ----------
    threshold : float
        In nats.
    rows : (n_samples,) of bool
    """

    threshold: float
    rows: BoolArray


def unlikely_of(
    log_density: FloatArray, share: float | None = None, below: float | None = None
) -> Unlikely:
    """Find the least likely rows, from their log-densities.

    Parameters
    ----------
    log_density : (n_samples,)
    share : float, optional
        Of all rows, at least one; by default 0.01. Rows as likely as the last of them count too.
    below : float, optional
        The threshold, in place of a share.

    Raises
    ------
    BadInputError
    """
    if below is not None:
        if share is not None:
            remedy = LeaveOut("share", "below")
            raise BadInputError("share", f"{share!r} with a density", "None there", remedy)
        if np.isnan(below):
            raise BadInputError("below", "nan", "a log-density")
        return Unlikely(float(below), log_density <= below)
    wanted = SHARE if share is None else share
    if not 0 < wanted <= 1:
        raise BadInputError("share", repr(share), "above 0, and at most 1")
    if len(log_density) == 0:
        return Unlikely(-np.inf, np.zeros(0, dtype=bool))
    last = max(1, round(wanted * len(log_density))) - 1
    threshold = float(np.partition(log_density, last)[last])
    return Unlikely(threshold, log_density <= threshold)
