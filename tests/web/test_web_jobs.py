"""Jobs: stopped, queued, limited, crashed, forgotten; and the server beside them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from serving import SIX, Client, client_of, command, groups, limited, started, wait_until

from bactrian.web.jobs import Job

LONG = {
    "n_components": 20,
    "max_iter": 100_000,
    "tol": 1e-14,
    "n_init": 30,
    "init_params": "random",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Iterator[Client]:
    """A server of one job at a time, a short queue, and little memory."""
    folder = tmp_path_factory.mktemp("small")
    capacity = {"jobs": 1, "queue": 2, "memory": 150 << 20, "components": 50}
    with started(limited(**capacity), folder) as (process, url), client_of(url) as client:
        client.pid = process.pid
        yield client


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return groups(20_000, k=10, d=4)


def running(client: Client, job: str) -> None:
    """Wait until a fit has told of its progress."""
    wait_until(lambda: client.get(f"jobs/{job}").json()["progress"] is not None)


def children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(folder.name))
    return found


def test_a_job_whose_files_go_while_it_is_told_of_has_no_result(tmp_path):
    job = Job("abcdefgh", "fit", tmp_path, None, "fits.fit", (), ())
    job.change(status="done")
    told = json.loads(asyncio.run(job.document()))
    assert (told["status"], told["fit"]) == ("done", None)
    job.result.write_bytes(b"{}")
    assert json.loads(asyncio.run(job.document()))["fit"] == {}


def test_a_cancelled_fit_keeps_the_best_so_far(client, rows):
    data = client.array(rows)
    latencies = []
    for _ in range(3):
        job = client.begin(data, **LONG)
        running(client, job)
        began = time.monotonic()
        assert client.delete(f"jobs/{job}").status_code == 202
        ended = client.follow(job)[-1]
        latencies.append(time.monotonic() - began)
        assert (ended["status"], ended["problem"]) == ("cancelled", None)
    assert min(latencies) < 0.2, latencies
    found = ended["fit"]
    (note,) = [note for note in found["notes"] if note["kind"] == "interrupted"]
    assert "was stopped" in note["text"]
    frames = client.get(f"fits/{job}/frames").json()["frames"]
    assert frames[-1]["mixture"] == found["mixture"]
    assert np.diff([frame["log_likelihood"] for frame in frames]).min() > -1e-6
    assert client.get(f"fits/{job}/anomalies").json()["count"] == 200


def test_a_cancelled_search_keeps_its_candidates(client, rows):
    data = client.array(rows)
    request = {"dataset": data["id"], "n_components": [1, 2, 40], "settings": LONG}
    job = client.post("searches", json=request).json()["id"]
    running(client, job)
    client.delete(f"jobs/{job}")
    ended = client.follow(job)[-1]
    assert ended["status"] == "cancelled"
    assert 1 <= len(ended["search"]["candidates"]) < 3
    assert ended["search"]["best"] is not None


def test_leaving_the_events_does_not_touch_the_job(client, rows):
    job = client.begin(client.array(rows), **LONG)
    with client.stream("GET", f"jobs/{job}/events") as answer:
        next(answer.iter_lines())
    time.sleep(0.3)
    assert client.get(f"jobs/{job}").json()["status"] == "running"
    client.delete(f"jobs/{job}")
    assert client.follow(job)[-1]["status"] == "cancelled"


def test_a_job_that_has_ended_is_forgotten_on_request(client):
    job = client.fit(client.data(SIX))
    assert client.delete(f"jobs/{job['id']}").status_code == 204
    for path in (f"jobs/{job['id']}", f"fits/{job['id']}/frames"):
        assert client.get(path).status_code == 404


def test_nothing_is_asked_of_a_fit_that_has_not_ended(client, rows):
    job = client.begin(client.array(rows), **LONG)
    answer = client.get(f"fits/{job}/frames")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    client.delete(f"jobs/{job}")
    client.follow(job)


def test_a_fit_of_forgotten_data_says_so(client):
    data = client.data(SIX)
    job = client.fit(data)
    client.delete(f"datasets/{data['id']}")
    answer = client.get(f"fits/{job['id']}/anomalies")
    assert (answer.status_code, answer.json()["field"]) == (404, "dataset")
    assert client.post(f"fits/{job['id']}/sample", json={}).status_code == 200


def test_the_queue_is_bounded_and_tells_the_place(small, rows):
    data = small.array(rows)
    jobs = [small.begin(data, **LONG) for _ in range(3)]
    assert [small.get(f"jobs/{job}").json()["ahead"] for job in jobs] == [0, 1, 2]
    answer = small.post("fits", json={"dataset": data["id"]})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "busy"
    began = time.monotonic()
    small.delete(f"jobs/{jobs[1]}")
    waited = small.get(f"jobs/{jobs[1]}").json()
    assert (waited["status"], waited["fit"]) == ("cancelled", None)
    assert time.monotonic() - began < 0.2
    assert small.get(f"jobs/{jobs[2]}").json()["ahead"] == 1
    for job in (jobs[2], jobs[0]):
        small.delete(f"jobs/{job}")
    assert small.follow(jobs[0])[-1]["status"] == "cancelled"


def test_a_fit_that_takes_too_long_gives_the_best_so_far(rows, tmp_path):
    with started(limited(seconds=2.0), tmp_path) as (_, url), client_of(url) as client:
        ended = client.fit(client.array(rows), **LONG)
    assert ended["status"] == "done"
    (note,) = [note for note in ended["fit"]["notes"] if note["kind"] == "interrupted"]
    assert "time limit" in note["text"]
    assert 2.0 <= ended["seconds"] < 4.0


def test_too_little_memory_is_a_problem_and_no_end(small):
    problem = small.fit(small.array(groups(20_000, d=200)), n_components=2)["problem"]
    assert problem is not None
    assert problem["code"] == "memory"
    assert small.fit(small.data(SIX))["status"] == "done"


def test_too_many_components_are_refused_at_once(small):
    data = small.data(SIX)
    answer = small.post("fits", json={"dataset": data["id"], "settings": {"n_components": 51}})
    assert (answer.status_code, answer.json()["field"]) == (413, "n_components")


def test_a_process_that_is_killed_is_a_problem_and_no_end(small, rows):
    job = small.begin(small.array(rows), **LONG)
    running(small, job)
    (worker,) = [w for child in children(small.pid) for w in children(child)]
    os.kill(worker, signal.SIGKILL)
    ended = small.follow(job)[-1]
    assert (ended["status"], ended["problem"]["code"]) == ("failed", "crashed")
    assert small.fit(small.data(SIX))["status"] == "done"


def test_the_process_that_others_are_forked_from_may_be_killed(small):
    for child in children(small.pid):
        os.kill(child, signal.SIGKILL)
    assert small.fit(small.data(SIX))["status"] == "done"


def test_what_nobody_asks_for_is_forgotten(tmp_path):
    with started(limited(keep=1.2, datasets=3), tmp_path) as (_, url), client_of(url) as client:
        data = client.data(SIX)
        job = client.fit(data)["id"]
        for _ in range(5):  # a job in use keeps its data
            time.sleep(0.3)
            assert client.get(f"fits/{job}/anomalies").status_code == 200
        wait_until(lambda: not list(tmp_path.glob("bactrian-*/*/*")), 5)
        for path in (f"datasets/{data['id']}", f"jobs/{job}"):
            assert client.get(path).status_code == 404


def test_the_oldest_are_forgotten_where_there_is_too_much(tmp_path):
    with started(limited(datasets=3, results=2), tmp_path) as (_, url), client_of(url) as client:
        kept = [client.data(SIX)["id"] for _ in range(5)]
        statuses = [client.get(f"datasets/{name}").status_code for name in kept]
        assert statuses == [404, 404, 200, 200, 200]
        jobs = [client.fit({"id": kept[-1]})["id"] for _ in range(3)]
        assert [client.get(f"jobs/{job}").status_code for job in jobs] == [404, 200, 200]
        assert len(list(tmp_path.glob("bactrian-*/datasets/*"))) == 3


def test_the_oldest_are_forgotten_where_their_files_are_too_large(tmp_path):
    with started(limited(bytes=100_000), tmp_path) as (_, url), client_of(url) as client:
        kept = [client.array(groups(n))["id"] for n in (1000, 2000, 4000, 20_000)]
        found = [client.get(f"datasets/{name}").status_code for name in kept]
        assert found == [404, 404, 404, 200]  # the last is held, however large


@pytest.mark.slow  # the test in a browser does as much
def test_a_hundred_fits_of_ten_clients_leave_the_server_responsive(url):
    """Each client posts ten fits at once; meanwhile the server answers others."""
    X = groups(300)
    waits, done = [], threading.Event()

    def ask() -> None:
        with client_of(url) as client:
            while not done.is_set():
                began = time.monotonic()
                assert client.get("about").status_code == 200
                waits.append(time.monotonic() - began)
                time.sleep(0.01)

    def work(number: int) -> list[str]:
        with client_of(url) as client:
            data = client.array(X + number)
            jobs = [client.begin(data, n_components=2, seed=seed) for seed in range(10)]
            return [client.follow(job)[-1]["status"] for job in jobs]

    asking = threading.Thread(target=ask)
    asking.start()
    with ThreadPoolExecutor(10) as pool:
        statuses = [status for own in pool.map(work, range(10)) for status in own]
    done.set()
    asking.join()
    assert statuses == ["done"] * 100
    assert np.median(waits) < 0.1
    assert np.quantile(waits, 0.95) < 0.5


def test_ctrl_c_ends_all_and_removes_the_files(tmp_path, rows):
    with started(command("--port", 0), tmp_path) as (process, url), client_of(url) as client:
        job = client.begin(client.array(rows), **LONG)
        running(client, job)
        workers = [w for child in children(process.pid) for w in children(child)]
        assert workers
        assert list(tmp_path.glob("bactrian-*/jobs/*"))
        assert (next(tmp_path.glob("bactrian-*")).stat().st_mode & 0o777) == 0o700
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        assert time.monotonic() - began < 3
    assert process.returncode == 0
    assert err.strip() == "Press Ctrl-C to end."
    wait_until(lambda: not any(Path(f"/proc/{w}").exists() for w in workers), 5)
    assert not list(tmp_path.iterdir())


def test_processes_end_with_a_server_that_is_killed(tmp_path, rows):
    with started(command("--port", 0), tmp_path) as (process, url), client_of(url) as client:
        job = client.begin(client.array(rows), **LONG)
        running(client, job)
        workers = [w for child in children(process.pid) for w in children(child)]
        process.kill()
        wait_until(lambda: not any(Path(f"/proc/{w}").exists() for w in workers), 5)
