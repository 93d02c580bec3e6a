"""docs/api.md: its commands are run against a server; docs/calculator.md: its numbers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from serving import ROOT

from bactrian.web.capacity import MIB, Capacity
from bactrian.web.problems import STATUS, UNUSABLE
from bactrian.web.routes import PREFIX, ROUTES
from bactrian.web.schema import Table

API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
CALCULATOR = (ROOT / "docs" / "calculator.md").read_text(encoding="utf-8")
PREAMBLE = 'set -euo pipefail\ncurl() { command curl --fail --max-time 60 "$@"; }\n'


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq") and shutil.which("bash")),
    reason="the page speaks to bash with curl and jq",
)
def test_the_commands_of_the_page_work(url, tmp_path):
    shutil.copy(ROOT / "src/bactrian/data/samples/old_faithful.csv", tmp_path / "faithful.csv")
    script = PREAMBLE + "\n".join(re.findall(r"```sh\n(.*?)```", API, re.DOTALL))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "API": f"{url.rstrip('/')}{PREFIX}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert '"n_rows":272' in done.stdout
    assert '"status": "done"' in done.stdout
    assert (tmp_path / "model.json").stat().st_size > 500
    assert (tmp_path / "labels.csv").read_text().count("\n") == 273


def test_the_page_knows_every_kind_of_address_and_every_status():
    for route in ROUTES:
        last = route.path.rsplit("/", 1)[1]
        if route.method != "GET" or last not in ("about", "examples", "{id}", "rows", "points"):
            assert last.strip("{}") in API, route.path
    statuses = {*STATUS.values(), UNUSABLE} - {405, 500}
    for status in statuses:
        assert str(status) in API


def test_the_limits_that_are_told_are_those():
    told = Capacity()
    assert "| 1 GiB (`--max-upload`" in CALCULATOR
    assert told.upload_bytes == 1024 * MIB
    assert f"{Table.model_json_schema()['properties']['rows']['maxItems']:,} rows" in CALCULATOR
    assert (told.rows, told.columns, told.components) == (50_000_000, 1000, 1000)
    assert "50 million, 1000, 1000" in CALCULATOR
    assert f"{told.seconds / 60:g} minutes" in CALCULATOR
    assert f"up to {told.queue} more wait" in CALCULATOR
    assert f"{told.drawn_rows:,}; with more rows" in CALCULATOR
    assert f"{told.datasets} data sets and {told.results} results, 8 GiB of each" in CALCULATOR
    assert told.bytes == 8192 * MIB
    assert told.grace == 2.0
    assert told.keep == 3600
