"""Late interaction: every token of a question looks for its best token in a passage (MaxSim).

score = mean over the question's tokens of the best cosine with a token of the passage
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class LateInteraction:
    """Scores documents by MaxSim of their best passage among those that the legs found."""

    def __init__(self, tokens: TokenEmbedder, index: PassageIndex) -> None:
        self._tokens = tokens
        self._index = index

    def __call__(self, question: str, documents: Sequence[FusedDocument]) -> dict[str, float]:
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
