"""What only a process of its own shows: signals, pipes, start-up."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from running import COMMAND, environment, spawn

from bactrian import load_model

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")
SOON = 2.0  # seconds; on an idle machine it is less than half of one


@pytest.fixture
def large(folder) -> str:
    """Rows on which an iteration takes a while."""
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.normal(size=(20, 8))
    X = centres[rng.integers(20, size=60_000)] + rng.normal(size=(60_000, 8))
    np.save("large.npy", X)
    return "large.npy"


class Terminal:
    """A process whose standard error is a terminal."""

    def __init__(self, *args: object) -> None:
        self._screen, stderr = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, args)],
            env={**environment(), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
        os.close(stderr)
        self.shown = ""

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Read the terminal until it shows some words."""
        end = time.monotonic() + seconds
        while words not in self.shown:
            assert time.monotonic() < end, self.shown
            assert self._read(end - time.monotonic()), self.shown

    def interrupt(self) -> float:
        """Press Ctrl-C; return how long the process still ran."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        while self._read(60):
            pass
        self.stdout = self.process.communicate(timeout=60)[0].decode()
        return time.monotonic() - began

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self._screen)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._screen], [], [], max(seconds, 0))[0]:
            return False
        try:
            text = os.read(self._screen, 4096)
        except OSError:  # Linux's word for the end
            return False
        self.shown += text.decode(errors="replace")
        return bool(text)


@contextmanager
def terminal(*args: object):
    opened = Terminal(*args)
    try:
        yield opened
    finally:
        opened.close()


def test_interrupted_fit_keeps_the_best_so_far(large):
    options = ("-k", 20, "--n-init", 1, "--tol", 0, "-o", "model.json", "--trace", "trace.csv")
    with terminal("fit", large, *options) as window:
        window.wait_for("iteration")
        seconds = window.interrupt()
        assert window.process.returncode == 130
    assert "The best so far was written to model.json (log-likelihood" in window.shown
    assert "Traceback" not in window.shown
    assert window.stdout == ""
    assert seconds < SOON
    model = load_model("model.json")
    assert model.parameters.n_components == 20
    assert model.training["converged"] is False
    assert model.training["n_iter"] >= 1
    assert len(Path("trace.csv").read_text().splitlines()) >= 2
    assert not [name for name in os.listdir() if name.startswith(".")]


def test_interrupted_fit_without_output_says_so(large):
    with terminal("fit", large, "-k", 20, "--n-init", 1, "--tol", 0) as window:
        window.wait_for("iteration")
        window.interrupt()
        assert window.process.returncode == 130
    assert "With -o FILE, the best so far would have been kept" in window.shown


def test_interrupted_selection_keeps_the_best_so_far(large):
    options = ("-k", "1,2,40", "--covariance", "diag", "--n-init", 1, "-o", "model.json")
    with terminal("select", large, *options) as window:
        window.wait_for("2 diag is done")
        seconds = window.interrupt()
        assert window.process.returncode == 130
    assert "The best so far was written to model.json (2 of 3 fits done" in window.shown
    assert seconds < SOON
    assert load_model("model.json").parameters.n_components == 2


def test_interrupted_selection_is_resumed(large):
    options = ("-k", "1,2,40", "--covariance", "diag", "--n-init", 1, "--table", "search.json")
    with terminal("select", large, *options) as window:
        window.wait_for("2 diag is done")
        window.interrupt()
        assert window.process.returncode == 130
    assert "The fits so far were written to search.json" in window.shown
    document = json.loads(Path("search.json").read_text())
    assert [row["n_components"] for row in document["candidates"]] == [1, 2]
    options = ("-k", "1,2", *options[2:], "--resume", "search.json")
    assert spawn("select", large, *options).returncode == 0


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupted_bootstrap_test_keeps_the_selection(n_jobs):
    options = ("-k", "1,2", "--covariance", "tied", "--n-init", 1, "--bootstrap-test", 9999)
    options = (*options, "--table", "search.json", "--jobs", n_jobs)
    with terminal("select", "faithful.csv", *options) as window:
        window.wait_for("of 9999 resamples")
        window.interrupt()
        assert window.process.returncode == 130
    assert "1 tests begun" in window.shown
    document = json.loads(Path("search.json").read_text())
    assert len(document["candidates"]) == 2
    assert document["bootstrap_test"]["tests"][0]["statistic"] == pytest.approx(299.22, abs=0.1)
    assert "Traceback" not in window.shown


def test_interrupted_bootstrap_reports_the_resamples_so_far(model):
    options = ("--resamples", 100_000, "-o", "errors.csv")
    with terminal("bootstrap", model, "faithful.csv", *options) as window:
        window.wait_for("resamples are done")
        seconds = window.interrupt()
        assert window.process.returncode == 130
    assert "of 100000 resamples were done" in window.shown
    assert "Traceback" not in window.shown
    assert window.stdout.startswith("Weighted bootstrap of ")
    assert len(Path("errors.csv").read_text().splitlines()) == 13
    assert seconds < SOON


@pytest.mark.parametrize("delay", [0.15, 0.4, 0.7, 1.0])
def test_interrupt_while_starting_leaves_at_once(delay):
    process = subprocess.Popen(
        [*COMMAND, "fit", "-", "-k", "2", "-o", "model.json"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(delay)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "Interrupted.\n")
    assert time.monotonic() - began < SOON
    assert not Path("model.json").exists()


def test_help_does_not_wait():
    def seconds(*args: str) -> float:
        began = time.perf_counter()
        assert spawn(*args).returncode == 0
        return time.perf_counter() - began

    for args in (["--help"], ["fit", "--help"], ["--version"]):
        assert min(seconds(*args) for _ in range(5)) < 0.3, args


@pytest.mark.parametrize(
    "args", [("--help",), ("fit", "--help"), ("select", "--help"), ("bootstrap", "--help")]
)
def test_help_needs_no_numpy(args):
    code = (
        "import sys; from bactrian.cli.application import application as a; "
        f"a.status({list(args)!r}); print(sorted(set(sys.modules) & "
        "{'numpy', 'scipy', 'sklearn', 'pyarrow', 'rich', 'narwhals'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_tells_what_to_install(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; from bactrian.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f'The command line needs {missing}: pip install "bactrian[cli]"\n'


def test_exit_codes_of_a_process(model):
    done = spawn("predict", model, "faithful.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 273
    failed = spawn("fit", "nope.csv", "-k", 2)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: nope.csv: there is no such file")
    misused = spawn("fit")
    assert (misused.returncode, misused.stdout) == (2, "")


@pytest.mark.parametrize("args", [("sample", "model.json", "-n", 100000), ("info", "model.json")])
def test_broken_pipe_is_quiet(model, args):
    process = subprocess.Popen(
        [*COMMAND, *map(str, args)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert err == b""


def test_standard_input_may_be_a_pipe(model):
    rows = Path("faithful.csv").read_text()
    done = spawn("score", model, "-", input=rows)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 273


def test_terminal_gets_progress_and_styles_but_files_do_not(model):
    with terminal("fit", "faithful.csv", "-k", 2) as window:
        window.wait_for("Reading faithful.csv")
        while window._read(60):
            pass
        out = window.process.communicate(timeout=60)[0]
    assert window.process.returncode == 0
    assert b"\x1b" not in out
    assert out.startswith(b"Gaussian mixture of 2")
