"""The examples run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_figures_of_the_guide(tmp_path):
    script = ROOT / "examples" / "guide_figures.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(tmp_path)],
        env={**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": str(tmp_path / "config")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.glob("*.png")}
    guide = ROOT / "docs" / "guide"
    assert names == {path.name for path in guide.glob("*.png")}
    text = "".join(page.read_text(encoding="utf-8") for page in guide.glob("*.md"))
    assert all(f"({name})" in text for name in names)
