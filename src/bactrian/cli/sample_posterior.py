"""``bactrian sample-posterior``: draws from the exact posterior of a mixture."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.bayes import PRIORS
from bactrian.cli.commands import Command
from bactrian.cli.interrupts import INTERRUPTED, raise_on_interrupt
from bactrian.cli.options import (
    DataOptions,
    OutputOptions,
    data_argument,
    data_options,
    described,
    output_options,
)
from bactrian.cli.places import output_file
from bactrian.cli.value_types import jobs, seed, share
from bactrian.vocabulary import BAYES, SEED

if TYPE_CHECKING:
    from collections.abc import Callable

    from bactrian.bayes import PosteriorDraws

STRUCTURES = ("full", "tied", "diag", "spherical", "EII", "EEI")
OF_FIT = "weight_concentration_hyperprior"  # the process has no such prior here


def _priors(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, kind, metavar in reversed([one for one in PRIORS if one[0] != OF_FIT]):
        setting = BAYES[name]
        option = click.option(
            setting.option, name, type=kind, metavar=metavar, help=described(setting)
        )
        function = option(function)
    return function


@click.command(
    name="sample-posterior",
    cls=Command,
    short_help="Draw from the exact posterior of a mixture.",
    examples=(
        "sample-posterior data.csv",
        "sample-posterior data.csv -k 4 --draws 2000 --seed 1 --labels clusters.csv",
    ),
)
@data_argument
@click.option(
    "-k",
    "--components",
    type=click.IntRange(1),
    metavar="K",
    help="Number of components, some of which may hold no rows.  [default: a Dirichlet process, "
    "with as many as the rows call for]",
)
@click.option(
    "--covariance",
    type=click.Choice(STRUCTURES),
    default="full",
    show_default=True,
    help="What the covariances have in common.",
)
@click.option(
    "--draws",
    type=click.IntRange(4),
    default=1000,
    show_default=True,
    metavar="N",
    help="Draws of each chain.",
)
@click.option(
    "--chains",
    type=click.IntRange(2),
    default=4,
    show_default=True,
    metavar="N",
    help="Chains, which are compared.",
)
@click.option(
    "--warmup",
    type=click.IntRange(0),
    metavar="N",
    help="Steps of each chain before the first draw.  [default: half as many as follow]",
)
@click.option(
    "--thin",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Steps from draw to draw.",
)
@_priors
@click.option(
    "--loss",
    type=click.Choice(["vi", "binder"]),
    default="vi",
    show_default=True,
    help="For which the partition is the best: variation of information, or Binder's.",
)
@click.option(
    "--level",
    type=share,
    default=0.95,
    metavar="SHARE",
    show_default=True,
    help="Probability of the intervals and of the ball around the partition.",
)
@click.option(
    "--seed",
    type=seed,
    default=SEED,
    metavar="N",
    show_default=True,
    help="The same seed gives the same draws.",
)
@click.option(
    "--jobs",
    type=jobs,
    default=None,
    metavar="N",
    help="Number of processors; it does not change the draws.",
)
@data_options
@output_file("-o", "--output", help="Write the draws: a NumPy archive (.npz).")
@output_file("--labels", table=True, help="Write the cluster of each row in the partition.")
@output_options
def command(
    data: str,
    components: int | None,
    covariance: str,
    draws: int,
    chains: int,
    warmup: int | None,
    thin: int,
    loss: str,
    level: float,
    seed: int,
    jobs: int | None,
    reading: DataOptions,
    output: str | None,
    labels: str | None,
    printing: OutputOptions,
    **priors: Any,
) -> None:
    """Draw from the exact posterior of a Gaussian mixture, by Gibbs sampling.

    The report has the probability of each number of components, the partition of the rows that
    the draws agree on best with the ball that holds most of them, weights, means and variances of
    its clusters with intervals, R-hat and effective numbers of draws, and the evidence. DATA is
    complete. Ctrl-C ends the chains and reports what they have.
    """
    from bactrian.cli.console import busy, note, warn
    from bactrian.cli.progress import sampling
    from bactrian.cli.reading import read_rows
    from bactrian.errors import FitInterrupted
    from bactrian.estimators.posterior_sampling import sample_posterior

    if output is not None and not output.endswith(".npz"):
        raise click.UsageError(f"-o {output} must end in .npz: it is a NumPy archive.")
    with busy(f"Reading {data}", quiet=printing.quiet):
        rows = read_rows(data, reading)
    for said in rows.notes if not printing.quiet else ():
        note(said)
    raise_on_interrupt()
    interrupted = False
    try:
        with sampling(quiet=printing.quiet) as show, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the report says it
            found = sample_posterior(
                rows.X, components, covariance, n_draws=draws, n_chains=chains, n_warmup=warmup,
                thin=thin, random_state=seed, n_jobs=jobs, callback=show, **priors,
            )  # fmt: skip
    except FitInterrupted as interrupt:
        if interrupt.result is None:
            note("Interrupted before the first draw; nothing was written.")
            raise click.exceptions.Exit(INTERRUPTED) from None
        interrupted, found = True, interrupt.result
        note(f"Interrupted after {found.n_draws} draws of each chain.")
    told = _write(found, loss, level, list(rows.names), data, printing)
    for warning in told["warnings"]:
        warn(warning)
    _save(found, loss, output, labels, printing)
    if interrupted:
        raise click.exceptions.Exit(INTERRUPTED)


def _write(
    found: PosteriorDraws,
    loss: str,
    level: float,
    names: list[str],
    source: str,
    printing: OutputOptions,
) -> dict[str, Any]:
    from bactrian import __version__
    from bactrian.report.document import as_json
    from bactrian.report.posterior_draws import draws_document, draws_lines

    told = draws_document(found, loss, level, names)
    if printing.as_json:
        head = {"bactrian": __version__, "command": "sample-posterior", "source": source}
        click.echo(as_json({**head, **told}))
    elif not printing.quiet:
        click.echo("\n".join(draws_lines(told)))
    return told


def _save(
    found: PosteriorDraws,
    loss: str,
    output: str | None,
    labels: str | None,
    printing: OutputOptions,
) -> None:
    import numpy as np

    from bactrian.cli.console import note
    from bactrian.tables.write import write_table

    written = []
    if output is not None:
        parts = ("labels", "weights", "means", "covariances", "log_likelihood", "log_joint")
        with open(output, "wb") as stream:
            np.savez_compressed(stream, **{name: getattr(found, name) for name in parts})
        written.append(f"Draws written to {output}")
    if labels is not None:
        write_table(labels, ["cluster"], [found.partition(loss).labels + 1])
        written.append(f"Labels written to {labels}")
    for line in written if not printing.quiet else ():
        note(line)
