"""A folder to work in, with data and a model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from running import ROOT, invoke

FAITHFUL = ROOT / "src" / "bactrian" / "data" / "samples" / "old_faithful.csv"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """The current directory, with faithful.csv in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(FAITHFUL, "faithful.csv")
    return tmp_path


@pytest.fixture(scope="session")
def fitted(tmp_path_factory) -> Path:
    """A model of Old Faithful with two components."""
    path = tmp_path_factory.mktemp("model") / "model.json"
    result = invoke("fit", FAITHFUL, "-k", 2, "--seed", 1, "-o", path, "--quiet")
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def model(folder, fitted) -> str:
    """model.json in the current directory."""
    shutil.copy(fitted, "model.json")
    return "model.json"
