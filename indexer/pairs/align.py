"""How well the passages of two documents follow each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from search_core.model import Matrix

Weights = npt.NDArray[np.float32]
"""Shape (n,): how much of its document each passage makes up; they add up to 1."""


def align_passages(agreement: Matrix, rows: Weights, columns: Weights) -> float:
    """The mean agreement of two documents whose passages are given each other in reading order.

    `agreement` has shape (passages of one, passages of the other). Every passage of either document gets one of the
    other, never one that stands before that of an earlier passage; two splits of one text need not be the same.
    """
    return (_follow(agreement, rows) + _follow(agreement.T, columns)) / 2


def _follow(agreement: Matrix, weights: Weights) -> float:
    best = np.zeros(agreement.shape[1], dtype=np.float32)
    for row, weight in zip(agreement, weights, strict=True):
        best = np.maximum.accumulate(best) + weight * row
    return float(best.max())
