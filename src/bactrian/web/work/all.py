"""Everything that the server's processes need: loaded once, and then forked."""

from __future__ import annotations

import gc

import numpy as np

import bactrian.estimators.scikit_learn
import bactrian.web.work.files
import bactrian.web.work.fits
import bactrian.web.work.gallery
import bactrian.web.work.questions
import bactrian.web.work.requests
import bactrian.web.work.searches
import bactrian.web.work.tables  # noqa: F401
from bactrian.estimators.gaussian_mixture import GaussianMixture


def _rehearse() -> None:
    """Fit a few rows, so that what is loaded at first use is loaded too."""
    GaussianMixture(2, random_state=0, n_jobs=1).fit(np.arange(8.0)[:, None] ** 2)
    gc.freeze()  # what is there now is never collected, and its pages stay shared


_rehearse()
