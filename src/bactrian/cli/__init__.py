"""The command line: ``bactrian fit data.csv -k 3``."""

from __future__ import annotations

import sys
from typing import NoReturn

from bactrian.cli.interrupts import INTERRUPTED, leave_on_interrupt

_INSTALL = 'The command line needs {0}: pip install "bactrian[cli]"'


def main() -> NoReturn:
    """Run the command line on ``sys.argv``, and exit.

    Ctrl-C ends it quietly even while modules are still being imported.
    """
    try:
        leave_on_interrupt()
        sys.exit(_run())
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _run() -> int:
    missing = _missing()
    if missing:
        print(_INSTALL.format(" and ".join(missing)), file=sys.stderr)
        return 1
    from bactrian.cli.application import application

    return application.status(sys.argv[1:], prog_name="bactrian")


def _missing() -> list[str]:
    from importlib.util import find_spec

    return [name for name in ("click", "rich") if find_spec(name) is None]
