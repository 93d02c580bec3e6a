"""The parameters of a mixture as text: weights, means, spreads, covariances."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from bactrian.core.covariance import covariance_structure
from bactrian.mixture.sampling import NOISE
from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, facts, grid, heading, shortened, wrapped
from bactrian.report.numbers import aligned, exponent, matrices, plain, resolved, small

MOST_FEATURES = 12  # with more, a matrix is no longer a picture
_TITLE = 12  # cells of the terminal, above the columns of a matrix
_MOST_ROWS = 60  # of all matrices
_NAMES = {
    "full": "full covariances",
    "tied": "one covariance for all (tied)",
    "diag": "diagonal covariances (diag)",
    "spherical": "spherical covariances",
}


def mixture_lines(model: dict[str, Any], width: int) -> list[Line]:
    """Describe the mixture.

    Parameters
    ----------
    model : dict
        The section of the document.
    width : int

    Returns
    -------
    list of Line
    """
    labels = [shortened(name) for name in model["feature_names"]]
    deviations = model["standard_deviations"]
    lines = heading("Weights and means")
    lines += _by_component(["weight", *labels], _weights_and_means(model), width)
    lines += _noise_and_tails(model, width)
    if model.get("spikes"):
        lines += _point_masses(model["spikes"], model["n_components"], width)
    tails = model["dof"] is not None
    lines += heading("Scales" if tails else "Standard deviations")
    lines += _by_component(labels, [aligned(list(row)) for row in deviations.T], width)
    if len(labels) > 1:
        lines += _covariances(model, labels, width)
    if model.get("thresholds"):
        lines += _thresholds(model, width)
    return lines


def _thresholds(model: dict[str, Any], width: int) -> list[Line]:
    """Where the most probable component changes."""
    cuts = model["thresholds"]
    resolution = float(model["standard_deviations"].min()) / 100
    values = resolved([cut["value"] for cut in cuts], resolution)
    rows = [
        (f"{_called(cut['below'])} or {_called(cut['above'])}", value,
         f"below, {_called(cut['below'])} is more probable; above, {_called(cut['above'])}")
        for cut, value in zip(cuts, values, strict=True)
    ]  # fmt: skip
    return heading("Thresholds") + facts(rows, width)


def _called(component: int) -> str:
    return "noise" if component == NOISE else f"component {component}"


def _by_component(labels: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[Line]:
    n_components = len(rows[0])
    columns = [Column(str(k + 1), [row[k] for row in rows]) for k in range(n_components)]
    return grid("component", labels, columns, width)


def _noise_and_tails(model: dict[str, Any], width: int) -> list[Line]:
    """What the mixture has besides Gaussians, if anything."""
    rows = []
    if model["noise"] is not None:
        volume = small(exp(-model["noise"]["log_density"]))
        rows.append(("weight of noise", aligned([model["noise"]["weight"]])[0],
                     f"uniform, of density 1 over a volume of {volume}"))  # fmt: skip
    if model["dof"] is not None and len(model["dof"]) == 1:
        rows.append(("degrees of freedom", small(float(model["dof"][0])), "of all components"))
    lines = facts(rows, width) if rows else []
    if model["dof"] is not None and len(model["dof"]) > 1:
        lines += _by_component(["degrees of freedom"], [aligned(list(model["dof"]))], width)
    return heading("Noise and tails") + lines if lines else []


def _point_masses(spikes: Sequence[dict[str, Any]], n_components: int, width: int) -> list[Line]:
    """Values with a probability of their own, and how often each component has them."""
    rows = []
    for spike in spikes:
        called = f"{spike['value']:.12g} of {shortened(spike['feature'])}"
        about = "of all rows, whatever their component"
        if spike["by_component"] is not None:
            each = [_percent(share) for share in spike["by_component"]]
            about = f"of all rows; by component {', '.join(each[:n_components])}"
            about += "".join(f"; of noise {share}" for share in each[n_components:])
        rows.append((called, _percent(spike["share"]), about))
    return heading("Point masses") + facts(rows, width)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _weights_and_means(model: dict[str, Any]) -> list[list[str]]:
    rows = [aligned(list(model["weights"]))]
    for means, deviations in zip(model["means"].T, model["standard_deviations"].T, strict=True):
        spread = float(deviations.min())
        largest = float(abs(means).max())
        # A hundredth of the spread, but four digits of the mean at least.
        rows.append(resolved(list(means), min(spread / 100, 10.0 ** (exponent(largest) - 3))))
    return rows


def _covariances(model: dict[str, Any], labels: Sequence[str], width: int) -> list[Line]:
    form = covariance_structure(model["covariance_type"]).form
    tails = model["dof"] is not None
    if not form.correlated:
        title = "Squared scales" if tails else "Variances"
        lines = heading(f"{title} (covariances are 0)")
        rows = [aligned(list(row)) for row in model["standard_deviations"].T ** 2]
        return lines + _by_component(labels, rows, width)
    title = "Scale matrices" if tails else "Covariances"
    lines = heading(f"{title} and correlations")
    n_matrices = 1 if form.shared else model["n_components"]
    if len(labels) > MOST_FEATURES or n_matrices * len(labels) > _MOST_ROWS:
        size = f"{len(labels)} x {len(labels)}"
        note = f"{n_matrices} matrices of {size}: see them with --json, or in the model file."
        return lines + wrapped(note, width, style="dim")
    group = "scale matrix" if tails else "covariances"
    covariances = matrices(model["covariances"][:n_matrices].tolist())
    for k, covariance in enumerate(covariances):
        title = "all components" if form.shared else f"component {k + 1}"
        lines += [Line()] if k else []
        lines += _matrices(title, labels, covariance, model["correlations"][k], width, group)
    return lines


def _matrices(
    title: str,
    labels: Sequence[str],
    covariance: list[list[str]],
    correlation: Any,
    width: int,
    kind: str,
) -> list[Line]:
    correlations = [plain(list(row), 3) for row in correlation]
    columns = [
        Column(shortened(labels[j], _TITLE), [row[j] for row in cells], group)
        for group, cells in ((kind, covariance), ("correlations", correlations))
        for j in range(len(labels))
    ]
    return grid(title, labels, columns, width)


def _shared(letters: str) -> str:
    """Covariances that share something, in words."""
    words = {"E": "equal", "V": "variable", "I": "that of the axes"}
    parts = zip(("volume", "shape", "orientation"), letters, strict=True)
    said = ", ".join(
        "spherical" if (part, letter) == ("shape", "I") else f"{part} {words[letter]}"
        for part, letter in parts
        if (part, letter) != ("orientation", "I") or letters[1] != "I"
    )
    return f"{letters} covariances ({said})"


def title_lines(model: dict[str, Any], width: int) -> list[Line]:
    """Name the mixture in one or two lines.

    Parameters
    ----------
    model : dict
    width : int

    Returns
    -------
    list of Line
    """
    kind = _NAMES.get(model["covariance_type"]) or _shared(model["covariance_type"])
    scale = ", fitted to z-scores" if model["standardized"] else ""
    components = counted(model["n_components"], "component")
    mixture = "Gaussian mixture" if model["dof"] is None else "Mixture of t distributions"
    noise = "" if model["noise"] is None else " and uniform noise"
    text = f"{mixture} of {components} with {kind}{noise}{scale}"
    return wrapped(text.replace("distributions of", "distributions:"), width, "", "bold")
