"""``bactrian regress``: predict some columns of a model from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import (
    DataOptions,
    append_option,
    applied_data_options,
    data_argument,
    json_rows,
    model_argument,
)
from bactrian.cli.places import rows_file
from bactrian.cli.value_types import names, probabilities

if TYPE_CHECKING:
    from bactrian.core.arrays import FloatArray
    from bactrian.mixture import Mixture
    from bactrian.mixture.columns.regression import Regression


@click.command(
    name="regress",
    cls=Command,
    short_help="Predict some columns from the others.",
    examples=(
        "regress model.json new.csv --target waiting",
        "regress model.json new.csv --target waiting --quantiles 0.05,0.95 -o bands.csv",
    ),
)
@model_argument
@data_argument
@applied_data_options
@click.option(
    "--target", type=names, required=True, metavar="A,B,...", help="Columns of MODEL to predict."
)
@click.option(
    "--quantiles",
    type=probabilities,
    metavar="P,Q,...",
    help="Also print these quantiles of each, above 0 and below 1.",
)
@append_option
@rows_file
@json_rows
def command(
    model: str,
    data: str,
    reading: DataOptions,
    target: tuple[str, ...],
    quantiles: tuple[float, ...] | None,
    append: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Print the conditional mean and standard deviation of columns, given the others in DATA.

    DATA needs the columns of MODEL that are not predicted. Where one of their values is missing,
    the prediction is made from the rest, with a wider spread.
    """
    from bactrian.cli.applying import apply
    from bactrian.report.names import names_of
    from bactrian.storage import load_model

    mixture = load_model(model)
    known = names_of(mixture)
    others = [j for j, name in enumerate(known) if name not in target]
    if not others or not set(target) <= set(known) or len(set(target)) < len(target):
        raise click.BadParameter(
            f"{','.join(target)!r}: name some of the columns {', '.join(known)}, each once.",
            param_hint="--target",
        )
    targets = [known.index(name) for name in target]

    def said(_: Mixture, X: FloatArray) -> tuple[list[str], list[Any]]:
        return _said(mixture.regress(X, targets), target, quantiles or ())

    given = mixture.marginal(others)
    apply(said, given, data, reading, output, append=append, as_json=as_json)


def _said(
    found: Regression, target: tuple[str, ...], quantiles: tuple[float, ...]
) -> tuple[list[str], list[Any]]:
    """Names and columns: of each target the mean, the spread, and the quantiles."""
    import numpy as np

    mean, spread, levels = found.mean(), found.std(), found.icdf(np.array(quantiles))
    names, columns = [], []
    for j, name in enumerate(target):
        names += [name, f"{name}_std", *(f"{name}_{p:g}" for p in quantiles)]
        columns += [mean[:, j], spread[:, j], *levels[:, :, j]]
    return names, columns
