"""Haystack's embedders in the place of Passerelle's model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from haystack import Document as HaystackDocument
from haystack import default_to_dict
from haystack.components.embedders.types import DocumentEmbedder, TextEmbedder

from search_core.embedding import Progress, estimate_tokens, make_identity, normalize_rows
from search_core.errors import ModelError
from search_core.model import Matrix

_BATCH = 64

_DECIDING = ("model", "prefix", "suffix", "dimensions", "truncate_dim")
"""What an embedder's vectors depend on, by the names that Haystack's embedders give it. Devices and batches are not."""


class HaystackEmbedder:
    """A text embedder and a document embedder as one `search_core.embedding.Embedder`.

    What they raise comes out as `ModelError`. Their models' limits are not known here: passages are kept within 512
    tokens by a rough count.
    """

    max_tokens = 512

    def __init__(self, text_embedder: TextEmbedder, document_embedder: DocumentEmbedder, dimension: int) -> None:
        self._texts = text_embedder
        self._documents = document_embedder
        self.dimension = dimension
        facts = [_describe(embedder) for embedder in (text_embedder, document_embedder)]
        self.name = str(facts[0].get("model") or type(text_embedder).__name__)
        self.identity = make_identity(embedders=facts, dimension=dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return estimate_tokens(texts)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        rows: list[Any] = []
        for at in range(0, len(texts), _BATCH):
            batch = [HaystackDocument(content=text) for text in texts[at : at + _BATCH]]
            found = _ask(self._documents, partial(self._documents.run, documents=batch))["documents"]
            rows += [document.embedding for document in found]
            if progress:
                progress(len(batch))
        return self._stack(rows, len(texts))

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        rows: list[Any] = []
        for text in texts:
            rows.append(_ask(self._texts, partial(self._texts.run, text=text))["embedding"])
            if progress:
                progress(1)
        return self._stack(rows, len(texts))

    def _stack(self, rows: Sequence[Any], expected: int) -> Matrix:
        if len(rows) != expected or any(row is None or len(row) != self.dimension for row in rows):
            sizes = sorted({0 if row is None else len(row) for row in rows})
            raise ModelError(
                f"{self.name} gave vectors of {', '.join(map(str, sizes))} numbers, embedding_dim is {self.dimension}.",
                remedy="Set embedding_dim to what the embedders give.",
            )
        return normalize_rows(np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension))


def _ask(embedder: object, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        if hasattr(embedder, "warm_up"):
            embedder.warm_up()
        return run()
    except Exception as cause:
        raise ModelError(
            f"{type(embedder).__name__} failed: {cause}", remedy="Run it by itself to see what it needs."
        ) from cause


def _describe(embedder: Any) -> dict[str, Any]:
    """Class and deciding parameters, as JSON."""
    made = embedder.to_dict() if hasattr(embedder, "to_dict") else default_to_dict(embedder)
    given = made["init_parameters"]
    return {"type": made["type"], **{name: given[name] for name in _DECIDING if given.get(name)}}
