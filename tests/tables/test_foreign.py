"""Files of other programs are named, with the line that converts them."""

import csv
import gzip

import numpy as np
import pytest
from scipy.io import arff
from sklearn.datasets import dump_svmlight_file

from bactrian.errors import DataError
from bactrian.tables.files import read_table

ARFF = (
    b"% Flowers\n\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n@ATTRIBUTE b NUMERIC\n@DATA\n1,2\n3,4\n"
)


@pytest.mark.parametrize(
    ("body", "name", "line"),
    [
        (b"SIMPLE  =                    T / FITS\n", "FITS", "astropy"),
        (b"FCS3.0          58    1024", "FCS", "fcsparser"),
        (b"<stata_dta><header><release>118", "Stata", "read_stata"),
        (b"\x72\x02\x01\x00\x05\x00", "Stata", "read_stata"),
        (b"$FL2@(#) SPSS DATA FILE", "SPSS", "read_spss"),
        (bytes(12) + b"\xc2\xea\x81\x60" + bytes(40), "sas7bdat", "format='sas7bdat'"),
        (b"HEADER RECORD*******LIBRARY HEADER", "SAS transport", "format='xport'"),
        (gzip.compress(b"RDX3\nX\n\x00\x00\x00\x03"), "R workspace", "load("),
        (gzip.compress(b"X\n\x00\x00\x00\x03\x00\x04"), "R object", "readRDS"),
        (b"\x89HDF\r\n\x1a\n", "HDF5", "Parquet"),
        (ARFF, "ARFF", "loadarff"),
        (b"1 1:0.5 7:2\n-1 2:1\n", "LibSVM", "load_svmlight_file"),
    ],
)
def test_a_file_of_another_program_is_named_with_its_remedy(tmp_path, body, name, line):
    path = tmp_path / "file"
    path.write_bytes(body)
    with pytest.raises(DataError) as error:
        read_table(path)
    assert name in str(error.value)
    assert line in str(error.value)
    assert ("format='csv'" in str(error.value)) == (name in ("ARFF", "LibSVM"))


def test_what_scikit_learn_writes_is_named(tmp_path):
    rows = np.array([[0.0, 1.5, 2.0], [3.0, 0.0, 1.0]])
    dump_svmlight_file(rows, [0, 1], str(tmp_path / "file"), zero_based=False)
    with pytest.raises(DataError, match="LibSVM"):
        read_table(tmp_path / "file")


@pytest.fixture
def field_limit():
    """Put back the limit of Python's csv module, which SciPy's reader of ARFF raises for all."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


@pytest.mark.usefixtures("field_limit")
def test_the_line_that_converts_arff_reads_its_numbers(tmp_path):
    (tmp_path / "file").write_bytes(ARFF)
    rows, _ = arff.loadarff(tmp_path / "file")
    assert rows.tolist() == [(1.0, 2.0), (3.0, 4.0)]


def test_an_arff_file_said_to_be_text_is_read_behind_its_head(tmp_path):
    (tmp_path / "file").write_bytes(ARFF)
    table = read_table(tmp_path / "file", format="csv", skip_lines=6, header=False)
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4]])


@pytest.mark.parametrize("body", [b"1 12:30\n2 13:45\n3 14:05\n", b"a,b\n1,2\n3,4\n"])
def test_times_and_ordinary_tables_are_not_taken_for_another_format(tmp_path, body):
    (tmp_path / "file").write_bytes(body)
    table = read_table(tmp_path / "file", columns=["1"], header="auto")
    assert len(table.values) >= 2
