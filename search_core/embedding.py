"""Text to vectors behind one interface, `Embedder`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from search_core.model import Matrix

Progress = Callable[[int], None]
"""Called with the number of texts just finished."""


class Embedder(Protocol):
    """Turns texts into vectors of one shared space for both languages.

    `identity` is a hash of everything that makes two vectors comparable (weights, adapter, prompts, pooling, maximum
    length, passage template). Rows come in the order of the texts, float32, norm 1. Safe to call from several threads.
    """

    @property
    def identity(self) -> str: ...

    @property
    def name(self) -> str:
        """What people call the model."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """How many model tokens of a passage are read; what is longer would be cut off silently."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Model tokens of each text, without prompt and special tokens."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix: ...

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix: ...
