"""Many clients at once, and a page that stays quick."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
from driving import Calculator, bytes_of
from playwright.sync_api import expect

CLIENTS, EACH = 10, 4


def visit(address: str, client: int) -> list[dict]:
    """Send data, and have some mixtures fitted to them."""
    X = np.random.default_rng(client).normal([4.0 * client, 0.0], size=(500, 2))
    jobs = []
    with httpx.Client(base_url=f"{address}/api/v1/", timeout=120) as http:
        sent = http.post(
            "datasets",
            params={"name": "rows.npy"},
            content=bytes_of(X),
            headers={"Content-Type": "application/octet-stream"},
        ).json()
        for seed in range(EACH):
            settings = {"n_components": 2, "n_init": 1, "seed": seed}
            body = {"dataset": sent["id"], "settings": settings}
            answer = http.post("fits", json=body)
            assert answer.status_code == 202, answer.text
            with http.stream("GET", f"jobs/{answer.json()['id']}/events") as events:
                lines = [line for line in events.iter_lines() if line.startswith("data: ")]
            job = json.loads(lines[-1].removeprefix("data: "))
            assert job["status"] == "done", job["problem"]
            means = np.array(job["fit"]["mixture"]["means"])
            weights = np.array(job["fit"]["mixture"]["weights"])
            np.testing.assert_allclose(weights @ means, X.mean(axis=0), atol=1e-6)
            jobs.append(job)
    return jobs


def test_forty_fits_of_ten_clients(calculator: Calculator):
    waits = []
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        visits = [pool.submit(visit, calculator.address, client) for client in range(CLIENTS)]
        while not all(one.done() for one in visits):
            for name in ("EM steps", "Rows", "Parameters"):
                start = time.perf_counter()
                expect(calculator.tab(name)).to_be_visible()
                calculator.page.evaluate("fetch('api/v1/about').then((told) => told.json())")
                waits.append(time.perf_counter() - start)
        jobs = [job for one in visits for job in one.result()]
    seconds = time.perf_counter() - began
    print(f"{seconds:.1f} s; answers: {np.median(waits):.3f} s, at most {max(waits):.3f} s")
    assert len({job["id"] for job in jobs}) == CLIENTS * EACH
    assert np.median(waits) < 0.5
    assert max(waits) < 3
    calculator.calculate()
