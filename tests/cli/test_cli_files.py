"""No command writes over what it reads, nor two results to one place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import COMMAND, environment, invoke

FIT = ("fit", "faithful.csv", "-k", 1)
OVER = [
    (*FIT, "-o", "faithful.csv"),
    (*FIT, "--labels", "./faithful.csv"),
    (*FIT, "--trace", "sub/../faithful.csv"),
    (*FIT, "-o", "link.csv"),
    (*FIT, "--start", "model.json", "-o", "model.json"),
    ("fit", "link.csv", "-k", 1, "--labels", "faithful.csv"),
    ("select", "faithful.csv", "-k", 1, "-o", "link.csv"),
    ("predict", "model.json", "faithful.csv", "-o", "faithful.csv"),
    ("predict", "model.json", "faithful.csv", "-o", "model.csv"),
    ("score", "model.json", "faithful.csv", "-o", "faithful.csv"),
    ("sample", "model.json", "-o", "model.csv"),
    ("export", "model.json", "--format", "onnx", "-o", "./model.json"),
]
TWICE = [
    ("--labels", "out.csv", "--trace", "out.csv"),
    ("-o", "out.csv", "--labels", "./out.csv"),
    ("-o", "new.csv", "--trace", "dangling.csv"),
]


@pytest.fixture(autouse=True)
def links(model):
    Path("sub").mkdir()
    for link, target in (
        ("link.csv", "faithful.csv"),
        ("model.csv", "model.json"),
        ("dangling.csv", "new.csv"),
    ):
        try:
            os.symlink(target, link)
        except OSError:
            pytest.skip("no symbolic links here")


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}


@pytest.mark.parametrize("arguments", OVER, ids=lambda words: "_".join(map(str, words))[:70])
def test_what_is_read_is_not_written_over(arguments):
    before = contents()
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert "would overwrite" in result.stderr
    assert result.stdout == ""
    assert contents() == before


@pytest.mark.parametrize("outputs", TWICE)
def test_two_results_need_two_places(outputs):
    before = contents()
    result = invoke(*FIT, *outputs)
    assert result.exit_code == 2, result.output
    assert f"{outputs[0]} {outputs[1]} and {outputs[2]} {outputs[3]}" in result.stderr
    assert contents() == before


def test_nothing_is_read_before_the_refusal():
    result = invoke("fit", "nope.csv", "-k", 1, "-o", "nope.csv")
    assert result.exit_code == 2
    assert "-o nope.csv would overwrite DATA (nope.csv)" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="the shell is POSIX")
def test_redirected_input_is_not_written_over():
    before = contents()
    with open("faithful.csv", "rb") as stream:
        done = subprocess.run(
            [*COMMAND, "predict", "model.json", "-", "-o", "link.csv"],
            stdin=stream,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert "would overwrite DATA (standard input)" in done.stderr
    assert contents() == before


@pytest.mark.skipif(os.name == "nt", reason="no /dev/null")
def test_devices_take_any_number_of_results():
    result = invoke(*FIT, "--labels", "/dev/null", "-o", "/dev/null", "--quiet")
    assert result.exit_code == 0, result.output


def test_older_results_may_be_replaced():
    Path("old.json").write_text("old")
    assert invoke(*FIT, "-o", "old.json", "--quiet").exit_code == 0
    assert Path("old.json").read_text().startswith("{")


@pytest.mark.parametrize("words", [["info", "faithful.csv"], ["predict", *["faithful.csv"] * 2]])
def test_a_table_is_not_a_model_file(words):
    result = invoke(*words)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: faithful.csv: this is not a model file. ")
    assert "`bactrian fit -o FILE`" in result.stderr


def test_the_package_runs_as_a_module():
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    done = run("-m", "bactrian", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("bactrian, version ")
    without = (
        "import runpy, importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda name, *rest: None if name == 'click' else find(name, *rest); "
        "runpy.run_module('bactrian', run_name='__main__')"
    )
    done = run("-c", without)
    assert done.returncode == 1
    assert done.stderr == 'The command line needs click: pip install "bactrian[cli]"\n'
