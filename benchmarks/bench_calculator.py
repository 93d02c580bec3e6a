"""The calculator: from the command to the page, from Calculate to the result, frames a second.

Seen in a browser (chromium, without a screen), as a user sees it: until the result is painted.
Without a browser there is only what the server says of itself.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
import numpy as np

import bactrian.web
from measuring import Row, benchmark, table

FILES = Path(bactrian.web.__file__).parent / "page"
SIZES = (6, 10_000, 1_000_000)
QUICK_SIZES = (6, 1000)
SIX = [[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2], [1.2, 0.9], [5.1, 5.0]]
LONG = {"n_components": 30, "tol": 0.0, "max_iter": 100_000, "n_init": 1}
COLUMNS = "x1", "x2"

# Moves the replay's slider once for each frame of the screen, over all iterations and back.
SCRUB = """async (wanted) => {
  const slider = document.querySelector('input[aria-label="Iteration of EM"]');
  const last = Number(slider.max);
  const times = [];
  const tick = () => new Promise(requestAnimationFrame);
  await tick();
  for (let i = 0; i < wanted; i++) {
    const began = performance.now();
    slider.value = String(i % (2 * last) < last ? i % last : last - (i % last));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await tick();
    times.push(performance.now() - began);
  }
  return times;
}"""


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    yield weight()
    with chromium() as browser:
        starts = [begun(browser) for _ in range(arguments.rounds)]
        yield {"what": "start", **{name: middle(starts, name) for name in starts[0]}}
        with serving() as address:
            for n_samples in QUICK_SIZES if arguments.quick else SIZES:
                yield calculated(browser, address, n_samples, arguments.rounds)
            yield cancelled(address, 20_000 if arguments.quick else 1_000_000, arguments.rounds)
            if browser is not None:
                yield replayed(browser, address, 1000 if arguments.quick else 20_000)


def weight() -> Row:
    """Bytes of the page: what is loaded at once, and with all that can be asked for."""
    text = (FILES / "index.html").read_text(encoding="utf-8")
    first = [FILES / "index.html", *(FILES / name for name in re.findall(r'"\./([^"]+)"', text))]
    scripts = [file for file in FILES.rglob("*") if file.suffix in (".js", ".css", ".html")]
    fonts = sum(file.stat().st_size for file in FILES.rglob("*.woff2"))
    return {"what": "weight", "first": packed(first), "text": packed(scripts), "fonts": fonts}


def packed(files: list[Path]) -> int:
    return sum(len(gzip.compress(file.read_bytes())) for file in files)


def begun(browser: Any) -> dict[str, float]:
    """Seconds from the command to the first answer, and to the first result in the page."""
    began = perf_counter()
    with serving() as address:
        httpx.get(address).raise_for_status()
        seen = {"first_answer": perf_counter() - began}
        if browser is not None:
            with opened(browser, address) as page:
                fitted(page, 0)
                seen["first_result"] = perf_counter() - began
    return seen


def calculated(browser: Any, address: str, n_samples: int, rounds: int) -> Row:
    """Seconds from Calculate to the result: of the API, and painted in the page."""
    X = rows_of(n_samples)
    settings = {"n_components": 2 if n_samples == 6 else 3}
    server = [timed_fit(address, sent(address, X), settings) for _ in range(rounds)]
    row = {"what": "calculate", "n_samples": n_samples, "server": float(np.median(server))}
    if browser is None:
        return row
    with opened(browser, address) as page:
        fitted(page, 0)
        upload(page, X)
        page.get_by_role("spinbutton", name="Components").or_(
            page.get_by_label("Components K")
        ).first.fill(str(settings["n_components"]))
        times = []
        for _ in range(rounds):
            before = len(fits(page))
            page.get_by_role("button", name="Calculate", exact=True).click()
            times.append(fitted(page, before))
    return {**row, "page": float(np.median(times))}


def cancelled(address: str, n_samples: int, rounds: int) -> Row:
    """Seconds from the wish to the end of a long fit, with the best that it had found."""
    dataset = sent(address, rows_of(n_samples))
    times = []
    with httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client:
        for _ in range(rounds):
            asked = {"dataset": dataset, "settings": LONG}
            job = client.post("fits", json=asked).json()["id"]
            while not client.get(f"jobs/{job}").json()["progress"]:
                sleep(0.05)
            began = perf_counter()
            client.delete(f"jobs/{job}")
            while (told := client.get(f"jobs/{job}").json())["status"] == "running":
                sleep(0.002)
            times.append(perf_counter() - began)
            assert told["status"] == "cancelled"
            assert told["fit"]["mixture"]
    return {"what": "cancel", "n_samples": n_samples, "median": float(np.median(times)),
            "worst": max(times)}  # fmt: skip


def replayed(browser: Any, address: str, n_samples: int) -> Row:
    """Milliseconds of a frame while the replay is scrubbed, all points drawn."""
    with opened(browser, address) as page:
        fitted(page, 0)
        upload(page, rows_of(n_samples))
        page.get_by_label("Components K").first.fill("5")
        before = len(fits(page))
        page.get_by_role("button", name="Calculate", exact=True).click()
        fitted(page, before)
        times = page.evaluate(SCRUB, 90)
    return {"what": "replay", "n_samples": n_samples, "median_ms": float(np.median(times)),
            "slow_ms": float(np.quantile(times, 0.9))}  # fmt: skip


# ---- the server and the page


@contextmanager
def serving() -> Iterator[str]:
    """Address of a calculator that runs."""
    command = [sys.executable, "-m", "bactrian", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield re.search(r"http://\S+", line)[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, or None where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("chromium is not here: only the server is measured", file=sys.stderr)
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, address: str) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(address)
    yield page
    page.close()


def fits(page: Any) -> list[float]:
    """Seconds from Calculate to the painted result, of each fit that the page has made."""
    return page.evaluate("performance.getEntriesByName('fit').map((e) => e.duration / 1000)")


def fitted(page: Any, before: int) -> float:
    """Wait for one more fit, and give its seconds."""
    deadline = perf_counter() + 60
    while len(seen := fits(page)) <= before:
        assert perf_counter() < deadline, page.inner_text("main")
        page.wait_for_timeout(20)
    return seen[-1]


def upload(page: Any, X: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.npy"
        np.save(file, X)
        page.locator("input[type=file]").first.set_input_files(file)
        page.get_by_text("rows.npy").first.wait_for()


def sent(address: str, X: np.ndarray) -> str:
    """Id of a data set that the server has been sent."""
    with tempfile.TemporaryFile() as file:
        np.save(file, X)
        file.seek(0)
        kind = {"Content-Type": "application/octet-stream"}
        place = f"{address}/api/v1/datasets?name=rows.npy"
        answer = httpx.post(place, content=file.read(), headers=kind, timeout=60)
    return answer.raise_for_status().json()["id"]


def timed_fit(address: str, dataset: str, settings: dict[str, Any]) -> float:
    with httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client:
        began = perf_counter()
        job = client.post("fits", json={"dataset": dataset, "settings": settings}).json()["id"]
        with client.stream("GET", f"jobs/{job}/events") as events:
            told = [line for line in events.iter_lines() if line.startswith("data: ")]
        assert '"status": "done"' in told[-1] or '"status":"done"' in told[-1]
        return perf_counter() - began


def rows_of(n_samples: int) -> np.ndarray:
    """The six points, or so many of three groups."""
    if n_samples == 6:
        return np.array(SIX)
    rng = np.random.default_rng(5)
    centres = np.array([[0.0, 0.0], [4.0, 1.0], [1.0, 5.0]])
    return centres[rng.integers(3, size=n_samples)] + rng.normal(size=(n_samples, 2))


def middle(rounds: list[dict[str, float]], name: str) -> float:
    return float(np.median([one[name] for one in rounds]))


# ---- the table


def report(rows: list[Row]) -> Iterator[str]:
    yield from table(("what", "measured"), (cells(row) for row in rows))


def cells(row: Row) -> tuple[str, str]:
    what = row["what"]
    if what == "weight":
        kilobytes = (f"{row[name] / 1e3:.0f} kB" for name in ("first", "text", "fonts"))
        return "page, packed: loaded first; with the explanation; fonts, all", "; ".join(kilobytes)
    if what == "start":
        seen = [f"{row[name]:.2f} s" for name in ("first_answer", "first_result") if name in row]
        return "`bactrian serve` to the first answer; to the first result in the page", "; ".join(
            seen
        )
    if what == "calculate":
        seen = [f"{row[name]:.2f} s" for name in ("server", "page") if name in row]
        return f"fit of {row['n_samples']:,} × 2: server; Calculate to painted", "; ".join(seen)
    if what == "cancel":
        return (
            f"cancel a fit of {row['n_samples']:,} × 2, K = 30: median; worst",
            f"{row['median']:.2f} s; {row['worst']:.2f} s",
        )
    return (
        f"replay of {row['n_samples']:,} points, a frame: median; slowest tenth",
        f"{row['median_ms']:.0f} ms; {row['slow_ms']:.0f} ms",
    )


if __name__ == "__main__":
    benchmark("calculator", __doc__, measure, report)
