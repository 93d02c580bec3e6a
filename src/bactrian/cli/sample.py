"""``bactrian sample``: draw rows from a mixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import json_rows, model_argument
from bactrian.cli.places import rows_file
from bactrian.cli.value_types import seed as seed_type

if TYPE_CHECKING:
    from bactrian.mixture import Mixture


@click.command(
    name="sample",
    cls=Command,
    short_help="Draw rows from a mixture.",
    examples=(
        "sample model.json -n 100 --seed 1",
        "sample model.json -n 100 --component 2 --json",
    ),
)
@model_argument
@click.option(
    "-n",
    "--rows",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    show_default=True,
    help="How many.",
)
@click.option(
    "--seed",
    type=seed_type,
    metavar="N",
    help="The same seed gives the same rows. Default: new rows each time.",
)
@click.option("--with-component", is_flag=True, help="Add the component that each row comes from.")
@click.option(
    "--component",
    type=int,
    metavar="K",
    help="Draw from this component alone, counted from 1; -1 for the noise.",
)
@click.option("--sort", is_flag=True, help="Sort the rows by component. Default: random order.")
@rows_file
@json_rows
def command(
    model: str,
    rows: int,
    seed: int | None,
    with_component: bool,
    component: int | None,
    sort: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Draw rows from the mixture in MODEL, under the names of its columns.

    With --with-component, rows of noise have the component -1.
    """
    from bactrian.cli.applying import write_rows
    from bactrian.report.names import names_of
    from bactrian.storage import load_model

    mixture = load_model(model)
    raise_on_interrupt()
    only = component if component is None or component < 0 else component - 1
    _check(component, mixture)
    X, components = mixture.sample(rows, seed, sort=sort, component=only)
    names, columns = names_of(mixture), list(X.T)
    if with_component:
        names, columns = [*names, "component"], [*columns, components + (components >= 0)]
    write_rows(names, columns, output, as_json=as_json)


def _check(component: int | None, mixture: Mixture) -> None:
    """Refuse a component that the model does not have; they are counted from 1."""
    parameters = mixture.parameters
    known = [*range(1, parameters.n_components + 1), *[-1] * (parameters.noise is not None)]
    if component is not None and component not in known:
        noise = ", or -1 for the noise" if -1 in known else ""
        raise click.BadParameter(
            f"{component} is not in the model; give 1 to {parameters.n_components}{noise}.",
            param_hint="--component",
        )
