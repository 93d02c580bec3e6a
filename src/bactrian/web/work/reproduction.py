"""Reproduce a fit: as a Python program, and as a command."""

from __future__ import annotations

import json
import shlex

from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.table import columns_at
from bactrian.vocabulary import N_COMPONENTS, SEED, SETTINGS
from bactrian.web.datasets import NAMES
from bactrian.web.orders import Order, Provenance
from bactrian.web.schema import Settings
from bactrian.web.work.reading import mapped

MOST_INLINE = 1000  # numbers that a program spells out
SHARED = tuple(
    setting for setting in SETTINGS.values() if setting.on_page and setting is not N_COMPONENTS
)


def code_of(order: Order, settings: Settings) -> str:
    """A program that fits the same mixture and prints it."""
    given = settings.parameters
    arguments = [f"n_components={given.pop('n_components')}"]
    if settings.standardize:
        del given["means_init"]
    arguments += [
        f"{name}={value!r}" for name, value in given.items() if value != SETTINGS[name].default
    ]
    if settings.means_init is not None and settings.standardize:
        starts = f"scaling.scaled(np.array({settings.means_init!r}))"
        arguments.append(f"means_init={starts}")
    weights = ", sample_weight=weights" if order.weights is not None else ""
    lines = ["import numpy as np", "", "from bactrian import GaussianMixture"]
    body = _data_lines(order)
    if any("read_table" in line for line in body):
        lines.append("from bactrian.tables.files import read_table")
    if settings.standardize:
        lines.append("from bactrian.mixture import Scaling")
    lines += ["", *body]
    if settings.standardize:
        weighting = ", weights" if weights else ""
        lines += [f"scaling = Scaling.of(X{weighting})", "Z = scaling.scaled(X)"]
    values = "Z" if settings.standardize else "X"
    lines += ["", "gm = GaussianMixture(", *(f"    {a}," for a in arguments), ")"]
    lines += [f"gm.fit({values}{weights})", ""]
    lines += _printing_lines(settings)
    return "\n".join(lines) + "\n"


def command_of(order: Order, settings: Settings) -> str:
    """The command line that fits the same mixture."""
    origin = order.origin
    file = f"./{origin.file}" if origin.file.startswith("-") else origin.file
    words = ["bactrian fit", shlex.quote(file), f"-k {settings.n_components}"]
    for setting in SHARED:
        value = getattr(settings, setting.name)
        if value is True:
            words.append(setting.option)
        elif value != setting.spoken:
            words.append(f"{setting.option} {shlex.quote(_spelled(value))}")
    words += [f"--seed {settings.seed}"] if settings.seed != SEED else []
    words += [f"--start-mean {','.join(map(repr, mean))}" for mean in settings.means_init or ()]
    words += ["--standardize"] if settings.standardize else []
    if origin.left_out or set(order.names) != set(origin.names):
        words.append(_columns_words(order))
    if order.rows.weights is not None:
        words.append(f"--weights-column {shlex.quote(order.rows.weights)}")
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
        else:
            words.append(f"--{name} {shlex.quote(str(value))}")
    return words


def _spelled(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _data_lines(order: Order) -> list[str]:
    """Lines that make X, and the weights if there are any."""
    values = mapped(order.values)
    places = [*order.places, *([] if order.weights is None else [order.weights])]
    chosen = [*order.names, *([] if order.rows.weights is None else [order.rows.weights])]
    split = ["X, weights = X[:, :-1], X[:, -1]"] if order.weights is not None else []
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
