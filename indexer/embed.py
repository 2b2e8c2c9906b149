"""Vectors for passages: those that are stored are used again, the others are made."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.analyze import AnalyzedDocument
from indexer.progress import RunProgress
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex
from search_core.model import IndexedDocument, Vector


def embed_documents(
    documents: Sequence[AnalyzedDocument], stored: Sequence[PassageIndex], embedder: Embedder, progress: RunProgress
) -> list[IndexedDocument]:
    """Documents with all their vectors. `stored` are the indexes whose vectors can be used again."""
    texts = {
        key: passage.embedded_text
        for document in documents
        for key, passage in zip(document.embedding_keys(embedder.identity), document.passages, strict=True)
    }
    vectors = _find_stored(list(texts), stored)
    missing = [key for key in texts if key not in vectors]
    progress.passages_found(len(missing))
    if missing:
        matrix = embedder.embed_passages([texts[key] for key in missing], progress.passages_embedded)
        vectors |= dict(zip(missing, matrix, strict=True))
    return [_add_vectors(document, vectors, embedder.identity) for document in documents]


def _find_stored(keys: Sequence[str], stored: Sequence[PassageIndex]) -> dict[str, Vector]:
    vectors: dict[str, Vector] = {}
    for index in stored:
        vectors |= index.vectors([key for key in keys if key not in vectors])
    return vectors


def _add_vectors(document: AnalyzedDocument, vectors: dict[str, Vector], model_identity: str) -> IndexedDocument:
    keys = document.embedding_keys(model_identity)
    passages = (passage.with_vector(vectors[key], key) for passage, key in zip(document.passages, keys, strict=True))
    return IndexedDocument(document.document, tuple(passages))
