"""Re-ranking inside a language: the first documents of its fused order are ordered anew by another signal.

The scores of their ranks stay where they are, so that the merge across languages is left alone. Quotations are ordered
anew with the others, and leave their scores where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from search_api.readings import Readings
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument

Score = Callable[[str, Sequence[FusedDocument]], Mapping[str, float]]
"""From a question and documents to a score for each, by document id."""


class Reranker:
    """Orders the first documents of one language anew; `weight` is the share of `score` against the fused order."""

    def __init__(self, score: Score, documents: int, weight: float) -> None:
        self._score = score
        self._documents = documents
        self._weight = weight

    def rerank(self, question: str, fused: Sequence[FusedDocument]) -> list[FusedDocument]:
        first, rest = fused[: self._documents], fused[self._documents :]
        if len(first) < 2:
            return list(fused)
        scores = self._score(question, first)
        return [*reorder(first, [scores[each.document_id] for each in first], self._weight), *rest]


class CrossEncoding:
    """Scores documents by what the cross-encoder makes of their best passage; 0 where it cannot read."""

    def __init__(self, readings: Readings, index: PassageIndex, titles: Mapping[str, str]) -> None:
        self._readings = readings
        self._index = index
        self._titles = titles

    def __call__(self, question: str, documents: Sequence[FusedDocument]) -> dict[str, float]:
        best = {document.document_id: document.passages[0] for document in documents if document.passages}
        passages = self._index.passages(list(best.values()), Scope.everything())
        readings = self._readings.read(question, list(passages.values()), self._titles)
        worths = {passage_id: reading.worth for passage_id, reading in readings.items()}
        return {each.document_id: worths.get(best.get(each.document_id, ""), 0.0) for each in documents}


def reorder(documents: Sequence[FusedDocument], similarities: Sequence[float], weight: float) -> list[FusedDocument]:
    """Documents by both signals, each standardized over them; the scores of the ranks stay where they are."""
    orders = _standardize([document.order for document in documents])
    mixed = (1 - weight) * orders + weight * _standardize(similarities)
    ranks = sorted(range(len(documents)), key=lambda rank: (-mixed[rank], documents[rank].document_id))
    places = [(document.order, document.score) for document in documents]
    return [
        replace(documents[rank], order=order, score=score) for rank, (order, score) in zip(ranks, places, strict=True)
    ]


def _standardize(values: Sequence[float]) -> np.ndarray:
    array = np.array(values, dtype=np.float64)
    deviation = array.std()
    return array * 0 if deviation < 1e-9 else (array - array.mean()) / deviation
