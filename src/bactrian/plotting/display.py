"""What all figures share: where they are drawn, and how they are written to files."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Self

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.legend import Legend

from bactrian.errors import BadInputError
from bactrian.plotting.palette import SOFT_INK
from bactrian.storage.files import write_whole

FORMATS = ("svg", "png", "pdf")
DPI = 150
ROWS_OF_LEGEND = 18
LONGEST_NAME = 40

# What would say when or by what the file was written.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Display(ABC):
    """A figure: ``plot`` draws it, ``save`` draws it and writes it to a file.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    size: ClassVar[tuple[float, float]] = (6.4, 4.4)
    ax_: Axes
    figure_: FigureBase

    @abstractmethod
    def plot(self, ax: Axes | FigureBase | None = None) -> Self:
        """Draw."""

    def save(self, path: str | os.PathLike[str], *, dpi: float = DPI, **options: Any) -> Self:
        """Draw the figure by itself and write it to a file: no screen, no pyplot, no state left.

        The same data and options give the same bytes. The file appears whole or not at all.

        Parameters
        ----------
        path : path
            Ends in .svg, .png or .pdf.
        dpi : float, default=150
            Pixels an inch of a .png, and of what is drawn as pixels in the others.
        **options
            Those of ``plot``.

        Raises
        ------
        BadInputError
            If the extension is another.
        ModelFileError
            If the file cannot be written.
        """
        format = format_of(path)
        figure = Figure(figsize=self._size(), layout="constrained")
        self.plot(figure, **options)
        content = BytesIO()
        with mpl.rc_context({"svg.hashsalt": "bactrian"}):
            figure.savefig(content, format=format, dpi=dpi, metadata=_METADATA[format])
        write_whole(path, content.getvalue())
        return self

    def _size(self) -> tuple[float, float]:
        """Width and height of a figure of its own, in inches."""
        return self.size

    def _begin(self, ax: Axes | FigureBase | None) -> bool:
        """Set ``ax_`` and ``figure_``; return whether the whole figure is ours."""
        if isinstance(ax, Axes):
            self.ax_, self.figure_ = ax, ax.figure
            return False
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.figure(figsize=self._size(), layout="constrained")
        self.ax_, self.figure_ = ax.add_subplot(), ax
        return True


def format_of(path: str | os.PathLike[str]) -> str:
    """Format that the extension names.

    Raises
    ------
    BadInputError
        If it names none.
    """
    format = Path(path).suffix.lower().removeprefix(".")
    if format not in FORMATS:
        extensions = " or ".join(f".{name}" for name in FORMATS)
        raise BadInputError("path", repr(os.fspath(path)), f"a file that ends in {extensions}")
    return format


def panels(ax: Axes, n_rows: int, n_columns: int) -> Any:
    """Make a grid of panels in place of `ax`, whose own frame is hidden.

    Returns
    -------
    GridSpecBase
    """
    ax.set_axis_off()
    spec = ax.get_subplotspec()
    if spec is not None:
        return spec.subgridspec(n_rows, n_columns)
    box = ax.get_position()
    edges = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
    return ax.figure.add_gridspec(n_rows, n_columns, **edges)


def open_frame(ax: Axes) -> None:
    """Leave out the frame's upper and right sides."""
    ax.spines[["top", "right"]].set_visible(False)


def legend_beside(ax: Axes, handles: Sequence[Any], own: bool, title: str = "") -> Legend:
    """Put a legend to the right of the axes; inside them if the figure is not ours."""
    columns = -(-len(handles) // ROWS_OF_LEGEND)
    place: dict[str, Any] = {"loc": "best"}
    if own:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False}
    return ax.legend(
        handles=handles, title=title or None, ncols=columns, fontsize="small",
        title_fontsize="small", alignment="left", **place,
    )  # fmt: skip


def say(ax: Axes, text: str) -> Any:
    """Write a note above the axes, at the right; return None if there is nothing to say."""
    if not text:
        return None
    return ax.set_title(text, loc="right", fontsize="x-small", color=SOFT_INK)


def plain(name: str) -> str:
    """A name as plain text: without formulas, and not too long."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 1]}…"
    return name.replace("$", r"\$")


def percent(share: float) -> str:
    """A share in percent, with three digits."""
    return f"{100 * share:.3g} %"


def finite(values: Any) -> Any:
    """Numbers as float64; those that are not finite become NaN and are not drawn."""
    array = np.array(values, dtype=np.float64)
    array[~np.isfinite(array)] = np.nan
    return array
