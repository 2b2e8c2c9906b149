"""An embedder that counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search_core.embedding import HashEmbedder


class CountingEmbedder(HashEmbedder):
    """Counts the passages that were embedded."""

    embedded = 0

    def embed_passages(self, texts: Sequence[str], progress: Any = None) -> Any:
        self.embedded += len(texts) if progress else 0  # the calibration's own texts come without
        return super().embed_passages(texts, progress)
