"""From scores of passages to the best documents by their best passages."""

from __future__ import annotations

from itertools import islice

import numpy as np
import numpy.typing as npt

from search_core.engines.base import LegHit, PassageScore
from search_core.engines.embedded.memory import Ids, Mask, PassageTable

Scores = npt.NDArray[np.float64]


def best_documents(
    table: PassageTable, positions: Ids, scores: Scores, k: int, per_document: int
) -> tuple[tuple[LegHit, ...], bool]:
    """The best `k` documents by their best passage, ties by id, and whether there were more.

    `positions` of passages in `table`, ascending; `scores`, of the same length, belong to them.
    """
    near, truncated = shortlist(table, positions, scores, k, per_document, slack=0.0)
    ranked = sorted(
        (-score, table.document_ids[position], table.passage_ids[position])
        for position, score in zip(positions[near].tolist(), scores[near].tolist(), strict=True)
    )
    found: dict[str, list[PassageScore]] = {}
    for negative, document_id, passage_id in ranked:
        found.setdefault(document_id, []).append(PassageScore(passage_id, -negative))
    best = islice(found.items(), k)
    return tuple(LegHit(name, group[0].score, tuple(group[:per_document])) for name, group in best), truncated


def shortlist(
    table: PassageTable, positions: Ids, scores: Scores, k: int, per_document: int, slack: float
) -> tuple[Ids, bool]:
    """Which of the passages can be in the answer if every score is wrong by less than half of `slack`.

    Returns ascending indices into `positions`, and whether more than `k` documents have a passage.
    """
    if not len(positions) or k < 1:
        return np.empty(0, dtype=np.int64), len(positions) > 0
    starts, document = _runs(table.documents[positions])
    best = np.maximum.reduceat(scores, starts)
    truncated = len(best) > k
    if truncated:
        worst = np.partition(best, -k)[-k]
        kept = np.flatnonzero((best >= worst - slack)[document])
    else:
        kept = np.arange(len(positions))
    return kept[_best_of_each(document[kept], scores[kept], per_document, slack)], truncated


def _runs(documents: Ids) -> tuple[Ids, Ids]:
    """Where each document's passages start, and which of these documents each passage belongs to."""
    first = np.ones(len(documents), dtype=np.bool_)
    first[1:] = documents[1:] != documents[:-1]
    return np.flatnonzero(first), np.cumsum(first) - 1


def _best_of_each(document: Ids, scores: Scores, per_document: int, slack: float) -> Mask:
    """Which passages reach the `per_document`-th best score of their own document."""
    order = np.lexsort((-scores, document))
    starts, run = _runs(document[order])
    sizes = np.diff(np.append(starts, len(document)))
    last = starts + np.minimum(sizes, max(per_document, 1)) - 1
    enough = np.empty(len(document), dtype=np.bool_)
    enough[order] = scores[order] >= scores[order][last][run] - slack
    return enough
