"""Child: memory that a whole fit needs above the data, the packages and the data in place."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
import sklearn.mixture

import bactrian
from checking import checked_score
from processes import answer
from simulated import mixture

BLOCK = 100_000
UNIT = 1 if sys.platform == "darwin" else 1024


def peak() -> int:
    """Largest resident size so far, in bytes."""
    return UNIT * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def resident() -> int:
    """Resident size now, in bytes; the largest so far where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return peak()
    return int(pages) * resource.getpagesize()


def made(n_samples: int, n_features: int, n_components: int) -> np.ndarray:
    """Rows of one mixture, block by block, so that making them needs little beside them."""
    X = np.empty((n_samples, n_features))
    source = mixture(BLOCK, n_features, n_components, 2.0, seed=1)
    rng = np.random.default_rng(2)
    factors = np.linalg.cholesky(source.covariances)
    for begin in range(0, n_samples, BLOCK):
        block = X[begin : begin + BLOCK]
        labels = rng.choice(n_components, size=len(block), p=source.weights)
        z = rng.standard_normal(block.shape)
        block[:] = source.means[labels] + np.einsum("nij,nj->ni", factors[labels], z)
    return X


def measure(library: str, shape: tuple[int, int, int], max_iter: int | None) -> dict[str, Any]:
    module = {"bactrian": bactrian, "scikit-learn": sklearn.mixture}[library]
    options = {} if max_iter is None else {"max_iter": max_iter}
    gm = module.GaussianMixture(shape[2], random_state=0, **options)
    X = made(*shape)
    before, before_at_most = resident(), peak()
    gm.fit(X)
    return {
        "above": peak() - before,
        "making": before_at_most - before,  # the peak before the fit: above this, it is the fit's
        "data": X.nbytes,
        "score": checked_score(gm, X[:BLOCK]),
        "n_iter": int(gm.n_iter_),
        "converged": bool(gm.converged_),
    }


if __name__ == "__main__":
    answer(measure)
