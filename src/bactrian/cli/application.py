"""The command group: it loads commands on demand, and shows errors as messages with exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from bactrian import __version__
from bactrian.cli.interrupts import INTERRUPTED
from bactrian.errors import BactrianError
from bactrian.report.command_line import COMMAND_LINE

BROKEN_PIPE = 141  # what the shell reports of a program that SIGPIPE ended

# The commands in the order of the help page. Each lives in the module of its name, with _ for -.
COMMANDS = (
    "fit", "select", "bootstrap", "posterior", "sample-posterior", "predict", "score", "impute",
    "regress", "condition", "modes", "distance", "merge", "sample", "plot", "info", "export",
    "serve",
)  # fmt: skip


class Application(click.Group):
    """A group that imports a command when it is needed, and shows no traceback by default."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = import_module(f"bactrian.cli.{module}").command
        return command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> Any:
        """Run, and exit with the status."""
        settings.pop("standalone_mode", None)
        sys.exit(self.status(args, *rest, **settings))

    def status(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> int:
        """Run, and return the exit status: 0, 1 (failed), 2 (usage), 130 (interrupted)."""
        try:
            settings["standalone_mode"] = False
            return int(super().main(args, *rest, **settings) or 0)
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort:
            click.echo("Interrupted.", err=True)
            return INTERRUPTED

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn errors into one message."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _silence_stdout()
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.params.get("traceback"):
                click.echo(traceback.format_exc(), err=True, nl=False)
            raise click.ClickException(explained(error)) from error


def explained(error: Exception) -> str:
    """Say in one message what went wrong.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str
    """
    if isinstance(error, BactrianError):
        return COMMAND_LINE.message(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory. Fit fewer rows, columns or components."
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}."
    return (
        f"An unexpected {type(error).__name__}: {error}\n"
        "Please report it, with what `bactrian --traceback COMMAND ...` shows."
    )


def _silence_stdout() -> None:
    """Discard the buffered output: nobody reads it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


@click.group(
    name="bactrian", cls=Application, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="bactrian")
@click.option("--traceback", is_flag=True, help="Show where in the program an error arose.")
def application(traceback: bool) -> None:
    """Gaussian mixture models: fit them, choose among them, use them.

    Tables are read from CSV (any delimiter, packed or not), Parquet, Feather and .npy files, or
    from standard input: -. Results go to standard output, all else to standard error.
    Components are counted from 1.
    """
