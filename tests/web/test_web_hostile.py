"""Requests and files that mean harm, and a machine that lets the server down."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
import json
import os
import shutil
import signal
import socket
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from pydantic import ValidationError
from serving import (
    BYTES,
    LIMITED,
    SIX,
    SOON,
    Client,
    client_of,
    command,
    descendants,
    groups,
    limited,
    started,
    wait_until,
)
from starlette.requests import Request

from bactrian.errors import DataError
from bactrian.tables.write import write_table
from bactrian.web import jobs as running
from bactrian.web.application import application
from bactrian.web.asked import Asked
from bactrian.web.calculator import Calculator
from bactrian.web.capacity import Capacity
from bactrian.web.jobs import Job
from bactrian.web.problems import RefusalError, problem_of, status_of, unusable
from bactrian.web.process import Process
from bactrian.web.schema import EvaluateRequest, FitRequest, RowsQuery, SampleRequest
from bactrian.web.work import questions

JSON = {"Content-Type": "application/json"}
SLOW = b"1,\x0b2\n" * 3_000_000  # which only the patient reader reads, for seconds


@pytest.fixture
def fitted(client) -> str:
    return client.fit(client.data(SIX))["id"]


# ---- requests


@pytest.mark.parametrize("means", [["x"] * 700_000, [["x"] * 700_000]], ids=["rows", "cells"])
def test_a_million_errors_are_one(client, means):
    client.data(SIX)  # so that all is warm
    body = json.dumps({"dataset": "a" * 12, "settings": {"means_init": means}})
    began = time.monotonic()
    problem = client.post("fits", content=body, headers=JSON).json()
    assert (problem["code"], problem["field"]) == ("invalid", "means_init")
    assert time.monotonic() - began < 1.0


def own_time(act) -> float:
    """Seconds that this thread computes, whatever else the machine does."""
    began = time.thread_time()
    act()
    return time.thread_time() - began


def test_a_hundred_thousand_unknown_keys_hold_up_nobody(tmp_path, monkeypatch):
    """The event loop computes a small part of what it takes to find all that is wrong."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = json.dumps({f"key{i}": i for i in range(100_000)}).encode()

    def found_here() -> None:
        with pytest.raises(ValidationError) as found:
            FitRequest.model_validate_json(content)
        unusable(found.value)

    async def ask() -> None:
        transport = httpx.ASGITransport(application())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as own:
            answer = await own.post("/api/v1/fits", content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    assert own_time(lambda: asyncio.run(ask())) < own_time(found_here) / 3


def test_a_large_request_that_is_right_is_taken(client):
    data = client.array(np.random.default_rng(0).normal(size=(3000, 2)))
    job = client.fit(data, n_components=1000, means_init=groups(1000).tolist(), max_iter=1)
    assert job["problem"] is None


def test_a_query_of_thousands_of_names_is_refused_at_once():
    query = "&".join(f"{i:x}" for i in range(12_000)).encode()
    scope = {"type": "http", "query_string": query, "headers": []}

    def ask() -> None:
        with pytest.raises(RefusalError) as found:
            Asked(None, Request(scope)).query(RowsQuery)
        assert found.value.problem.wanted == "offset, limit"

    assert own_time(ask) < 1.0  # where each name was looked for among all, it took seconds


def test_an_answer_repeats_little_of_what_was_sent(client):
    for body in ({"k" * 100_000: 1}, {"dataset": "x" * 100_000}):
        answer = client.post("fits", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert len(answer.content) < 1000
    assert len(client.get("datasets/x/rows", params={"k" * 10_000: "1"}).content) < 1000


def test_a_table_of_a_million_bad_cells_is_refused_at_once(client):
    client.data(SIX)  # so that all is warm
    body = json.dumps({"columns": ["a"], "rows": [[[]]] * 1_000_000})
    began = time.monotonic()
    answer = client.post("datasets", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert time.monotonic() - began < 4.0


def test_a_column_named_half_a_million_times_is_refused_at_once(client):
    data = client.array(np.random.default_rng(0).normal(size=(20, 1000)))
    body = json.dumps({"dataset": data["id"], "columns": ["x999"] * 500_000})
    began = time.monotonic()
    problem = client.post("fits", content=body, headers=JSON).json()
    assert problem["message"] == "A column is named twice."
    assert time.monotonic() - began < 1.0


def test_rows_too_far_off_for_a_number_have_the_lowest(client, fitted):
    answer = client.post(f"fits/{fitted}/evaluate", json={"rows": [[1e308, 1.0], [1.0, 1.0]]})
    far, near = answer.json()["log_densities"]
    assert far == -np.finfo(float).max
    assert near > -10


def test_answers_that_would_be_gigantic_are_refused(client, temporary, fitted, monkeypatch):
    (folder,) = temporary.glob(f"bactrian-*/jobs/{fitted}")
    monkeypatch.setattr(questions, "_MOST_SENT", 2000)

    def tell(_: bytes) -> None: ...

    for rows in (1000, 1001):
        drawn = SampleRequest(n=rows), EvaluateRequest(rows=[[0.0, 0.0]] * rows)
        for ask, request, field in zip(
            (questions.sample, questions.evaluate), drawn, ("n", "rows"), strict=True
        ):
            if rows == 1000:
                assert ask(folder, request, tell)
                continue
            with pytest.raises(RefusalError) as found:
                ask(folder, request, tell)
            assert (found.value.problem.code, found.value.problem.field) == ("too_large", field)
            assert "at most 1000 rows" in found.value.problem.wanted


def test_a_name_cannot_end_its_comment(client):
    name = "a\nimport os  # \u202e"
    data = client.data({**SIX, "columns": [name, "plain"]})
    code = client.fit(data)["fit"]["code"]
    assert f"# {name!r}, plain" in code.splitlines()


@pytest.mark.parametrize("target", ["http://evil.example/api/v1/about", "//api/v1/about", "*"])
def test_targets_of_other_forms_reach_no_data(url, target):
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port)) as one:
        one.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = one.makefile("rb").read()
    assert int(answer.split()[1]) in (400, 403, 404)


# ---- files


def npy(header: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


@pytest.mark.parametrize(
    ("shape", "code"),
    [("(10000000000000,)", "memory"), ("(100000000000000000000,)", "damaged_file"),
     ("(True,)", "damaged_file"), ("(-1, 2)", "damaged_file"), ("({},)", "damaged_file")],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_arrays_that_promise_too_much_are_refused(client, shape, code, packed):
    content = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n", b"0" * 64)
    content = gzip.compress(content) if packed else content
    answer = client.post("datasets", params={"name": "a.npy"}, content=content, headers=BYTES)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["field"] == "file"


def parquet_of(remark: bytes) -> bytes:
    file = io.BytesIO()
    table = pa.table({"abcd": [1.0, 2.0, 4.0]})
    parquet.write_table(table.replace_schema_metadata({b"pandas": remark}), file)
    return file.getvalue()


@pytest.mark.parametrize("remark", [b"{", b"5", b"[]", b"{}", b'{"index_columns": 5}'])
def test_remarks_of_pandas_that_are_none_are_left_alone(client, remark):
    assert client.file(parquet_of(remark), "t.parquet")["columns"][0]["name"] == "abcd"


def test_names_that_are_no_text_are_a_damage(client):
    content = parquet_of(b"{}").replace(b"abcd", b"\xff\xfe\xfd\xfc")
    answer = client.post("datasets", params={"name": "t"}, content=content, headers=BYTES)
    assert answer.status_code == 422
    assert "damaged" in answer.json()["message"]


def test_a_name_of_a_hundred_thousand_signs_is_refused(client):
    content = b"%s,b\n1,2\n3,4\n5,5\n" % (b"a" * 100_000)
    answer = client.post("datasets", params={"name": "t.csv"}, content=content, headers=BYTES)
    assert answer.status_code == 413
    assert "column 1" in answer.json()["message"]
    assert len(answer.text) < 1000


# ---- who asks, and leaves; what takes too long


def leave_in_the_middle(url: str, content: bytes) -> None:
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port)) as one:
        one.sendall(
            b"POST /api/v1/datasets?name=a.csv HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s"
            % (len(content), content)
        )
        time.sleep(0.5)


def test_what_nobody_waits_for_any_more_is_ended(tmp_path):
    with started(command("--port", 0), tmp_path) as (process, url), client_of(url) as client:
        client.data(SIX)
        wait_until(lambda: len(descendants(process.pid)) == 2)  # those others are forked from
        leave_in_the_middle(url, SLOW)
        assert len(descendants(process.pid)) == 3
        wait_until(lambda: len(descendants(process.pid)) == 2, 3)
        assert not list(tmp_path.glob("bactrian-*/*/*/"))[1:]  # but that of the first table


def test_a_file_that_takes_too_long_is_given_up(tmp_path):
    with started(limited(answer_seconds=1.0), tmp_path) as (_, url), client_of(url) as client:
        began = time.monotonic()
        answer = client.post("datasets", params={"name": "a"}, content=SLOW, headers=BYTES)
        assert (answer.status_code, answer.json()["code"]) == (422, "too_long")
        assert time.monotonic() - began < 5
        assert not list(tmp_path.glob("bactrian-*/*/*"))


def test_a_process_that_stands_still_is_given_up(tmp_path):
    with started(limited(grace=0.3), tmp_path) as (server, url), client_of(url) as client:
        job = long_fit(client)
        os.kill(max(descendants(server.pid)), signal.SIGSTOP)
        client.delete(f"jobs/{job}")
        ended = client.follow(job)[-1]
        assert (ended["status"], ended["problem"]["code"]) == ("cancelled", "lost")
        assert len(descendants(server.pid)) == 2


def test_a_fit_outlives_the_data_that_are_forgotten_while_it_runs(client):
    data = client.array(groups(20_000, d=4))
    job = client.begin(data, n_components=20, tol=0.0, max_iter=10**6)
    wait_until(lambda: client.get(f"jobs/{job}").json()["progress"] is not None)
    assert client.delete(f"datasets/{data['id']}").status_code == 204
    client.delete(f"jobs/{job}")
    ended = client.follow(job)[-1]
    assert (ended["status"], ended["problem"]) == ("cancelled", None)
    assert len(ended["fit"]["mixture"]["weights"]) == 20
    assert "array.npy" in ended["fit"]["code"]


def long_fit(client: Client) -> str:
    """A long fit that has told of its progress."""
    job = client.begin(client.array(groups(20_000, d=4)), n_components=20, tol=0.0, max_iter=10**6)
    wait_until(lambda: client.get(f"jobs/{job}").json()["progress"] is not None)
    return job


# ---- a machine that lets the server down


def test_a_full_disk_is_told_as_such(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device", "/tmp/secret")
    try:
        raise DataError("the file cannot be written", where="/tmp/secret") from full
    except DataError as error:
        wrapped = error
    partial = OSError("1400000 requested and 1048048 written")  # as numpy.save has it
    for error in (full, wrapped, partial):
        problem = problem_of(error)
        assert (problem.code, status_of(problem)) == ("no_room", 507)
        assert "/tmp" not in str(problem)
    with pytest.raises(DataError) as found:
        write_table("/dev/full", ["a"], [np.arange(10_000)], "csv")
    assert problem_of(found.value).code == "no_room"


def test_files_that_are_removed_by_others_are_missed_politely(tmp_path):
    with started(command("--port", 0), tmp_path) as (_, url), client_of(url) as client:
        first, second = client.data(SIX), client.data(SIX)
        (folder,) = tmp_path.glob("bactrian-*")
        shutil.rmtree(folder / "datasets" / first["id"])
        assert client.data(SIX)["n_rows"] == 6  # the others are not touched
        gone = client.post("fits", json={"dataset": first["id"]}).json()["id"]
        assert client.follow(gone)[-1]["problem"]["code"] == "forgotten"
        shutil.rmtree(folder)
        for answer in (
            client.post("datasets", json=SIX),
            client.post("fits", json={"dataset": second["id"]}),
            client.get(f"datasets/{second['id']}/rows"),
            client.get(f"datasets/{second['id']}/points", params={"column": "X1"}),
        ):
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (500, "gone")
            assert "Start the server again" in problem["remedy"]
            assert "/bactrian-" not in answer.text
        assert client.get("about").status_code == 200


def in_a_loop(tmp_path, monkeypatch, then) -> Job:
    """A job of a calculator of our own, once it has ended."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def begin() -> Job:
        calculator = Calculator(Capacity())
        held = type("Held", (), {"users": 0})()
        name, folder = calculator.jobs.place()
        job = Job(name, "fit", folder, held, "gallery.example", ("two-normals",), ())
        try:
            calculator.jobs.put(job)
            calculator.queue.add(job)
            then(calculator, job)
            await asyncio.wait_for(job._end.wait(), 20)
        finally:
            calculator.close()
        return job

    return asyncio.run(begin())


def test_a_job_is_cancelled_however_early(tmp_path, monkeypatch):
    job = in_a_loop(tmp_path, monkeypatch, lambda calculator, job: calculator.queue.cancel(job))
    assert (job.status, job.problem) == ("cancelled", None)


def test_a_job_is_cancelled_while_its_process_is_being_started(tmp_path, monkeypatch):
    start, may_go_on = Process._start, threading.Event()

    def slowly(process) -> None:
        may_go_on.wait(20)
        start(process)

    def cancel_soon(calculator, job) -> None:
        asyncio.get_running_loop().call_later(0.1, calculator.queue.cancel, job)

    monkeypatch.setattr(Process, "_start", slowly)
    job = in_a_loop(tmp_path, monkeypatch, cancel_soon)
    try:
        assert (job.status, job.problem) == ("cancelled", None)
    finally:
        may_go_on.set()


def test_a_job_that_no_process_can_be_made_for_has_failed(tmp_path, monkeypatch, capsys):
    def none_left(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(running, "Process", none_left)
    job = in_a_loop(tmp_path, monkeypatch, lambda *_: None)
    assert (job.status, job.problem.code, job.dataset.users) == ("failed", "unexpected", 0)
    assert "OSError in none_left" in capsys.readouterr().err


def test_connections_that_bring_no_request_are_closed(tmp_path):
    hasty = LIMITED.replace("bound =", "server.PATIENCE = 0.5\nbound =")
    with started([sys.executable, "-c", hasty, "{}", ""], tmp_path) as (_, url):
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port)) as idle:
            idle.sendall(b"GET /api/v1/about HTTP/1.1\r\nHost: lo")
            with client_of(url) as client:
                client.data(SIX)
            idle.settimeout(5)
            assert idle.recv(1) == b""


def test_ctrl_c_ends_an_upload(tmp_path):
    with started(command("--port", 0), tmp_path) as (process, url):
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port)) as one:
            one.sendall(
                b"POST /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/octet-stream\r\nContent-Length: 99\r\n\r\n1,2\n"
            )
            wait_until(lambda: list(tmp_path.glob("bactrian-*/incoming/*")), 5)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SOON)
    assert (process.returncode, err.strip()) == (0, "Press Ctrl-C to end.")
    assert not list(tmp_path.iterdir())


def test_listeners_that_leave_are_forgotten(tmp_path):
    with started(command("--port", 0), tmp_path) as (process, url), client_of(url) as client:
        job = long_fit(client)
        before = handles(process.pid)

        def listen(_: int) -> None:
            path = f"jobs/{job}/events"
            with client_of(url) as other, other.stream("GET", path) as answer:
                next(answer.iter_lines())

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(listen, range(15)))
        wait_until(lambda: handles(process.pid) <= before + 2, 5)


def handles(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.slow
def test_five_hundred_fits_leave_nothing_behind(tmp_path):
    """No process, no file, no thread, no handle, and no memory worth the name."""

    def state(pid: int) -> tuple[int, ...]:
        told = Path(f"/proc/{pid}/status").read_text()
        resident = int(told.partition("VmRSS:")[2].split()[0])
        threads = int(told.partition("Threads:")[2].split()[0])
        return handles(pid), threads, len(descendants(pid, dead=True)), resident

    with started(limited(results=20), tmp_path) as (process, url), client_of(url) as client:
        data = client.array(groups(300))
        seen = []
        for count in range(501):
            job = client.fit(data, seed=count, n_init=1)
            assert job["status"] == "done"
            client.get(f"fits/{job['id']}/anomalies")
            if count in (100, 500):
                seen.append(state(process.pid))
                forked = max(descendants(process.pid), key=handles)
                seen.append(state(forked))
        first, first_forked, last, last_forked = seen
        assert np.all(np.subtract(last, first)[:3] <= 5), seen
        assert np.all(np.subtract(last_forked, first_forked)[:3] <= 5), seen
        assert last[3] < first[3] + 20_000, seen
        assert len(list(tmp_path.glob("bactrian-*/jobs/*"))) <= 20
