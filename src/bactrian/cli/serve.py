"""``bactrian serve``: the calculator in the browser."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import DataOptions, data_options, json_done

if TYPE_CHECKING:
    import socket

    from bactrian.web.calculator import Calculator

STANDARD_INPUT = "standard input"
_NEEDED = ("pydantic", "starlette", "uvicorn")
_INSTALL = 'The calculator needs {0}: pip install "bactrian[app]"'


@click.command(
    name="serve",
    cls=Command,
    short_help="The calculator, as a page in the browser.",
    examples=(
        "serve",
        "serve data.csv --open",
        "serve --host 0.0.0.0 --port 9000 --jobs 4",
    ),
)
@click.argument("data", metavar="[DATA]", required=False)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="NAME",
    help="Address to listen at. Other machines need a token, which is part of the printed "
    "address.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port; 0 for any free port.  [default: 8642, or the next free port]",
)
@click.option("--open", "in_browser", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Number of fits at a time, each in its own process.  [default: 2]",
)
@click.option(
    "--keep",
    type=click.FloatRange(0.01),
    default=60,
    show_default=True,
    metavar="MINUTES",
    help="Forget data and results after they were not used for this long.",
)
@click.option(
    "--max-upload",
    type=click.IntRange(1),
    default=1024,
    show_default=True,
    metavar="MIB",
    help="Largest file that the server accepts.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(0.1),
    default=1800,
    show_default=True,
    metavar="SECONDS",
    help="Longest time for a fit; the best result so far is kept.",
)
@data_options
@json_done
def command(
    data: str | None,
    host: str,
    port: int | None,
    in_browser: bool,
    jobs: int | None,
    keep: float,
    max_upload: int,
    max_seconds: float,
    reading: DataOptions,
    as_json: bool,
) -> None:
    """Start the calculator: a page that fits mixtures to your data, on this machine.

    If DATA is named, a table or - for standard input, the page begins with it.

    Nothing leaves the machine, and nothing is kept: data and results are in a private folder,
    which is removed when you press Ctrl-C.
    """
    _check_installed()
    from bactrian.cli.console import note, tell
    from bactrian.cli.interrupts import raise_on_interrupt
    from bactrian.web.calculator import Calculator
    from bactrian.web.capacity import MIB, Capacity
    from bactrian.web.guard import Access
    from bactrian.web.server import serve, url_of

    given: dict[str, Any] = {} if jobs is None else {"jobs": jobs}
    capacity = Capacity(
        keep=60.0 * keep, upload_bytes=max_upload * MIB, seconds=max_seconds, **given
    )
    _check_reading(data, reading)
    raise_on_interrupt()
    with _listen(host, port) as bound:
        address, number = bound.getsockname()[:2]
        access = Access.at(host, address, number)
        calculator = Calculator(capacity)
        link = "" if data is None else _opened(calculator, data, reading)
        url = url_of(host, number, access) + link

        def ready() -> None:
            if as_json:
                tell("serve", data, url=url)
            else:
                click.echo(url)
            note("Press Ctrl-C to end.")
            if in_browser:
                _show(url)

        with suppress(KeyboardInterrupt):
            serve(bound, access, calculator, ready)


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise click.ClickException(_INSTALL.format(" and ".join(missing)))


def _check_reading(data: str | None, reading: DataOptions) -> None:
    """Refuse options for reading if nothing is read."""
    if data is None and reading != DataOptions(None, None, "auto", "auto", "auto"):
        raise click.UsageError("Options for reading a table need a table: name it as DATA.")


def _opened(calculator: Calculator, data: str, reading: DataOptions) -> str:
    """Let the calculator hold a table; return the end of the address that asks for it."""
    from bactrian.cli.console import busy
    from bactrian.web.opening import open_table
    from bactrian.web.orders import ColumnChoice
    from bactrian.web.problems import RefusalError
    from bactrian.web.schema import FileQuery

    path, name = Path(data).absolute(), Path(data).name
    headers: Any = {None: "auto", True: "yes", False: "no"}
    try:
        if data == "-":
            path, name = calculator.draft(), STANDARD_INPUT
            path.write_bytes(sys.stdin.buffer.read())
        query = FileQuery.model_construct(
            name=name,
            format=reading.format,
            delimiter=reading.delimiter,
            decimal=reading.decimal,
            thousands=reading.thousands,
            missing_values=list(reading.missing_values or ()),
            skip_lines=reading.skip_lines,
            header=headers[reading.header],
        )
        with busy(f"Reading {data}", quiet=False):
            chosen = ColumnChoice(reading.columns, reading.exclude or ())
            return open_table(calculator, path, query, chosen, is_file=data != "-")
    except BaseException as error:
        calculator.close()
        if not isinstance(error, RefusalError):
            raise
        told = error.problem
        raise click.ClickException(" ".join(filter(None, (told.message, told.remedy)))) from None


def _show(url: str) -> None:
    """Open the page in the browser; the server does not wait for it."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _listen(host: str, port: int | None) -> socket.socket:
    from bactrian.web.server import PortTakenError, listen

    try:
        return listen(host, port)
    except PortTakenError as error:
        raise click.ClickException(f"{error} Choose another with --port.") from None
    except OSError as error:
        said = error.strerror or error
        raise click.ClickException(f"Cannot listen at {host}: {said}.") from None
