"""Reproduce a fit: as a Python program, and as a command."""

from __future__ import annotations

import json
import shlex

from bactrian.estimators.of_posterior import settings_of_posterior
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.table import columns_at
from bactrian.vocabulary import N_COMPONENTS, NOISE, SEED, SETTINGS, SPIKES
from bactrian.web.datasets import NAMES
from bactrian.web.orders import Order, Provenance
from bactrian.web.schema import Settings
from bactrian.web.work.reading import mapped

MOST_INLINE = 1000  # numbers that a program spells out
SHARED = tuple(
    SETTINGS[name]
    for name in SETTINGS
    if name in Settings.model_fields and name not in (N_COMPONENTS.name, "means_init")
)
IN_UNITS_OF_THE_FIT = {
    "means_init": "scaling.scaled(np.array({!r}))",
    "noise": "np.exp(np.log({!r}) - scaling.log_volume)",
}


def code_of(order: Order, settings: Settings) -> str:
    """A program that fits the same mixture and prints it."""
    given, bayes = settings.parameters, settings.estimation == "bayes"
    kind = "BayesianGaussianMixture" if bayes else "GaussianMixture"
    if bayes:
        given = settings_of_posterior(given)
    arguments = [f"n_components={given.pop('n_components')}"]
    for name, value in given.items():
        if name == "spikes" and value is not None:
            arguments.append(f"spikes={_point_masses(order, settings)}")
        elif value != SETTINGS[name].default:
            moved = settings.standardize and not isinstance(value, bool)
            spelling = IN_UNITS_OF_THE_FIT.get(name, "{!r}") if moved else "{!r}"
            arguments.append(f"{name}={spelling.format(value)}")
    known = ", y" if "labels" in order.told else ""
    arguments += ["labels='use'"] if known else []
    weights = ", sample_weight=weights" if "weights" in order.told else ""
    lines = ["import numpy as np", "", f"from bactrian import {kind}"]
    body = _data_lines(order)
    if any("read_table" in line for line in body):
        lines.append("from bactrian.tables.files import read_table")
    if known:
        column, source = order.rows.told["labels"], order.origin.label
        lines.append("from bactrian.tables.labels import Labels")
        body.append("y = [None if np.isnan(value) else value for value in y]")
        body.append(f"y, _ = Labels.of(y, {column!r}, {source!r}).among({settings.n_components})")
    if settings.standardize:
        lines.append("from bactrian.mixture import Scaling")
    lines += ["", *body]
    if settings.standardize:
        weighting = ", weights" if weights else ""
        lines += [f"scaling = Scaling.of(X{weighting})", "Z = scaling.scaled(X)"]
    values = "Z" if settings.standardize else "X"
    lines += ["", f"gm = {kind}(", *(f"    {a}," for a in arguments), ")"]
    lines += [f"gm.fit({values}{known}{weights})", ""]
    lines += _printing_lines(settings)
    return "\n".join(lines) + "\n"


def command_of(order: Order, settings: Settings) -> str:
    """The command line that fits the same mixture; a comment if no options can do that."""
    unsaid = [name for name in ("precisions_init", "prior") if _is_numbers(settings, name)]
    if unsaid or "covariances" in (settings.fixed or ()):
        return "# The command line has no options for all of this: run the program instead."
    origin = order.origin
    file = f"./{origin.file}" if origin.file.startswith("-") else origin.file
    words = ["bactrian fit", shlex.quote(file), f"-k {settings.n_components}"]
    for setting in SHARED:
        value = getattr(settings, setting.name)
        if value is True:
            words.append(setting.option)
        elif setting is SPIKES and not isinstance(value, str):
            words += [f"--spikes {shlex.quote(said)}" for said in _said(value)]
        elif setting is NOISE and value is not False:
            words.append(f"--noise-volume {value!r}")
        elif value != setting.spoken:
            words.append(f"{setting.option} {shlex.quote(_spelled(value))}")
    words += [f"--seed {settings.seed}"] if settings.seed != SEED else []
    words += [f"--start-mean {','.join(map(repr, mean))}" for mean in settings.means_init or ()]
    words += ["--bayes"] if settings.estimation == "bayes" else []
    words += ["--standardize"] if settings.standardize else []
    if origin.left_out or set(order.names) != set(origin.names):
        words.append(_columns_words(order))
    for role, name in order.rows.told.items():
        words.append(f"--{role}-column {shlex.quote(name)}")
    words += _reading_words(origin)
    return " ".join(words)


def _columns_words(order: Order) -> str:
    """The option that chooses the columns: by name, or by position if the name is not plain."""
    names = json.loads(order.values.with_name(NAMES).read_text(encoding="utf-8"))
    return COMMAND_LINE.setting(
        "columns", columns_at(names, [names.index(name) for name in order.names])
    )


def _reading_words(origin: Provenance) -> list[str]:
    words = []
    for name, value in origin.options.items():
        if name == "header":
            words.append("--header" if value else "--no-header")
        elif name == "missing_values":
            words.append(COMMAND_LINE.setting(name, tuple(value)))
        else:
            option = COMMAND_LINE.parameter(name)
            words.append(f"{option} {shlex.quote(str(value))}")
    return words


def _is_numbers(settings: Settings, name: str) -> bool:
    """Whether a setting is given as numbers."""
    value = getattr(settings, name)
    return value is not None and not isinstance(value, str)


Spikes = list[float] | dict[str, list[float]]


def _by_column(order: Order, values: Spikes) -> dict[int, list[float]]:
    """Point masses by the numbers of the columns."""
    if isinstance(values, list):
        return {0: values}
    return {list(order.names).index(name): given for name, given in values.items()}


def _point_masses(order: Order, settings: Settings) -> str:
    """The point masses, as a program says them in the units of the fit."""
    if isinstance(settings.spikes, str):
        return repr(settings.spikes)
    spikes = _by_column(order, settings.spikes)
    if not settings.standardize:
        return repr(spikes)
    entries = (
        f"{j}: [(x - scaling.centre[{j}]) / scaling.scale[{j}] for x in {values}]"
        for j, values in spikes.items()
    )
    return "{" + ", ".join(entries) + "}"


def _said(values: Spikes) -> list[str]:
    """Point masses, as values of the option: one for each column."""
    if isinstance(values, list):
        return [_spelled(values)]
    return [f"{name}={_spelled(given)}" for name, given in values.items()]


def _spelled(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_spelled, value))
    return repr(value) if isinstance(value, float) else str(value)


def _data_lines(order: Order) -> list[str]:
    """Lines that make X, and the weights if there are any."""
    values = mapped(order.values)
    places = [*order.places, *order.told.values()]
    chosen = [*order.names, *order.rows.told.values()]
    variables = {"weights": "weights", "labels": "y"}
    split = [f"X, {variables[role]} = X[:, :-1], X[:, -1]" for role in reversed(order.told)]
    if not order.origin.is_file and len(values) * len(places) <= MOST_INLINE:
        rows = values[:, places].tolist()
        spelled = ",\n".join(f"    [{', '.join(map(_literal, row))}]" for row in rows)
        return [
            f"# {', '.join(map(_in_a_line, chosen))}",
            f"X = np.array([\n{spelled},\n])",
            *split,
        ]
    options = {"columns": chosen, **order.origin.options}
    arguments = "".join(f", {name}={value!r}" for name, value in options.items())
    saved = [] if order.origin.is_file else ["# the table, saved as a file of this name"]
    return [*saved, f"X = read_table({order.origin.file!r}{arguments}).values", *split]


def _in_a_line(name: str) -> str:
    """A name for a comment, which must end on its line."""
    return name if name.isprintable() else repr(name)


def _literal(value: float) -> str:
    return "np.nan" if value != value else repr(value)


def _printing_lines(settings: Settings) -> list[str]:
    if not settings.standardize:
        shown = ["gm.weights_", "gm.means_", "gm.covariances_", "gm.fit_report_"]
        return [f"print({value})" for value in shown]
    return [
        "model = gm.to_model(scaling)",
        "mixture = model.in_original_units()",
        "print(mixture.weights)",
        "print(mixture.means)",
        "print(mixture.dense_covariances())",
        "print(gm.fit_report_)",
    ]
