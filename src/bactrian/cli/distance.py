"""``bactrian distance``: how far one model is from another."""

from __future__ import annotations

from typing import Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import OutputOptions, model_argument, output_options


@click.command(
    name="distance",
    cls=Command,
    short_help="How far one model is from another.",
    examples=("distance monday.json tuesday.json", "distance a.json b.json --json"),
)
@model_argument
@click.argument("other", metavar="OTHER")
@output_options
def command(model: str, other: str, printing: OutputOptions) -> None:
    """Print divergences and distances between the mixtures in MODEL and OTHER.

    Their columns are matched by name. In one and two dimensions all are exact to the printed
    digits; in more, those without a closed form are estimates with an error, between bounds that
    hold. Divergences are in nats, the transport distance in units of the data.
    """
    from bactrian.errors import BadInputError
    from bactrian.report.document import as_json
    from bactrian.storage import load_model

    one, two = load_model(model), load_model(other)
    found: dict[str, Any] = {
        "kl_divergence": one.kl_divergence(two)._asdict(),
        "kl_divergence_back": two.kl_divergence(one)._asdict(),
        "js_divergence": one.js_divergence(two)._asdict(),
        "total_variation": one.total_variation(two)._asdict(),
        "hellinger": one.hellinger(two)._asdict(),
    }
    try:
        closed = (one.l2_distance(two), one.cauchy_schwarz(two), one.transport(two).distance)
        found |= dict(zip(("l2_distance", "cauchy_schwarz", "transport"), closed, strict=True))
    except BadInputError as error:
        if error.code != "do_not_go_together":
            raise
    if printing.as_json:
        click.echo(as_json({"command": "distance", "models": [model, other], "distances": found}))
    elif not printing.quiet:
        for line in _lines(found):
            click.echo(line)


def _lines(found: dict[str, Any]) -> list[str]:
    names = {
        "kl_divergence": "Kullback-Leibler, first to second",
        "kl_divergence_back": "Kullback-Leibler, second to first",
        "js_divergence": "Jensen-Shannon",
        "total_variation": "total variation",
        "hellinger": "Hellinger",
        "l2_distance": "L2",
        "cauchy_schwarz": "Cauchy-Schwarz",
        "transport": "transport (MW2)",
    }
    width = max(map(len, names.values()))
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            text = f"{value['value']:<12.6g} error {value['error']:.2g}"
            if value["upper"] - value["lower"] > 3 * value["error"]:
                text += f", between {value['lower']:.6g} and {value['upper']:.6g}"
        else:
            text = f"{value:.6g}"
        lines.append(f"{names[name]:<{width}}  {text}")
    return lines
