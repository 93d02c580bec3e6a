"""What the README and the pages say works: their Python and their commands are run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bactrian import GaussianMixture

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_HERE = ("make", "pip", "python")  # set up an environment; `make test` is running already


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python(page, tmp_path, monkeypatch):
    shutil.copy(ROOT / "src/bactrian/data/samples/old_faithful.csv", tmp_path / "faithful.csv")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), namespace)


def test_commands_of_the_readme(tmp_path):
    shutil.copy(ROOT / "src/bactrian/data/samples/old_faithful.csv", tmp_path / "faithful.csv")
    lines = [
        line.removeprefix("$ ").split("  #")[0].strip()
        for block in blocks(ROOT / "README.md", "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    ours = [line for line in lines if line.split()[0] not in NOT_HERE]
    assert len(ours) >= 4
    program = shlex.join([sys.executable, "-m", "bactrian.cli"])
    for line in ours:
        assert line.startswith("bactrian "), line
        command = program + line.removeprefix("bactrian")
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (tmp_path / "model.json").exists()
    assert (tmp_path / "labels.csv").read_text().count("\n") == 273


@pytest.mark.parametrize(
    "module",
    [
        "bactrian.estimators.gaussian_mixture",
        "bactrian.estimators.bayesian_mixture",
        "bactrian.bayes.conjugate",
        "bactrian.estimators.posterior_sampling",
        "bactrian.plotting.mixture",
        "bactrian.selection.tests.likelihood_ratio",
        "bactrian.selection.search.search",
        "bactrian.selection.search.selector",
        "bactrian.selection.bootstrap.bootstrap",
    ],
)
def test_examples_of_docstrings(module):
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_page_of_defaults_names_the_defaults():
    page = (ROOT / "docs" / "defaults.md").read_text(encoding="utf-8")
    defaults = inspect.signature(GaussianMixture).parameters
    for name in (
        "stopping",
        "tol",
        "max_iter",
        "acceleration",
        "n_init",
        "init_params",
        "reg_covar",
    ):
        (cell,) = re.findall(rf"^\| `{name}` \| (.*?) \|", page, re.MULTILINE)
        value = defaults[name].default
        written = f'"{value}"' if isinstance(value, str) else f"{value:g}".replace("e-0", "e-")
        assert cell.replace("`", "").startswith(written), (name, cell, written)


def test_the_docstring_names_every_parameter_and_its_default():
    text = inspect.getdoc(GaussianMixture)
    for name, parameter in inspect.signature(GaussianMixture).parameters.items():
        (line,) = re.findall(rf"^(?:\w+, )*{name}(?:, \w+)* : (?:.*\\\n)?.*$", text, re.MULTILINE)
        default = parameter.default
        written = f'"{default}"' if isinstance(default, str) else f"{default}".replace("e-0", "e-")
        assert f"default={written}" in line, (name, line)
