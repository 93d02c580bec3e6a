"""Where a fit starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from bactrian.core.arrays import BoolArray
from bactrian.init.given import NOTHING, Given
from bactrian.vocabulary import INIT_PARAMS


@final
@dataclass(frozen=True, eq=False)
class Starts:
    """Where EM starts from, and how often.

    Parameters
    ----------
    init_params : str
        A way to start, or "auto" for several in turn.
    n_init : int or None
        Number of starts; None until enough of them agree.
    given : Given
        What is given of the starting values.
    noise_rows : (n_samples,) of bool or None
        Rows that starts leave out, because they are noise at first.
    """

    init_params: str = INIT_PARAMS.default
    n_init: int | None = None
    given: Given = NOTHING
    noise_rows: BoolArray | None = None
