"""The benchmarks run, and the page of their tables is what they make of what was measured."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks"
PAGE = ROOT / "docs" / "performance.md"
SCRIPTS = sorted(FOLDER.glob("bench_*.py"))
LONG = {"bench_calculator"}  # it starts servers and browsers
MEASURED = [script for script in SCRIPTS if script.stem != "bench_defaults"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(script, marks=pytest.mark.slow if script.stem in LONG else ())
        for script in SCRIPTS
    ],
    ids=lambda script: script.stem,
)
@pytest.mark.filterwarnings("default")  # the peers warn
def test_quick_run(script, monkeypatch, capsys):
    # In this process: to start another takes longer than most of what is measured.
    before = PAGE.read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(script), "--quick"])
    monkeypatch.syspath_prepend(FOLDER)
    runpy.run_path(str(script), run_name="__main__")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows
    assert all(row["machine"]["cpu"] for row in rows)
    assert PAGE.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("script", MEASURED, ids=lambda script: script.stem)
def test_the_page_has_a_place_for_each(script):
    name = script.stem.removeprefix("bench_")
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"<!-- {name} -->") == text.count(f"<!-- end of {name} -->") == 1


def test_what_a_patient_peer_reaches_is_known_of_every_data_set(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    from datasets import cases, large_cases
    from measuring import stored

    known = {
        (row["data"], row["n_components"], row["covariance_type"]) for row in stored("reference")
    }
    wanted = {
        (case.name, case.n_components, case.covariance_type) for case in [*cases(), *large_cases()]
    }
    assert len(wanted) >= 30
    assert wanted == known


@pytest.mark.parametrize("script", MEASURED, ids=lambda script: script.stem)
def test_the_page_tells_what_was_measured(script, monkeypatch, capsys):
    # In this process: nothing is measured, and to start another takes longer than the tables.
    name = script.stem.removeprefix("bench_")
    if not (FOLDER / "results" / f"{name}.jsonl").exists():
        pytest.skip("not measured yet")
    monkeypatch.setattr(sys, "argv", [str(script), "--tables", "--quick"])
    monkeypatch.syspath_prepend(FOLDER)
    runpy.run_path(str(script), run_name="__main__")
    shown = capsys.readouterr().err.strip()
    assert shown
    assert shown in PAGE.read_text(encoding="utf-8")
