"""The package as installed: metadata, start-up, configuration, and the repository around it."""

from __future__ import annotations

import ast
import importlib.resources
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import bactrian
from bactrian.config import config, native_summary, show_config

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = ROOT / "src" / "bactrian"
EXTRAS = ("cli", "plot", "app", "onnx", "all", "dev")


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def repository_files() -> list[Path]:
    """Files that git tracks or would track."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = (ROOT / name for name in listing.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


# ------------------------------------------------------------------ metadata


def test_version_is_the_same_everywhere():
    declared = PYPROJECT["project"]["version"]
    assert bactrian.__version__ == declared
    assert metadata.version("bactrian") == declared
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{declared}]" in changelog


def test_extras_are_all_declared():
    assert set(PYPROJECT["project"]["optional-dependencies"]) == set(EXTRAS)
    assert set(metadata.metadata("bactrian").get_all("Provides-Extra")) == set(EXTRAS)


def test_extra_all_is_every_feature():
    (reference,) = PYPROJECT["project"]["optional-dependencies"]["all"]
    named = re.fullmatch(r"bactrian\[(.*)\]", reference)[1].split(",")
    assert set(named) == set(EXTRAS) - {"all", "dev"}


def test_an_extra_exists_when_its_code_does():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for name in set(EXTRAS) - {"all", "dev"}:
        requirements = PYPROJECT["project"]["optional-dependencies"][name]
        packages = {re.match(r"\w+", requirement)[0] for requirement in requirements}
        imports = rf"^ *(import|from) ({'|'.join(packages - {'bactrian'})})\b"
        assert re.search(imports, sources, re.MULTILINE), name


def test_nothing_is_required_beside_scikit_learn_and_what_comes_with_it():
    required = [re.match(r"[\w-]+", line)[0] for line in PYPROJECT["project"]["dependencies"]]
    assert required == ["numpy", "scipy", "scikit-learn", "narwhals", "threadpoolctl", "joblib"]


def test_every_installed_requirement_is_pinned():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0] for line in pins if line and not line.startswith("#")}
    groups = PYPROJECT["project"]["optional-dependencies"]
    wanted = [*PYPROJECT["build-system"]["requires"], *PYPROJECT["project"]["dependencies"]]
    for name in set(EXTRAS) - {"all"}:
        wanted += groups[name]
    names = {re.match(r"[\w-]+", line)[0] for line in wanted}
    assert names - {"bactrian"} <= pinned  # an extra may hold another


def test_sample_and_type_marker_are_shipped():
    package = importlib.resources.files("bactrian")
    sample = package / "data" / "samples" / "old_faithful.csv"
    header, *rows = sample.read_text(encoding="utf-8").split()
    assert header == "eruptions,waiting"
    assert len(rows) == 272
    assert (package / "py.typed").is_file()


# ------------------------------------------------------------------ start-up


def test_import_takes_less_than_a_fifth_of_a_second():
    code = (
        "from time import perf_counter as now\n"
        "start = now()\n"
        "import bactrian\n"
        "print(now() - start)"
    )
    assert min(float(run_python(code)) for _ in range(5)) < 0.2


def test_import_loads_no_heavy_package():
    code = "import sys, json, bactrian; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(run_python(code))}
    heavy = {"numpy", "scipy", "sklearn", "pandas", "click", "rich", "pyarrow", "matplotlib"}
    assert not loaded & heavy


# ------------------------------------------------------------- configuration


def test_config_is_plain_data():
    facts = config()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["versions"]["bactrian"] == bactrian.__version__
    assert facts["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    for name in ("numpy", "scipy", "scikit-learn"):
        assert facts["versions"][name] == metadata.version(name)
    assert set(facts["extras"]) == set(EXTRAS) - {"all", "dev"}
    assert facts["backends"]["default"] in facts["backends"]["available"]
    assert "numpy" in facts["backends"]["available"]


def test_show_config_tells_the_state_of_the_native_module():
    shown = io.StringIO()
    show_config(shown)
    native = config()["native"]
    if native["built"]:
        info = native["build_info"]
        assert (
            f"native: built by {info['compiler']} {info['compiler_version']}" in shown.getvalue()
        )
        assert f"C++{info['cxx_standard']}" in shown.getvalue()
    else:
        assert "native: not built" in shown.getvalue()
        assert native["remedy"] in shown.getvalue()


def test_show_config_prints_to_standard_output(capsys):
    show_config()
    assert native_summary() in capsys.readouterr().out


def test_show_config_tells_which_instructions_and_threads_are_in_use():
    pytest.importorskip("bactrian._native", reason="native module not built")
    code = "import bactrian; bactrian.show_config()"
    shown = run_python(code, BACTRIAN_ISA="portable", BACTRIAN_NUM_THREADS="3")
    assert re.search(r"; instruction set portable \(of .*portable\), 3 threads\n", shown)
    assert "portable (of" not in run_python(code, BACTRIAN_ISA="", BACTRIAN_NUM_THREADS="1")
    native = config()["native"]
    assert native["path"] in native["paths"]
    assert native["n_threads"] >= 1
    assert native["reason"] is None


@pytest.mark.parametrize("name", ["BACTRIAN_ISA", "BACTRIAN_NUM_THREADS"])
def test_show_config_tells_of_a_wrong_setting(name):
    pytest.importorskip("bactrian._native", reason="native module not built")
    shown = run_python("import bactrian; bactrian.show_config()", **{name: "fast"})
    assert re.search(rf"; {name} must be .*, but got 'fast'. Unset it.\n", shown)


def test_without_native_module_the_remedy_is_told():
    shown = run_python(
        "import sys; sys.modules['bactrian._native'] = None\n"
        "import bactrian; bactrian.show_config()\n"
        "import json; from bactrian.config import config; print(json.dumps(config()))\n"
        "import numpy as np\n"
        "bactrian.GaussianMixture(1).fit(np.random.default_rng(0).normal(size=(9, 1)))\n"
        "try: bactrian.GaussianMixture(1, backend='native').fit(np.eye(2))\n"
        "except ValueError as error: print(error)"
    )
    *lines, facts, error = shown.splitlines()
    native = json.loads(facts)["native"]
    assert not native["built"]
    assert "C++17 compiler" in native["remedy"]
    assert "native: not built; installed as pure Python, back end numpy" in lines
    assert f"  to get it: {native['remedy']}" in lines
    assert "back ends: numpy" in lines
    assert "backend must be one of auto, numpy, but got 'native', which was not compiled" in error


def test_missing_extra_tells_how_to_install_it(monkeypatch):
    real = metadata.version

    def without_click(name):
        if name == "click":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr("bactrian.config.metadata.version", without_click)
    assert "click" in config()["extras"]["cli"]["missing"]
    shown = io.StringIO()
    show_config(shown)
    assert "missing click" in shown.getvalue()
    assert "pip install 'bactrian[cli]'" in shown.getvalue()


def test_native_stub_names_what_the_module_has():
    native = pytest.importorskip("bactrian._native", reason="native module not built")
    stub = ast.parse((ROOT / "src/bactrian/_native.pyi").read_text(encoding="utf-8"))
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    public = {name for name in dir(native) if not name.startswith("_")}
    assert functions == {name for name in public if callable(getattr(native, name))}
    (typed,) = (n for n in stub.body if isinstance(n, ast.ClassDef) and n.name == "BuildInfo")
    assert [field.target.id for field in typed.body] == list(native.build_info())


def test_native_build_info_is_of_this_build():
    native = pytest.importorskip("bactrian._native", reason="native module not built")
    info = native.build_info()
    assert re.match(r"\d+(\.\d+)*", info["compiler_version"])
    assert info["cxx_standard"] >= 17
    assert info["optimised"] == (info["build_type"] != "Debug")


# ------------------------------------------------------------------ repository


def test_make_alone_lists_the_targets():
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    done = subprocess.run(
        [make], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    listed = re.findall(r"^  make ([a-z-]+) +\S", done.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony.split())


def test_core_imports_numpy_and_scipy_only():
    allowed = {*sys.stdlib_module_names, "numpy", "scipy", "bactrian"}
    strays = []
    for path in sorted((ROOT / "src/bactrian/core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            strays += [(path.name, n) for n in names if n.partition(".")[0] not in allowed]
    assert strays == []


def test_no_file_names_a_registry_host_or_a_path_of_one_machine():
    hosts = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "deb.debian" + ".org"]
    homes = r"(?<![\w.\-/])/(?:root|home|work|Users)/\w"
    forbidden = re.compile("|".join([*map(re.escape, hosts), homes, re.escape(str(ROOT) + "/")]))
    found = []
    for path in repository_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in forbidden.finditer(text)]
    assert found == []
