"""Rows that are named instead of given: files, datasets, functions; and their bad days."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian import BadInputError, BayesianGaussianMixture, GaussianMixture, scan
from bactrian.core.values.point_masses import PointMasses
from bactrian.data import spool
from bactrian.data.source import ArraySource
from bactrian.data.spool import SpooledSource, Spooling
from bactrian.errors import DataError

pa = pytest.importorskip("pyarrow")
from pyarrow import csv, dataset, feather, ipc, parquet  # noqa: E402

NAMES = ("width", "height", "w")


def rows_of(n: int = 3000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)) + 6.0 * rng.integers(2, size=n)[:, None]
    return np.column_stack([X, rng.integers(1, 4, size=n)])


def table_of(X: np.ndarray) -> pa.Table:
    return pa.table(dict(zip(NAMES, X.T, strict=True)))


def fitted(X, **settings) -> GaussianMixture:
    return GaussianMixture(2, random_state=0, **settings).fit(X)


@pytest.fixture
def many_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of so few rows that small data have several."""
    monkeypatch.setattr(spool, "CHUNK_ROWS", 64)
    monkeypatch.setattr(spool, "WINDOW_BYTES", 4096)


def written(folder: Path, form: str, X: np.ndarray) -> Path:
    path, table = folder / f"rows.{form}", table_of(X)
    match form:
        case "parquet":
            parquet.write_table(table, path, row_group_size=700)
        case "feather":
            feather.write_feather(table, str(path), chunksize=500)
        case "arrow":
            with ipc.new_stream(str(path), table.schema) as stream:
                stream.write_table(table, max_chunksize=500)
        case "csv":
            csv.write_csv(table, path)
        case "csv.gz":
            csv.write_csv(table, folder / "plain.csv")
            path.write_bytes(gzip.compress((folder / "plain.csv").read_bytes()))
            (folder / "plain.csv").unlink()
        case "npy":
            np.save(path, X)
    return path


@pytest.mark.parametrize("form", ["parquet", "feather", "arrow", "csv", "csv.gz", "npy"])
def test_a_file_gives_the_fit_of_its_rows(tmp_path: Path, form: str) -> None:
    X = rows_of()
    path = written(tmp_path, form, X)
    found, wanted = fitted(path), fitted(X)
    assert found.log_likelihood_ == wanted.log_likelihood_  # one window: the same bits
    np.testing.assert_array_equal(found.means_, wanted.means_)
    np.testing.assert_array_equal(found.predict(str(path)), wanted.predict(X))
    np.testing.assert_array_equal(found.predict_proba(path), wanted.predict_proba(X))
    np.testing.assert_array_equal(found.score_samples(path), wanted.score_samples(X))
    assert found.score(path) == pytest.approx(wanted.score(X), rel=1e-14)
    if form != "npy":
        assert tuple(found.feature_names_in_) == NAMES


@pytest.mark.parametrize("settings", [{}, {"covariance_type": "VEV"}, {"noise": True},
                                      {"family": "t"}, {"n_init": 2}])  # fmt: skip
def test_several_windows_give_the_same_fit(tmp_path: Path, many_windows, settings) -> None:
    X = rows_of()
    X[::7, 0] = np.nan
    path = written(tmp_path, "parquet", X)
    found = fitted(scan(path, ["width", "height"]), **settings)
    wanted = fitted(X[:, :2], **settings)
    assert found.log_likelihood_ == pytest.approx(wanted.log_likelihood_, rel=1e-9)
    np.testing.assert_allclose(found.means_, wanted.means_, rtol=1e-5)
    assert found.fit_report_.missing == wanted.fit_report_.missing


def test_weights_labels_and_point_masses(tmp_path: Path, many_windows) -> None:
    X = rows_of()
    X[:400, 1] = 0.0
    X[::5, 2] = 0  # rows of weight 0 count for nothing, whatever they hold
    y = np.full(len(X), -1)
    y[1:300:5] = X[1:300:5, 0] > 3
    path = written(tmp_path, "parquet", X)
    weighted = scan(path, weights_column="w")
    found = fitted(weighted, spikes={"height": [0.0]}, labels="use")
    kept = X[:, 2] > 0
    wanted = GaussianMixture(2, random_state=0, spikes={1: [0.0]}, labels="use")
    wanted.fit(X[:, :2], y, sample_weight=X[:, 2])
    found.fit(weighted, y)
    assert found.log_likelihood_ == pytest.approx(wanted.log_likelihood_, rel=1e-10)
    np.testing.assert_allclose(found.spikes_.shares, wanted.spikes_.shares, rtol=1e-6)
    plain = fitted(scan(path, weights_column="w"))
    densities = plain.score_samples(scan(table_of(X[kept]), exclude=["w"]))
    mean = np.average(densities, weights=X[kept, 2])
    finite = scan(lambda: [table_of(X[kept])], weights_column="w")
    assert plain.score(finite) == pytest.approx(mean, rel=1e-12)


def test_columns_are_found_by_name_and_rows_need_none(tmp_path: Path) -> None:
    X = rows_of()
    path = written(tmp_path, "parquet", X)
    by_name = fitted(scan(path, ["height", "width"]))
    np.testing.assert_array_equal(
        by_name.predict(path), by_name.predict(scan(path, ["height", "width"]))
    )
    nameless = fitted(X)
    np.testing.assert_array_equal(nameless.predict(path), nameless.predict(X))
    assert nameless.bic(path) == pytest.approx(nameless.bic(X), rel=1e-12)
    assert nameless.icl(path) == pytest.approx(nameless.icl(X), rel=1e-12)


def test_fit_predict_and_the_posterior(tmp_path: Path) -> None:
    X = rows_of(800)
    path = written(tmp_path, "parquet", X)
    labels = GaussianMixture(2, random_state=0).fit_predict(path)
    np.testing.assert_array_equal(labels, GaussianMixture(2, random_state=0).fit_predict(X))
    found = BayesianGaussianMixture(3, random_state=0).fit(path)
    wanted = BayesianGaussianMixture(3, random_state=0).fit(X)
    assert found.lower_bound_ == wanted.lower_bound_
    np.testing.assert_array_equal(found.score_samples(path), wanted.score_samples(X))


def test_sources_in_pieces(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    X = rows_of()
    wanted = fitted(X).log_likelihood_
    for part in range(3):
        parquet.write_table(
            table_of(X[part * 1000 : part * 1000 + 1000]), tmp_path / f"{part}.parquet"
        )
    whole = table_of(X)
    sources = [
        tmp_path,
        str(tmp_path / "*.parquet"),
        [tmp_path / "0.parquet", tmp_path / "1.parquet", tmp_path / "2.parquet"],
        dataset.dataset(tmp_path),
        lambda: iter(np.array_split(X, 7)),
        scan(X),
        scan(whole),
        scan(polars.scan_parquet(tmp_path / "*.parquet")),
        scan(whole.to_reader()),
        scan(np.asfortranarray(X)),
    ]
    for source in sources:
        assert fitted(source).log_likelihood_ == wanted, source


def test_float32_stays(tmp_path: Path) -> None:
    X = rows_of().astype(np.float32)
    path = written(tmp_path, "npy", X)
    found = fitted(scan(path, dtype=np.float32))
    assert found.means_.dtype == np.float32
    np.testing.assert_array_equal(found.means_, fitted(X).means_)


def test_markers_of_missing_values(tmp_path: Path) -> None:
    X = rows_of()[:, :2]
    holes = np.where(np.arange(len(X))[:, None] % 5 == [0, 1], np.nan, X)
    coded = np.where(np.isnan(holes), -999, X)
    found = fitted(scan(coded, missing_values=[-999]))
    assert found.log_likelihood_ == fitted(holes).log_likelihood_


# ---- a spool is the array that it holds


@settings(max_examples=30)
@given(st.integers(1, 700), st.integers(1, 3), st.integers(0, 2**31 - 1), st.integers(1, 50))
def test_a_spooled_source_is_the_array(n: int, d: int, seed: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(n, d)), rng.uniform(1, 2, size=n)
    told, spikes = rng.dirichlet([1, 1], size=n), PointMasses.of([])
    assert spikes is None
    rows, weighing = Spooling(d, np.float64), Spooling(1, np.float64)
    for piece in np.array_split(np.arange(n), rng.integers(1, 4)):
        rows.append(X[piece])
        weighing.append(weights[piece, None])
    kept = rng.random(n) < 0.7
    kept[0] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "CHUNK_ROWS", 16)
        patch.setattr(spool, "WINDOW_BYTES", 16)
        source = SpooledSource(rows.finished(), weighing.finished()).told(told)
        array = ArraySource(X, weights).told(told)
        for ours, theirs in [
            (source, array),
            (source.only(kept), array.only(kept)),
            (source.only(kept).told(told[kept]), array.only(kept).told(told[kept])),
            (source.only(kept).weighted(weights[kept]), array.only(kept)),
        ]:
            (whole,) = theirs.chunks()
            chunks = list(ours.chunks())
            np.testing.assert_array_equal(np.concatenate([c.X for c in chunks]), whole.X)
            joined = np.concatenate([c.sample_weight for c in chunks])
            np.testing.assert_array_equal(joined, whole.sample_weight)
            one, other = ours.sample(limit, seed), theirs.sample(limit, seed)
            np.testing.assert_array_equal(one.X, other.X)
            np.testing.assert_array_equal(one.sample_weight, other.sample_weight)
            np.testing.assert_array_equal(one.plausibility, other.plausibility)


# ---- bad days


def refused(source, kind=DataError, **settings):
    with pytest.raises(kind) as caught:
        fitted(source, **settings)
    return caught.value


def test_another_schema_names_file_and_column(tmp_path: Path) -> None:
    parquet.write_table(table_of(rows_of()), tmp_path / "a.parquet")
    other = table_of(rows_of()).rename_columns(["width", "depth", "w"])
    parquet.write_table(other, tmp_path / "b.parquet")
    error = refused(tmp_path)
    assert error.code == "no_such_column"
    assert "b.parquet" in str(error)
    assert "height" in str(error)


def test_a_column_of_text_in_a_late_file(tmp_path: Path) -> None:
    for part in range(5):
        csv.write_csv(table_of(rows_of(50, part)), tmp_path / f"{part}.csv")
    (tmp_path / "9.csv").write_text("width,height,w\n1,two,1\n")
    error = refused(tmp_path)
    assert "9.csv" in str(error)
    assert "two" in str(error)
    typed = pa.table({"width": [1.0], "height": ["two"], "w": [1]})
    (tmp_path / "9.csv").unlink()
    parquet.write_table(typed, tmp_path / "9.parquet")
    error = refused(tmp_path)
    assert "9.parquet" in str(error)
    assert "'height'" in str(error)


def test_nan_in_the_last_row_where_none_may_be(many_windows) -> None:
    X = rows_of()[:, :2]
    X[-1, 1] = np.nan
    error = refused(scan(X), BadInputError, missing="error")
    assert error.code == "missing_value"
    assert "2999" in str(error)


def test_empty_parts_and_unequal_ones() -> None:
    X = rows_of()[:, :2]
    pieces = [X[:0], X[:1], X[1:2900], X[:0], X[2900:]]
    wanted = pytest.approx(fitted(X).log_likelihood_, rel=1e-13)
    assert fitted(scan(lambda: pieces)).log_likelihood_ == wanted
    assert refused(scan(lambda: [X[:0]])).code == "no_rows"


def test_a_piece_that_raises_is_raised_and_leaves_nothing() -> None:
    def broken():
        yield rows_of(100)
        raise RuntimeError("the wire was cut")

    model = GaussianMixture(2)
    with pytest.raises(RuntimeError, match="the wire was cut"):
        model.fit(scan(broken))
    assert not hasattr(model, "means_")


def test_pieces_with_other_columns() -> None:
    error = refused(scan(lambda: [rows_of(50), rows_of(50)[:, :2]]))
    assert error.code == "wrong_columns"
    assert "piece 2" in str(error)


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", rows_of())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(path).code == "damaged_file"


def test_no_room_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: object) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    error = refused(scan(rows_of()))
    assert error.code == "no_room"
    assert "TMPDIR" in str(error)


def test_places_that_cannot_be_written_to(tmp_path: Path) -> None:
    error = refused(scan(rows_of(), spool_directory=str(tmp_path / "nowhere")))
    assert error.code == "no_room"


@pytest.mark.parametrize(
    ("call", "subject"),
    [
        (lambda: scan(rows_of(), memory_budget="lots"), "memory_budget"),
        (lambda: scan(rows_of(), memory_budget="1MB"), "memory_budget"),
        (lambda: scan(rows_of(), dtype=np.int32), "dtype"),
        (lambda: scan(17), "source"),
        (lambda: scan([]), "source"),
        (lambda: fitted("/nowhere/rows.parquet"), "/nowhere/rows.parquet"),
        (lambda: scan("/nowhere/*.parquet"), "there are no such files"),
        (lambda: scan(rows_of(), ["x9"]), "x9"),
        (lambda: GaussianMixture(2).fit(scan(rows_of()), sample_weight=np.ones(3000)),
         "sample_weight"),
        (lambda: fitted(rows_of()).impute(scan(rows_of())), "X"),
        (lambda: fitted(rows_of()).bic(scan(rows_of()), np.ones(3000)), "sample_weight"),
        (lambda: fitted(scan(-rows_of(), weights_column="x3")), "weights_column"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, subject: str) -> None:
    with pytest.raises((BadInputError, DataError)) as caught:
        call()
    assert subject in str(caught.value)


def test_a_reader_that_is_used_up_says_so() -> None:
    reader = scan(table_of(rows_of()).to_reader())
    model = fitted(reader)
    with pytest.raises(DataError):
        model.predict(reader)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_stays_on_the_disk_and_memory_is_bounded(tmp_path: Path) -> None:
    code = f"""
import os, resource, numpy as np
from bactrian import GaussianMixture, scan
def pieces():
    for seed in range(40):
        yield np.random.default_rng(seed).normal(size=(50_000, 8)) + seed % 2 * 9
GaussianMixture(2, random_state=0).fit(scan(lambda: [np.ones((9, 8)) * np.arange(9)[:, None]]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
GaussianMixture(2, random_state=0, max_iter=3).fit(
    scan(pieces, memory_budget="64MB", spool_directory={str(tmp_path)!r}))
assert os.listdir({str(tmp_path)!r}) == []
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)
"""
    command = [sys.executable, "-W", "ignore", "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 110  # megabytes; the rows are 128
