"""Files that commands write: each needs a possible place, and a place of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click

PICTURES = (".svg", ".png", ".pdf")
EXTENSIONS = (".csv", ".txt", ".tsv", ".tab", ".parquet", ".feather", ".arrow", ".npy")

Function = TypeVar("Function", bound=Callable[..., Any])


class InputFile(click.Option):
    """An option that names a file to read."""


class OutputFile(click.Option):
    """An option that names a file to write."""


def output_file(
    *flags: str,
    help: str,
    table: bool = False,
    picture: bool = False,
    also: tuple[str, ...] = (),
    or_stdout: bool = False,
    required: bool = False,
) -> Callable[[Function], Function]:
    """An option for a file to write; an impossible place is refused before any work.

    Parameters
    ----------
    *flags : str
    help : str
    table : bool, default=False
        The extension names the format, and must be a known one.
    picture : bool, default=False
        Of a figure: the extension names the format, and matplotlib must be there.
    also : tuple of str, optional
        Extensions that are known besides those of tables.
    or_stdout : bool, default=False
        Whether - stands for standard output.
    required : bool, default=False
    """

    def check(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is None or (value == "-" and or_stdout):
            return value
        if value == "-":
            raise click.BadParameter("name a file; standard output is taken by the report.")
        _check_place(f"{parameter.opts[0]} {value}", Path(value))
        if picture:
            _check_picture(Path(value))
        if table:
            _check_extension(Path(value), (*EXTENSIONS, *also))
        return value

    return click.option(
        *flags, cls=OutputFile, metavar="FILE", callback=check, required=required, help=help
    )


def _check_place(said: str, path: Path) -> None:
    if path.is_dir():
        raise click.ClickException(f"{said}: this is a directory. Name a file in it.")
    if not path.parent.is_dir():
        where = str(path.parent)
        raise click.ClickException(f"{said}: there is no directory {where!r}. Make it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.ClickException(f"{said}: you may not write to it. Name another place.")


def _check_extension(path: Path, known: tuple[str, ...]) -> None:
    extension = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    if extension and extension not in known:
        raise click.BadParameter(f"{extension} is not one of {', '.join(known)}.")


def _check_picture(path: Path) -> None:
    from bactrian.plotting import REMEDY

    if path.suffix.lower() not in PICTURES:
        raise click.BadParameter(f"{path.name!r} must end in one of {', '.join(PICTURES)}.")
    if find_spec("matplotlib") is None:
        raise click.ClickException(REMEDY)


def check_outputs(ctx: click.Context) -> None:
    """Refuse to overwrite an input, and to write two files to one place.

    Parameters
    ----------
    ctx : click.Context
        Of the command, its parameters known.

    Raises
    ------
    click.UsageError
    """
    taken: list[tuple[str, str, bool]] = []
    for parameter, path in _named(ctx, click.Argument, InputFile):
        said = parameter.make_metavar(ctx) if isinstance(parameter, click.Argument) else ""
        taken.append((said or parameter.opts[0], path, True))
    for parameter, path in _named(ctx, OutputFile):
        option = parameter.opts[0]
        for other, place, is_input in taken:
            if not _same_file(path, place, is_input=is_input):
                continue
            if is_input:
                raise click.UsageError(
                    f"{option} {path} would overwrite {other} ({_called(place)}). "
                    "Name another file."
                )
            raise click.UsageError(
                f"{other} {place} and {option} {path} are the same file. Name two."
            )
        if path != "-":
            taken.append((option, path, False))


def _named(ctx: click.Context, *kinds: type) -> Iterator[tuple[click.Parameter, str]]:
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if isinstance(parameter, kinds) and isinstance(value, str):
            yield parameter, value


def _called(path: str) -> str:
    return "standard input" if path == "-" else path


def _same_file(output: str, other: str, *, is_input: bool) -> bool:
    """Whether two paths lead to one regular file, through any links or spellings."""
    if output == "-":
        return False
    try:
        if other == "-":
            known = os.fstat(sys.stdin.fileno())
            return is_input and os.path.isfile(output) and os.path.samestat(known, os.stat(output))
        if os.path.exists(output) and os.path.exists(other):
            return os.path.isfile(output) and os.path.samefile(output, other)
        return os.path.realpath(output) == os.path.realpath(other)
    except (OSError, ValueError):  # standard input need not be a file, nor a path a path
        return False


def rows_file(function: Function) -> Function:
    """Option for the file that rows are written to, as the argument `output`."""
    words = "Write a file: .csv, .tsv, .parquet, .feather, .npy; add .gz to compress."
    return output_file("-o", "--output", table=True, or_stdout=True, help=words)(function)
