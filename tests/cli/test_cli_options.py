"""The options: each named where it is spoken of, and each with help."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from bactrian.cli import bootstrap, fit, places, select
from bactrian.cli.application import COMMANDS, application
from bactrian.errors import DataError
from bactrian.report.command_line import OPTIONS
from bactrian.tables.write import write_table


def options_of(command: click.Command) -> dict[str, click.Parameter]:
    return {name: option for option in command.params for name in option.opts}


@pytest.mark.parametrize("option", OPTIONS.values())
def test_options_named_in_messages_exist(option):
    commands = (fit.command, select.command, bootstrap.command)
    assert any(option in options_of(command) for command in commands)


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
