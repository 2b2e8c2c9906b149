"""A model that is loaded only when a text is to be embedded: torch takes seconds, and most runs find nothing new."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Literal

import numpy as np

from search_core.cross_encoding import CrossEncoder, OffersCrossEncoder
from search_core.embedders.cached_facts import forget, recall, remember
from search_core.embedding import Embedder, Progress, TokenEmbedder
from search_core.errors import ModelError
from search_core.model import Matrix

_LIBRARIES = ("sentence-transformers", "transformers")
"""They decide what a model folder means."""


@dataclass(frozen=True)
class ModelFacts:
    """What an `Embedder` says of itself and only a loaded model knows."""

    name: str
    identity: str
    dimension: int
    max_tokens: int


def defer_embedder(load: Callable[[], Embedder], cache: Path, *made_of: str | None) -> Embedder:
    """The embedder that `load` gives, loaded later if it was loaded here before.

    `made_of` stands for all that decides what it is: weights, adapter and prompts.
    """
    key = json.dumps([*made_of, *map(package_version, _LIBRARIES)])
    file = cache / "models" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    try:
        return DeferredEmbedder(load, ModelFacts(**recall(file)), file)
    except TypeError:  # nothing there, or something else
        loaded = load()
        remember(file, asdict(_describe(loaded)))
        return loaded


class DeferredEmbedder:
    """An `Embedder` that is loaded when it is first needed. Every method raises `ModelError` where that fails."""

    def __init__(self, load: Callable[[], Embedder], facts: ModelFacts, file: Path) -> None:
        self.name = facts.name
        self.identity = facts.identity
        self.dimension = facts.dimension
        self.max_tokens = facts.max_tokens
        self._facts = facts
        self._file = file
        self._load = load
        self._lock = threading.Lock()
        self._loaded: Embedder | None = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._model().count_tokens(texts) if texts else []

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._model().embed_passages(texts, progress) if texts else self._nothing()

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._model().embed_queries(texts, progress) if texts else self._nothing()

    def embed_tokens(
        self, texts: Sequence[str], kind: Literal["query", "passage"], progress: Progress | None = None
    ) -> list[Matrix]:
        """As `SentenceTransformerEmbedder.embed_tokens`. Raises `ModelError` for a model that has no token vectors."""
        model = self._model()
        if not isinstance(model, TokenEmbedder):
            raise ModelError(f"The model {self.name} gives no token vectors.", remedy="Choose another model.")
        return model.embed_tokens(texts, kind, progress)

    def open_cross_encoder(self) -> CrossEncoder | None:
        """As `OffersCrossEncoder.open_cross_encoder`; the model is loaded for it."""
        model = self._model()
        return model.open_cross_encoder() if isinstance(model, OffersCrossEncoder) else None

    def _nothing(self) -> Matrix:
        return np.zeros((0, self.dimension), dtype=np.float32)

    def _model(self) -> Embedder:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load_checked()
            return self._loaded

    def _load_checked(self) -> Embedder:
        loaded = self._load()
        if _describe(loaded) != self._facts:
            forget(self._file)
            raise ModelError(
                f"The model {self.name} is not what it was when it was last loaded.",
                remedy="Run the same command again.",
            )
        return loaded


def _describe(embedder: Embedder) -> ModelFacts:
    return ModelFacts(embedder.name, embedder.identity, embedder.dimension, embedder.max_tokens)
