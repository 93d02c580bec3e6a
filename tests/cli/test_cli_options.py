"""The command line knows its choices and defaults by heart; here they meet the library's."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import click
import pytest

from bactrian import GaussianMixture
from bactrian.cli import export, fit, options, places, select
from bactrian.cli.application import COMMANDS, application
from bactrian.core.covariance import COVARIANCE_TYPES, STRUCTURES
from bactrian.core.em.anderson import ACCELERATIONS
from bactrian.core.em.stopping import RULES
from bactrian.core.mstep.likelihood import BLOCKS
from bactrian.errors import DataError
from bactrian.estimators.exports import EXPORTS
from bactrian.estimators.family import FAMILIES
from bactrian.estimators.validation import MISSING
from bactrian.init.starts import STARTS
from bactrian.mixture.criteria import SIGNS
from bactrian.report import words
from bactrian.selection.search.candidates import MEASURES
from bactrian.tables.files import _FORMAT_NAMES
from bactrian.tables.write import write_table

SETTINGS = {
    "--tol": "tol",
    "--max-iter": "max_iter",
    "--n-init": "n_init",
    "--init": "init_params",
    "--jobs": "n_jobs",
    "--stopping": "stopping",
    "--acceleration": "acceleration",
    "--reg-covar": "reg_covar",
    "--missing": "missing",
    "--equal-weights": "equal_weights",
    "--eigenvalue-ratio": "eigenvalue_ratio",
}
# Options without a default of their own: what --start says, or the estimator's default.
OPEN = {"--noise": "noise", "--noise-init": "noise_init", "--family": "family", "--dof": "dof"}
PYTHON_ONLY = {
    "backend", "callback", "resp_init", "verbose", "verbose_interval", "warm_start",
}  # fmt: skip


def options_of(command: click.Command) -> dict[str, click.Parameter]:
    return {name: option for option in command.params for name in option.opts}


def test_choices_are_those_of_the_library():
    assert set(options.COVARIANCES) == set(COVARIANCE_TYPES)
    assert tuple(STRUCTURES) == options.STRUCTURES
    assert set(options.INITS) == {"auto", *STARTS}
    assert set(options.STOPPINGS) == set(RULES)
    assert set(options.ACCELERATIONS) == set(ACCELERATIONS)
    assert set(options.FORMATS) == {"auto", *_FORMAT_NAMES}
    assert set(fit._BLOCKS) == set(BLOCKS)
    assert select.CRITERIA == MEASURES
    assert tuple(SIGNS) == select.SIGNS
    assert set(export.FORMATS) == {*EXPORTS, "json"}


@pytest.mark.parametrize("command", [fit.command, select.command])
@pytest.mark.parametrize("option", SETTINGS)
def test_defaults_are_those_of_the_estimator(command, option):
    default = signature(GaussianMixture).parameters[SETTINGS[option]].default
    assert options_of(command)[option].default == default


def test_options_left_open_are_as_the_estimator_has_them():
    parameters, told = signature(GaussianMixture).parameters, {}

    @click.command
    @options.fit_options
    def command(fitting):
        told.update(fitting.for_estimator())

    command.main([], standalone_mode=False)
    for name in OPEN.values():
        assert told[name] == parameters[name].default
    assert set(options.FAMILIES) == set(FAMILIES)
    assert set(options.MISSING) == set(MISSING)


def test_every_parameter_of_the_estimator_can_be_reached():
    start = {"weights_init", "means_init", "precisions_init", "fixed"}
    start |= {*OPEN.values(), "labels"}
    reached = {*SETTINGS.values(), *start, "n_components", "covariance_type", "random_state"}
    reached |= {"prior"}
    assert reached | PYTHON_ONLY == set(signature(GaussianMixture).parameters)


@pytest.mark.parametrize("option", words._OPTIONS.values())
def test_options_named_in_messages_exist(option):
    assert option in options_of(fit.command) | options_of(select.command)


@pytest.mark.parametrize("extension", [*places.EXTENSIONS, ""])
def test_extensions_can_be_written(extension):
    name = f"table{extension}"
    write_table(name, ["a"], [[1.0]])
    assert Path(name).exists()


def test_other_extensions_cannot():
    with pytest.raises(DataError):
        write_table("table.foo", ["a"], [[1.0]])


def test_every_command_has_help_and_examples():
    for name in COMMANDS:
        command = application.get_command(click.Context(application), name)
        assert command.name == name
        assert command.short_help
        assert command.examples
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, option
