"""Which rows and settings a search used, so that it is resumed only with the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError
from bactrian.phrases import Parameter, Phrase

OF_NO_ACCOUNT = frozenset({"n_jobs", "callback", "verbose", "verbose_interval", "backend"})


SEED = Parameter("random_state")


@dataclass(frozen=True)
class Origin:
    """Digests of the rows and of the settings of a search, and its seed.

    Parameters
    ----------
    data, settings : str
        Hexadecimal.
    seed : int
    """

    data: str
    settings: str
    seed: int

    @classmethod
    def of(
        cls,
        rows: npt.NDArray[np.floating[Any]],
        weights: FloatArray | None,
        labels: Any,
        settings: Mapping[str, Any],
        seed: int,
    ) -> Origin:
        """The origin of a search; settings that do not change the results do not count.

        Parameters
        ----------
        rows : (n_samples, n_features)
        weights : (n_samples,) or None
        labels : array or None
        settings : mapping
        seed : int
        """
        data = blake2b(f"{rows.shape} {rows.dtype.str}".encode(), digest_size=16)
        data.update(np.ascontiguousarray(rows).data)
        if weights is not None:
            data.update(np.ascontiguousarray(weights).data)
        if labels is not None:
            data.update(f"labels {labels.tolist()}".encode())
        told = [
            f"{name}={_spelled(settings[name])}"
            for name in sorted(settings.keys() - OF_NO_ACCOUNT)
            if settings[name] is not None
        ]
        chosen = blake2b("\n".join(told).encode(), digest_size=16)
        return cls(data.hexdigest(), chosen.hexdigest(), seed)

    def check_same(self, earlier: Origin) -> None:
        """Refuse to continue a search of other rows, settings or seed.

        Raises
        ------
        BadInputError
        """
        for name, words in (("data", "rows"), ("settings", "settings"), ("seed", SEED)):
            if getattr(self, name) != getattr(earlier, name):
                raise BadInputError(
                    "resume",
                    Phrase("a search with other ", words),
                    Phrase("a search of the same rows, weights, labels, settings and ", SEED),
                    "Start a new search.",
                )


def _spelled(value: Any) -> str:
    is_plain = isinstance(value, str | int | float)
    return repr(value) if is_plain else repr(np.asarray(value).tolist())
