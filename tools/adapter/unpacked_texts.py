"""The texts of a packed file, as token ids: what `packing.PackedTexts` has written."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from network import Arrays

Ids = npt.NDArray[np.int64]


class UnpackedTexts:
    """Texts by their numbers."""

    def __init__(self, arrays: Arrays) -> None:
        self._tokens = arrays["tokens"].astype(np.int64)
        self._bounds = np.concatenate([[0], np.cumsum(arrays["token_counts"])])
        self._starts = arrays["starts"]
        self._start_bounds = np.concatenate([[0], np.cumsum(arrays["start_counts"])])

    def ids(self, number: int) -> Ids:
        return self._tokens[self._bounds[number] : self._bounds[number + 1]]

    def sentences(self, number: int) -> list[Ids]:
        """All sentences, those without a token too, so that their numbers are those of the text."""
        starts = self._starts[self._start_bounds[number] : self._start_bounds[number + 1]]
        return np.split(self.ids(number), starts[1:])
