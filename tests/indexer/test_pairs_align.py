"""Passages of two documents, given each other in reading order."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.pairs.align import align_passages


def even(count: int) -> np.ndarray:
    return np.full(count, 1 / count, dtype=np.float32)


def test_passages_that_follow_each_other_agree_wholly() -> None:
    assert align_passages(np.eye(3, dtype=np.float32), even(3), even(3)) == pytest.approx(1)


def test_the_same_passages_in_another_order_agree_less() -> None:
    assert align_passages(np.eye(3, dtype=np.float32)[::-1], even(3), even(3)) < 0.5


def test_one_long_passage_may_stand_for_several() -> None:
    agreement = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert align_passages(agreement, np.array([0.25, 0.25, 0.5], dtype=np.float32), even(2)) == pytest.approx(1)


def test_what_one_document_has_besides_counts_by_its_length() -> None:
    agreement = np.array([[1], [0]], dtype=np.float32)
    mostly, hardly = (
        align_passages(agreement, np.array([share, 1 - share], dtype=np.float32), even(1)) for share in (0.9, 0.1)
    )
    assert mostly > 0.9
    assert hardly < 0.6
