"""``bactrian serve``: what it prints, where it listens, how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from serving import client_of, command, environment, free_port, started

from bactrian.cli.application import application
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
        out, err = process.communicate(timeout=10)
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
