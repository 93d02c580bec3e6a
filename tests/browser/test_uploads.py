"""Files that are opened, by the button and by dropping them; and files that are none."""

from __future__ import annotations

import re

import numpy as np
import pytest
from driving import Calculator, bytes_of
from library import check_numbers, fit
from playwright.sync_api import expect

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

DROP = """async ([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(
      new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def drop(calculator: Calculator, name: str, content: bytes) -> None:
    import base64

    calculator.page.evaluate(DROP, [name, base64.b64encode(content).decode()])


@pytest.fixture
def geysers(faithful) -> tuple[str, np.ndarray]:
    """Old Faithful with a column of text, and values that are missing."""
    X = faithful.copy()
    X[4, 0] = X[10, 1] = X[200, 0] = np.nan
    written = [["NA" if np.isnan(x) else repr(float(x)) for x in row] for row in X]
    lines = [",".join([*row, f"seen {i}"]) for i, row in enumerate(written)]
    return "\n".join(["eruptions,waiting,remark", *lines, ""]), X


def test_a_csv_with_text_and_missing_values(calculator: Calculator, geysers, tmp_path):
    text, X = geysers
    (tmp_path / "geysers.csv").write_text(text)
    calculator.upload(tmp_path / "geysers.csv")
    expect(calculator.data).to_contain_text("geysers.csv: 272 rows, 2 columns, 3 values missing")
    expect(calculator.data).to_contain_text("Column remark is left out")
    calculator.calculate()
    model = fit(X, missing="em")
    weights, means = calculator.parameters()
    np.testing.assert_array_equal(means, model.means_)
    np.testing.assert_array_equal(weights, model.weights_)
    expect(calculator.tab("K-means")).to_contain_text("Values are missing, and K-means can only")


def test_a_tsv_is_dropped(calculator: Calculator, faithful):
    text = "\n".join(["a\tb", *("\t".join(map(repr, row)) for row in faithful.tolist()), ""])
    drop(calculator, "dropped.tsv", text.encode())
    expect(calculator.data).to_contain_text("dropped.tsv: 272 rows, 2 columns")
    calculator.calculate()
    check_numbers(calculator, fit(faithful), faithful)


def test_another_way_of_reading(calculator: Calculator):
    drop(calculator, "comma.csv", b"1,5;2\n3,5;4\n5,5;7\n8,5;1\n")
    expect(calculator.cell(1, "x1")).to_have_value("1.5")
    calculator.data.get_by_text("Read comma.csv in another way").click()
    calculator.data.get_by_label("First row").select_option(label="names")
    calculator.button("Read again").click()
    expect(calculator.data).to_contain_text("comma.csv: 3 rows")


def test_a_large_parquet_file_is_fitted_whole_and_drawn_as_a_sample(
    calculator: Calculator, tmp_path
):
    rng = np.random.default_rng(3)
    which = rng.random(200_000) < 0.3
    X = rng.normal(size=(200_000, 2)) + np.where(which, 6.0, 0.0)[:, None]
    columns = {"left": X[:, 0], "right": X[:, 1], "name": ["row"] * len(X)}
    pq.write_table(pa.table(columns), tmp_path / "large.parquet")
    calculator.upload(tmp_path / "large.parquet")
    expect(calculator.data).to_contain_text("large.parquet: 200,000 rows")
    rows = calculator.data.get_by_role("region", name="Rows of large.parquet")
    expect(rows.get_by_role("row").nth(1)).to_contain_text(f"{X[0, 0]:.3f}"[:4])
    calculator.calculate()
    weights, means = calculator.parameters()
    order = np.argsort(weights)
    np.testing.assert_allclose(weights[order], [which.mean(), 1 - which.mean()], atol=0.002)
    expected = [X[which].mean(axis=0), X[~which].mean(axis=0)]
    np.testing.assert_allclose(means[order], expected, atol=0.01)
    expect(calculator.picture).to_contain_text(re.compile("20,000 of (the )?200,000 rows"))


def test_an_array_of_numpy(calculator: Calculator, faithful):
    drop(calculator, "faithful.npy", bytes_of(faithful))
    expect(calculator.data).to_contain_text("faithful.npy: 272 rows")


FAR_DOWN = "a,b\n" + "1,2\n3,4\n" * 2500 + "5,oops\n" + "7,8\n9,10\n" * 10
UNREADABLE = {
    "far-down.csv": (FAR_DOWN.encode(), ["line 5002", "oops"]),
    "ragged.csv": (b"a,b\n" + b"1,2\n" * 3000 + b"1,2,3\n", ["line 3002", "differ"]),
    "empty.csv": (b"", ["empty"]),
    "picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20, ["not"]),
    "text.csv": (b"once,upon\na,time\nof,words\n", ["number"]),
    "broken.parquet": (b"PAR1" + b"\x00" * 100, ["Parquet"]),
}


def test_what_cannot_be_read_is_told_beside_the_upload(calculator: Calculator, heard):
    heard.expect("datasets")
    wrong = calculator.data.locator("[aria-live=assertive]")
    calculator.cell(1, "X1").fill("1.75")
    for name, (content, words) in UNREADABLE.items():
        drop(calculator, name, content)
        expect(wrong).not_to_be_empty()
        told = wrong.inner_text()
        print(told)
        assert any(word.lower() in told.lower() for word in words), told
        assert "Traceback" not in told
        assert "/tmp" not in told
        expect(calculator.cell(1, "X1")).to_have_value("1.75")
        calculator.calculate()
        expect(wrong).to_be_empty()


def test_a_small_file_with_a_mistake_is_mended_in_the_table(calculator: Calculator, heard):
    heard.expect("datasets")
    drop(calculator, "small.csv", b"a,b\n1,2\n3,x7\n5,6\n2,2\n")
    expect(calculator.data).to_contain_text("Correct it in the table below")
    bad = calculator.cell(2, "b")
    expect(bad).to_have_attribute("aria-invalid", "true")
    calculator.button("Calculate").click()
    expect(bad).to_be_focused()
    calculator.page.keyboard.type("7")
    calculator.calculate()
    assert calculator.fact("Free parameters").value == 11
