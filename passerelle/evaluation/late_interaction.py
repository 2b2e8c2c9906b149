"""Re-ranking by late interaction: every token of a question looks for its best token in a passage (MaxSim).

    score = mean over the question's tokens of the best cosine with a token of the passage

Only inside a language: the first documents of its fused order are ordered anew, and the scores of their ranks stay
where they are, so that the merge across languages is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from passerelle.evaluation.cached_embedder import CachedEmbedder
from search_core.embedding import Progress, TokenEmbedder
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument
from search_core.model import Matrix, make_embedded_text


class CachedTokens:
    """Token vectors from the store where that has them, in 16 bits: a long passage takes 200 kB."""

    def __init__(self, tokens: TokenEmbedder, cache: CachedEmbedder) -> None:
        self._tokens = tokens
        self._cache = cache

    def embed_tokens(
        self, texts: Sequence[str], kind: Literal["query", "passage"], progress: Progress | None = None
    ) -> list[Matrix]:
        def encode(some: Sequence[str], progress: Progress | None) -> list[bytes]:
            return [found.astype("<f2").tobytes() for found in self._tokens.embed_tokens(some, kind, progress)]

        values = self._cache.recall(f"{kind} tokens", texts, encode, progress)
        shape = (-1, self._cache.dimension)
        return [np.frombuffer(value, dtype="<f2").astype(np.float32).reshape(shape) for value in values]


class Reranker:
    """Orders the first documents of one language anew; `weight` is the share of MaxSim against the fused order."""

    def __init__(self, tokens: TokenEmbedder, index: PassageIndex, documents: int, weight: float) -> None:
        self._tokens = tokens
        self._index = index
        self._documents = documents
        self._weight = weight

    def rerank(self, question: str, fused: Sequence[FusedDocument]) -> list[FusedDocument]:
        first, rest = fused[: self._documents], fused[self._documents :]
        if len(first) < 2:
            return list(fused)
        scores = self._score(question, first)
        return [*reorder(first, [scores[each.document_id] for each in first], self._weight), *rest]

    def _score(self, question: str, documents: Sequence[FusedDocument]) -> dict[str, float]:
        """By document, MaxSim of its best passage among those that the legs found."""
        [query] = self._tokens.embed_tokens([question], "query")
        ids = [passage for document in documents for passage in document.passages]
        found = self._index.passages(ids, Scope.everything())
        texts = {key: make_embedded_text("", passage.heading, passage.text) for key, passage in found.items()}
        vectors = dict(zip(texts, self._tokens.embed_tokens(list(texts.values()), "passage"), strict=True))
        return {document.document_id: _best_passage(query, document, vectors) for document in documents}


def _best_passage(query: Matrix, document: FusedDocument, vectors: Mapping[str, Matrix]) -> float:
    return max((max_similarity(query, vectors[each]) for each in document.passages if each in vectors), default=0.0)


def max_similarity(query: Matrix, passage: Matrix) -> float:
    """MaxSim of two texts by their token vectors; 0 where one has no token."""
    if not len(query) or not len(passage):
        return 0.0
    return float((query @ passage.T).max(axis=1).mean())


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
