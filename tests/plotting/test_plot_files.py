"""Figures in files: the same bytes, no state left, and what happens without matplotlib."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bactrian import BadInputError, ModelFileError
from bactrian.plotting import ConvergenceDisplay, MixtureDisplay, MixtureView, UncertaintyDisplay

BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("format", BEGINNINGS)
def test_the_same_bytes(fitted, blobs, tmp_path, format):
    paths = [tmp_path / f"{name}.{format}" for name in "ab"]
    for path in paths:
        view = MixtureView.of(fitted, blobs, features=[0, 1])
        MixtureDisplay(view).save(path, assignment="soft", contours=True)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert first.startswith(BEGINNINGS[format])
    for told in (b"matplotlib v", b"creationdate", b"dc:date"):
        assert told not in first.lower()


def test_no_figure_of_pyplot_is_left(fitted, blobs, tmp_path):
    from matplotlib import pyplot

    MixtureDisplay(MixtureView.of(fitted, blobs)).save(tmp_path / "matrix.png", dpi=40)
    ConvergenceDisplay.of(fitted).save(tmp_path / "trace.png", dpi=40)
    UncertaintyDisplay.of(fitted, blobs).save(tmp_path / "rows.png", dpi=40)
    assert pyplot.get_fignums() == []
    MixtureDisplay.from_estimator(fitted, blobs)
    assert len(pyplot.get_fignums()) == 1


def test_faults_of_files(fitted, tmp_path):
    display = ConvergenceDisplay.of(fitted)
    with pytest.raises(BadInputError, match=r"\.svg or \.png or \.pdf"):
        display.save(tmp_path / "figure.gif")
    with pytest.raises(ModelFileError, match="directory"):
        display.save(tmp_path / "nowhere" / "figure.svg")
    assert list(tmp_path.iterdir()) == []


def test_neither_the_package_nor_its_displays_load_pyplot():
    code = (
        "import sys, bactrian, bactrian.plotting\n"
        "light = 'matplotlib' in sys.modules or 'numpy' in sys.modules\n"
        "from bactrian.plotting import *\n"
        "print(light, 'matplotlib.pyplot' in sys.modules)"
    )
    assert run_python(code) == "False False"


def test_without_matplotlib_there_is_one_clear_message():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "try:\n"
        "    from bactrian.plotting import MixtureDisplay\n"
        "except ImportError as error:\n"
        "    print(error)"
    )
    said = run_python(code)
    assert said == 'Figures need matplotlib. Install it: pip install "bactrian[plot]"'
