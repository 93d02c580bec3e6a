"""The page as who sits before it knows it: by its labels, roles and names."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Download, Locator, Page, expect

WEIGHTS = "Mixing weights, and means of the columns"

# Text that comes onto the clipboard.
COPIED = """async () => {
  for (const end = performance.now() + 15_000; performance.now() < end; ) {
    const text = await navigator.clipboard.readText();
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nothing was copied");
}"""


class Figure(NamedTuple):
    """A number as it is shown, and as it is copied."""

    shown: str
    value: float

    @classmethod
    def read(cls, label: str) -> Figure:
        shown, copied = label.split("; copy ")
        return cls(shown, float(copied or "nan"))

    def agrees(self) -> bool:
        """Whether the digits that are shown are those of the number."""
        if np.isnan(self.value):
            return self.shown == "\N{EN DASH}"
        text = re.sub(r"[,\s]", "", self.shown.replace("\N{MINUS SIGN}", "-"))
        shown = Decimal(text)
        half = Decimal((0, (5,), shown.as_tuple().exponent - 1))
        return abs(shown - Decimal(self.value)) <= half * Decimal("1.000001")


class Calculator:
    """What can be done with the page, and what can be read from it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.data = page.get_by_role("region", name="Data", exact=True)
        self.grid = page.get_by_role("grid", name="Data", exact=True)
        self.settings = page.get_by_role("region", name="Mixture", exact=True)
        self.results = page.get_by_role("region", name="Results", exact=True)
        self.picture = page.get_by_role("region", name="The picture")
        self.chart = self.picture.get_by_role("application")
        self.replay = page.get_by_role("slider", name="Iteration of EM")

    # ---- going about

    def open(self, link: str = "") -> Calculator:
        """Load the page, perhaps by a link, and wait for what it calculates."""
        with self.fitted():
            self.page.goto(self.address + "/" + link)
        return self

    @contextmanager
    def fitted(self) -> Iterator[None]:
        """What is done here begins a fit, which has ended when this ends."""
        with self.page.expect_response(lambda told: told.url.endswith("/api/v1/fits")) as asked:
            yield
        assert asked.value.status == 202, asked.value.text()
        expect(self.results).to_have_attribute("aria-busy", "false")

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        return self.settings.get_by_label(name, exact=True)

    def cell(self, row: int, column: str) -> Locator:
        return self.grid.get_by_role("textbox", name=f"Row {row}, {column}", exact=True)

    def calculate(self) -> None:
        with self.fitted():
            self.button("Calculate").click()

    def example(self, title: str) -> None:
        with self.fitted():
            self.button(title).click()

    def more(self) -> None:
        """Open the other settings."""
        self.settings.get_by_text("More settings").click()

    def tab(self, name: str) -> Locator:
        """Open a tab of the results; its panel."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        return self.page.get_by_role("tabpanel", name=name, exact=True)

    def upload(self, path: Path) -> None:
        """Open a file by the button."""
        with self.page.expect_file_chooser() as chooser:
            self.button("Open a file").click()
        chooser.value.set_files(path)

    # ---- reading

    def fact(self, name: str) -> Figure:
        """A number that stands beside its name."""
        term = self.results.get_by_role("term").filter(has_text=re.compile(f"^{name}$"))
        label = term.locator("xpath=following-sibling::dd[1]/button").get_attribute("aria-label")
        return Figure.read(label)

    def table(self, caption: str) -> list[list[Figure]]:
        """The numbers of a table."""
        rows = self.results.get_by_role("grid", name=caption, exact=True).locator("tbody tr")
        labels = rows.evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('button')]"
            ".map(button => button.getAttribute('aria-label')))"
        )
        return [[Figure.read(label) for label in row] for row in labels]

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights and means, at full precision; the certainties beside them are shares."""
        grid = self.results.get_by_role("grid", name=WEIGHTS, exact=True)
        heads = [head.strip() for head in grid.locator("thead th").all_inner_texts()]
        rows = np.array([[figure.value for figure in row] for row in self.table(WEIGHTS)])
        if heads[-1] == "Certainty":
            rows, certainty = rows[:, :-1], rows[:, -1]
            assert ((certainty > 0) & (certainty <= 1) | np.isnan(certainty)).all()
        return rows[:, 0], rows[:, 1:]

    def covariances(self, k: int) -> np.ndarray:
        tables = [self.table(f"Covariance, component {i + 1}") for i in range(k)]
        return np.array([[[figure.value for figure in row] for row in table] for table in tables])

    def clipboard(self) -> str:
        return self.page.evaluate("navigator.clipboard.readText()")

    def copied(self, name: str, within: Locator | None = None) -> str:
        """What is on the clipboard once a button is pressed."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        self.button(name, within).click()
        return self.page.evaluate(COPIED)

    def paste(self, text: str) -> None:
        """Paste text where the focus is."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.keyboard.press("Control+V")

    def downloaded(self, target: Locator, folder: Path) -> Path:
        """The file that a click gives."""
        with self.page.expect_download() as begun:
            target.click()
        download: Download = begun.value
        path = folder / download.suggested_filename
        download.save_as(path)
        return path

    @property
    def status_line(self) -> Locator:
        return self.results.locator("p", has=self.page.locator("strong")).first

    def status(self) -> str:
        """How the fit ended, in a line."""
        return self.status_line.inner_text()


def bytes_of(X: np.ndarray) -> bytes:
    """An array as an npy file."""
    file = io.BytesIO()
    np.save(file, X)
    return file.getvalue()
