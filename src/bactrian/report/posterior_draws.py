"""What draws from a posterior say, as a document and as lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.bayes.draws.posterior_draws import PosteriorDraws
from bactrian.bayes.draws.relabelling import DrawSummary
from bactrian.errors import BadInputError

SHOWN = 0.0005  # least probability of a number of components that is told of


def draws_document(
    draws: PosteriorDraws, loss: str, level: float, columns: list[str]
) -> dict[str, Any]:
    """Numbers of components, the partition, its clusters, and how well the chains mixed.

    Parameters
    ----------
    draws : PosteriorDraws
    loss : {"vi", "binder"}
    level : float
        Probability of the intervals and of the ball.
    columns : list of str
        Names of the columns.
    """
    counts, partition = draws.component_counts(), draws.partition(loss)
    ball = partition.credible_ball(level)
    try:
        relabelled = draws.relabelled(loss)
    except BadInputError:  # in some chain no draw has all the clusters of the partition
        told, kept = {}, 0.0
    else:
        told, kept = relabelled.summary(level), relabelled.kept
    diagnostics = draws.diagnostics(level)
    return {
        "chains": draws.n_chains,
        "draws": draws.n_draws,
        "warmup": draws.n_warmup,
        "columns": columns,
        "level": level,
        "n_components": [
            {"n_components": int(k), "probability": float(p), "error": float(e)}
            for k, p, e in zip(*counts, strict=True)
        ],
        "partition": {
            "loss": loss,
            "expected_loss": partition.expected_loss,
            "n_clusters": partition.n_clusters,
            "sizes": np.bincount(partition.labels).tolist(),
            "ball_radius": ball.radius,
            "ball_clusters": [int(part.max()) + 1 for part in (ball.coarsest, ball.finest)],
        },
        "share_of_draws": kept,
        "clusters": [
            {name: _of_cluster(summary, k) for name, summary in told.items()}
            for k in range(partition.n_clusters if told else 0)
        ],
        "diagnostics": {name: _whole(summary) for name, summary in diagnostics.items()},
        "log_evidence": _finite(draws.log_evidence),
        "log_evidence_error": _finite(draws.log_evidence_error),
        "warnings": list(draws.warnings),
    }


def draws_lines(told: dict[str, Any]) -> list[str]:
    """The same to be read, line by line."""
    level = f"{100 * told['level']:g} %"
    partition = told["partition"]
    sizes = ", ".join(map(str, partition["sizes"]))
    low, high = partition["ball_clusters"]
    lines = [
        f"{told['chains']} chains of {told['draws']} draws, after {told['warmup']} steps each",
        "",
        "Components that hold rows",
        "  number  probability   error",
    ]
    lines += [
        f"  {one['n_components']:>6}  {one['probability']:>11.3f}  {one['error']:>6.3f}"
        for one in told["n_components"]
        if one["probability"] >= SHOWN
    ]
    lines += [
        "",
        f"Partition of least expected loss ({partition['loss']})",
        f"  clusters       {partition['n_clusters']}, of {sizes} rows",
        f"  {level} ball    radius {partition['ball_radius']:.3g}: {low} to {high} clusters",
        "",
        f"Clusters: mean, deviation, {level} interval, R-hat "
        f"(in {100 * told['share_of_draws']:.0f} % of the draws)",
    ]
    width = max(map(len, [*told["columns"], "variance of "])) + 12
    for number, cluster in enumerate(told["clusters"], 1):
        lines.append(f"  cluster {number}")
        rows: list[tuple[str, dict[str, Any], int | None]] = [("weight", cluster["weights"], None)]
        for j, name in enumerate(told["columns"]):
            rows.append((f"mean of {name}", cluster["means"], j))
            rows.append((f"variance of {name}", cluster["variances"], j))
        lines += [f"    {name:<{width}}{_numbers(of, j)}" for name, of, j in rows]
    lines += ["", "Mixing of the chains"]
    for name, one in told["diagnostics"].items():
        lines.append(
            f"  {name.replace('_', ' '):<22} R-hat {one['r_hat']:.3f}, "
            f"{one['bulk_size']:.0f} effective draws"
        )
    evidence, error = told["log_evidence"], told["log_evidence_error"]
    if evidence is not None and error is not None:
        lines.append(f"  {'log evidence':<22} {evidence:.3f}, error {error:.2g}")
    return lines


def _of_cluster(summary: DrawSummary, k: int) -> dict[str, Any]:
    names = ("mean", "deviation", "low", "high", "r_hat", "bulk_size")
    return {name: np.asarray(getattr(summary, name))[k].tolist() for name in names}


def _whole(summary: DrawSummary) -> dict[str, Any]:
    return {name: _finite(float(np.max(value))) for name, value in summary._asdict().items()}


def _numbers(of: dict[str, Any], j: int | None) -> str:
    mean, deviation, low, high, r_hat = (
        of[name] if j is None else of[name][j]
        for name in ("mean", "deviation", "low", "high", "r_hat")
    )
    return f"{mean:>10.4g} {deviation:>9.3g}   {low:>9.4g} {high:>9.4g}   {r_hat:.3f}"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
