"""Arrow's threads hold nothing of Python's: they may outlive the interpreter."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from bactrian.tables.files import read_table

pa = pytest.importorskip("pyarrow")
from pyarrow import csv as arrow_csv  # noqa: E402


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("delimiter", [",", "  "])
@pytest.mark.parametrize("way", ["file", "stream"])
def test_arrow_reads_without_python(way, delimiter, packed, tmp_path: Path, monkeypatch) -> None:
    sources = []
    read_csv = arrow_csv.read_csv

    def watched(source, *options):
        sources.append(source)
        return read_csv(source, *options)

    monkeypatch.setattr(arrow_csv, "read_csv", watched)
    monkeypatch.setattr("bactrian.tables.arrow_source._BLOCK_BYTES", 8)
    text = f"# made\na{delimiter}b\n1{delimiter}2\n\n3{delimiter}4\n5{delimiter}NA\n".encode()
    data = gzip.compress(text) if packed else text
    path = tmp_path / "table.txt"
    path.write_bytes(data)
    table = read_table(path if way == "file" else io.BytesIO(data))
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4], [5, np.nan]])
    assert sources
    for source in sources:
        assert isinstance(source, pa.NativeFile)
        assert not isinstance(source, pa.PythonFile)
