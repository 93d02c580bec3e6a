"""Files of other programs: tell them by their first bytes, and how to convert them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Foreign:
    """A format that is not read here.

    Parameters
    ----------
    beginning : pattern of bytes
        What such a file begins with.
    name : str
    remedy : str
        What to do, in one sentence.
    text : bool
        Whether the file is text, which may be read as CSV if the user says so.
    """

    beginning: re.Pattern[bytes]
    name: str
    remedy: str
    text: bool = False


def _bytes(magic: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(magic))


def _pandas(verb: str) -> str:
    line = f"import pandas; pandas.{verb}('FILE').to_csv('FILE.csv', index=False)"
    return f'Convert it in Python: "{line}".'


_R = "Convert it in R: \"write.csv(readRDS('FILE'), 'FILE.csv', row.names = FALSE)\"."
_WORKSPACE = "Convert it in R: load('FILE') names its tables; write.csv(TABLE, 'FILE.csv')."
_FITS = "from astropy.table import Table; Table.read('FILE').write('FILE.csv')"
_ARFF = (
    "import pandas; from scipy.io import arff; "
    "pandas.DataFrame(arff.loadarff('FILE')[0]).to_csv('FILE.csv', index=False)"
)
_SPARSE = (
    "import numpy; from sklearn.datasets import load_svmlight_file; "
    "numpy.save('FILE.npy', load_svmlight_file('FILE')[0].toarray())"
)
_FLOW = "import fcsparser; fcsparser.parse('FILE')[1].to_csv('FILE.csv', index=False)"

_FOREIGN = (
    Foreign(
        _bytes(b"PK\x03\x04"),
        "a zip archive (such as .xlsx or .npz)",
        "Save it as CSV, Parquet or .npy.",
    ),
    Foreign(
        _bytes(b"FEA1"),
        "a Feather file of version 1",
        "Save it again as version 2 or as Parquet.",
    ),
    Foreign(_bytes(b"\x89HDF"), "an HDF5 file", "Save the table as CSV, Parquet or .npy."),
    Foreign(_bytes(b"\xd0\xcf\x11\xe0"), "an old Excel file (.xls)", "Save it as CSV."),
    Foreign(_bytes(b"%PDF"), "a PDF", "Save the table as CSV."),
    Foreign(_bytes(b"BZh"), "a bzip2 file", "Unpack it first: bunzip2."),
    Foreign(_bytes(b"\xfd7zXZ\x00"), "an xz file", "Unpack it first: unxz."),
    Foreign(_bytes(b"\x28\xb5\x2f\xfd"), "a zstandard file", "Unpack it first: unzstd."),
    Foreign(_bytes(b"\x1f\x8b"), "a gzip file inside another", "Unpack it first: gunzip."),
    Foreign(
        _bytes(b"\x80\x04\x95"),
        "a pickle",
        "Save the array with numpy.save; pickles are never opened.",
    ),
    Foreign(_bytes(b"\x89PNG"), "an image", "Give a table of numbers."),
    Foreign(re.compile(rb"SIMPLE  ="), "a FITS file", f'Convert it in Python: "{_FITS}".'),
    Foreign(re.compile(rb"FCS[23]\.\d"), "an FCS file", f'Convert it in Python: "{_FLOW}".'),
    Foreign(re.compile(rb"<stata_dta>"), "a Stata file (.dta)", _pandas("read_stata")),
    Foreign(
        re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00"), "a Stata file (.dta)", _pandas("read_stata")
    ),
    Foreign(re.compile(rb"\$FL[23]"), "an SPSS file (.sav)", _pandas("read_spss")),
    Foreign(
        re.compile(rb"\x00{12}\xc2\xea\x81\x60"),
        "a SAS file (.sas7bdat)",
        _pandas("read_sas").replace("'FILE')", "'FILE', format='sas7bdat')", 1),
    ),
    Foreign(
        re.compile(rb"HEADER RECORD\*{7}LIB"),
        "a SAS transport file (.xpt)",
        _pandas("read_sas").replace("'FILE')", "'FILE', format='xport')", 1),
    ),
    Foreign(re.compile(rb"RD[XA][23]\n"), "an R workspace (.RData)", _WORKSPACE),
    Foreign(re.compile(rb"X\n\x00\x00\x00[\x02\x03]"), "an R object (.rds)", _R),
    Foreign(
        re.compile(rb"(?:\s*%[^\n]*\n|\s*\n)*\s*@relation\s", re.IGNORECASE),
        "an ARFF file (Weka)",
        f'Convert it in Python: "{_ARFF}".',
        text=True,
    ),
)
_LIBSVM = Foreign(
    re.compile(rb"[-+\d.eE]+(?:[ \t]+\d+:[-+\d.eE]+)+[ \t]*$"),
    "a LibSVM (svmlight) file",
    f'Convert it in Python: "{_SPARSE}".',
    text=True,
)
_CLOCK = re.compile(rb"(?:[01]?\d|2[0-3]):[0-5]\d")
_PAIR = re.compile(rb"\d+:[-+\d.eE]+")


def foreign(head: bytes, *, text: bool = True) -> Foreign | None:
    """Tell a format of another program by the beginning of a file.

    Parameters
    ----------
    head : bytes
    text : bool
        Whether formats that are text are looked for, too.

    Returns
    -------
    Foreign or None
    """
    for found in _FOREIGN:
        if (text or not found.text) and found.beginning.match(head):
            return found
    return _LIBSVM if text and _is_libsvm(head) else None


def _is_libsvm(head: bytes) -> bool:
    """Whether each whole line is a number with pairs index:value that are not all times."""
    lines = [line.rstrip() for line in head[: head.rfind(b"\n") + 1].splitlines() if line.strip()]
    if not lines or not all(_LIBSVM.beginning.match(line) for line in lines):
        return False
    return any(not _CLOCK.fullmatch(pair) for line in lines for pair in _PAIR.findall(line))
