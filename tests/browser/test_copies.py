"""What is taken away from the page: text, JSON, code, a command, a model, labels, pictures."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from driving import Calculator
from library import SIX, fit

from bactrian import load_model


@pytest.fixture
def model():
    return fit(SIX, init_params="sample_variance")


def run(*arguments: object, folder) -> str:
    answer = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_text_and_json_are_those_of_the_command(calculator: Calculator, tmp_path):
    text = calculator.copied("Plain text")
    told = json.loads(calculator.copied("JSON"))
    command = calculator.copied("Command")
    np.savetxt(tmp_path / "six-points.csv", SIX, delimiter=",", header="X1,X2", comments="")
    program, *arguments = command.split()
    assert program == "bactrian"
    printed = run("-m", "bactrian", *arguments, folder=tmp_path)
    by_command = json.loads(run("-m", "bactrian", *arguments, "--json", folder=tmp_path))
    for name in ("weights", "means", "covariances", "correlations"):
        assert told["model"][name] == by_command["model"][name]
    told["fit"].pop("seconds"), by_command["fit"].pop("seconds")
    assert told["fit"] == by_command["fit"]
    assert told["optima"] == by_command["optima"]
    assert told["warnings"] == by_command["warnings"]
    parts = [re.findall(r"Weights and means.*?(?=Warnings)", one, re.S) for one in (text, printed)]
    assert parts[0] == parts[1]


def test_the_code_gives_the_same_numbers(calculator: Calculator, model, tmp_path):
    code = calculator.copied("Python")
    tail = "\nimport json\nprint('#', json.dumps([gm.weights_.tolist(), gm.means_.tolist()]))\n"
    (tmp_path / "fit.py").write_text(code + tail)
    last = run("fit.py", folder=tmp_path).splitlines()[-1]
    assert json.loads(last.removeprefix("# ")) == [model.weights_.tolist(), model.means_.tolist()]


def test_model_and_labels_are_downloaded(calculator: Calculator, model, tmp_path):
    bar = calculator.results.get_by_role("group", name="Download")
    loaded = load_model(calculator.downloaded(bar.get_by_role("link", name="Model"), tmp_path))
    np.testing.assert_array_equal(loaded.parameters.means, model.means_)
    np.testing.assert_array_equal(loaded.log_density(SIX), model.score_samples(SIX))
    labels = calculator.downloaded(bar.get_by_role("link", name="Labels (CSV)"), tmp_path)
    head, *lines = (line.split(",") for line in labels.read_text().splitlines())
    assert (head[:2], head[-1]) == (["row", "component"], "log_density")
    table = np.array(lines, float)
    np.testing.assert_array_equal(table[:, 0], np.arange(1, 7))
    np.testing.assert_array_equal(table[:, 1], model.predict(SIX) + 1)
    np.testing.assert_allclose(table[:, 2:-1], model.predict_proba(SIX), atol=1e-12)
    np.testing.assert_allclose(table[:, -1], model.score_samples(SIX))
    report = calculator.downloaded(bar.get_by_role("button", name="Report"), tmp_path)
    assert report.read_text() == calculator.copied("Plain text")


def test_pictures_are_saved(calculator: Calculator, tmp_path):
    save = calculator.picture.get_by_role("group", name="Save the picture")
    svg = calculator.downloaded(save.get_by_role("button", name="SVG"), tmp_path)
    root = ElementTree.parse(svg).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    drawn = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert sum(tag in ("circle", "path", "use", "rect") for tag in drawn) >= 6
    assert "script" not in drawn
    png = calculator.downloaded(save.get_by_role("button", name="PNG"), tmp_path).read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert 600 <= width <= 8000
    assert 300 <= height <= 6000
    assert len(png) > 5000
