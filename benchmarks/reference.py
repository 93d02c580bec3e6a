"""What a patient scikit-learn reaches: the best of ten starts with tol=1e-6, max_iter=1000.

That takes long, so what it reached is kept in results/reference.jsonl, by data set and version of
scikit-learn. Run as a script, it measures what is missing; ``--fresh`` measures all of it again.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from typing import Any

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture

from checking import checked_score, dense
from datasets import Case, cases, large_cases
from measuring import Row, emit, store, stored

NAME = "reference"
REG_COVAR = 1e-6  # scikit-learn's default


def collapsed(gm: Any) -> bool:
    """Whether a variance of scikit-learn's is all ridge: then its likelihood means nothing."""
    covariances = dense(gm.covariances_, gm.covariance_type, gm.means_.shape)
    return bool(np.linalg.eigvalsh(covariances).min() < 1.01 * REG_COVAR)


def key(case: Case) -> Row:
    """What a reference value belongs to."""
    return {
        "data": case.name,
        "n_components": case.n_components,
        "covariance_type": case.covariance_type,
        "scikit-learn": sklearn.__version__,
    }


def patient(case: Case, X: np.ndarray) -> Row:
    """Fit with all patience."""
    gm = GaussianMixture(
        case.n_components,
        covariance_type=case.covariance_type,
        random_state=0,
        n_init=case.patient_starts,
        tol=1e-6,
        max_iter=1000,
    )
    begin = time.perf_counter()
    gm.fit(X)
    seconds = time.perf_counter() - begin
    return {
        **key(case),
        "n_samples": len(X),
        "n_features": X.shape[1],
        "n_init": case.patient_starts,
        "score": checked_score(gm, X),
        "seconds": seconds,
        "converged": bool(gm.converged_),
        "collapsed": collapsed(gm),
    }


def reference(case: Case, X: np.ndarray, *, keep: bool = True, fresh: bool = False) -> Row:
    """What is known of a case, or is measured now."""
    wanted = key(case)
    rows = stored(NAME)
    others = [row for row in rows if any(row[name] != wanted[name] for name in wanted)]
    known = [row for row in rows if row not in others and row["n_init"] >= case.patient_starts]
    if known and not fresh:
        return known[-1]
    row = emit(patient(case, X))
    if keep:
        store(NAME, [*others, row])
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="measure what is known again too")
    fresh = parser.parse_args().fresh
    warnings.simplefilter("ignore")
    begin = time.perf_counter()
    for case in [*cases(), *large_cases()]:
        row = reference(case, case.load(), fresh=fresh)
        print(f"{case.name}, {case.covariance_type}: {row['seconds']:.1f} s", file=sys.stderr)
    print(f"{time.perf_counter() - begin:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
