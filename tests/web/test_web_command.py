"""``bactrian serve``: what it prints, where it listens, how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from urllib.parse import unquote

import httpx
import pytest
from serving import SOON, client_of, command, environment, free_port, started

from bactrian.cli.application import application
from bactrian.web.calculator import Calculator
from bactrian.web.opening import open_table
from bactrian.web.orders import ColumnChoice
from bactrian.web.schema import FileQuery
from bactrian.web.server import PORT, PortTakenError, listen

WITHOUT = """
import sys
from importlib import util
found = util.find_spec
absent = ("starlette", "uvicorn")
util.find_spec = lambda name, *rest: None if name in absent else found(name, *rest)
from bactrian.cli.application import application
sys.exit(application.status(["serve"]))
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_address_is_all_that_is_printed_and_nothing_is_left(tmp_path, ending):
    port = free_port()
    with started(command("--port", port), tmp_path) as (process, url):
        assert url == f"http://127.0.0.1:{port}/"
        with client_of(url) as client:
            limits = client.get("about").json()["limits"]
        assert limits["upload_bytes"] == 1 << 30
        process.send_signal(ending)
        out, err = process.communicate(timeout=SOON)
    assert (out, err) == ("", "Press Ctrl-C to end.\n")
    assert not list(tmp_path.iterdir())


def test_options_are_limits(tmp_path):
    options = ("--port", 0, "--jobs", 3, "--max-upload", 5, "--max-seconds", 9)
    with started(command(*options), tmp_path) as (_, url), client_of(url) as client:
        limits = client.get("about").json()["limits"]
    assert (limits["jobs"], limits["upload_bytes"], limits["seconds"]) == (3, 5 << 20, 9.0)


def test_a_port_that_is_taken_is_one_message(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert application.status(["serve", "--port", str(port)]) == 1
    told = capsys.readouterr().err
    assert told == f"Error: Port {port} of 127.0.0.1 is taken by another program. " + (
        "Choose another with --port.\n"
    )


def test_without_a_port_the_next_free_one_is_taken(monkeypatch):
    first = free_port()
    monkeypatch.setattr("bactrian.web.server.PORT", first)
    with listen("127.0.0.1", None) as one, listen("127.0.0.1", None) as two:
        assert one.getsockname()[1] >= first
        assert two.getsockname()[1] > one.getsockname()[1]
        with pytest.raises(PortTakenError):
            listen("127.0.0.1", one.getsockname()[1])
    assert PORT == 8642


def test_a_host_that_is_none_is_one_message(capsys):
    assert application.status(["serve", "--host", "nowhere.invalid", "--port", "0"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("Error: Cannot listen at nowhere.invalid: ")
    assert told.count("\n") == 1


def test_what_is_not_installed_is_named_with_the_remedy():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 1
    told = 'Error: The calculator needs starlette and uvicorn: pip install "bactrian[app]"\n'
    assert done.stderr == told


TABLE = 'word,"x,y",b\n' + "".join(f"n,{i},{i * i % 7}\n" for i in range(20))


def test_the_page_begins_with_the_table_that_is_named(tmp_path):
    file = tmp_path / "my data.csv"
    file.write_text(TABLE)
    words = command(file, "--columns", "2", "--port", 0, "--keep", 0.01)
    with started(words, tmp_path) as (_, url):
        address, _, link = url.partition("#")
        told = dict(part.split("=") for part in link.split("&"))
        assert told.keys() == {"dataset", "columns"}
        assert unquote(told["columns"]) == "x,y"
        with client_of(address) as client:
            time.sleep(1.0)  # longer than what nobody asks for is kept
            data = client.get(f"datasets/{told['dataset']}").json()
            assert (data["name"], data["n_rows"]) == ("my data.csv", 20)
            assert [column["name"] for column in data["columns"]] == ["x,y", "b"]
            assert [column["name"] for column in data["left_out"]] == ["word"]
            fit = client.fit(data, columns=["x,y"])["fit"]
            assert fit["command"].startswith("bactrian fit 'my data.csv' -k 2")
            assert fit["command"].endswith("--columns 2")
    assert file.read_text() == TABLE
    assert not list(tmp_path.glob("bactrian-*"))


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ColumnChoice(exclude=("a",)), "&columns=b"),
        (ColumnChoice(("b",)), "&columns=b"),
        (ColumnChoice(), ""),
    ],
    ids=["exclude", "columns", "all"],
)
def test_a_table_from_standard_input_has_no_name_of_its_own(choice, told, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    calculator = Calculator()
    draft = calculator.draft()
    draft.write_text("a;b\n1,5;2\n2;3\n4;5\n")
    query = FileQuery(name="standard input")
    link = open_table(calculator, draft, query, choice, is_file=False)
    (held,) = calculator.datasets._things.values()
    assert link == f"#dataset={held.id}{told}"
    assert (held.in_use, held.origin.file, held.names) == (True, "standard-input.csv", ["a", "b"])
    calculator.close()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nope.csv"], 1, "nope.csv: there is no such file"),
        (["t.csv", "--columns", "word"], 1, "a column does not hold numbers: got 'word'"),
        (["t.csv", "--columns", "none"], 1, "there is no column 'none'"),
        (["t.csv", "--exclude", "b,2"], 1, "no column is left"),
        (["words.csv"], 1, "has no column of numbers"),
        (["--no-header"], 2, "need a table: name it as DATA"),
    ],
    ids=str,
)
def test_tables_that_cannot_be_used_are_refused_before_there_is_a_server(
    words, status, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "words.csv").write_text("a\nx\ny\n")
    assert application.status(["serve", *words, "--port", "0"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("bactrian-*"))


def test_the_server_is_there_before_the_library_is_loaded(tmp_path):
    began = time.monotonic()
    with started(command("--port", 0), tmp_path) as (_, url):
        assert httpx.get(f"{url}api/v1/about").status_code == 200
    assert time.monotonic() - began < 10  # about 0.6 s on a machine with nothing else to do


def test_the_server_itself_loads_neither_the_library_nor_numpy():
    code = (
        "import sys, bactrian.web.server, bactrian.cli.serve\n"
        "print({'numpy', 'scipy', 'sklearn', 'pyarrow', 'bactrian.estimators'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
