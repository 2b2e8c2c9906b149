"""An `Embedder` that remembers: a text is embedded once for all sets, configurations and runs.

A key is made of the model's identity, what the text is to the model (a question, a passage, one of these by its
tokens, both together) and the exact text; so another model, prompt or adapter never meets another one's vectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from passerelle.evaluation.vector_store import VectorStore
from search_core.cross_encoding import CrossEncoder, OffersCrossEncoder, Reading, ReadText
from search_core.embedding import Embedder, Progress
from search_core.model import Matrix

SLICE = 128
"""Texts embedded before they are kept: what an interruption loses at most."""

Encode = Callable[[Sequence[str], Progress | None], Sequence[bytes]]
"""Texts to what is kept of each."""


class CachedEmbedder:
    """What `embedder` gives, from the store where that has it. `embedded` counts the texts it had to be asked for."""

    def __init__(self, embedder: Embedder, store: VectorStore) -> None:
        self.name = embedder.name
        self.identity = embedder.identity
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.embedded = 0
        self._embedder = embedder
        self._store = store

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed("passage", texts, self._embedder.embed_passages, progress)

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed("query", texts, self._embedder.embed_queries, progress)

    def open_cross_encoder(self) -> CrossEncoder | None:
        """The embedder's cross-encoder, remembering what it read."""
        cross_encoder = self._embedder.open_cross_encoder() if isinstance(self._embedder, OffersCrossEncoder) else None
        return cross_encoder and CachedCrossEncoder(cross_encoder, self)

    def recall(self, kind: str, texts: Sequence[str], encode: Encode, progress: Progress | None = None) -> list[bytes]:
        """What is kept of each text; `encode` makes it for those that are not known yet."""
        keys = [make_key(self.identity, kind, text) for text in texts]
        known = self._store.find(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if progress and len(missing) < len(texts):
            progress(len(texts) - len(missing))
        for start in range(0, len(missing), SLICE):
            batch = list(missing)[start : start + SLICE]
            fresh = dict(zip(batch, encode([missing[key] for key in batch], progress), strict=True))
            self._store.put(fresh)
            self.embedded += len(batch)
            known |= fresh
        return [known[key] for key in keys]

    def _embed(
        self, kind: str, texts: Sequence[str], embed: Callable[..., Matrix], progress: Progress | None
    ) -> Matrix:
        def encode(some: Sequence[str], progress: Progress | None) -> list[bytes]:
            return [row.astype("<f4").tobytes() for row in embed(some, progress)]

        values = self.recall(kind, texts, encode, progress)
        return np.frombuffer(b"".join(values), dtype="<f4").astype(np.float32).reshape(len(texts), self.dimension)


class CachedCrossEncoder:
    """What `cross_encoder` makes of a question and a text, from the store of `cache` where that has it."""

    def __init__(self, cross_encoder: CrossEncoder, cache: CachedEmbedder) -> None:
        self.identity = cross_encoder.identity
        self._cross_encoder = cross_encoder
        self._cache = cache

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        names = [json.dumps((question, text.context, text.text, text.sentences)) for text in texts]
        named = dict(zip(names, texts, strict=True))

        def encode(some: Sequence[str], _: Progress | None) -> list[bytes]:
            readings = self._cross_encoder.read(question, [named[name] for name in some])
            return [np.array([each.worth, *each.sentences], dtype="<f4").tobytes() for each in readings]

        values = self._cache.recall(f"reading {self.identity}", names, encode)
        found = (np.frombuffer(value, dtype="<f4").tolist() for value in values)
        return [Reading(worth, tuple(sentences)) for worth, *sentences in found]


def open_vectors(data: Path) -> closing[VectorStore]:
    """The store of a data folder, until the context ends."""
    return closing(VectorStore(data / "evaluation" / "vectors.sqlite"))


def make_key(identity: str, kind: str, text: str) -> bytes:
    """16 bytes that stand for a text as one model reads it."""
    return hashlib.sha256("\0".join((identity, kind, text)).encode("utf-8", "surrogatepass")).digest()[:16]
