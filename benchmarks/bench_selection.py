"""A search, a likelihood-ratio test and a bootstrap on small data, beside R's mclust.

Where Rscript is missing, or mclust is not installed in it, mclust is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_iris

import bactrian
from bactrian.core.covariance import STRUCTURES
from datasets import faithful
from measuring import Row, benchmark, in_turn, medians, seconds, table

SCRIPT = Path(__file__).with_name("mclust.R")
BELOW = 0.01  # of BIC, by which a cell is called worse
RATIO_TARGET = 1
DATA = {"faithful": faithful, "iris": lambda: load_iris().data}
WORDS = {
    "search": "search, 14 structures × 1..{components}",
    "test": "likelihood-ratio test, {resamples} resamples",
    "bootstrap": "bootstrap, {resamples} resamples",
}
RESAMPLES = {"search": 0, "test": 199, "bootstrap": 999}


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    components = 2 if arguments.quick else 9
    for data, load in DATA.items():
        X = load()
        check_one_gaussian(X)
        for task, resamples in RESAMPLES.items():
            if arguments.part in f"{data} {task}":
                few = min(resamples, 19) if arguments.quick else resamples
                yield compared(data, X, task, components, few, arguments.rounds)
        if arguments.quick:
            return


def check_one_gaussian(X: np.ndarray) -> None:
    """Compare BIC of one Gaussian with its closed form."""
    n, d = X.shape
    log_det = np.linalg.slogdet(np.cov(X.T, bias=True))[1]
    n_parameters = d + d * (d + 1) // 2
    expected = n * (d * np.log(2 * np.pi) + log_det + d) + n_parameters * np.log(n)
    np.testing.assert_allclose(bactrian.GaussianMixture(1).fit(X).bic(X), expected, rtol=1e-10)


def compared(
    data: str, X: np.ndarray, task: str, components: int, resamples: int, rounds: int
) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        np.savetxt(path, X, delimiter=",")
        contenders = {"bactrian": partial(ours, X, task, components, resamples)}
        if has_mclust():
            contenders["mclust"] = partial(mclust, path, task, components, resamples)
        found = in_turn(contenders, rounds)
    taken = medians({name: [run["seconds"] for run in runs] for name, runs in found.items()})
    row = {"what": task, "data": data, "n_samples": len(X), "n_features": X.shape[1]}
    row |= {"components": components, "resamples": resamples, "seconds": taken}
    if "mclust" in found:
        theirs, own = found["mclust"][0], found["bactrian"][0]["bic"]
        lower = {cell: own[cell] - bic for cell, bic in theirs["bic"].items() if cell in own}
        row["mclust"] = theirs["version"]
        row["cells"] = len(lower)
        row["below"] = {cell: behind for cell, behind in lower.items() if behind > BELOW}
    return row


def ours(X: np.ndarray, task: str, components: int, resamples: int) -> dict[str, Any]:
    if task == "search":
        selector = bactrian.GaussianMixtureSelector(range(1, components + 1), random_state=0)
        taken = seconds(lambda: selector.fit(X))
        fitted = [row for row in selector.selection_.candidates if row.bic is not None]
        letters = [STRUCTURES[row.covariance_type].letters for row in fitted]
        bic = {f"{a} {row.n_components}": row.bic for a, row in zip(letters, fitted, strict=True)}
        return {"seconds": taken, "bic": bic}
    if task == "test":
        test = partial(bactrian.bootstrap_lrt, X, 1, n_resamples=resamples, random_state=0)
        return {"seconds": seconds(test), "bic": {}}
    model = bactrian.GaussianMixture(2, random_state=0).fit(X)
    again = partial(bactrian.bootstrap, model, X, n_resamples=resamples, random_state=0)
    return {"seconds": seconds(again), "bic": {}}


def has_mclust() -> bool:
    """Whether R is there, and mclust in it."""
    program = shutil.which("Rscript")
    command = [str(program), "-e", "library(mclust)"]
    return program is not None and subprocess.run(command, capture_output=True).returncode == 0


def mclust(path: Path, task: str, components: int, resamples: int) -> dict[str, Any]:
    command = ["Rscript", str(SCRIPT), str(path), task, str(components), str(resamples)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def report(rows: list[Row]) -> Iterator[str]:
    header = ("data", "task", "bactrian, s", "mclust, s", "times its time", "BIC cells below its")
    yield from table(header, map(_line, rows))
    yield ""
    versions = sorted({row["mclust"] for row in rows if "mclust" in row})
    if versions:
        yield (
            f"mclust {', '.join(versions)}. Wanted: at most {RATIO_TARGET} times its time, and no "
            f"cell of a search whose BIC is worse by more than {BELOW}."
        )
    else:
        yield "mclust is left out: it needs Rscript with the package mclust."


def _line(row: Row) -> tuple[str, ...]:
    own, theirs = row["seconds"]["bactrian"], row["seconds"].get("mclust")
    shape = f"{row['data']}, {row['n_samples']} × {row['n_features']}"
    is_search = row["what"] == "search" and theirs is not None
    return (
        shape,
        WORDS[row["what"]].format(**row),
        f"{own:.2f}",
        "" if theirs is None else f"{theirs:.2f}",
        "" if theirs is None else f"{own / theirs:.1f}",
        f"{len(row['below'])} of {row['cells']}" if is_search else "",
    )


if __name__ == "__main__":
    benchmark("selection", __doc__, measure, report)
