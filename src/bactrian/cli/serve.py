"""``bactrian serve``: the calculator in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command

if TYPE_CHECKING:
    import socket

_NEEDED = ("pydantic", "starlette", "uvicorn")
_INSTALL = 'The calculator needs {0}: pip install "bactrian[app]"'


@click.command(
    name="serve",
    cls=Command,
    short_help="The calculator, as a page in the browser.",
    examples=("serve", "serve --open", "serve --host 0.0.0.0 --port 9000 --jobs 4"),
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="NAME",
    help="Address to listen at. Beyond this machine, a token is asked for; it is part "
    "of the address that is printed.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port; 0 for any.  [default: 8642, or the next that is free]",
)
@click.option("--open", "in_browser", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Fits at a time, each in a process of its own.  [default: 2]",
)
@click.option(
    "--keep",
    type=click.FloatRange(0.01),
    default=60,
    show_default=True,
    metavar="MINUTES",
    help="Forget data and results that nobody asked for so long.",
)
@click.option(
    "--max-upload",
    type=click.IntRange(1),
    default=1024,
    show_default=True,
    metavar="MIB",
    help="Largest file that is taken.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(0.1),
    default=1800,
    show_default=True,
    metavar="SECONDS",
    help="Longest that a fit may take; the best so far is kept.",
)
def command(
    host: str,
    port: int | None,
    in_browser: bool,
    jobs: int | None,
    keep: float,
    max_upload: int,
    max_seconds: float,
) -> None:
    """Start the calculator: a page that fits mixtures to your data, on this machine.

    Nothing leaves the machine, and nothing is kept: data and results are in a private folder,
    which is removed when you press Ctrl-C.
    """
    _check_installed()
    from bactrian.cli.console import note
    from bactrian.cli.interrupts import raise_on_interrupt
    from bactrian.web.capacity import MIB, Capacity
    from bactrian.web.guard import Access
    from bactrian.web.server import serve, url_of

    given: dict[str, Any] = {} if jobs is None else {"jobs": jobs}
    capacity = Capacity(
        keep=60.0 * keep, upload_bytes=max_upload * MIB, seconds=max_seconds, **given
    )
    bound = _listen(host, port)
    address, number = bound.getsockname()[:2]
    access = Access.at(host, address, number)
    url = url_of(host, number, access)

    def ready() -> None:
        click.echo(url)
        note("Press Ctrl-C to end.")
        if in_browser:
            import webbrowser

            webbrowser.open(url)

    raise_on_interrupt()
    try:
        serve(bound, access, capacity, ready)
    except KeyboardInterrupt:
        return


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise click.ClickException(_INSTALL.format(" and ".join(missing)))


def _listen(host: str, port: int | None) -> socket.socket:
    from bactrian.web.server import PortTakenError, listen

    try:
        return listen(host, port)
    except PortTakenError as error:
        raise click.ClickException(f"{error} Choose another with --port.") from None
    except OSError as error:
        said = error.strerror or error
        raise click.ClickException(f"Cannot listen at {host}: {said}.") from None
