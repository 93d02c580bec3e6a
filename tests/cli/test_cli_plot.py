"""``bactrian plot``, ``fit --plot`` and ``select --plot``: figures, and what cannot be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import invoke, spawn

from bactrian.cli import places, plot
from bactrian.plotting.display import FORMATS

BEGINNINGS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


def drawn(*args: object) -> bytes:
    """What a command that draws ``figure`` wrote."""
    result = invoke(*args)
    assert result.exit_code == 0, result.output
    (path,) = Path().glob("figure.*")
    content = path.read_bytes()
    path.unlink()
    assert f"Figure written to {path.name}" in result.stderr
    assert content.startswith(BEGINNINGS[path.suffix])
    return content


@pytest.fixture(scope="session")
def searched(tmp_path_factory, fitted) -> Path:
    folder = tmp_path_factory.mktemp("search")
    data = Path(plot.__file__).parents[1] / "data" / "samples" / "old_faithful.csv"
    done = invoke("select", data, "-k", "1:3", "--covariance", "full,VEV", "--quiet",
                  "--table", folder / "search.json")  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder / "search.json"


def test_choices_are_those_of_the_library():
    assert {f".{name}" for name in FORMATS} == set(places.PICTURES)
    told = {name for option in plot.command.params for name in [option.name]}
    assert set(plot._OWN) <= told


@pytest.mark.parametrize("extension", BEGINNINGS)
def test_a_model_and_its_rows(model, extension):
    command = ("plot", model, "faithful.csv", "-o", f"figure{extension}")
    assert drawn(*command) == drawn(*command)


@pytest.mark.parametrize(
    "options",
    [
        ["faithful.csv", "--features", "waiting"],
        ["faithful.csv", "--features", "2,1", "--assignment", "soft", "--contours"],
        ["faithful.csv", "--sigmas", "1,2,3", "--weights-column", "waiting"],
        [],
        ["faithful.csv", "--kind", "uncertainty"],
        ["faithful.csv", "--kind", "uncertainty", "--features", "1"],
        ["--kind", "convergence"],
        ["--kind", "convergence", "--log"],
    ],
)
def test_kinds(model, options):
    plain = drawn("plot", model, "faithful.csv", "-o", "figure.svg")
    assert drawn("plot", model, *options, "-o", "figure.svg") != plain


def test_weights_of_rows(model):
    one = ("plot", model, "faithful.csv", "--features", "waiting", "-o", "figure.svg")
    assert drawn(*one) != drawn(*one, "--weights-column", "eruptions")


def test_a_search(searched):
    one = drawn("plot", searched, "--kind", "criteria", "-o", "figure.svg")
    two = drawn("plot", searched, "--kind", "criteria", "--criterion", "bic,icl", "-o",
                "figure.svg")  # fmt: skip
    assert one != two
    assert one != drawn("plot", searched, "--kind", "criteria", "--log", "-o", "figure.svg")


def test_with_a_fit():
    options = ("fit", "faithful.csv", "-k", 2, "--seed", 1, "-o", "m.json")
    content = drawn(*options, "--plot", "figure.svg", "--trace", "trace.csv")
    assert content == drawn("plot", "m.json", "faithful.csv", "-o", "figure.svg")
    assert drawn("plot", "trace.csv", "--kind", "convergence", "-o", "figure.svg")


def test_a_scaled_fit_is_drawn_in_units_of_the_data():
    fit = ("fit", "faithful.csv", "-k", 2, "--seed", 1, "--plot", "figure.svg")
    text = drawn(*fit, "--standardize").decode()
    assert "<!-- 80 -->" in text  # minutes of waiting, not z-scores


def test_with_a_search(searched):
    options = ("select", "faithful.csv", "-k", "1:3", "--covariance", "full,VEV")
    content = drawn(*options, "--plot", "figure.svg")
    assert content == drawn("plot", searched, "--kind", "criteria", "-o", "figure.svg")
    scaled = drawn(*options, "--standardize", "--plot", "figure.svg").decode()
    assert "<!-- 2500 -->" in content.decode()
    assert "<!-- 2500 -->" in scaled  # BIC in units of the data


def test_components_are_counted_from_one(model):
    text = drawn("plot", model, "faithful.csv", "-o", "figure.svg").decode()
    assert "<!-- 2 -->" in text
    assert "<!-- 2  (" in text
    assert "<!-- 0  (" not in text


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["m", "faithful.csv", "-o", "x.gif"], 2, "must end in one of .svg, .png, .pdf"),
        (["m", "faithful.csv"], 2, "--output"),
        (["m", "faithful.csv", "-o", "no/x.svg"], 1, "no directory"),
        (["m", "no.csv", "-o", "x.svg"], 1, "no such file"),
        (["no", "faithful.csv", "-o", "x.svg"], 1, "no such file"),
        (["faithful.csv", "-o", "x.svg"], 1, "not a model file"),
        (["m", "faithful.csv", "--features", "z", "-o", "x.svg"], 1, "no column 'z'"),
        (["m", "faithful.csv", "--features", "3", "-o", "x.svg"], 1, "no column '3'"),
        (["m", "faithful.csv", "--sigmas", "0", "-o", "x.svg"], 2, "above 0"),
        (["m", "--kind", "uncertainty", "-o", "x.svg"], 2, "Name DATA"),
        (["m", "--weights-column", "w", "-o", "x.svg"], 2, "Name DATA"),
        (["m", "faithful.csv", "--kind", "convergence", "-o", "x.svg"], 2, "DATA has no meaning"),
        (["m", "faithful.csv", "--log", "-o", "x.svg"], 2, "--log has no meaning"),
        (["m", "--kind", "criteria", "-o", "x.svg"], 1, "MODEL must be the file of a search"),
        (
            ["faithful.csv", "--kind", "convergence", "-o", "x.svg"],
            1,
            "no columns 'start', ",
        ),
    ],
)
def test_errors(model, options, code, said):
    Path("m").write_text(Path(model).read_text())
    result = invoke("plot", *options)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(Path().glob("x.*"))


def test_a_criterion_that_the_search_has_not(searched):
    result = invoke("plot", searched, "--kind", "criteria", "--criterion", "cv", "-o", "x.svg")
    assert result.exit_code == 1
    assert "among those that the search has" in result.stderr


@pytest.mark.parametrize("command", ["fit", "select", "plot"])
def test_without_matplotlib_nothing_is_begun(command, model, monkeypatch):
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    options = {
        "fit": ["faithful.csv", "-k", 2, "--plot"],
        "select": ["faithful.csv", "--plot"],
        "plot": [model, "faithful.csv", "-o"],
    }
    result = invoke(command, *options[command], "figure.svg")
    assert result.exit_code == 1
    assert 'pip install "bactrian[plot]"' in result.stderr
    assert result.stdout == ""


def test_letters_without_a_glyph_are_a_warning():
    text = Path("faithful.csv").read_text().replace("waiting", "待ち")
    Path("renamed.csv").write_text(text, encoding="utf-8")
    done = spawn("fit", "renamed.csv", "-k", 1, "-q", "--plot", "figure.png")
    assert done.returncode == 0
    assert done.stderr.startswith("Warning: figure.png: Glyph")
    assert done.stderr.count("\n") == 1
