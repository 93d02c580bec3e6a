"""Ways to run the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from bactrian.cli.application import application

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "bactrian.cli"]


def environment() -> dict[str, str]:
    """Of a subprocess: this checkout, a terminal of 80 columns, warnings that do not matter."""
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    drop = ("FORCE_COLOR", "NO_COLOR", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "COLUMNS": "80"}


def invoke(*args: object, stdin: bytes | str | None = None) -> Result:
    """Run in this process."""
    return CliRunner().invoke(application, [str(arg) for arg in args], input=stdin)


def spawn(*args: object, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run as a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        env=environment(),
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
        **settings,
    )
