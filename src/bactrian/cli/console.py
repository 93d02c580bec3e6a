"""Where things are printed: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from bactrian.report.grid import Line


def console(stream: IO[str]) -> Console:
    """A console of rich on a stream, with plain text only.

    Parameters
    ----------
    stream : text stream

    Returns
    -------
    Console
    """
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def print_lines(lines: Sequence[Line]) -> None:
    """Print lines to standard output, with styles on a terminal.

    Parameters
    ----------
    lines : sequence of Line
    """
    out = console(sys.stdout)
    if not out.is_terminal:
        click.echo("\n".join(line.text for line in lines))
        return
    for line in lines:
        out.print(line.text, style=line.style or None, no_wrap=True, crop=False, overflow="ignore")


def page_width() -> int:
    """Columns of the terminal, or 80 without a terminal."""
    return max(console(sys.stdout).width, 40)


def note(text: str) -> None:
    """Say something on standard error."""
    click.echo(text, err=True)


def tell(command: str, source: str | None, **done: Any) -> None:
    """Print a JSON document about what a command did, to standard output.

    Parameters
    ----------
    command : str
    source : str or None
        The file that it read.
    **done
    """
    from bactrian import __version__
    from bactrian.report.document import as_json

    click.echo(as_json({"bactrian": __version__, "command": command, "source": source, **done}))


def warn(text: str) -> None:
    """Warn on standard error."""
    click.secho(f"Warning: {text}", err=True, fg="yellow")


@contextmanager
def busy(text: str, *, quiet: bool) -> Iterator[None]:
    """Show on a terminal that work is in progress.

    Parameters
    ----------
    text : str
    quiet : bool
        Show nothing.
    """
    err: Any = console(sys.stderr)
    if quiet or not err.is_terminal:
        yield
        return
    with err.status(text):
        yield
