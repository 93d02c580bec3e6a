"""Covariances without constraints: components share only what the form stores once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import DIAG, FULL, SPHERICAL, TIED, Form
from bactrian.core.covariance.structures.structure import CovarianceStructure


@final
@dataclass(frozen=True)
class Free(CovarianceStructure):
    """The covariances are averages, ``scatter / resp_sum``, over the rows of their components.

    With a covariance for each component: ``cov_k = scatter_k / resp_sum_k`` (Bishop 2006, eq.
    9.19). One for all: ``sum_k scatter_k / sum_k resp_sum_k`` (McLachlan & Peel 2000, section
    3.2). Variances alone: the same on the diagonal; one of D features: a D-th of their sum.

    Parameters
    ----------
    name : str
        That of the form.
    letters : str
    form : Form
    """

    name: str
    letters: str
    form: Form

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return self.form.averages(scatter, resp_sum, previous, n_features)


_FREE = {
    form.name: Free(form.name, letters, form)
    for form, letters in ((FULL, "VVV"), (TIED, "EEE"), (DIAG, "VVI"), (SPHERICAL, "VII"))
}


def free(form: Form) -> Free:
    """Return the structure of this form whose components share nothing else."""
    return _FREE[form.name]
